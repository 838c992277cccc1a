"""By when is what due in a case, from whom, and was it kept? A pure function of facts and a day.

Every deadline has exactly one outcome on any day: open, kept, missed (also when done late:
``evidence`` then names the late deed), or void (what it was for had ended by then). The
clock's alerts, the ledger of deadlines and the page of a case all use this function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from enum import StrEnum
from itertools import chain
from typing import NamedTuple
from uuid import UUID

import msgspec

from ckbx.domain.calendar.errors import CalendarRefusal
from ckbx.domain.case.case import Case, Deed, FollowUp, Letter, Round
from ckbx.domain.case.codes import FAILED, TIERS, FollowUpKind, Tier
from ckbx.domain.case.spans import follow_up_days
from ckbx.domain.child.status import SuspicionSource, TrackingStatus
from ckbx.domain.responsibility.post import Role
from ckbx.domain.rules.rule_book import AdoptedRules, RuleBook
from ckbx.domain.rules.rule_pack import CALENDAR_DAYS, SCHOOL_DAYS, WORKING_DAYS, RulePack

HOURS, MONTHS = "小时", "个月"


class Outcome(StrEnum):
    """What became of a deadline."""

    OPEN = "open"
    KEPT = "kept"
    MISSED = "missed"
    VOID = "void"


class Deadline(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One duty. ``on`` is the day it arose, ``due_on`` its last day (None: the calendar does
    not say), ``unit`` of the rule's number; ``role`` who answers; ``outcome_on`` the day of
    the outcome, ``evidence`` the id of the fact that met it, late or not; ``over_on`` the day
    from which nobody waits for it any more: it was met, late or not, or the work ended.
    """

    kind: str
    case: UUID
    on: date
    due_on: date | None
    unit: str
    role: Role
    rule: str
    rule_version: int
    outcome: Outcome
    outcome_on: date | None = None
    evidence: str | None = None
    over_on: date | None = None


class Attendance(msgspec.Struct, frozen=True, kw_only=True):
    """What the roll calls say of the child, each list in order of days.

    ``unexplained`` since ``first_absent_on``; ``reported``: school days since the return on
    which its class reported; ``alarms``: red alarms of the 巩固期; ``attending``: days from
    which a suspect counted in 在校 again, each with the day that ended it (None: it lasts).
    """

    unexplained: Sequence[date] = ()
    reported: Sequence[date] = ()
    alarms: Sequence[date] = ()
    attending: Sequence[tuple[date, date | None]] = ()


class CaseFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a deadline of a case rests on."""

    case: UUID
    source: SuspicionSource
    suspected_on: date
    rounds: Sequence[Round] = ()
    reports: Sequence[Deed] = ()
    contacts: Sequence[Deed] = ()
    visits: Sequence[Deed] = ()
    letters: Sequence[Letter] = ()
    verified: Sequence[Deed] = ()
    determined: Deed | None = None
    returned: Deed | None = None
    confirmed: Deed | None = None
    follow_ups: Sequence[FollowUp] = ()
    over: Deed | None = None
    cleared: Deed | None = None
    attendance: Attendance = Attendance()


def facts_of(case: Case, attendance: Attendance | None = None) -> CaseFacts:
    """The facts of a case as its stream has them."""
    found = case.concluded
    cleared = found is not None and found.how in (
        TrackingStatus.ENROLLED,
        TrackingStatus.NOT_ENROLLED,
    )
    return CaseFacts(
        case=case.id,
        source=case.source,
        suspected_on=case.suspected_on,
        rounds=tuple(case.rounds),
        reports=tuple(case.reports),
        contacts=tuple(case.contacts),
        visits=tuple(case.visits),
        letters=tuple(case.letters.values()),
        verified=tuple(Deed(c.on, c.event) for c in case.verifications),
        determined=case.determined,
        returned=case.returned,
        confirmed=case.confirmed,
        follow_ups=tuple(case.follow_ups),
        over=case.over,
        cleared=Deed(found.on, found.event) if found and cleared else None,
        attendance=attendance or Attendance(),
    )


class SchoolDays(msgspec.Struct, frozen=True):
    """How days are counted: both raise CalendarRefusal where the calendar does not say.

    ``term_end``: the last day of the term after the one a day lies in (None: not set yet).
    """

    add_school_days: Callable[[date, int], date]
    add_working_days: Callable[[date, int], date]
    term_end: Callable[[date], date | None]


class _Duty(NamedTuple):
    kind: str
    on: date
    due_on: date | None
    unit: str
    role: Role
    rule: str
    done: Deed | None
    over: Deed | None


def deadlines(facts: CaseFacts, days: SchoolDays, rules: RuleBook, day: date) -> list[Deadline]:
    """Every deadline of a case that has arisen by a local day, each with its outcome on it."""
    work = _Work(facts, days, rules, day)
    return [work.judge(duty) for duty in work.duties()]


class _Work:
    """The walk over one case as of one day."""

    def __init__(self, facts: CaseFacts, days: SchoolDays, rules: RuleBook, day: date) -> None:
        self.facts, self.days, self.rules, self.day = facts, days, rules, day
        self.over = _by(facts.over, day)
        self.back = _by(facts.returned, day)
        self._stopped = _earlier(self.back, self.over)
        self._known: dict[date, AdoptedRules] = {}

    def duties(self) -> Iterator[_Duty]:
        """In the order in which a case comes to them."""
        if self.facts.suspected_on > self.day:
            return iter(())
        return chain(
            self._verify(),
            self._attending(),
            self._persuade(),
            self._report(),
            self._determine(),
            self._letters(),
            self._return(),
            self._daily(),
            self._by_person(),
            self._alarms(),
        )

    def judge(self, duty: _Duty) -> Deadline:
        """The one outcome of a duty on the day."""
        outcome, outcome_on, evidence = _outcome(duty, self.day)
        ended = _earlier(duty.done, _earlier(duty.over, self.over))
        return Deadline(
            kind=duty.kind,
            case=self.facts.case,
            on=duty.on,
            due_on=duty.due_on,
            unit=duty.unit,
            role=duty.role,
            rule=duty.rule,
            rule_version=self._adopted(duty.on).version,
            outcome=outcome,
            outcome_on=outcome_on,
            evidence=evidence,
            over_on=ended.on if ended is not None else None,
        )

    def _adopted(self, on: date) -> AdoptedRules:
        found = self._known.get(on)
        if found is None:
            found = self._known[on] = self.rules.rules_on(on)
        return found

    def _pack(self, on: date) -> RulePack:
        return self._adopted(on).pack

    def _due(self, on: date, n: int, unit: str) -> date | None:
        try:
            if unit == SCHOOL_DAYS:
                return self.days.add_school_days(on, n)
            if unit == WORKING_DAYS:
                return self.days.add_working_days(on, n)
        except CalendarRefusal:
            return None
        return on + timedelta(days=n)

    def _first(self, deeds: Sequence[Deed]) -> Deed | None:
        if not deeds:
            return None
        return min((d for d in deeds if d.on <= self.day), default=None)

    def _verify(self) -> Iterator[_Duty]:
        on, pack = self.facts.suspected_on, self._pack(self.facts.suspected_on)
        register = self.facts.source is SuspicionSource.REGISTER
        n, unit = (
            (pack.finding_within, WORKING_DAYS) if register else (pack.verify_within, SCHOOL_DAYS)
        )
        known = [*self.facts.verified, self.facts.cleared, self.facts.determined, self.back]
        done = self._first([deed for deed in known if deed is not None])
        rule = "finding_10" if register else "verification_5"
        due = self._due(on, n, unit)
        yield _Duty("verify", on, due, unit, Role.PRINCIPAL, rule, done, self.over)

    def _attending(self) -> Iterator[_Duty]:
        for on, until in self.facts.attendance.attending:
            if on > self.day:
                continue
            due = self._due(on, self._pack(on).attending_decision, SCHOOL_DAYS)
            decided = [d for d in (self.facts.cleared, self.facts.determined) if d and d.on >= on]
            if self.back is not None:  # dated to the first day attended, it lies before ``on``
                decided.append(self.back)
            done = self._first(decided)
            ended = Deed(until, "") if until is not None and until <= self.day else self.over
            yield _Duty(
                "attending_decision",
                on,
                due,
                SCHOOL_DAYS,
                Role.PRINCIPAL,
                "attending_decision_3",
                done,
                ended,
            )

    def _persuade(self) -> Iterator[_Duty]:
        on, pack = self.facts.suspected_on, self._pack(self.facts.suspected_on)
        over, rounds = self._stopped, self.facts.rounds
        table = (
            (Tier.SCHOOL, pack.persuade_school, SCHOOL_DAYS, Role.PRINCIPAL, "school"),
            (
                Tier.SCHOOL_VILLAGE,
                pack.persuade_village,
                SCHOOL_DAYS,
                Role.VILLAGE_OFFICER,
                "village",
            ),
            (
                Tier.TOWNSHIP,
                pack.persuade_township,
                CALENDAR_DAYS,
                Role.TOWNSHIP_OFFICER,
                "township",
            ),
        )
        for tier, n, unit, role, name in table:
            enough = TIERS[TIERS.index(tier) :]
            held = [Deed(r.on, r.event) for r in rounds if r.tier in enough] if rounds else ()
            done, due = self._first(held), self._due(on, n, unit)
            rule = f"persuasion_{name}"
            yield _Duty(f"persuade_{name}", on, due, unit, role, rule, done, over)

    def _report(self) -> Iterator[_Duty]:
        failed = [
            r.on
            for r in self.facts.rounds
            if r.tier is Tier.SCHOOL and r.outcome in FAILED and r.on <= self.day
        ]
        if failed:
            on = min(failed)
            due = on + timedelta(days=-(-self._pack(on).report_hours // 24))
            done = self._first([d for d in self.facts.reports if d.on >= on])
            over = self._stopped
            yield _Duty(
                "written_report", on, due, HOURS, Role.PRINCIPAL, "written_report_24h", done, over
            )

    def _determine(self) -> Iterator[_Duty]:
        """Due once days and rounds are there: within the days that a check is given."""
        pack = self._pack(self.facts.suspected_on)
        back, over = self.back, self.over
        away = [
            day
            for day in self.facts.attendance.unexplained
            if (back is None or day < back.on) and (over is None or day <= over.on)
        ]
        rounds = sorted(r.on for r in self.facts.rounds)
        if len(away) < pack.dropout_days or len(rounds) < pack.dropout_rounds:
            return
        on = max(away[pack.dropout_days - 1], rounds[pack.dropout_rounds - 1])
        if on <= self.day:
            due = self._due(on, pack.verify_within, SCHOOL_DAYS)
            done = _by(self.facts.determined, self.day)
            over = self._stopped
            yield _Duty(
                "determine",
                on,
                due,
                SCHOOL_DAYS,
                Role.BUREAU_OFFICER,
                "dropout_determination_20",
                done,
                over,
            )

    def _letters(self) -> Iterator[_Duty]:
        for sent, reply_by, answered in self.facts.letters:
            if sent.on <= self.day:
                done = _by(answered, self.day)
                yield _Duty(
                    "letter_reply",
                    sent.on,
                    reply_by,
                    CALENDAR_DAYS,
                    Role.BUREAU_OFFICER,
                    "letter_reply",
                    done,
                    self.over,
                )

    def _return(self) -> Iterator[_Duty]:
        if self.back is None:
            return
        on = self.back.on
        due = self._due(on, self._pack(on).return_days, SCHOOL_DAYS)
        done = _by(self.facts.confirmed, self.day)
        yield _Duty(
            "return_confirm",
            on,
            due,
            SCHOOL_DAYS,
            Role.PRINCIPAL,
            "return_confirm_3",
            done,
            self.over,
        )

    def _daily(self) -> Iterator[_Duty]:
        """Each of the first school days after the return: its class reports on it. Void on the
        day that ends the case, too: a child put on leave that day is off the roll of all of it.
        """
        if self.back is None:
            return
        told = set(self.facts.attendance.reported)
        for n in range(1, self._pack(self.back.on).follow_daily + 1):
            on = self._due(self.back.on, n, SCHOOL_DAYS)
            if on is None or on > self.day:
                return
            ended = self.over if self.over is not None and self.over.on <= on else None
            done = Deed(on, "") if on in told and ended is None else None
            yield _Duty(
                "follow_daily",
                on,
                on,
                SCHOOL_DAYS,
                Role.CLASS_TEACHER,
                "follow_up_daily",
                done,
                ended,
            )

    def _by_person(self) -> Iterator[_Duty]:
        """Weeks, then months, to the end of the next term: a person follows up in each."""
        if self.back is None:
            return
        months = self._pack(self.back.on).follow_weekly_months
        end = self.days.term_end(self.back.on)
        for kind, first, due in follow_up_days(self.back.on, months, end):
            if first > self.day:
                return
            made = [Deed(f.on, f.event) for f in self.facts.follow_ups if f.on >= first]
            unit = MONTHS if kind == "monthly" else CALENDAR_DAYS
            yield _Duty(
                f"follow_{kind}",
                first,
                due,
                unit,
                Role.CASE_TEACHER,
                f"follow_up_{kind}",
                self._first(made),
                _before(self.over, due),
            )

    def _alarms(self) -> Iterator[_Duty]:
        """Two days away again: somebody goes there the same day."""
        facts = self.facts
        seen = [Deed(r.on, r.event) for r in facts.rounds if r.visit]
        seen += [Deed(f.on, f.event) for f in facts.follow_ups if f.kind is FollowUpKind.VISIT]
        seen += facts.visits
        for on in facts.attendance.alarms:
            if on <= self.day:
                done = self._first([d for d in seen if d.on >= on])
                yield _Duty(
                    "relapse_visit",
                    on,
                    on,
                    SCHOOL_DAYS,
                    Role.CASE_TEACHER,
                    "follow_up_absent_2",
                    done,
                    _before(self.over, on),
                )


def _by(deed: Deed | None, day: date) -> Deed | None:
    return deed if deed is not None and deed.on <= day else None


def _earlier(one: Deed | None, other: Deed | None) -> Deed | None:
    """Of two deeds that there may be the one done first."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)


def _before(deed: Deed | None, day: date) -> Deed | None:
    """What ended the work before a duty's own day; the same day leaves it standing."""
    return deed if deed is not None and deed.on < day else None


def _outcome(duty: _Duty, day: date) -> tuple[Outcome, date | None, str | None]:
    done, over, due = duty.done, duty.over, duty.due_on
    if done is not None and over is not None and over.on < done.on:
        done = None  # what it was for had ended before
    if done is not None and (due is None or done.on <= due):
        return Outcome.KEPT, done.on, done.event or None
    if over is not None and (due is None or over.on <= due):
        return Outcome.VOID, over.on, over.event or None
    if due is not None and day > due:
        return Outcome.MISSED, due, done.event if done is not None else None
    return Outcome.OPEN, None, None
