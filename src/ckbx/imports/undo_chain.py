"""Posts and tenures of an import: voided, or set back to what was recorded before."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from ckbx.application.unit import Unit
from ckbx.domain.responsibility.events import (
    PostAbolished,
    PostHandedOver,
    PostHeld,
    PostRevised,
    PostVacated,
    TenureCorrected,
    TenureVoided,
)
from ckbx.domain.responsibility.post import Post
from ckbx.domain.responsibility.register import PostRegister
from ckbx.domain.shared.event import DomainEvent
from ckbx.imports.undo_kit import Undone

_TENURE_EVENTS = (PostHeld, PostHandedOver, PostVacated, TenureCorrected, TenureVoided)


class ChainUndo:
    """Undoes the tenures of a batch, register by register."""

    def __init__(self, done: Undone) -> None:
        self.done = done
        self.own: dict[UUID, list[DomainEvent]] = {}
        for found in done.events:
            if isinstance(found.event, (*_TENURE_EVENTS, PostRevised)):
                self.own.setdefault(found.event.originator_id, []).append(found.event)

    def check(self) -> None:
        """A tenure or post that somebody changed since stands against undoing."""
        later = self.done.later(self.own)
        for stream, events in later.items():
            mine = {_number(event) for event in self.own[stream]} - {0}
            posts = {event.post for event in self.own[stream]}  # type: ignore[attr-defined]
            register = self._register(stream)
            for event in events:
                if self._rests(event, mine, posts):
                    post = register.posts[event.post]  # type: ignore[attr-defined]
                    self.done.facts.append(
                        f"岗位“{post.title}”（{post.scope}）后来又有“{event.TITLE}”的记录"
                    )

    @staticmethod
    def _rests(event: DomainEvent, mine: set[int], posts: set[UUID]) -> bool:
        if isinstance(event, PostHandedOver):
            return event.previous in mine
        if isinstance(event, PostVacated | TenureCorrected | TenureVoided):
            return event.tenure in mine
        return isinstance(event, PostAbolished | PostRevised) and event.post in posts

    def _register(self, stream: UUID, before: int | None = None) -> PostRegister:
        events = self.done.lane.log.load([stream]).get(stream, [])
        if before is not None:
            events = [event for event in events if event.originator_version < before]
        return PostRegister(stream, self.done.county).replay(events)

    def write(self) -> None:
        """One command a register."""
        for stream, events in sorted(self.own.items()):
            old = self._register(stream, events[0].originator_version)
            self.done.submit(("posts", stream), self._decision(stream, events, old))

    def _decision(self, stream: UUID, events: list[DomainEvent], old: PostRegister) -> Any:
        county = self.done.county

        def decide(unit: Unit) -> bytes:
            register = unit.get(stream, lambda id_: PostRegister(id_, county))
            tenures = {(e.post, number) for e in events if (number := _number(e))}  # type: ignore[attr-defined]
            for post_id, number in sorted(tenures, key=lambda t: t[1], reverse=True):
                post = register.posts[post_id]
                if post.tenure(number) is not None:
                    _back(register, post, old.posts.get(post_id), number, unit)
            for event in events:
                before = old.posts.get(event.post)  # type: ignore[attr-defined]
                if isinstance(event, PostRevised) and before is not None:
                    register.revise(unit.ctx, event.post, level=before.level, role=before.role)
            return b"undone"

        return decide


def _number(event: DomainEvent) -> int:
    """The tenure an event is about; 0: none."""
    if isinstance(event, PostHeld | PostHandedOver):
        return event.originator_version
    if isinstance(event, PostVacated | TenureCorrected):
        return event.tenure
    return 0


def _back(register: PostRegister, post: Post, old: Post | None, number: int, unit: Unit) -> None:
    before = old.tenure(number) if old else None
    if before is None:
        register.void(unit.ctx, post.id, tenure=number)
        return
    register.correct(
        unit.ctx,
        post.id,
        tenure=number,
        account=before.account,
        holder=before.holder,
        first_day=before.first_day,
        last_day=before.last_day,
    )
