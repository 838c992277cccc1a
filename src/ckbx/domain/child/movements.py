"""Transfers that reach over the county's border, and children looked for again each term."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from ckbx.domain.child import leave_events as lv
from ckbx.domain.child import movement_events as mv
from ckbx.domain.child.child import Child
from ckbx.domain.child.enrolment import check_day, check_transition
from ckbx.domain.child.errors import EvidenceMissing
from ckbx.domain.child.movement_errors import (
    ArrivalKnown,
    BeforeDecision,
    DocumentMissing,
    FoundAnew,
    OtherReceiver,
    ReviewTooLate,
    SameSchool,
)
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.shared.event import CommandContext, DomainEvent
from ckbx.domain.shared.identifiers import parse_region_code, parse_school_code
from ckbx.domain.shared.personal import check_name

REVIEW_WITHIN = timedelta(days=200)
"""A check lasts a term: no later than this many calendar days on (domain §3)."""


def check_transfer(child: Child, *, receiving_school: str, document: str) -> None:
    """What a transfer needs beside its day: another school, a document number."""
    if not document:
        raise DocumentMissing(action="办理转出", who="转出学校")
    if receiving_school == child.school:
        raise SameSchool(school=receiving_school)


def check_receiver(child: Child, receiving_school: str) -> None:
    """Only the school to which the child goes confirms that it is there."""
    wanted = child.transfer_to
    if child.base is TrackingStatus.TRANSFERRING and wanted not in (None, receiving_school):
        raise OtherReceiver(wanted=wanted, given=receiving_school)


def check_since(child: Child, on: date) -> None:
    """What follows a decision is not dated before it: BeforeDecision."""
    if child.decided_on is not None and on < child.decided_on:
        raise BeforeDecision(day=on, since=child.decided_on)


def check_review(on: date, review_by: date) -> None:
    """The next check lies after this one and not beyond the next term: ReviewTooLate."""
    first, last = on + timedelta(days=1), on + REVIEW_WITHIN
    if not first <= review_by <= last:
        raise ReviewTooLate(day=review_by, first=first, last=last)


class Arrival(msgspec.Struct, frozen=True, kw_only=True):
    """Where a child came from: a region (6, 9 or 12 digits), the 标识码 and the name of its school
    where they are known, and the papers it came with.
    """

    from_region: str
    from_school: str | None = None
    from_name: str = ""
    document: str
    evidence_ref: str


def came_from_outside(child: Child, ctx: CommandContext, arrival: Arrival, *, on: date) -> None:
    """转入: where the child of the running enrolment came from; once an enrolment.

    Raises DocumentMissing, EvidenceMissing, RegionCodeMalformed, SchoolCodeMalformed,
    NameRefused, ArrivalKnown and TransitionRefused.
    """
    check_day(child, ctx, on)
    check_transition(child, mv.TransferredIn, on)
    if child.came_in:
        raise ArrivalKnown
    if not arrival.document:
        raise DocumentMissing(action="登记县外转入", who="转入学校")
    if not arrival.evidence_ref:
        raise EvidenceMissing(action="登记县外转入", what="转学证明或学籍转接单", who="转入学校")
    child.trigger_event(
        mv.TransferredIn,
        ctx,
        occurred_on=on,
        from_region=parse_region_code(arrival.from_region),
        from_school=parse_school_code(arrival.from_school) if arrival.from_school else None,
        school=child.school or "",
        document=arrival.document,
        evidence_ref=arrival.evidence_ref,
        from_name=school_name(arrival.from_name),
    )


def school_name(typed: str) -> str:
    """What a school beyond the county is called; empty where nobody says it. Raises NameRefused."""
    name = typed.strip()
    if name:
        check_name(name, "学校名称")
    return name


def recheck(
    child: Child,
    ctx: CommandContext,
    *,
    on: date,
    evidence_ref: str,
    review_by: date,
    document: str | None = None,
    region: str | None = None,
) -> None:
    """失联 looked for again, or 外地就读 verified again, by the county on new evidence.

    Raises FoundAnew, EvidenceMissing, ReviewTooLate.
    """
    check_day(child, ctx, on)
    status = child.status_on(on)
    what = _ANEW.get(status)
    if what is None:
        raise FoundAnew(status=status.label)
    event, action, paper = what
    if not evidence_ref:
        raise EvidenceMissing(action=action, what=paper, who="县教育局")
    check_review(on, review_by)
    check_since(child, on)
    check_transition(child, event, on)
    more = {"region": region} if event is lv.StudyElsewhereVerified else {}
    child.trigger_event(
        event,
        ctx,
        occurred_on=on,
        evidence_ref=evidence_ref,
        document=document,
        review_by=review_by,
        **more,
    )


_ANEW: dict[TrackingStatus, tuple[type[DomainEvent], str, str]] = {
    TrackingStatus.MISSING: (mv.MissingRechecked, "复核失联", "公安回复或村（社区）查找记录"),
    TrackingStatus.ENROLLED_ELSEWHERE: (
        lv.StudyElsewhereVerified,
        "复核外地就读",
        "就读证明、学籍查询结果或函的回复",
    ),
}
