"""Facts about a child's placement. Certificate, category, level and findings are in the vault."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from ckbx.domain.case.people import Attached, Participant
from ckbx.domain.placement.codes import PlacementKind
from ckbx.domain.shared.event import DomainEvent


class _OfChild(DomainEvent, frozen=True, kw_only=True):
    """What every fact of a placement carries."""

    child: UUID


class ChildAssessed(_OfChild, frozen=True, kw_only=True):
    """The county's expert committee assessed the child and advises a placement."""

    TOPIC = "ckbx.placement.ChildAssessed"
    TITLE = "专家委员会评估"
    document: str
    advises: PlacementKind
    opinion_ref: UUID
    certificate_ref: UUID | None = None
    category_ref: UUID | None = None
    level_ref: UUID | None = None
    attachments: list[Attached] = []


class PlacementDecided(_OfChild, frozen=True, kw_only=True):
    """The county decided a placement (一人一案). ``plan_no``: number of the plan, whose words
    are in the vault; ``teacher``: the account that answers; ``decision``: the id of the
    child's own fact where the placement is a leave.
    """

    TOPIC = "ckbx.placement.PlacementDecided"
    TITLE = "确定安置方式"
    kind: PlacementKind
    document: str
    plan_no: str
    review_on: date | None = None
    school: str | None = None
    teacher: str | None = None
    visits_per_month: int | None = None
    lessons_per_visit: int | None = None
    decision: str | None = None
    plan_ref: UUID | None = None


class PlacementReviewed(_OfChild, frozen=True, kw_only=True):
    """复核: the placement still fits; the next review."""

    TOPIC = "ckbx.placement.PlacementReviewed"
    TITLE = "复核安置"
    review_on: date
    note_ref: UUID


class PlacementEnded(_OfChild, frozen=True, kw_only=True):
    """The child resumed or began school; or (``document``, ``note_ref``) the county ended a
    placement at a school. Another placement may follow.
    """

    TOPIC = "ckbx.placement.PlacementEnded"
    TITLE = "安置结束"
    VERSION = 2
    decision: str | None = None
    document: str | None = None
    note_ref: UUID | None = None

    @staticmethod
    def upcast_v1_v2(data: dict[str, Any]) -> dict[str, Any]:
        """Only what followed from the child's own facts ended one."""
        return data


class HomeVisitMade(_OfChild, frozen=True, kw_only=True):
    """送教: teachers went to teach the child at home; what was taught is in the vault.

    ``visit`` counts the visits of the child from 1.
    """

    TOPIC = "ckbx.placement.HomeVisitMade"
    TITLE = "送教上门"
    visit: int
    lessons: int
    teachers: list[Participant]
    content_ref: UUID
    attachments: list[Attached] = []


class HomeVisitVoided(_OfChild, frozen=True, kw_only=True):
    """A visit was recorded by mistake; ``occurred_on`` is the day of the correction."""

    TOPIC = "ckbx.placement.HomeVisitVoided"
    TITLE = "更正送教登记"
    visit: int
    made_on: date
    reason_ref: UUID
