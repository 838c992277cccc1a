"""The base of every aggregate: decide, then apply.

Follows the protocols of ``eventsourcing`` (``id``, ``version``, ``collect_events``,
``trigger_event``) without its ``@event`` decorator: event classes stand at module level.
"""

from __future__ import annotations

from functools import cache
from typing import Any, ClassVar, Self, get_args, get_type_hints
from uuid import UUID

from ckbx.domain.shared.event import ActedEvent, CommandContext, DomainEvent


@cache
def _may_be_none(event_class: type[DomainEvent]) -> frozenset[str]:
    """The fields of an event type that may hold nothing."""
    hints = get_type_hints(event_class)
    return frozenset(name for name, hint in hints.items() if type(None) in get_args(hint))


class Aggregate:
    """A stream of facts and the state folded from them.

    ``version`` is 0 before the first event. A subclass dispatches in ``apply``, which
    only stores: rules stand in the command methods.
    """

    __slots__ = ("__weakref__", "_pending", "id", "version")

    KIND: ClassVar[str] = ""

    def __init__(self, id_: UUID) -> None:
        self.id = id_
        self.version = 0
        self._pending: list[DomainEvent] = []

    def apply(self, event: Any) -> None:
        """Fold one event into the state. Must not refuse."""
        raise NotImplementedError

    def trigger_event(
        self, event_class: type[DomainEvent], ctx: CommandContext, **fields: Any
    ) -> DomainEvent:
        """Make the next event of this stream, apply it and keep it for ``collect_events``.

        A struct does not check what it is made of: a required field without a value, which
        nobody could read back, is refused here (TypeError); tests decode what is made.
        """
        optional = _may_be_none(event_class)
        for name, value in fields.items():
            if value is None and name not in optional:
                msg = f"{event_class.__name__} without {name}"
                raise TypeError(msg)
        version = self.version + 1
        fields["originator_id"] = self.id
        fields["originator_version"] = version
        fields["actor"] = ctx.actor
        fields["command_id"] = ctx.command_id
        fields["correlation_id"] = ctx.correlation_id
        fields["causation_id"] = ctx.causation_id
        if ctx.role is not None and issubclass(event_class, ActedEvent):
            fields["acted_as"] = ctx.role
        event = event_class(**fields)
        self.apply(event)
        self.version = version
        self._pending.append(event)
        return event

    @property
    def has_pending(self) -> bool:
        """Whether events wait to be collected."""
        return bool(self._pending)

    @property
    def pending_count(self) -> int:
        """How many events wait to be collected."""
        return len(self._pending)

    @property
    def last_event(self) -> str | None:
        """The id of the newest event, pending or recorded; None before the first."""
        return f"{self.id}:{self.version}" if self.version else None

    def pending_since(self, start: int) -> list[DomainEvent]:
        """Events triggered and not collected yet, from the ``start``-th on."""
        return self._pending[start:]

    def collect_events(self) -> list[DomainEvent]:
        """Hand over the events triggered since the last call."""
        pending, self._pending = self._pending, []
        return pending

    def replay(self, events: list[DomainEvent]) -> Self:
        """Fold recorded events, in order of version."""
        for event in events:
            self.apply(event)
            self.version = event.originator_version
        return self
