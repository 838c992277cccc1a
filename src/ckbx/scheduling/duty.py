"""A duty: something that is due at an instant, what it says, and whether it still stands.

Pure: which duties there are by an instant is a function of the facts known now that occurred
by then, however often it was asked before (the unique key is kind, subject, due day).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from ckbx.domain.alert.alert import Notice
from ckbx.domain.responsibility.post import Line, Scope, ScopeKind
from ckbx.domain.rules.rule_ids import (
    COPIED,
    REVIEW_RULES,
    RISEN,
    RISING_RULES,
    SILENT_COUNTY,
    SILENT_UP,
    TOLD_RULES,
    UNREAD,
    UNREAD_COPIED,
)
from ckbx.scheduling.case_rules import CASE_ROLL_CALL_RULES, CASE_RULES, REPORT_RULES


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """One alert the clock owes. ``on`` is the local day it fell due and part of its key.

    ``at`` says whose it is: a scope, or the child itself (``child``), on ``line``; with
    ``region`` the region of that kind where the child lives; ``up``: whoever answers above
    those who answered on ``asked_on`` (else ``due_on``) and missed it. ``over_on`` is the day, come by
    the instant asked about, on which its cause was gone again (resumed, extended, confirmed):
    it was due, and is closed. It rests on ``events`` (ids) and on what the child's facts say
    of ``days`` (ordinals).
    """

    kind: str
    rule: str
    subject: str
    on: date
    at: Scope | None = None
    line: Line = Line.EDUCATION
    region: ScopeKind | None = None
    up: bool = False
    asked_on: date | None = None
    child: UUID | None = None
    school: str | None = None
    class_key: str | None = None
    due_on: date | None = None
    over_on: date | None = None
    detail: dict[str, int | str] = {}
    events: Sequence[str] = ()
    days: Sequence[int] = ()

    def stream(self, county: str) -> UUID:
        """The alert's stream, the same as that of the alert raised for it."""
        return self.notice(0).stream(county)

    def notice(self, rule_version: int) -> Notice:
        """The alert, not yet addressed."""
        return Notice(
            kind=self.kind,
            subject=self.subject,
            rule=self.rule,
            rule_version=rule_version,
            on=self.on,
            key_day=self.on,
            due_on=self.due_on,
            child=self.child,
            school=self.school,
            class_key=self.class_key,
            detail=self.detail,
            events=self.events,
        )


PRIMARY_GAP = "primary_gap"
_PRIMARY = (
    "opening_close_3_primary",
    "opening_close_3_primary_village",
    "opening_close_5_primary_township",
    "opening_close_5_primary_county",
)
CONTACT, WARNED_VILLAGE = "contact_same_day", "absence_warning_village"
RETURNED_COUNTY, RETURNED_TOWNSHIP = "child_returned_county", "child_returned_township"
VISIT, FOCUS_VISIT = "visit_run_2", "visit_focus_1"
AUDIT, RECHECK = "data_audit", "quarter_recheck"
BACKUP = "backup_overdue"
STILL_SILENT, UNCONFIRMED = "roll_call_still_silent", "long_leave_unconfirmed"
_RISEN_RULES = frozenset(
    rule + suffix
    for rule in (*TOLD_RULES, *RISING_RULES)
    for suffix in (UNREAD, UNREAD_COPIED, RISEN, COPIED)
)
_SILENT_HIGHER = frozenset({SILENT_UP, SILENT_COUNTY})
CLOCK_RULES = frozenset(
    {
        "roll_call_silent",
        "opening_silent",
        "opening_close_1",
        "opening_close_3",
        "opening_close_3_village",
        "opening_close_5_township",
        "opening_close_5_county",
        "opening_report_7",
        "opening_report_7_county",
        "opening_t14",
        "chain_unset",
        "calendar_unset",
        "calendar_year_unknown",
        "post_vacant",
        "leave_expiring",
        "leave_expired",
        "transfer_step_10",
        "closure_unconfirmed",
        "graduation_due",
        "home_visits_short",
        "leave_review_due",
        UNCONFIRMED,
        CONTACT,
        VISIT,
        FOCUS_VISIT,
        WARNED_VILLAGE,
        RETURNED_COUNTY,
        RETURNED_TOWNSHIP,
        AUDIT,
        BACKUP,
        RECHECK,
        *_SILENT_HIGHER,
        *_RISEN_RULES,
        *_PRIMARY,
        *REVIEW_RULES,
        *CASE_RULES,
        *REPORT_RULES,
    }
)
"""Rules whose alerts only the clock raises, and so only the clock takes back."""

SILENT_RULES = frozenset({"roll_call_silent", "opening_silent", *_SILENT_HIGHER})
ROLL_CALL_RULES = frozenset(
    {
        *SILENT_RULES,
        CONTACT,
        VISIT,
        FOCUS_VISIT,
        "opening_close_1",
        "opening_close_3",
        "opening_close_3_village",
        "opening_close_5_township",
        "opening_close_5_county",
        *_PRIMARY,
        *CASE_ROLL_CALL_RULES,
    }
)
CALENDAR_RULES = frozenset(
    {"calendar_unset", "calendar_year_unknown", "closure_unconfirmed", "home_visits_short"}
)
WAITS_FOR = {
    "rollcalls": ROLL_CALL_RULES,
    "roster": ROLL_CALL_RULES,
    "calendar": ROLL_CALL_RULES | CALENDAR_RULES,
    "chain": frozenset({"post_vacant", "chain_unset"}),
}
"""Rules that cannot be judged while an import of a kind is under way: half of what they rest
on is not in yet (domain §9: 导入中, 不完整)."""
