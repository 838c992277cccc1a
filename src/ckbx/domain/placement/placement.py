"""One child's placement: the state folded from its facts."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from ckbx.domain.placement import events as ev
from ckbx.domain.placement.codes import PlacementKind
from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.ids import stream_id


class Assessment(NamedTuple):
    """What the committee found; the refs name notes of the vault."""

    on: date
    document: str
    advises: PlacementKind
    opinion: UUID
    certificate: UUID | None
    category: UUID | None
    level: UUID | None


class Decided(NamedTuple):
    """The placement in force; ``decision`` where it is a leave."""

    on: date
    kind: PlacementKind
    document: str
    plan_no: str
    review_on: date | None
    school: str | None
    teacher: str | None
    visits_per_month: int | None
    lessons_per_visit: int | None
    decision: str | None
    plan: UUID | None
    reviewed_on: date | None = None


class Visit(NamedTuple):
    """A visit that stands."""

    on: date
    lessons: int


class ChildPlacement(Aggregate):
    """State of one child: the last assessment, the placement in force, the visits."""

    __slots__ = ("assessed", "child", "current", "made", "visits")

    KIND: ClassVar[str] = "placement"

    def __init__(self, id_: UUID) -> None:
        super().__init__(id_)
        self.child = id_
        self.assessed: Assessment | None = None
        self.current: Decided | None = None
        self.made = 0
        self.visits: dict[int, Visit] = {}

    @staticmethod
    def stream(county: str, child: UUID) -> UUID:
        """The stream of a child's placement."""
        return stream_id(county, "placement", child)

    @property
    def review_on(self) -> date | None:
        """The next review, None where none is due."""
        return self.current.review_on if self.current else None

    def apply(self, event: Any) -> None:
        self.child = event.child
        match event:
            case ev.ChildAssessed():
                self.assessed = Assessment(
                    event.occurred_on,
                    event.document,
                    event.advises,
                    event.opinion_ref,
                    event.certificate_ref,
                    event.category_ref,
                    event.level_ref,
                )
            case ev.PlacementDecided():
                self.current = _decided(event)
            case ev.PlacementReviewed() if self.current:
                self.current = self.current._replace(
                    review_on=event.review_on, reviewed_on=event.occurred_on
                )
            case ev.PlacementEnded():
                self.current = None
            case ev.HomeVisitMade():
                self.made = event.visit
                self.visits[event.visit] = Visit(event.occurred_on, event.lessons)
            case ev.HomeVisitVoided():
                self.visits.pop(event.visit, None)


def _decided(event: ev.PlacementDecided) -> Decided:
    return Decided(
        event.occurred_on,
        event.kind,
        event.document,
        event.plan_no,
        event.review_on,
        event.school,
        event.teacher,
        event.visits_per_month,
        event.lessons_per_visit,
        event.decision,
        event.plan_ref,
    )
