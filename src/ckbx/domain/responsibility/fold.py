"""What do the events of a post add up to?"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from msgspec.structs import replace

from ckbx.domain.responsibility.events import (
    PostAbolished,
    PostEstablished,
    PostEvent,
    PostHandedOver,
    PostHeld,
    PostRevised,
    PostVacated,
    TenureCorrected,
    TenureVoided,
)
from ckbx.domain.responsibility.post import Post, Scope, Tenure


def fold(posts: dict[UUID, Post], event: PostEvent) -> Post:
    """Fold one event into a table of posts; the post as it is now."""
    if isinstance(event, PostEstablished):
        scope = Scope(event.scope_kind, event.scope_code)
        post = Post(event.post, event.line, event.level, event.title, scope, event.role)
    else:
        post = _changed(posts[event.post], event)
    posts[event.post] = post
    return post


def _changed(post: Post, event: PostEvent) -> Post:
    if isinstance(event, PostRevised):
        return replace(post, level=event.level, role=event.role)
    tenures = {t.number: t for t in post.tenures}
    abolished = post.abolished
    match event:
        case PostHeld():
            tenures[event.originator_version] = _begun(event)
        case PostHandedOver():
            tenures[event.originator_version] = _begun(event)
            _end(tenures, event.previous, event.previous_last_day, event)
        case PostVacated():
            _end(tenures, event.tenure, event.last_day, event)
        case PostAbolished():
            abolished = (*abolished, event.last_day)
            for tenure in post.holders(event.last_day):
                _end(tenures, tenure.number, event.last_day, event)
        case TenureCorrected():
            known = tenures[event.tenure].ends if event.tenure in tenures else frozenset()
            tenures[event.tenure] = _tenure(event.tenure, event, known)
        case TenureVoided():
            tenures.pop(event.tenure, None)
    ordered = sorted(tenures.values(), key=lambda t: (t.first_day, t.number), reverse=True)
    return replace(post, tenures=tuple(ordered), abolished=abolished)


def _begun(event: PostHeld | PostHandedOver) -> Tenure:
    return _tenure(event.originator_version, event, frozenset())


def _tenure(
    number: int,
    event: PostHeld | PostHandedOver | TenureCorrected,
    known_ends: frozenset[date | None],
) -> Tenure:
    return Tenure(
        number,
        event.account,
        event.holder,
        event.first_day,
        event.last_day,
        known_ends | {event.last_day},
        event.event_id,
    )


def _end(tenures: dict[int, Tenure], number: int, last_day: date, event: PostEvent) -> None:
    old, ends = tenures[number], tenures[number].ends | {last_day}
    tenures[number] = replace(old, last_day=last_day, ends=ends, ended_by=event.event_id)
