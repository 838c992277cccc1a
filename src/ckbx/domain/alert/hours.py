"""At which hour of its day does an alert fall due? Most do when the day begins."""

from __future__ import annotations

from ckbx.domain.rules.rule_ids import (
    COPIED,
    RISEN,
    SILENT_COUNTY,
    SILENT_UP,
    UNREAD,
    UNREAD_COPIED,
)
from ckbx.domain.rules.rule_pack import RulePack

SUSPECTED_AT_CLOSE = "opening_day_5"
_AT_ROLL_CALL = frozenset({"roll_call_silent", SILENT_COUNTY})
_AT_CLOSE = ("opening_close_", "opening_report_")


def due_hour(rule: str, pack: RulePack) -> str | None:
    """The wall-clock time (``HH:MM``) of its day a rule names; None: when the day begins."""
    if rule.endswith((UNREAD, UNREAD_COPIED)):
        return pack.rise_at
    if rule in _AT_ROLL_CALL:
        return pack.roll_call_due
    if rule == SILENT_UP:
        return pack.silent_rise_at
    if rule == "opening_silent":
        return pack.opening_silent_at
    at_close = rule.startswith(_AT_CLOSE) and not rule.endswith((RISEN, COPIED))
    if at_close or rule == SUSPECTED_AT_CLOSE:
        return pack.opening_close_at
    return None
