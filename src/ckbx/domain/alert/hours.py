"""At which hour of its day does an alert of the clock fall due? Most do at its beginning."""

from __future__ import annotations

from ckbx.domain.rules.rule_pack import RulePack

SUSPECTED_AT_CLOSE = "opening_day_5"


def due_hour(rule: str, pack: RulePack) -> str | None:
    """The wall-clock time (``HH:MM``) a rule names; None: the day's beginning."""
    if rule == "roll_call_silent":
        return pack.roll_call_due
    if rule == "opening_silent":
        return pack.opening_silent_at
    if rule.startswith(("opening_close_", "opening_report_")) or rule == SUSPECTED_AT_CLOSE:
        return pack.opening_close_at
    return None
