"""What an application must show, and how long a leave may last."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

import msgspec

from ckbx.domain.child.errors import (
    CommitteeOpinionMissing,
    HospitalPaperMissing,
    LeaveNeedsEnd,
    SchoolCannotDecideLeave,
)
from ckbx.domain.leave.application import CommitteeOpinion, LeaveApplication
from ckbx.domain.leave.codes import LeaveKind
from ckbx.domain.leave.errors import (
    CommitteeAdvisesOtherwise,
    HospitalNotNamed,
    LeaveDayRefused,
    LeaveTooLong,
    TeachingPlanMissing,
)
from ckbx.domain.leave.steps import GOVERNMENT

MOST_VISITS, MOST_LESSONS = 31, 8


_ONE_YEAR = (LeaveKind.SUSPENSION, LeaveKind.DEFERRAL)
_UNTIL_REVIEW = (LeaveKind.EXEMPTION, LeaveKind.HOME_TEACHING)


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """What township or county wrote. ``until`` may be left out for 免学 and 送教上门, which
    then go to their review; ``visits_per_month`` and ``lessons_per_visit`` are for 送教上门.
    """

    on: date
    document: str
    effective_from: date
    until: date | None = None
    review_on: date | None = None
    visits_per_month: int | None = None
    lessons_per_visit: int | None = None


def not_by_the_school(role: str, kind: str) -> None:
    """A school decides no leave. Raises SchoolCannotDecideLeave."""
    if role not in GOVERNMENT:
        raise SchoolCannotDecideLeave(kind=kind)


def advised_by(
    application: LeaveApplication, assessed: CommitteeOpinion | None
) -> CommitteeOpinion:
    """The opinion the application rests on.

    Raises CommitteeOpinionMissing, CommitteeAdvisesOtherwise.
    """
    kind, found = application.kind, application.committee or assessed
    if found is None:
        raise CommitteeOpinionMissing(kind=kind.label)
    if kind is not LeaveKind.SUSPENSION and found.advises.value != kind.value:
        raise CommitteeAdvisesOtherwise(
            document=found.document, advised=found.advises.label, kind=kind.label
        )
    return found


def hospital_paper(application: LeaveApplication, hospitals: Collection[str]) -> UUID:
    """The paper the application rests on. Raises HospitalPaperMissing, HospitalNotNamed."""
    kind, paper = application.kind, application.hospital
    if paper is None:
        raise HospitalPaperMissing(kind=kind.label, who="学校或乡镇")
    if kind is LeaveKind.EXEMPTION and not paper.named:
        raise HospitalNotNamed(named="、".join(hospitals) or "无")
    return paper.ref


def last_day(kind: LeaveKind, given: Approval) -> date:
    """The last day; of 免学 and 送教上门 the review stands for it where it is not said."""
    until = given.until
    if until is None and kind in _UNTIL_REVIEW:
        until = given.review_on
    if until is None or until < given.effective_from:
        raise LeaveNeedsEnd(kind=kind.label)
    check_length(kind, given.effective_from, until)
    if given.review_on is not None and not given.effective_from <= given.review_on <= until:
        raise LeaveDayRefused(day=given.review_on, why="不在期限以内，不能作复核日期")
    return until


def check_length(kind: LeaveKind, first: date, until: date) -> None:
    """休学 and 缓学 last a year at most. Raises LeaveTooLong."""
    last = _a_year_from(first)
    if kind in _ONE_YEAR and until > last:
        raise LeaveTooLong(kind=kind.label, first=first, last=last)


def _a_year_from(first: date) -> date:
    """The last day of a year that begins on a day."""
    leap = first.month == 2 and first.day == 29
    again = date(first.year + 1, 3, 1) if leap else first.replace(year=first.year + 1)
    return again - timedelta(days=1)


def check_plan(given: Approval) -> None:
    """送教上门 has visits and lessons. Raises TeachingPlanMissing."""
    visits, lessons = given.visits_per_month or 0, given.lessons_per_visit or 0
    if not (1 <= visits <= MOST_VISITS and 1 <= lessons <= MOST_LESSONS):
        raise TeachingPlanMissing
