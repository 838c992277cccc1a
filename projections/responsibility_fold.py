"""Which facts about posts are kept, so that the directory of any position can be built?

The events themselves are the rows: who holds a post is decided by the domain's ``Directory``
and nowhere else. What a directory could not fold is refused here, so that it parks its own
stream and never a question.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, Integer, LargeBinary, Text

from ckbx.domain.responsibility import events as re
from ckbx.domain.responsibility.post import REGIONS, ScopeKind
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.codec import encode_event
from projections.kit.fold import Fold
from projections.kit.projection import Handler
from projections.kit.tables import PlainTable, Position, child

NAME = "responsibility"

EVENTS = PlainTable(
    f"{NAME}_events",
    key=(Column("position", Position),),
    values=(Column("topic", Text, nullable=False), Column("state", LargeBinary, nullable=False)),
)
"""The facts as stored, by position."""

POSTS = PlainTable(f"{NAME}_posts", key=(child("post"),), values=(Column("school", Text),))
"""The posts there are; the school of those that belong to one."""

TENURES = PlainTable(
    f"{NAME}_tenures",
    key=(child("post"), Column("tenure", Integer)),
    values=(Column("voided", Integer, nullable=False),),
)
"""The tenures there are or were."""

TABLES = (EVENTS, POSTS, TENURES)


class PostNotEstablished(CkbxError):
    """ids: post, event."""

    code = "post_not_established"
    message = (
        "岗位 {post} 没有设立记录，事件“{event}”无法计入责任台账；请运行 ckbx doctor 并报告管理员"
    )


class TenureNotBegun(CkbxError):
    """ids: post, tenure, event."""

    code = "tenure_not_begun"
    message = "岗位 {post} 没有第 {tenure} 号任职，事件“{event}”无法计入责任台账；请运行 ckbx doctor 并报告管理员"


def _kept(fold: Fold, event: DomainEvent, position: int) -> None:
    fold[EVENTS].put(position, (event.TOPIC, encode_event(event)))


def _established(fold: Fold, event: re.PostEstablished, position: int) -> None:
    of_school = event.scope_kind not in REGIONS and event.scope_kind is not ScopeKind.STUDENT
    school = event.scope_code.split("/")[0] if of_school else None
    fold[POSTS].put(event.post.bytes, (school,))
    _kept(fold, event, position)


def _revised(fold: Fold, event: re.PostRevised | re.PostAbolished, position: int) -> None:
    _require_post(fold, event)
    _kept(fold, event, position)


def _begun(fold: Fold, event: re.PostHeld | re.PostHandedOver, position: int) -> None:
    _require_post(fold, event)
    if isinstance(event, re.PostHandedOver):
        _require_tenure(fold, event, event.previous)
    fold[TENURES].put((event.post.bytes, event.originator_version), (0,))
    _kept(fold, event, position)


def _vacated(fold: Fold, event: re.PostVacated, position: int) -> None:
    _require_post(fold, event)
    _require_tenure(fold, event, event.tenure)
    _kept(fold, event, position)


def _corrected(fold: Fold, event: re.TenureCorrected, position: int) -> None:
    _require_post(fold, event)
    fold[TENURES].put((event.post.bytes, event.tenure), (0,))
    _kept(fold, event, position)


def _voided(fold: Fold, event: re.TenureVoided, position: int) -> None:
    _require_post(fold, event)
    fold[TENURES].put((event.post.bytes, event.tenure), (1,))
    _kept(fold, event, position)


def _require_post(fold: Fold, event: Any) -> None:
    if fold[POSTS].get(event.post.bytes) is None:
        raise PostNotEstablished(post=event.post, event=event.TITLE)


def _require_tenure(fold: Fold, event: Any, number: int) -> None:
    known = fold[TENURES].get((event.post.bytes, number))
    if known is None or known[0]:
        raise TenureNotBegun(post=event.post, tenure=number, event=event.TITLE)


HANDLERS: Mapping[type[DomainEvent], Handler] = {
    re.PostEstablished: _established,
    re.PostRevised: _revised,
    re.PostAbolished: _revised,
    re.PostHeld: _begun,
    re.PostHandedOver: _begun,
    re.PostVacated: _vacated,
    re.TenureCorrected: _corrected,
    re.TenureVoided: _voided,
}


def school(fold: Fold, event: Any) -> str | None:
    """The school whose chain misses a parked stream; None: every one may."""
    if isinstance(event, re.PostEstablished):
        return None if event.scope_kind in REGIONS else event.scope_code.split("/")[0]
    known = fold[POSTS].get(event.post.bytes)
    found: str | None = known[0] if known else None
    return found
