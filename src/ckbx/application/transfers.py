"""转学 in two steps: the school left starts it, the school entered confirms it (domain §3).

One child, or those of a class that leaves together (小升初: a primary class goes on to a junior
school, adr/0011). Every command is one append.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import date
from typing import Final
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
from ckbx.domain.child.errors import InTheFuture
from ckbx.domain.child.movement_errors import ArrivalNeedsClass, BeforeDecision, ClassListChanged
from ckbx.domain.child.movements import Arrival
from ckbx.domain.child.offices import check_office
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.child.transitions import BY_EVENT, instead
from ckbx.domain.school_class.register import ClassRegister
from ckbx.domain.shared.event import CommandContext, DomainEvent
from ckbx.domain.shared.identifiers import parse_school_code

CLASS_BYTES: Final = 1024 * 1024
"""A file handed in for a class is kept under the key of each of its children."""
_CLASS_STARTS = (TrackingStatus.ENROLLED, TrackingStatus.ABSENT, TrackingStatus.PERSUADED_BACK)


class Left(msgspec.Struct, frozen=True):
    """A child of the class with which nothing is done, and why (Chinese)."""

    child: UUID
    status: TrackingStatus
    why: str


class Moved(msgspec.Struct):
    """What one command did: the children concerned, those left for a person."""

    children: list[UUID] = []
    left: list[Left] = []
    confirm_by: date | None = None


class Who(msgspec.Struct, frozen=True):
    """Whom a command concerns: one child, or everybody of a class. ``listed``: the
    :func:`fingerprint` of those that were shown to be concerned; None where nobody was.
    """

    child: UUID | None = None
    class_key: str | None = None
    listed: str | None = None


class _Foreseen(Exception):
    """Ends a look at what would be decided."""


def fingerprint(children: Iterable[UUID]) -> str:
    """The same for the same children, in whatever order."""
    return hashlib.sha256(b"".join(sorted(each.bytes for each in children))).hexdigest()


def foresee(
    office: Office,
    ctx: CommandContext,
    class_key: str,
    event: type[DomainEvent],
    *,
    on: date,
    receiving_school: str | None = None,
) -> list[Left]:
    """Whom of a class the step would concern on a day, those first that would be left; of the
    others ``why`` is empty. Nothing is done. Raises InTheFuture, ClassNotListed, ClassOver.
    """
    found: list[Left] = []

    def decide(unit: Unit) -> bytes | None:
        made, who = Moved(), Who(class_key=class_key)
        going = _going(office, unit, who, event, on, made, to=receiving_school)
        found[:] = [*made.left, *(Left(child.id, child.status_on(on), "") for child in going)]
        raise _Foreseen

    with suppress(_Foreseen):
        office.run(ctx, decide)
    return found


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
    Raises ClassListChanged where others could go than those that were shown.
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

    Raises NotTheirsToDecide, OtherReceiver, ClassNotListed, NotOfReceiver, ClassListChanged
    and what ``departures.confirm_transfer`` refuses.
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
) -> Sequence[Child]:
    """The child, or those of the class that the step may be taken with; others are left."""
    if who.child is not None:
        return [known_child(unit, who.child)]
    going = []
    for child in _members(office, unit, who.class_key):
        why = _why_not(child, unit.ctx, event, on, to)
        if why is None:
            going.append(child)
        elif why:
            made.left.append(Left(child.id, child.status_on(on), why))
    if who.listed is not None and who.listed != fingerprint(each.id for each in going):
        raise ClassListChanged(now=len(going))
    return going


def _why_not(
    child: Child, ctx: CommandContext, event: type[DomainEvent], on: date, to: str | None
) -> str | None:
    """None: goes; an empty text: has nothing to do with it. Raises InTheFuture."""
    if on > ctx.today:
        raise InTheFuture(day=on, today=ctx.today)
    status = child.status_on(on)
    if child.enrolled_on is not None and on < child.enrolled_on:
        return f"{on} 早于入学日期 {child.enrolled_on}，请核对日期"
    if event is not lv.TransferConfirmed:
        return _why_not_going(status)
    if status is not TrackingStatus.TRANSFERRING:
        return ""
    if child.transfer_to != to:
        return f"办理的转入学校是 {child.transfer_to}"
    try:
        movements.check_since(child, on)
    except BeforeDecision as refused:
        return str(refused)
    return None


def _why_not_going(status: TrackingStatus) -> str | None:
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
