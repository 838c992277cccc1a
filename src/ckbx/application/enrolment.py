"""Schools, classes and children enter the store; who is on which roll follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from ckbx.application.office import Office
from ckbx.application.policies.cases import follow_child
from ckbx.application.roster_findings import ENROLLED, LEFT, settle_all
from ckbx.application.rule_alerts import end_alerts
from ckbx.application.unit import Unit
from ckbx.domain.child import enrolment
from ckbx.domain.child.child import Child
from ckbx.domain.child.enrolment import check_transition
from ckbx.domain.child.events import Enrolled
from ckbx.domain.school_class.register import ClassRegister
from ckbx.domain.shared.ids import split_class_key


class NewPupil(msgspec.Struct, frozen=True, kw_only=True):
    """A child to be registered and enrolled; its personal data goes to the vault apart."""

    child: UUID
    sex: str
    cohort: int | None = None
    village: str | None = None
    residence: str | None = None


def open_class(
    office: Office, unit: Unit, class_key: str, *, on: date, school_name: str = ""
) -> ClassRegister:
    """List the school and the class where they are not listed yet; the class's register."""
    school = split_class_key(class_key)[0]
    office.county_of(unit).list_school(unit.ctx, school=school)
    record = office.school(unit, school)
    if school_name:
        record.call(unit.ctx, school=school, name=school_name)
    record.list_class(unit.ctx, school=school, class_key=class_key, on=on)
    register = unit.get(ClassRegister.stream(office.county, class_key), ClassRegister)
    register.open(unit.ctx, class_key=class_key, on=on)
    return register


def admit(
    office: Office,
    unit: Unit,
    class_key: str,
    pupils: Sequence[NewPupil],
    *,
    grade: int,
    on: date,
    school_name: str = "",
    awaited: bool = False,
    batch: str | None = None,
) -> None:
    """Register and enrol new children in one class from a day on.

    ``awaited``: each must be marked 到校 by name before "not listed" means present.
    """
    ctx = unit.ctx
    register = open_class(office, unit, class_key, on=on, school_name=school_name)
    for pupil in pupils:
        child = unit.get(pupil.child, Child)
        enrolment.register(
            child,
            ctx,
            on=on,
            sex=pupil.sex,
            cohort=pupil.cohort,
            village=pupil.village,
            residence=pupil.residence,
            batch=batch,
        )
        _enrol(child, unit, class_key, grade=grade, on=on, batch=batch)
    register.join(ctx, children=[p.child for p in pupils], on=on, awaited=awaited)
    drop_book(office, unit, class_key)


def enrol_again(
    office: Office,
    unit: Unit,
    class_key: str,
    children: Sequence[UUID],
    *,
    grade: int,
    on: date,
    awaited: bool = True,
    batch: str | None = None,
) -> None:
    """Open an enrolment period for children already known (转入, 回国, 找到, 缓学期满 …).

    One that still belonged to a class (送教, 免学) leaves it, or is on its roll again.
    """
    register = open_class(office, unit, class_key, on=on)
    for id_ in children:
        child = unit.get(id_, Child)
        check_transition(child, Enrolled, on)
        settle_all(office, unit, child, reason=ENROLLED)
        old = child.class_key
        _enrol(child, unit, class_key, grade=grade, on=on, batch=batch)
        if old is not None and old != class_key:
            leave_register(office, unit, id_, old, on=on)
        elif register.away_from(id_, on.toordinal()):
            register.away(unit.ctx, child=id_, effective_from=on, until=on, awaited=awaited)
    register.join(unit.ctx, children=list(children), on=on, awaited=awaited)
    drop_book(office, unit, class_key)


def _enrol(
    child: Child, unit: Unit, class_key: str, *, grade: int, on: date, batch: str | None
) -> None:
    enrolment.enrol(
        child,
        unit.ctx,
        on=on,
        school=split_class_key(class_key)[0],
        class_key=class_key,
        grade=grade,
        batch=batch,
    )


def change_class(
    office: Office,
    unit: Unit,
    id_: UUID,
    class_key: str,
    *,
    grade: int,
    on: date,
    awaited: bool = False,
    batch: str | None = None,
) -> None:
    """Move a child to another class of its school from a day on."""
    child = unit.get(id_, Child)
    old = child.class_key
    if old == class_key:
        return
    enrolment.change_class(child, unit.ctx, on=on, class_key=class_key, grade=grade, batch=batch)
    if old is not None:
        leave_register(office, unit, id_, old, on=on)
    new = open_class(office, unit, class_key, on=on)
    new.join(unit.ctx, children=[id_], on=on, awaited=awaited)
    drop_book(office, unit, class_key)


def leave_class(office: Office, unit: Unit, child: Child, *, on: date) -> None:
    """Take a child that ended, or was never there, off its class."""
    for key in {k for k, _, _ in child.segments[-1:]}:
        leave_register(office, unit, child.id, key, on=on)


def leave_register(office: Office, unit: Unit, child: UUID, class_key: str, *, on: date) -> None:
    """Take a child out of the register of a class from a day on, if it belongs to it then."""
    register = unit.get(ClassRegister.stream(office.county, class_key), ClassRegister)
    register.leave(unit.ctx, child=child, on=on)
    drop_book(office, unit, class_key)


def undo_enrolment(office: Office, unit: Unit, id_: UUID, *, batch: str) -> None:
    """An enrolment that rested on a wrong file never was."""
    child = unit.get(id_, Child)
    if child.enrolled_on is None or child.class_key is None:
        return
    on = child.enrolled_on
    settle_all(office, unit, child, reason=LEFT)
    leave_class(office, unit, child, on=on)
    start = len(child.pending_since(0))
    enrolment.undo_enrolment(child, unit.ctx, batch=batch)
    for event in child.pending_since(start):
        follow_child(office, unit, child, event)
        if child.ended is not None and child.ended[1] == event.originator_version:
            end_alerts(office, unit, child, event)


def drop_book(office: Office, unit: Unit, class_key: str) -> None:
    """The book of a class whose children changed is put together anew."""
    unit.books.add(class_key)
    office.books.pop(class_key, None)
