"""一键停课: a school says that it is closed today; it counts once the county has confirmed it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.calendar import closures
from ckbx.domain.shared.event import CommandContext
from ckbx.eventlog.ports import Appended
from ckbx.vault import Vault, note_ref

REPORTED = b"closure-reported"
ANSWERED = b"closure-answered"


def report(office: Office, ctx: CommandContext, vault: Vault, *, school: str, why: str) -> Appended:
    """Report today's closure; a second tap changes nothing. ``why`` goes to the vault.

    Raises ClosureNotToday, OutsideTerm, NotASchoolDay, ClosureAlreadyRejected.
    """
    note = UUID(bytes=note_ref(vault.store_key, why)[:16])

    def decide(unit: Unit) -> bytes | None:
        calendars = office.calendars(unit, school)
        today = unit.ctx.today
        events = closures.report_closure(calendars, school, today, unit.ctx, f"ref:{note}")
        if not events:
            return None
        unit.add(events)
        unit.writes += vault.prepare(note, "staff", notes={note: why})
        return REPORTED

    return office.run(ctx, decide)


def answer(
    office: Office,
    ctx: CommandContext,
    vault: Vault,
    *,
    school: str,
    day: date,
    agrees: bool,
    why: str = "",
) -> Appended:
    """The county's yes or no to a closure that a school reported; the other answer replaces an
    earlier one, the same one changes nothing. ``why`` of a no goes to the vault.

    Raises ClosureNotReported.
    """
    note = UUID(bytes=note_ref(vault.store_key, why)[:16]) if why else None

    def decide(unit: Unit) -> bytes | None:
        calendars = office.calendars(unit, school)
        if agrees:
            events = closures.confirm_closure(calendars, school, day, unit.ctx)
        else:
            ref = f"ref:{note}" if note else None
            events = closures.reject_closure(calendars, school, day, unit.ctx, ref)
        if not events:
            return None
        unit.add(events)
        if note is not None and not agrees:
            unit.writes += vault.prepare(note, "staff", notes={note: why})
        return ANSWERED

    return office.run(ctx, decide)
