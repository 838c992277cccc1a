"""转学 in two steps: the school left starts it, the school entered confirms it (domain §3).

One child, or those of a class that leaves together (小升初: a primary class goes on to a junior
school, adr/0011). Every command is one append.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

import msgspec

from ckbx.application.case_papers import Papers
from ckbx.application.child_status import known_child, listed_class
from ckbx.application.decisions import DECIDED, carry_out
from ckbx.application.enrolment import enrol_again
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.calendar.errors import CalendarYearUnknown
from ckbx.domain.child import departures, movements
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child import movement_events as mv
from ckbx.domain.child.child import Child
from ckbx.domain.child.movement_errors import ArrivalNeedsClass
from ckbx.domain.child.movements import Arrival
from ckbx.domain.child.offices import check_office
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.child.transitions import BY_EVENT, instead
from ckbx.domain.school_class.register import ClassRegister
from ckbx.domain.shared.event import CommandContext, DomainEvent
from ckbx.domain.shared.identifiers import parse_school_code

_CLASS_STARTS = (TrackingStatus.ENROLLED, TrackingStatus.ABSENT, TrackingStatus.PERSUADED_BACK)


class Left(msgspec.Struct, frozen=True):
    """A child of the class with which nothing was done, and why (Chinese)."""

    child: UUID
    status: TrackingStatus
    why: str


class Moved(msgspec.Struct):
    """What one command did: the children concerned, those left for a person."""

    children: list[UUID] = []
    left: list[Left] = []
    confirm_by: date | None = None


class Who(msgspec.Struct, frozen=True):
    """Whom a command concerns: one child, or everybody of a class."""

    child: UUID | None = None
    class_key: str | None = None


def start(
    office: Office,
    ctx: CommandContext,
    who: Who,
    *,
    role: str,
    on: date,
    receiving_school: str,
    document: str,
    receiving_name: str = "",
) -> Moved:
    """办理转出. Due for confirmation after the working days that the rule pack says.
    ``receiving_name``: of a school beyond the county; those of the county have their own.

    Raises NotTheirsToDecide, SchoolCodeMalformed, NameRefused, SameSchool, DocumentMissing and what
    ``departures.start_transfer`` refuses; of a class those are left that cannot go now.
    """
    check_office(lv.TransferStarted, role)
    school, typed = parse_school_code(receiving_school), movements.school_name(receiving_name)
    made = Moved()

    def decide(unit: Unit) -> bytes | None:
        made.children, made.left = [], []
        made.confirm_by = _confirm_by(office, unit, on)
        name = "" if school in office.county_of(unit).schools else typed

        def begin(child: Child, ctx: CommandContext) -> None:
            movements.check_transfer(child, receiving_school=school, document=document)
            departures.start_transfer(
                child,
                ctx,
                on=on,
                receiving_school=school,
                document=document,
                confirm_by=made.confirm_by,
                receiving_name=name,
            )

        for child in _going(office, unit, who, lv.TransferStarted, on, made):
            carry_out(office, unit, child, begin)
            made.children.append(child.id)
        return DECIDED if made.children else None

    office.run(ctx, decide)
    return made


def confirm(
    office: Office,
    ctx: CommandContext,
    who: Who,
    *,
    role: str,
    on: date,
    receiving_school: str,
    evidence_ref: str,
    class_key: str | None = None,
    papers: Papers | None = None,
) -> Moved:
    """转入校确认; with ``class_key`` (a class there is in the county) the child begins in it.

    Raises NotTheirsToDecide, OtherReceiver, ClassNotListed, NotOfReceiver and what
    ``departures.confirm_transfer`` refuses.
    """
    check_office(lv.TransferConfirmed, role)
    school = parse_school_code(receiving_school)
    made = Moved()

    def receive(child: Child, ctx: CommandContext) -> None:
        movements.check_receiver(child, school)
        movements.check_since(child, on)
        departures.confirm_transfer(
            child, ctx, on=on, receiving_school=school, evidence_ref=evidence_ref
        )

    def decide(unit: Unit) -> bytes | None:
        made.children, made.left = [], []
        grade = listed_class(office, unit, class_key, on, school=school) if class_key else 0
        for child in _going(office, unit, who, lv.TransferConfirmed, on, made, to=school):
            carry_out(office, unit, child, receive)
            if papers is not None:
                papers.write(unit, child.id)
            made.children.append(child.id)
        if class_key and made.children:
            enrol_again(office, unit, class_key, made.children, grade=grade, on=on)
        return DECIDED if made.children else None

    office.run(ctx, decide)
    return made


def cancel(office: Office, ctx: CommandContext, child: UUID, *, role: str, on: date) -> None:
    """取消转出: the child stays. Raises NotTheirsToDecide and what the decision refuses."""
    check_office(lv.TransferCancelled, role)

    def stay(found: Child, ctx: CommandContext) -> None:
        movements.check_since(found, on)
        departures.cancel_transfer(found, ctx, on=on)

    def decide(unit: Unit) -> bytes:
        carry_out(office, unit, known_child(unit, child), stay)
        return DECIDED

    office.run(ctx, decide)


def arrive(
    office: Office,
    ctx: CommandContext,
    child: UUID,
    arrival: Arrival,
    *,
    role: str,
    on: date,
    class_key: str | None = None,
    papers: Papers | None = None,
) -> None:
    """县外转入: a child that begins in a class (``class_key``), or has begun by a roster.

    Raises NotTheirsToDecide, ArrivalNeedsClass and what ``movements.came_from_outside`` refuses.
    """
    check_office(mv.TransferredIn, role)

    def decide(unit: Unit) -> bytes:
        found = known_child(unit, child)
        status = found.status_on(on)
        if class_key is not None:
            grade = listed_class(office, unit, class_key, on)
            enrol_again(office, unit, class_key, [child], grade=grade, on=on)
        elif status not in BY_EVENT[mv.TransferredIn].from_:
            raise ArrivalNeedsClass(status=status.label)
        carry_out(
            office, unit, found, lambda c, x: movements.came_from_outside(c, x, arrival, on=on)
        )
        if papers is not None:
            papers.write(unit, child)
        return DECIDED

    office.run(ctx, decide)


def _confirm_by(office: Office, unit: Unit, on: date) -> date | None:
    """None in a year whose holidays nobody has made known."""
    days = office.rules(unit, on).pack.transfer_step
    try:
        return office.calendars(unit, None).add_working_days(on, days)
    except CalendarYearUnknown:
        return None


def _going(
    office: Office,
    unit: Unit,
    who: Who,
    event: type[DomainEvent],
    on: date,
    made: Moved,
    *,
    to: str | None = None,
) -> Iterator[Child]:
    """The child, or those of the class that the step may be taken with; others are left."""
    if who.child is not None:
        yield known_child(unit, who.child)
    for child in _members(office, unit, who.class_key):
        why = _why_not(child, event, on, to)
        if why is None:
            yield child
        elif why:
            made.left.append(Left(child.id, child.status_on(on), why))


def _why_not(child: Child, event: type[DomainEvent], on: date, to: str | None) -> str | None:
    """None: goes; an empty text: has nothing to do with it."""
    status = child.status_on(on)
    if event is lv.TransferConfirmed:
        if status is not TrackingStatus.TRANSFERRING:
            return ""
        return None if child.transfer_to == to else f"办理的转入学校是 {child.transfer_to}"
    if status is TrackingStatus.TRANSFERRING:
        return "已在转出途中"
    return None if status in _CLASS_STARTS else instead(status)


def _members(office: Office, unit: Unit, key: str | None) -> Sequence[Child]:
    if key is None:
        return ()
    listed_class(office, unit, key, unit.ctx.today)
    register = unit.get(ClassRegister.stream(office.county, key), ClassRegister)
    unit.depend(register)
    today = unit.ctx.today.toordinal()
    mine = sorted(child for child in register.stays if register.belongs(child, today))
    found: dict[UUID, Child] = unit.get_many(dict.fromkeys(mine, Child))
    return [found[child] for child in mine]
