"""请假条: filed for a child of a class, and ended when it is back earlier."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.attendance.marks import Reason
from ckbx.domain.class_roll.errors import AbsenteeNotOnRoll, OutsideTerms
from ckbx.domain.class_roll.slips import LeaveSlips
from ckbx.domain.school_class.register import ClassRegister
from ckbx.domain.shared.errors import InputRefused
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import split_class_key
from ckbx.eventlog.ports import Appended

DONE = b"leave-slip"


class SlipBeyondTerm(InputRefused):
    """ids: last_day, ends."""

    code = "slip_beyond_term"
    message = "请假条的止 {last_day} 超出本学期（{ends} 止）。请写到学期内的日期；长期不能到校的请按休学办理"


def file(
    office: Office,
    ctx: CommandContext,
    *,
    class_key: str,
    class_name: str,
    child: UUID,
    first_day: date,
    last_day: date,
    reason: Reason,
) -> Appended:
    """Record a slip of a child on the roll; roll calls handed in before stay as they are.

    Raises AbsenteeNotOnRoll, OutsideTerms, SlipBeyondTerm and the refusals of ``slips``.
    """

    def decide(unit: Unit) -> bytes | None:
        school = split_class_key(class_key)[0]
        term = office.calendars(unit, school).for_school(school).term_of(first_day)
        if term is None:
            raise OutsideTerms(day=first_day)
        if last_day > term.last_day:
            raise SlipBeyondTerm(last_day=last_day, ends=term.last_day)
        register = unit.get(ClassRegister.stream(office.county, class_key), ClassRegister)
        unit.depend(register)
        if not register.on_roll(child, first_day.toordinal()):
            raise AbsenteeNotOnRoll(day=first_day, class_name=class_name, child=child)
        slips = unit.get(LeaveSlips.stream(office.county, class_key), LeaveSlips)
        slips.file(
            unit.ctx,
            class_key=class_key,
            child=child,
            first_day=first_day,
            last_day=last_day,
            reason=reason,
        )
        return DONE if slips.has_pending else None

    return office.run(ctx, decide)


def end(
    office: Office, ctx: CommandContext, *, class_key: str, slip: int, back_on: date
) -> Appended:
    """The child is back on a day. Raises SlipUnknown, SlipOutsideSpan."""

    def decide(unit: Unit) -> bytes:
        slips = unit.get(LeaveSlips.stream(office.county, class_key), LeaveSlips)
        slips.end(unit.ctx, class_key=class_key, slip=slip, back_on=back_on)
        return DONE

    return office.run(ctx, decide)
