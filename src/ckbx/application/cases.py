"""What people do on a case: each is one append with the child's fact, the roll and the words.

A command carries ``seen``, the version of the case that the person had before them: where the
case has moved since, nothing is stored and they are told what happened in between.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from ckbx.application import case_teacher
from ckbx.application.case_papers import Papers
from ckbx.application.class_days import away_since, calendar_of, days_of
from ckbx.application.decisions import carry_out
from ckbx.application.office import Office
from ckbx.application.roll_calls import apply_rule, rule_book
from ckbx.application.rule_alerts import close_alarms
from ckbx.application.unit import Unit
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.case import closing, determination, follow_up, persuasion, returning, verification
from ckbx.domain.case.case import Case
from ckbx.domain.case.codes import EvidenceKind
from ckbx.domain.case.deadlines import (
    Attendance,
    Deadline,
    Outcome,
    SchoolDays,
    deadlines,
    facts_of,
)
from ckbx.domain.case.errors import CaseChangedMeanwhile, CaseUnknown
from ckbx.domain.case.outcome_events import FollowUpMade
from ckbx.domain.case.persuasion import RoundHeld
from ckbx.domain.case.spans import consolidation_end
from ckbx.domain.case.steps import check, check_role
from ckbx.domain.case.work_events import LiaisonVisited
from ckbx.domain.child import departures, returns
from ckbx.domain.child.child import Child
from ckbx.domain.child.events import SuspectAttendanceChanged
from ckbx.domain.child.relapse import RULE_ALARM
from ckbx.domain.child.return_codes import Placement, Whereabouts
from ckbx.domain.child.return_errors import PlacementContradicts
from ckbx.domain.child.status import Finding
from ckbx.domain.rules.rule_pack import RulePack
from ckbx.domain.school_class.register import ClassRegister
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import grade_of, split_class_key
from ckbx.domain.shared.system_actors import actor_name
from ckbx.eventlog.ports import Appended

DONE = b"case"
FOLLOW_UPS = ("follow_weekly", "follow_monthly")


class Work(NamedTuple):
    """One case as a command sees it."""

    office: Office
    unit: Unit
    case: Case
    child: Child

    @property
    def ctx(self) -> CommandContext:
        return self.unit.ctx

    def pack(self, on: date) -> RulePack:
        """The rules in force on a day."""
        return self.office.rules(self.unit, on).pack


Act = Callable[[Work], None]


def work_on(
    office: Office,
    ctx: CommandContext,
    case_id: UUID,
    act: Act,
    *,
    seen: int | None = None,
    papers: Papers | None = None,
) -> Appended:
    """Carry out a person's step on a case; from then on the episode has been acted on.

    Raises CaseUnknown, CaseChangedMeanwhile, and what ``act`` refuses.
    """
    return office.run(
        ctx, lambda unit: take_step(office, unit, case_id, act, seen=seen, papers=papers)
    )


def take_step(
    office: Office,
    unit: Unit,
    case_id: UUID,
    act: Act,
    *,
    seen: int | None = None,
    papers: Papers | None = None,
) -> bytes:
    """Decide :func:`work_on` in a unit that is carried through elsewhere."""
    case = unit.get(case_id, Case)
    if not case.exists:
        raise CaseUnknown(case=case_id)
    if seen is not None and seen != case.version:
        raise CaseChangedMeanwhile(case=case_id, between=_between(office, case_id, seen))
    child = unit.get(case.child, Child)
    returns.act_on(child, unit.ctx, case.episode)
    start = len(case.pending_since(0))
    act(Work(office, unit, case, child))
    for event in case.pending_since(start):
        if isinstance(event, FollowUpMade | LiaisonVisited):
            close_alarms(office, unit, child, on=event.occurred_on)
    if papers is not None:
        papers.write(unit, case.child)
    return DONE


def _between(office: Office, case_id: UUID, seen: int) -> list[tuple[str, str, str]]:
    events = office.log.load([case_id]).get(case_id, [])
    later = [event for event in events if event.originator_version > seen]
    return [
        (event.TITLE, actor_name(event.actor), event.occurred_on.isoformat()) for event in later
    ]


# Steps that need more than the case: the others are those of ``ckbx.domain.case`` themselves.


def name_teacher(*, role: str, account: str, holder: UUID, first_day: date) -> Act:
    """帮扶教师, in the chain and in the case; one that is there hands over."""

    def act(work: Work) -> None:
        case_teacher.name(
            work.office,
            work.unit,
            work.case,
            role=role,
            account=account,
            holder=holder,
            first_day=first_day,
        )

    return act


def release_teacher(*, role: str, last_day: date) -> Act:
    """The teacher leaves."""

    def act(work: Work) -> None:
        case_teacher.release(work.office, work.unit, work.case, role=role, last_day=last_day)

    return act


def persuade(held: RoundHeld, *, role: str) -> Act:
    """劝返, by as many people as the rule pack asks for."""

    def act(work: Work) -> None:
        persons = work.pack(held.on).persuade_persons
        persuasion.persuade(work.case, work.ctx, held, role=role, persons=persons)

    return act


def clear(*, role: str, on: date, finding: Finding, evidence_ref: str) -> Act:
    """The suspicion is cleared (A-C the principal, G the county), as the check found it."""

    def act(work: Work) -> None:
        verification.check_cleared_as_found(work.case, finding)
        carry_out(
            work.office,
            work.unit,
            work.child,
            lambda child, ctx: departures.clear_suspicion(
                child, ctx, on=on, finding=finding, evidence_ref=evidence_ref, role=role
            ),
        )

    return act


def determine(*, role: str, on: date, whereabouts: Whereabouts) -> Act:
    """认定辍学: days away are read from the roll calls, rounds and cause from the case."""

    def act(work: Work) -> None:
        check_role("determine", role)
        determination.check_found(work.case)
        check(work.case, work.ctx, "determine", role=role, on=on)
        rules = work.office.rules(work.unit, on)
        away = away_since(work.office, work.unit, work.child, work.case.first_absent_on, on)
        rounds = [held for held in work.case.rounds if held.on <= on]
        ground = returns.DropoutGround(
            unexplained=len(away),
            rounds=len(rounds),
            cause_recorded=bool(work.case.causes),
            dropout_days=rules.pack.dropout_days,
            dropout_rounds=rules.pack.dropout_rounds,
            rule_version=rules.version,
            evidence=[held.event for held in rounds],
        )
        carry_out(
            work.office,
            work.unit,
            work.child,
            lambda child, ctx: returns.confirm_dropout(
                child, ctx, on=on, role=role, ground=ground, whereabouts=whereabouts
            ),
        )

    return act


def bring_back(*, role: str, on: date, placement: Placement, class_key: str) -> Act:
    """劝返复学 into a class there is; a return dated back is judged by the days since."""

    def act(work: Work) -> None:
        check(work.case, work.ctx, "bring_back", role=role, on=on)
        stream = ClassRegister.stream(work.office.county, class_key)
        if not work.unit.get(stream, ClassRegister).exists:
            raise PlacementContradicts(placement=placement.label, why="没有这个班级")
        grade = grade_of(split_class_key(class_key)[1], school_year_of(on))
        carry_out(
            work.office,
            work.unit,
            work.child,
            lambda child, ctx: returns.persuade_back(
                child,
                ctx,
                on=on,
                role=role,
                placement=placement,
                class_key=class_key,
                grade=grade,
            ),
        )
        if on < work.ctx.today:
            apply_rule(work.office, work.unit, class_key, on)

    return act


def confirm_return(*, role: str) -> Act:
    """返校确认 by the days attended in a row since the return, from the roll calls."""

    def act(work: Work) -> None:
        attended, needed = attended_since_return(work)
        returning.confirm_return(work.case, work.ctx, role=role, attended=attended, needed=needed)

    return act


def attended_since_return(work: Work) -> tuple[list[date], int]:
    """The days attended in a row since the return, and how many are needed to confirm it."""
    back = work.case.returned
    needed = work.pack(back.on if back else work.ctx.today).return_days
    if back is None:
        return [], needed
    days = days_of(work.office, work.unit, work.child, back.on)
    return days.attended_row(back.on, needed), needed


def consolidation_ends(work: Work) -> date | None:
    """The last day of the 巩固期; None without a return, or where its term is not set yet."""
    calendar, back = calendar_of(work.office, work.unit, work.child), work.case.returned
    return consolidation_end(calendar.terms, back.on) if back else None


def missed_follow_ups(work: Work, on: date) -> list[date]:
    """The days by which a follow-up had to be made and was not, by a day."""
    missed = (
        each.due_on
        for each in deadlines_of(work, on)
        if each.kind in FOLLOW_UPS and each.outcome is Outcome.MISSED
    )
    return [day for day in missed if day is not None]


def settle(*, role: str, on: date, reason: UUID | None = None) -> Act:
    """End the 巩固期: follow-ups made, or their absence explained by the county."""

    def act(work: Work) -> None:
        check(work.case, work.ctx, "settle", role=role, on=on)
        until = consolidation_ends(work)
        returns.check_over(on, until)
        left = missed_follow_ups(work, on)
        follow_up.check_followed_up(work.case, work.ctx, role=role, missing=left, reason=reason)
        carry_out(
            work.office,
            work.unit,
            work.child,
            lambda child, ctx: returns.settle_return(child, ctx, on=on, role=role, until=until),
        )

    return act


def close(
    *,
    role: str,
    on: date,
    evidence: EvidenceKind,
    evidence_ref: str = "",
    note: UUID | None = None,
) -> Act:
    """销号; the post of the one-to-one teacher ends with it."""

    def act(work: Work) -> None:
        closing.close(
            work.case,
            work.ctx,
            role=role,
            on=on,
            evidence=evidence,
            evidence_ref=evidence_ref,
            status=work.child.status_on(on),
            note=note,
        )
        case_teacher.dismiss(work.office, work.unit, work.case, last_day=on)

    return act


def deadlines_of(work: Work, day: date) -> list[Deadline]:
    """Every deadline of the case on a day, with its outcome."""
    calendars = work.office.calendars(work.unit, work.child.school)
    calendar = calendar_of(work.office, work.unit, work.child)
    days = SchoolDays(
        calendar.add_school_days,
        calendars.add_working_days,
        lambda back_on: consolidation_end(calendar.terms, back_on),
    )
    facts = facts_of(work.case, attendance(work))
    return deadlines(facts, days, rule_book(work.office, work.unit), day)


def attendance(work: Work) -> Attendance:
    """What the roll calls say of the child of a case."""
    case, child = work.case, work.child
    away = away_since(work.office, work.unit, child, case.first_absent_on, work.ctx.today)
    told: list[date] = []
    alarms: list[date] = []
    if case.returned is not None:
        since = case.returned.on
        told = days_of(work.office, work.unit, child, since).told(since)
        days = (day for rule, day in child.warned if rule == RULE_ALARM)
        alarms = [date.fromordinal(day) for day in sorted(days) if day >= since.toordinal()]
    return Attendance(
        unexplained=away,
        reported=told,
        alarms=alarms,
        attending=[(counted, until) for _, counted, until in _spans(work)],
    )


def _spans(work: Work) -> Sequence[tuple[date, date, date | None]]:
    """When the suspect attended again; of an earlier episode, what its last fact says."""
    child, number = work.child, work.case.episode
    episode = child.episode or (child.ended[0] if child.ended else None)
    if episode is not None and episode.number == number:
        return episode.spans
    said = [
        event.spans
        for event in work.unit.log.load([child.id]).get(child.id, [])
        if isinstance(event, SuspectAttendanceChanged) and event.episode == number
    ]
    return said[-1] if said else ()
