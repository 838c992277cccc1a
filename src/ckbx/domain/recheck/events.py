"""Facts about the quarterly re-check. Ids and codes only; evidence and notes are in the vault."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from ckbx.domain.shared.event import DomainEvent


class Pick(msgspec.Struct, frozen=True, kw_only=True):
    """One drawn item. ``kind``: ``closure``, or the status a leave gives (``suspended`` …)."""

    item: str
    kind: str
    child: UUID


class RecheckDrawn(DomainEvent, frozen=True, kw_only=True):
    """The sample of a quarter (``YYYY-QN``) was drawn for the ``number``-th time.

    ``closures`` and ``leaves`` are the ids of the whole population, as of ``as_of`` and as
    known at ``position`` (``known_at``: UTC microseconds); ``percent`` of the closures and
    all leaves are in ``picks``.
    """

    TOPIC = "ckbx.recheck.RecheckDrawn"
    TITLE = "抽取复核样本"
    quarter: str
    number: int
    seed: str
    algorithm: str
    percent: int
    as_of: date
    position: int
    known_at: int
    closures: list[str]
    leaves: list[str]
    picks: list[Pick]
    role: str


class ItemRechecked(DomainEvent, frozen=True, kw_only=True):
    """The county looked again: ``agrees`` with what was decided or not.

    A later one about the same item stands in place of the earlier; both are kept.
    """

    TOPIC = "ckbx.recheck.ItemRechecked"
    TITLE = "登记复核结果"
    quarter: str
    item: str
    kind: str
    child: UUID
    agrees: bool
    evidence_ref: str
    note_ref: UUID | None = None
    role: str
