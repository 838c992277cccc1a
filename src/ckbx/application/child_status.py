"""What the county and the schools decide on a child's 就学状态 with evidence, outside a case.

Endings (死亡, 出国（境）, 失联, 户籍问题), 外地就读 and its check again each term, a child found
again or come back, and a suspicion entered by a person. Each is one append with the roll, the
alerts and the case (domain §3).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

from ckbx.application.case_papers import Papers
from ckbx.application.decisions import DECIDED, carry_out
from ckbx.application.enrolment import enrol_again
from ckbx.application.erasure import ChildNeverRegistered
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.calendar.school_calendar import SchoolCalendar, school_year_of
from ckbx.domain.child import departures, movements
from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child import movement_events as mv
from ckbx.domain.child.child import Child
from ckbx.domain.child.offices import check_office
from ckbx.domain.child.status import SuspicionSource
from ckbx.domain.school_class.register import ClassRegister
from ckbx.domain.shared.errors import InputRefused
from ckbx.domain.shared.event import CommandContext, DomainEvent
from ckbx.domain.shared.ids import LAST_GRADE, grade_of, split_class_key

IN_THE_TERM = timedelta(days=30)
"""How long after the beginning of the next term a child is looked for again, if nobody says."""
UNKNOWN_TERM = timedelta(days=180)


class ClassNotListed(InputRefused):
    code = "class_not_listed"
    message = (
        "没有班级 {class_key}：请写成“学校标识码/入学年/班号”，"
        "如 2152939972/2024/1；新班请先由学籍管理员导入花名册"
    )


class ClassOver(InputRefused):
    code = "class_over"
    message = "班级 {class_key} 在 {day} 不在一至九年级；请核对班级和日期"


class NotOfReceiver(InputRefused):
    code = "class_not_of_receiver"
    message = "班级 {class_key} 不是转入学校 {school} 的班级；请核对"


def known_child(unit: Unit, id_: UUID) -> Child:
    """A child that was registered. Raises ChildNeverRegistered."""
    child = unit.get(id_, Child)
    if not child.version:
        raise ChildNeverRegistered(child=id_)
    return child


def listed_class(
    office: Office, unit: Unit, class_key: str, on: date, *, school: str | None = None
) -> int:
    """The grade of a class there is. Raises ClassNotListed, ClassOver, NotOfReceiver."""
    try:
        own, entry, _number = split_class_key(class_key)
    except ValueError:
        raise ClassNotListed(class_key=class_key) from None
    stream = ClassRegister.stream(office.county, class_key)
    if not unit.get(stream, ClassRegister).exists:
        raise ClassNotListed(class_key=class_key)
    if school is not None and own != school:
        raise NotOfReceiver(class_key=class_key, school=school)
    grade = grade_of(entry, school_year_of(on))
    if not 1 <= grade <= LAST_GRADE:
        raise ClassOver(class_key=class_key, day=on)
    return grade


def next_review(calendar: SchoolCalendar, on: date) -> date:
    """When a child is looked for again: in the next term, as far as the calendar knows one."""
    later = sorted(term.first_day for term in calendar.terms if term.first_day > on)
    wanted = later[0] + IN_THE_TERM if later else on + UNKNOWN_TERM
    return min(wanted, on + movements.REVIEW_WITHIN)


def _decided(
    office: Office,
    ctx: CommandContext,
    id_: UUID,
    decide: Callable[[Unit, Child, CommandContext], None],
    papers: Papers | None,
) -> None:
    def run(unit: Unit) -> bytes:
        child = known_child(unit, id_)
        carry_out(office, unit, child, lambda found, ctx: decide(unit, found, ctx))
        if papers is not None:
            papers.write(unit, id_)
        return DECIDED

    office.run(ctx, run)


def _review(office: Office, unit: Unit, child: Child, on: date, given: date | None) -> date:
    if given is not None:
        return given
    return next_review(office.calendars(unit, child.school).for_school(child.school), on)


def end(
    office: Office,
    ctx: CommandContext,
    child: UUID,
    event: type[DomainEvent],
    *,
    role: str,
    on: date,
    evidence_ref: str,
    document: str | None = None,
    review_by: date | None = None,
    papers: Papers | None = None,
) -> None:
    """死亡, 出国（境）, 失联, 户籍问题, decided by the county.

    Raises NotTheirsToDecide, ChildNeverRegistered and what ``departures.end`` refuses.
    """
    check_office(event, role)

    def decide(unit: Unit, found: Child, ctx: CommandContext) -> None:
        again = None
        if event is lv.WentMissing:
            again = _review(office, unit, found, on, review_by)
        departures.end(
            found,
            ctx,
            event,
            on=on,
            evidence_ref=evidence_ref,
            document=document,
            review_by=again,
        )

    _decided(office, ctx, child, decide, papers)


def verify_elsewhere(
    office: Office,
    ctx: CommandContext,
    child: UUID,
    *,
    role: str,
    on: date,
    evidence_ref: str,
    document: str | None = None,
    region: str | None = None,
    review_by: date | None = None,
    papers: Papers | None = None,
) -> None:
    """核实外地就读, by the county. Raises as :func:`end`."""
    check_office(lv.StudyElsewhereVerified, role)

    def decide(unit: Unit, found: Child, ctx: CommandContext) -> None:
        departures.verify_elsewhere(
            found,
            ctx,
            on=on,
            evidence_ref=evidence_ref,
            review_by=_review(office, unit, found, on, review_by),
            region=region,
            document=document,
        )

    _decided(office, ctx, child, decide, papers)


def recheck(
    office: Office,
    ctx: CommandContext,
    child: UUID,
    *,
    role: str,
    on: date,
    evidence_ref: str,
    document: str | None = None,
    region: str | None = None,
    review_by: date | None = None,
    papers: Papers | None = None,
) -> None:
    """复核 of 失联 or 外地就读, by the county. Raises as :func:`end`, and FoundAnew."""
    check_office(mv.MissingRechecked, role)

    def decide(unit: Unit, found: Child, ctx: CommandContext) -> None:
        movements.recheck(
            found,
            ctx,
            on=on,
            evidence_ref=evidence_ref,
            document=document,
            region=region,
            review_by=_review(office, unit, found, on, review_by),
        )

    _decided(office, ctx, child, decide, papers)


def enrol(
    office: Office, ctx: CommandContext, child: UUID, *, role: str, on: date, class_key: str
) -> None:
    """回国, 找到, 免缓期满, 毕业登记有误: a new enrolment in a class there is.

    Raises NotTheirsToDecide, ClassNotListed, ClassOver, TransitionRefused.
    """
    check_office(e.Enrolled, role)

    def run(unit: Unit) -> bytes:
        known_child(unit, child)
        grade = listed_class(office, unit, class_key, on)
        enrol_again(office, unit, class_key, [child], grade=grade, on=on)
        return DECIDED

    office.run(ctx, run)


def suspect(
    office: Office,
    ctx: CommandContext,
    child: UUID,
    *,
    role: str,
    on: date,
    first_absent_on: date,
) -> None:
    """A person enters a suspicion (人工登记); its case opens with it.

    Raises NotTheirsToDecide and what ``departures.suspect`` refuses.
    """
    check_office(e.DropoutSuspected, role)

    def decide(_unit: Unit, found: Child, ctx: CommandContext) -> None:
        departures.suspect(
            found,
            ctx,
            on=on,
            source=SuspicionSource.PERSON,
            first_absent_on=min(first_absent_on, on),
            rule="person",
            rule_version=0,
            evidence=[],
        )

    _decided(office, ctx, child, decide, None)
