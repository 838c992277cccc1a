"""毕业 of a school's leaving classes: whom does it concern, and who is left for a person?

A class leaves from 1 June of its ninth grade on. Only children in 在读, 缺勤 or 劝返复学 are
graduated; nobody suspected, dropped out or on leave is closed by age alone (domain §3).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from uuid import UUID

import msgspec

from ckbx.application.decisions import DECIDED, keep_roll
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.child import departures
from ckbx.domain.child.child import Child
from ckbx.domain.child.errors import InTheFuture
from ckbx.domain.child.status import TO_GRADUATE, TrackingStatus
from ckbx.domain.child.transitions import instead
from ckbx.domain.school_class.register import ClassRegister
from ckbx.domain.shared.errors import InputRefused
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import finished_from

LEAVING_MONTH = 6
"""From this month of the ninth grade on a class may leave: the examinations are in June."""
_ABSENT_AFTER_LEAVE = "休学期满未返校，请先核实去向：办理复学，或按疑似辍学处理"
_LATER = "入学日期晚于毕业日期，请核对日期"


class SchoolNotListed(InputRefused):
    """ids: school."""

    code = "school_not_listed"
    message = "县里没有学校标识码为 {school} 的学校；请核对，或先由学籍管理员导入该校花名册"


class Untouched(msgspec.Struct, frozen=True):
    """A child of a leaving class that is not graduated, and why (Chinese)."""

    child: UUID
    class_key: str
    status: TrackingStatus
    why: str


class Graduation(msgspec.Struct):
    """What was done, or (``dry_run``) would be. ``classes``: those that leave, children or not."""

    school: str
    on: date
    classes: list[str] = []
    graduated: dict[str, list[UUID]] = {}
    untouched: list[Untouched] = []

    @property
    def number(self) -> int:
        """How many children."""
        return sum(map(len, self.graduated.values()))


def graduate_school(
    office: Office, ctx: CommandContext, school: str, *, on: date, dry_run: bool = False
) -> Graduation:
    """Record 毕业 on a day for the leaving classes of a school, in one append.

    Run again it finds nobody. Raises SchoolNotListed, InTheFuture.
    """
    if on > ctx.today:
        raise InTheFuture(day=on, today=ctx.today)
    made = Graduation(school, on)

    def decide(unit: Unit) -> bytes | None:
        made.classes, made.graduated, made.untouched = [], {}, []
        if school not in office.county_of(unit).schools:
            raise SchoolNotListed(school=school)
        for key in sorted(office.school(unit, school).classes):
            if leaves_from(key) <= on:
                made.classes.append(key)
                _class(office, unit, key, made, dry_run=dry_run)
        return DECIDED if made.number and not dry_run else None

    office.run(ctx, decide)
    return made


def leaves_from(class_key: str) -> date:
    """The first day on which a class may leave its school."""
    return finished_from(class_key).replace(month=LEAVING_MONTH, day=1)


def _class(office: Office, unit: Unit, key: str, made: Graduation, *, dry_run: bool) -> None:
    for child in _members(office, unit, key):
        why = _why_not(child, made.on, unit.ctx.today)
        if why is not None:
            made.untouched.append(Untouched(child.id, key, _status(child, unit, made.on), why))
            continue
        made.graduated.setdefault(key, []).append(child.id)
        if dry_run:
            continue
        start = len(child.pending_since(0))
        departures.graduate(child, unit.ctx, on=made.on)
        for event in child.pending_since(start):
            keep_roll(office, unit, child, event)


def _members(office: Office, unit: Unit, key: str) -> Iterator[Child]:
    """The children who belong to a class now, on its roll or away, by their ids."""
    register = unit.get(ClassRegister.stream(office.county, key), ClassRegister)
    unit.depend(register)
    today = unit.ctx.today.toordinal()
    mine = sorted(child for child in register.stays if register.belongs(child, today))
    found: dict[UUID, Child] = unit.get_many(dict.fromkeys(mine, Child))
    yield from (found[child] for child in mine)


def _status(child: Child, unit: Unit, on: date) -> TrackingStatus:
    """The status that keeps it: of the day, or the one it has come to since."""
    then = child.status_on(on)
    return child.status_on(unit.ctx.today) if then in TO_GRADUATE else then


def _why_not(child: Child, on: date, today: date) -> str | None:
    """Why a person has to decide first; None: the child is graduated."""
    for day in (on, today):
        status = child.status_on(day)
        if status not in TO_GRADUATE:
            return instead(status)
    if child.leave is not None and child.leave.over_from <= today.toordinal():
        return _ABSENT_AFTER_LEAVE
    if child.enrolled_on is not None and on < child.enrolled_on:
        return _LATER
    return None
