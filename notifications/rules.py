"""From an alert to its notices: to whom, by which way, and when. Pure.

The slot of a notice is a function of the alert, never of the tick that made it: a late tick, a
doubled one and one after a crash come to the same messages (domain §11, docs/adr/0014).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from ckbx.clock import EPOCH, local_day, local_instant
from ckbx.domain.alert.hours import due_hour
from ckbx.domain.alert.kinds import RED
from ckbx.domain.calendar.errors import CalendarRefusal
from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.domain.rules.rule_pack import RulePack
from notifications.queue import INBOX, NO_ADDRESS, NO_CHANNEL, NOT_WANTED
from notifications.recipients import NO_RECIPIENT, Recipient

DIGEST: Final = "digest"
URGENT_KINDS: Final = frozenset({"roll_call_silent", "not_checked_in", "relapse"})
"""Kinds that are told at once, whatever their level."""

WAITING, COUNTED, IN_INBOX, COMPOSED, SKIPPED = "waiting", "counted", "inbox", "composed", "skipped"
"""States of a notice. ``counted``: too old to be told, waits to be counted in a digest."""
STALE, ALERT_OVER, UNWRITABLE = "stale", "alert_over", "unwritable"
REASONS: Final = {
    STALE: "逾期较久，只在汇总里计数",
    ALERT_OVER: "通知之前预警已了结",
    NO_RECIPIENT: "没有对应的责任人",
    NOT_WANTED: "渠道设置不收这一类",
    NO_ADDRESS: "没有登记地址",
    NO_CHANNEL: "渠道已停用",
    UNWRITABLE: "通知有写不进数据库的内容，请把运行日志里的 notices_refused 交给维护人员",
}
"""Why somebody is not told: every one is counted."""

RulesOn = Callable[[date], RulePack]


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What an alert says when it is raised or raised again. ``on`` and ``due_on`` are local
    days; ``by_clock``: the clock's run raised it, not a roll call or a person's act.
    """

    alert: UUID
    kind: str
    level: str
    subject: str
    rule: str
    on: date
    recorded_at: datetime
    by_clock: bool
    child: UUID | None = None
    school: str | None = None
    class_key: str | None = None
    due_on: date | None = None


class Drafted(msgspec.Struct, frozen=True, kw_only=True):
    """A notice before it is kept. ``fold``: with what it is told, its kind or ``digest``."""

    recipient: Recipient
    fold: str
    slot: datetime
    state: str
    reason: str | None


def notices(
    told: Told,
    recipients: Sequence[Recipient],
    rules: RulesOn,
    calendar: SchoolCalendar,
    zone: ZoneInfo,
) -> Iterator[Drafted]:
    """One notice a recipient and channel, with its slot or the reason why it is not told."""
    stale = is_stale(told, rules, calendar, zone)
    slot, digest = slot_of(told, rules, zone), next_digest(told.recorded_at, rules, zone)
    fold = told.kind if is_urgent(told) else DIGEST
    for recipient in recipients:
        state, reason = WAITING, recipient.reason
        if reason is not None:
            state = SKIPPED
        elif stale:
            state, reason = (SKIPPED if recipient.channel == INBOX else COUNTED), STALE
        elif recipient.channel == INBOX:
            state = IN_INBOX
        yield Drafted(
            recipient=recipient,
            fold=DIGEST if stale else fold,
            slot=digest if stale else slot,
            state=state,
            reason=reason,
        )


def is_urgent(told: Told) -> bool:
    """Whether it is told alone, at once: level 红, or one of the urgent kinds."""
    return told.level == RED or told.kind in URGENT_KINDS


def base_instant(told: Told, rules: RulesOn, zone: ZoneInfo) -> datetime:
    """When (UTC) the alert fell due: an alert of the clock at the hour of its rule on its day,
    else at the day's beginning; one that a roll call or an act made, when that was recorded.
    """
    if not told.by_clock:
        return told.recorded_at
    hour = due_hour(told.rule, rules(told.on))
    return local_instant(told.on, time.fromisoformat(hour) if hour else time.min, zone)


def slot_of(told: Told, rules: RulesOn, zone: ZoneInfo) -> datetime:
    """The UTC instant at which it is told: an urgent one a few minutes after it fell due, so
    that those of one cause go together (at the hour itself where its rule names one); any
    other with the next digest.
    """
    base = base_instant(told, rules, zone)
    if not is_urgent(told):
        return next_digest(base, rules, zone)
    pack = rules(local_day(base, zone))
    if told.by_clock and due_hour(told.rule, pack):
        return base
    step = timedelta(minutes=pack.urgent_fold_minutes)
    return EPOCH + -(-(base - EPOCH) // step) * step


def next_digest(at: datetime, rules: RulesOn, zone: ZoneInfo) -> datetime:
    """The first digest (UTC) at or after an instant."""
    day = local_day(at, zone)
    while True:
        pack = rules(day)
        for hour in (pack.morning_digest, pack.evening_digest):
            digest = local_instant(day, time.fromisoformat(hour), zone)
            if digest >= at:
                return digest
        day += timedelta(days=1)


def is_stale(told: Told, rules: RulesOn, calendar: SchoolCalendar, zone: ZoneInfo) -> bool:
    """Whether it fell due ``message_fresh_days`` school days (of calendar days, where the
    calendar does not reach) or more before it was recorded.
    """
    days = rules(local_day(told.recorded_at, zone)).message_fresh_days
    hour = due_hour(told.rule, rules(told.on)) if told.by_clock else None
    try:
        last = calendar.add_school_days(told.on, days)
    except CalendarRefusal:
        last = told.on + timedelta(days=days)
    at = time.fromisoformat(hour) if hour else time.min
    return told.recorded_at >= local_instant(last, at, zone)


def reason_title(reason: str) -> str:
    """A reason in words; what a receiver said stays as it is."""
    return REASONS.get(reason, reason)
