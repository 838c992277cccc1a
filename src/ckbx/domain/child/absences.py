"""What a roll call means for one child: the absence itself, and what the rule makes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from ckbx.domain.attendance.assess import Assessment, AttendingSpan, Suspicion
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.child import events as e
from ckbx.domain.child.child import Child, Episode
from ckbx.domain.child.status import SuspicionSource, TrackingStatus
from ckbx.domain.shared.event import CommandContext, DomainEvent

RULE_RUN = "absence_run_3"
RULE_COUNT = "absence_5_in_20"
RULE_SUSPECT = "absence_run_5"
RULE_PERSONAL_LEAVE = "long_leave_5"
RULE_MIXED_LEAVE = "long_leave_10"
RULE_CORRECTED = "corrected_withdrawal"


class DayChange(NamedTuple):
    """How one class-day changed for one child (None = present).

    ``was_known``: the day had been reported before; ``before``: the child's value on the
    class's previous reported day; ``until`` its next reported day.
    """

    day: date
    class_key: str
    session: Session
    was_known: bool
    was: Reason | None
    now: Reason | None
    before: Reason | None
    until: date | None
    implied: bool = False


def record_day(child: Child, ctx: CommandContext, change: DayChange) -> None:
    """Record what changed for the child on one class-day; nothing when nothing did."""
    if change.now is not None:
        _absent(child, ctx, change, change.now)
    elif change.was is not None:
        child.trigger_event(
            e.AbsenceVoided,
            ctx,
            occurred_on=change.day,
            class_key=change.class_key,
            was=change.was,
            until=change.until,
            corrects=_corrected(child, change.day),
        )
    elif not change.was_known and change.before is not None:
        child.trigger_event(
            e.AttendanceResumed,
            ctx,
            occurred_on=change.day,
            class_key=change.class_key,
            until=change.until,
        )


def _absent(child: Child, ctx: CommandContext, change: DayChange, now: Reason) -> None:
    if change.was is None:
        child.trigger_event(
            e.AbsenceRecorded,
            ctx,
            occurred_on=change.day,
            class_key=change.class_key,
            session=change.session,
            reason=now,
            until=change.until,
            implied=change.implied,
        )
    elif change.was is not now:
        child.trigger_event(
            e.AbsenceExplained,
            ctx,
            occurred_on=change.day,
            class_key=change.class_key,
            reason=now,
            was=change.was,
            until=change.until,
            corrects=_corrected(child, change.day),
        )


def _corrected(child: Child, day: date) -> str | None:
    version = child.mark_events.get(day.toordinal())
    return f"{child.id}:{version}" if version else None


class Verdict(NamedTuple):
    """What the rule says now, over the days from ``since`` (ordinal) on."""

    assessment: Assessment
    marks: Mapping[int, Reason]
    reported: Sequence[int]
    since: int
    rule_version: int


def follow_rule(
    child: Child, ctx: CommandContext, verdict: Verdict, spans: Iterable[AttendingSpan]
) -> list[DomainEvent]:
    """Bring warnings, suspicion, attending spans and long leave in line with the verdict.

    Returns the rule's own events of this call, in order, for alerts to be raised from.
    """
    start = len(child.pending_since(0))
    _warnings(child, ctx, verdict)
    withdrawn_for_reason = _suspicion(child, ctx, verdict)
    _spans(child, ctx, verdict, spans)
    _long_leave(child, ctx, verdict, withdrawn_for_reason=withdrawn_for_reason)
    return child.pending_since(start)


def _warnings(child: Child, ctx: CommandContext, verdict: Verdict) -> None:
    result = verdict.assessment
    now = {(RULE_RUN, d) for d in result.warned_run if d >= verdict.since}
    now |= {(RULE_COUNT, d) for d in result.warned_count if d >= verdict.since}
    if now == child.warned:
        return
    for rule, day in sorted(now - child.warned, key=lambda w: (w[1], w[0])):
        unexplained = tuple(
            d for d in sorted(verdict.marks) if d <= day and not _excused(verdict.marks[d])
        )
        child.trigger_event(
            e.AbsenceWarned,
            ctx,
            occurred_on=date.fromordinal(day),
            rule=rule,
            rule_version=verdict.rule_version,
            evidence=child.event_ids(unexplained[-3:] if rule == RULE_RUN else unexplained[-5:]),
        )
    gone = {w for w in child.warned - now if w[1] >= verdict.since}
    for rule, day in sorted(gone, key=lambda w: (w[1], w[0])):
        child.trigger_event(
            e.AbsenceWarningWithdrawn, ctx, occurred_on=date.fromordinal(day), rule=rule
        )


def _excused(reason: Reason) -> bool:
    return reason is Reason.SICK or reason is Reason.PERSONAL


def _suspicion(child: Child, ctx: CommandContext, verdict: Verdict) -> bool:
    """Open, revise or withdraw. True when withdrawn although the child is still away."""
    last_reset = child.resets[-1] if child.resets else 0
    found = next((s for s in verdict.assessment.suspicions if s.suspected_on > last_reset), None)
    episode = child.episode
    if episode is None:
        if found and child.base is TrackingStatus.ENROLLED:
            open_suspicion(
                child,
                ctx,
                on=date.fromordinal(found.suspected_on),
                source=SuspicionSource.ABSENCE,
                first_absent_on=date.fromordinal(found.first_absent_on),
                days=found.days,
                rule=RULE_SUSPECT,
                rule_version=verdict.rule_version,
            )
        return False
    suspected_on = episode.suspected_on.toordinal()
    if episode.source is not SuspicionSource.ABSENCE or suspected_on < verdict.since:
        return False
    if found is None:
        return _ground_gone(child, ctx, verdict, episode)
    if (found.suspected_on, found.first_absent_on) != (suspected_on, episode.first_absent_on):
        _revise(child, ctx, verdict, found, episode)
    return False


def _revise(
    child: Child, ctx: CommandContext, verdict: Verdict, found: Suspicion, episode: Episode
) -> None:
    days = tuple(
        d
        for d in sorted(verdict.marks)
        if d >= found.first_absent_on and not _excused(verdict.marks[d])
    )
    child.trigger_event(
        e.SuspicionRevised,
        ctx,
        occurred_on=date.fromordinal(found.suspected_on),
        episode=episode.number,
        first_absent_on=date.fromordinal(found.first_absent_on),
        was_suspected_on=episode.suspected_on,
        absent_days=[date.fromordinal(d) for d in days],
        evidence=child.event_ids(found.days),
    )


def _ground_gone(child: Child, ctx: CommandContext, verdict: Verdict, episode: Episode) -> bool:
    if episode.acted:
        if not episode.ground_changed:
            child.trigger_event(
                e.SuspicionGroundChanged,
                ctx,
                occurred_on=episode.suspected_on,
                episode=episode.number,
            )
        return False
    reason_only = all(d in verdict.marks for d in episode.days)
    child.trigger_event(
        e.SuspicionWithdrawn,
        ctx,
        occurred_on=episode.suspected_on,
        episode=episode.number,
        reason_only=reason_only,
    )
    still_away = bool(verdict.reported) and verdict.reported[-1] in verdict.marks
    return reason_only and still_away


def _spans(
    child: Child, ctx: CommandContext, verdict: Verdict, spans: Iterable[AttendingSpan]
) -> None:
    episode = child.episode
    if episode is None:
        return
    now = tuple(
        (
            date.fromordinal(s.since),
            date.fromordinal(s.counted_from),
            date.fromordinal(s.until) if s.until else None,
        )
        for s in spans
    )
    if now != episode.spans:
        child.trigger_event(
            e.SuspectAttendanceChanged,
            ctx,
            occurred_on=date.fromordinal(verdict.reported[-1]),
            episode=episode.number,
            spans=list(now),
        )


def _long_leave(
    child: Child, ctx: CommandContext, verdict: Verdict, *, withdrawn_for_reason: bool
) -> None:
    now = {
        day: RULE_PERSONAL_LEAVE if personal else RULE_MIXED_LEAVE
        for day, personal in verdict.assessment.long_leave
        if day >= verdict.since
    }
    for day in sorted(now.keys() - child.long_leave.keys()):
        _flag(child, ctx, verdict, date.fromordinal(day), now[day])
    for day, rule in sorted(child.long_leave.items()):
        if rule != RULE_CORRECTED and day >= verdict.since and day not in now:
            child.trigger_event(
                e.LongLeaveFlagWithdrawn, ctx, occurred_on=date.fromordinal(day), rule=rule
            )
    if withdrawn_for_reason and not now:
        _flag(child, ctx, verdict, ctx.today, RULE_CORRECTED)


def _flag(child: Child, ctx: CommandContext, verdict: Verdict, on: date, rule: str) -> None:
    days = tuple(d for d in sorted(verdict.marks) if d <= on.toordinal())[-10:]
    child.trigger_event(
        e.LongLeaveFlagged,
        ctx,
        occurred_on=on,
        rule=rule,
        rule_version=verdict.rule_version,
        evidence=child.event_ids(days),
    )


def open_suspicion(
    child: Child,
    ctx: CommandContext,
    *,
    on: date,
    source: SuspicionSource,
    first_absent_on: date,
    days: Sequence[int] = (),
    rule: str,
    rule_version: int,
    evidence: Sequence[str] = (),
) -> None:
    """Open an episode on a child whose status allows it (checked by the caller)."""
    child.trigger_event(
        e.DropoutSuspected,
        ctx,
        occurred_on=on,
        episode=child.episodes + 1,
        source=source,
        first_absent_on=first_absent_on,
        absent_days=[date.fromordinal(d) for d in days],
        rule=rule,
        rule_version=rule_version,
        evidence=list(evidence) or child.event_ids(tuple(days)),
    )
