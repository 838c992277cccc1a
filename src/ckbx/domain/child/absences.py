"""What does the rule make of a child's days? Warnings, suspicion, attending again, long leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from ckbx.domain.attendance.assess import Assessment, Suspicion, attending_spans
from ckbx.domain.attendance.marks import Reason
from ckbx.domain.attendance.opening import OpeningDays, is_unseen
from ckbx.domain.attendance.thresholds import Schedule
from ckbx.domain.child import events as e
from ckbx.domain.child import return_events as rt
from ckbx.domain.child.child import Child
from ckbx.domain.child.relapse import RULE_ALARM, Stay, assess_stay
from ckbx.domain.child.standing import Episode
from ckbx.domain.child.status import SuspicionSource, TrackingStatus
from ckbx.domain.shared.event import CommandContext, DomainEvent

RULE_RUN = "absence_run_3"
RULE_COUNT = "absence_5_in_20"
RULE_SUSPECT = "absence_run_5"
RULE_OPENING = "opening_day_5"
RULE_PERSONAL_LEAVE = "long_leave_5"
RULE_MIXED_LEAVE = "long_leave_10"
RULE_CORRECTED = "corrected_withdrawal"
_BY_RULE = (SuspicionSource.ABSENCE, SuspicionSource.RELAPSE, SuspicionSource.OPENING)


def _no_opening(_day: int) -> OpeningDays | None:
    return None


class Verdict(NamedTuple):
    """What the rule says now. Something changed on day ``since`` (ordinal) or later: only
    what is dated from then on is compared, and ``marks`` and ``reported`` reach far enough
    back for that (domain §4: the run, the last 20 school days). ``opening`` says which days
    of the opening of the term in which a day lies are the child's own.
    """

    assessment: Assessment
    marks: Mapping[int, Reason]
    reported: Sequence[int]
    since: int
    rules: Schedule
    school_days: Sequence[int] = ()
    opening: Callable[[int], OpeningDays | None] = _no_opening

    def version_on(self, day: int) -> int:
        """The version of the rules in force on a day."""
        return self.rules.on(day).version


def follow_rule(child: Child, ctx: CommandContext, verdict: Verdict) -> list[DomainEvent]:
    """Bring warnings, suspicion, attending spans and long leave in line with the verdict.

    Returns the rule's own events of this call, in order, for alerts to be raised from.
    """
    start = child.pending_count
    _warnings(child, ctx, verdict)
    episode = child.episode
    withdrawn_for_reason = _suspicion(child, ctx, verdict)
    _relapse(child, ctx, verdict)
    _overtaken(child, ctx)
    _spans(child, ctx, verdict)
    _long_leave(child, ctx, verdict, withdrawn=episode if withdrawn_for_reason else None)
    return child.pending_since(start)


def follow_episode(child: Child, ctx: CommandContext, verdict: Verdict) -> list[DomainEvent]:
    """:func:`follow_rule` for a child under suspicion of whom neither the rule nor what was
    recorded dates a warning or a long leave from the day on.
    """
    start = child.pending_count
    episode = child.episode
    withdrawn_for_reason = _suspicion(child, ctx, verdict)
    _overtaken(child, ctx)
    _spans(child, ctx, verdict)
    if withdrawn_for_reason:
        _long_leave(child, ctx, verdict, withdrawn=episode)
    return child.pending_since(start)


def _warnings(child: Child, ctx: CommandContext, verdict: Verdict) -> None:
    result = verdict.assessment
    if not (child.warned or result.warned_run or result.warned_count):
        return
    now = {(RULE_RUN, d) for d in result.warned_run if d >= verdict.since}
    now |= {(RULE_COUNT, d) for d in result.warned_count if d >= verdict.since}
    before = {w for w in child.warned if w[1] >= verdict.since}
    stay = _stay(child, verdict)
    if stay is None:
        before = {w for w in before if w[0] != RULE_ALARM}
    else:
        now |= {(RULE_ALARM, d) for d in stay.alarms if d >= verdict.since}
    for rule, day in sorted(now - before, key=lambda w: (w[1], w[0])):
        child.trigger_event(
            e.AbsenceWarned,
            ctx,
            occurred_on=date.fromordinal(day),
            rule=rule,
            rule_version=verdict.version_on(day),
            evidence=child.event_ids(_warning_days(verdict, rule, day)),
        )
    for rule, day in sorted(before - now, key=lambda w: (w[1], w[0])):
        child.trigger_event(
            e.AbsenceWarningWithdrawn, ctx, occurred_on=date.fromordinal(day), rule=rule
        )


def _warning_days(verdict: Verdict, rule: str, day: int) -> tuple[int, ...]:
    numbers = verdict.rules.on(day).thresholds
    wanted = numbers.warn_run if rule == RULE_RUN else numbers.warn_count
    wanted = numbers.follow_alarm if rule == RULE_ALARM else wanted
    days = (d for d in sorted(verdict.marks) if d <= day and not _excused(verdict.marks[d]))
    return tuple(days)[-wanted:]


def _excused(reason: Reason) -> bool:
    return reason is Reason.SICK or reason is Reason.PERSONAL


def _suspicion(child: Child, ctx: CommandContext, verdict: Verdict) -> bool:
    """Open, revise or withdraw. True when withdrawn although the child is still away."""
    episode = child.episode
    if episode is None:
        found = _found(child, verdict, standing=True)
        # A leave in force is the government's decision; the early warning stands beside it.
        if found and child.base is TrackingStatus.ENROLLED and not child.on_leave(ctx.today):
            source, rule = _ground(child, verdict, found)
            open_suspicion(
                child,
                ctx,
                on=date.fromordinal(found.suspected_on),
                source=source,
                first_absent_on=date.fromordinal(found.first_absent_on),
                days=found.days,
                rule=rule,
                rule_version=verdict.version_on(found.suspected_on),
            )
        return False
    suspected_on = episode.suspected_on.toordinal()
    if episode.source not in _BY_RULE or suspected_on < verdict.since:
        return False
    if _stands_by_opening(child, verdict, episode):
        return False
    found = _found(child, verdict, standing=False)
    if found is None:
        return _ground_gone(child, ctx, verdict, episode)
    was = (suspected_on, episode.first_absent_on)
    if (found.suspected_on, found.first_absent_on) != was or _other_ground(
        child, verdict, found, episode
    ):
        _revise(child, ctx, verdict, found, episode)
    return False


def _ground(child: Child, verdict: Verdict, found: Suspicion) -> tuple[SuspicionSource, str]:
    """What a run rests on: the opening, where it reached the threshold on the child's day 5
    having begun on its day 1 (domain §11), else the roll call alone.
    """
    own = verdict.opening(found.suspected_on)
    if (
        own is not None
        and (own.first, own.last) == (found.first_absent_on, found.suspected_on)
        and is_unseen(child, own, verdict.marks, verdict.reported)
    ):
        return SuspicionSource.OPENING, RULE_OPENING
    return SuspicionSource.ABSENCE, RULE_SUSPECT


def _other_ground(child: Child, verdict: Verdict, found: Suspicion, episode: Episode) -> bool:
    """Whether a suspicion of the opening holds on the same days without it."""
    of_opening = episode.source is SuspicionSource.OPENING
    return of_opening and _ground(child, verdict, found)[0] is not SuspicionSource.OPENING


def _stands_by_opening(child: Child, verdict: Verdict, episode: Episode) -> bool:
    """Whether the sheets still say that a child was not seen by its day 5, which is enough
    for a suspicion that the clock made, or somebody acted on. Where the day was moved by the
    calendar the clock's run decides. One that the roll call made of a run stands with the
    run, so that the order of the sheets does not matter; the clock lists the child anew.
    """
    if episode.source is not SuspicionSource.OPENING:
        return False
    suspected_on = episode.suspected_on.toordinal()
    wanted = verdict.rules.on(suspected_on).thresholds.suspect_run
    of_a_run = len([day for day in episode.days if day <= suspected_on]) >= wanted
    if of_a_run and not episode.acted:
        return False
    own = verdict.opening(suspected_on)
    if own is None or own.last != suspected_on:
        return True
    return is_unseen(child, own, verdict.marks, verdict.reported)


def _found(child: Child, verdict: Verdict, *, standing: bool) -> Suspicion | None:
    """The first suspicion the rule finds after the last clearing, among those that the change
    can have brought about; with ``standing`` also one whose run goes on still (its child may
    not have been open to suspicion when the run reached the threshold).
    """
    stay = _stay(child, verdict)
    if stay is not None:
        again = stay.relapse
        return Suspicion(again.day, again.days[0], again.days) if again else None
    last_reset = child.resets[-1] if child.resets else 0
    result = verdict.assessment
    runs_on = result.run_days[0] if standing and result.run_days else None
    for found in result.suspicions:
        if found.suspected_on > last_reset and (
            found.suspected_on >= verdict.since or found.first_absent_on == runs_on
        ):
            return found
    return None


def _stay(child: Child, verdict: Verdict) -> Stay | None:
    """What the days since a return come to, in its 巩固期 or where a relapse ended it."""
    back = child.episode.back if child.episode else child.back
    if back is None:
        return None
    days = (verdict.reported, verdict.school_days)
    return assess_stay(verdict.marks, *days, back.since, verdict.rules)


def _relapse(child: Child, ctx: CommandContext, verdict: Verdict) -> None:
    """复辍: the old episode is over, and a new one, linked to it, begins (domain §3)."""
    back = child.back
    stay = _stay(child, verdict) if back is not None and child.episode is None else None
    if back is None or stay is None or stay.relapse is None or child.on_leave(ctx.today):
        return
    day, rule, days = stay.relapse
    on, version = date.fromordinal(day), verdict.version_on(day)
    child.trigger_event(
        rt.Relapsed,
        ctx,
        occurred_on=on,
        episode=back.episode,
        next_episode=child.episodes + 1,
        rule=rule,
        rule_version=version,
        evidence=child.event_ids(days),
    )
    open_suspicion(
        child,
        ctx,
        on=on,
        source=SuspicionSource.RELAPSE,
        first_absent_on=date.fromordinal(days[0]),
        days=days,
        rule=rule,
        rule_version=version,
    )


def _overtaken(child: Child, ctx: CommandContext) -> None:
    """A leave that was to come when the suspicion opened has begun."""
    episode = child.episode
    if episode is None or episode.until is None or ctx.today < episode.until:
        return
    child.trigger_event(
        e.SuspicionOvertaken,
        ctx,
        occurred_on=episode.until,
        episode=episode.number,
        followed_by=episode.followed_by or TrackingStatus.SUSPENDED,
    )


def _revise(
    child: Child, ctx: CommandContext, verdict: Verdict, found: Suspicion, episode: Episode
) -> None:
    days = tuple(
        d
        for d in sorted(verdict.marks)
        if d >= found.first_absent_on and not _excused(verdict.marks[d])
    )
    ground: tuple[SuspicionSource | None, str | None] = (None, None)
    if episode.source is not SuspicionSource.RELAPSE:
        source, rule = _ground(child, verdict, found)
        ground = (source, rule) if source is not episode.source else ground
    child.trigger_event(
        e.SuspicionRevised,
        ctx,
        occurred_on=date.fromordinal(found.suspected_on),
        episode=episode.number,
        first_absent_on=date.fromordinal(found.first_absent_on),
        was_suspected_on=episode.suspected_on,
        absent_days=[date.fromordinal(d) for d in days],
        evidence=child.event_ids(found.days),
        source=ground[0],
        rule=ground[1],
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


def _spans(child: Child, ctx: CommandContext, verdict: Verdict) -> None:
    episode = child.episode
    if episode is None or child.base is not TrackingStatus.SUSPECTED:
        return
    suspected_on = episode.suspected_on
    found = attending_spans(
        verdict.marks, verdict.reported, suspected_on.toordinal(), verdict.rules
    )
    now = tuple(
        (
            date.fromordinal(s.since),
            date.fromordinal(s.counted_from),
            date.fromordinal(s.until) if s.until else None,
        )
        for s in found
    )
    if now != episode.spans:
        last = date.fromordinal(verdict.reported[-1]) if verdict.reported else suspected_on
        child.trigger_event(
            e.SuspectAttendanceChanged,
            ctx,
            occurred_on=max(last, suspected_on),
            episode=episode.number,
            spans=list(now),
        )


def _long_leave(
    child: Child, ctx: CommandContext, verdict: Verdict, *, withdrawn: Episode | None
) -> None:
    found = verdict.assessment.long_leave
    if not found and not child.long_leave and withdrawn is None:
        return
    now = {x.day: x for x in found if x.day >= verdict.since}
    for day in sorted(now.keys() - child.long_leave.keys()):
        rule = RULE_PERSONAL_LEAVE if now[day].personal else RULE_MIXED_LEAVE
        _flag(child, ctx, verdict, date.fromordinal(day), rule, now[day].days)
    for day, rule in sorted(child.long_leave.items()):
        if rule != RULE_CORRECTED and day >= verdict.since and day not in now:
            child.trigger_event(
                e.LongLeaveFlagWithdrawn, ctx, occurred_on=date.fromordinal(day), rule=rule
            )
    if withdrawn is not None:
        began = _last_attended(verdict)
        if not any(day > began for day in child.long_leave):
            _flag(child, ctx, verdict, ctx.today, RULE_CORRECTED, withdrawn.days)


def _last_attended(verdict: Verdict) -> int:
    """The last day that the class reported and the child attended; 0 when there is none."""
    attended = (d for d in reversed(verdict.reported) if d not in verdict.marks)
    return next(attended, 0)


def _flag(
    child: Child,
    ctx: CommandContext,
    verdict: Verdict,
    on: date,
    rule: str,
    days: tuple[int, ...],
) -> None:
    child.trigger_event(
        e.LongLeaveFlagged,
        ctx,
        occurred_on=on,
        rule=rule,
        rule_version=verdict.version_on(on.toordinal()),
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
    """Open an episode on a child whose status allows it (checked by the caller).

    A leave to come stays, and takes over from its first day.
    """
    leave = child.leave
    to_come = leave is not None and leave.effective_from > on.toordinal()
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
        until=date.fromordinal(leave.effective_from) if leave and to_come else None,
        followed_by=leave.status if leave and to_come else None,
    )
