"""``given(...).when(...).then(...)``: one language for every rule.

``given`` takes an aggregate and the steps that made it what it is; ``when`` one step;
``then`` the events expected of it as (type, fields); ``then_refused`` the named error.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

import pytest

from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.event import CommandContext, DomainEvent
from ckbx.eventlog.codec import decode_event, encode_event

AggregateT = TypeVar("AggregateT", bound=Aggregate)
Step = Callable[[AggregateT, CommandContext], Any]


def context(today: date, actor: str = "test") -> CommandContext:
    """A command's context on a day."""
    return CommandContext(actor=actor, command_id=uuid4(), today=today)


class Given(Generic[AggregateT]):
    """An aggregate with its history behind it."""

    def __init__(self, aggregate: AggregateT, today: date) -> None:
        self.aggregate = aggregate
        self.today = today
        self.events: list[DomainEvent] = []
        self.error: CkbxError | None = None

    def on(self, today: date) -> Given[AggregateT]:
        """From here on it is another day."""
        self.today = today
        return self

    def after(self, *steps: Step[AggregateT]) -> Given[AggregateT]:
        """Steps that succeeded before."""
        for step in steps:
            step(self.aggregate, context(self.today))
        self.aggregate.collect_events()
        return self

    def when(self, step: Step[AggregateT]) -> Given[AggregateT]:
        """The step the rule is about."""
        try:
            step(self.aggregate, context(self.today))
        except CkbxError as error:
            self.error = error
        self.events = list(self.aggregate.collect_events())
        for event in self.events:
            assert decode_event(event.TOPIC, encode_event(event)) == event
        return self

    def then(self, *expected: tuple[type[DomainEvent], dict[str, Any]]) -> Given[AggregateT]:
        """Exactly these events, in order, with at least these fields."""
        if self.error is not None:
            raise self.error
        assert [type(e) for e in self.events] == [kind for kind, _ in expected]
        for event, (_, fields) in zip(self.events, expected, strict=True):
            assert {name: getattr(event, name) for name in fields} == fields
        return self

    def then_nothing(self) -> Given[AggregateT]:
        """No event at all."""
        return self.then()

    def then_refused(self, error: type[CkbxError], *words: str) -> Given[AggregateT]:
        """Refused by this error, its sentence naming these words; nothing was recorded."""
        assert self.error is not None, "nothing was refused"
        assert type(self.error) is error
        assert self.events == []
        for word in words:
            assert word in str(self.error)
        return self


def given(aggregate: AggregateT, today: date = date(2026, 11, 20)) -> Given[AggregateT]:
    """Begin with an aggregate on a day."""
    return Given(aggregate, today)


def an_id(n: int) -> UUID:
    """A recognisable id."""
    return UUID(int=n)


raises = pytest.raises
