"""一键停课: a school says that it is closed today; it counts once the county has confirmed it."""

from __future__ import annotations

from uuid import UUID

from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.calendar import closures
from ckbx.domain.shared.event import CommandContext
from ckbx.eventlog.ports import Appended
from ckbx.vault import Vault, note_ref

REPORTED = b"closure-reported"


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
