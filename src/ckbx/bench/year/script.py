"""The facts of the year: who stays away, which class is silent, what people do and when.

Only facts stand here. What has to be told about them stands in :mod:`ckbx.bench.year.expected`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import NamedTuple

from ckbx.bench.year import acts, alert_acts, case_acts, focus_acts
from ckbx.bench.year.acts import Do
from ckbx.bench.year.answers import ANSWERS
from ckbx.bench.year.days import (
    AUTUMN,
    BEGINS,
    LESSONS_2027,
    NEXT_AUTUMN,
    OFF_2027,
    SCHOOL,
    SPRING,
    WORKING,
    YEAR_KNOWN,
    day_of,
)
from ckbx.bench.year.world import MOVED_UP, SIZE, UNSET, Kid, Site, World
from ckbx.domain.attendance.marks import Reason
from ckbx.domain.case.codes import FollowUpKind, RoundOutcome, Tier
from ckbx.domain.legal.codes import PaperKind
from ckbx.domain.recheck.sampling import Quarter
from ckbx.domain.report.months import Month
from ckbx.domain.responsibility.post import Role, Scope, ScopeKind

EARLY, MORNING, FORENOON, AFTERNOON = "07:30", "08:30", "09:00", "14:00"
LATE, AFTER_RISING = "11:00", "15:00"
ONE_DAY = timedelta(days=1)
U, SICK, PERSONAL = Reason.UNEXPLAINED, Reason.SICK, Reason.PERSONAL
FIRST, NINTH, LEAVING = 2026, 2018, 2017


class Act(NamedTuple):
    """What somebody does; ``once``: for the county, not for each of its schools."""

    day: date
    hour: str
    do: Do
    once: bool = False


class Call(NamedTuple):
    """Somebody rings the guardian on a day about the absence of a day."""

    kid: Kid
    absent_on: date
    day: date
    reached: bool


class Script:
    """All facts of the year, the same for every school."""

    def __init__(self) -> None:
        self.acts: list[Act] = []
        self.away: dict[date, dict[Kid, Reason]] = {}
        self.silent: dict[tuple[date, int], str | None] = {}
        self.closed: dict[date, date] = {}
        self.more: dict[tuple[date, int], int] = {}
        self.listed: dict[Kid, date] = {}
        self.calls: list[Call] = []
        self.visits: set[tuple[Kid, date]] = set()
        for story in STORIES:
            story(self)

    def on(self, day: date, hour: str, *dos: Do, once: bool = False) -> None:
        """Somebody does this."""
        self.acts += [Act(day, hour, do, once) for do in dos]

    def absent(self, kid: Kid, days: Iterable[date], why: Reason = U) -> None:
        """A child is away."""
        for day in days:
            self.away.setdefault(day, {})[kid] = why

    def on_list(self, kid: Kid, day: date) -> None:
        """A child is on the focus list from a day on."""
        self.listed[kid] = day
        self.on(day, FORENOON, focus_acts.is_listed(kid))

    def called(
        self, kid: Kid, absent_on: date, *, reached: bool = False, day: date | None = None
    ) -> None:
        """Its guardian is called about an absence, the same day if none is named."""
        call = Call(kid, absent_on, day or absent_on, reached)
        self.calls.append(call)
        self.on(call.day, FORENOON, focus_acts.is_called(kid, absent_on, reached=reached))

    def visited(self, kid: Kid, day: date) -> None:
        """Its family is visited."""
        self.visits.add((kid, day))
        self.on(day, AFTERNOON, focus_acts.is_visited(kid))

    def says_nothing(self, entry: int, day: date, until: str | None = None) -> None:
        """A class does not report a day, or not before an hour."""
        self.silent[day, entry] = until


def d(month: int, day: int) -> date:
    """A day of the school year that ends in August 2027."""
    return date(2026 if month > 8 or (month, day) >= (8, BEGINS.day) else 2027, month, day)


def _calendar(script: Script) -> None:
    autumn = acts.sets_term("2026-2027", "秋季", AUTUMN)
    script.on(BEGINS, EARLY, autumn, once=True)
    known = acts.makes_year_known(2027, OFF_2027, LESSONS_2027)
    script.on(YEAR_KNOWN, FORENOON, known, once=True)
    script.on(d(2, 14), FORENOON, acts.sets_term("2026-2027", "春季", SPRING), once=True)
    later = acts.sets_term("2027-2028", "秋季", NEXT_AUTUMN)
    script.on(d(6, 20), FORENOON, later, once=True)
    script.on(d(12, 9), EARLY, acts.taps_closure)
    script.on(d(12, 14), FORENOON, acts.confirms_closure(d(12, 9)))
    for entry in range(NINTH, FIRST + 1):
        script.says_nothing(entry, d(12, 9))


def _classes(script: Script) -> None:
    def first_grade(world: World, site: Site) -> None:
        world.teacher(site, FIRST, since=world.today())
        world.admit(site, FIRST, site.roll(FIRST), grade=1)

    script.on(d(8, 28), FORENOON, first_grade)
    script.on(d(8, 28), FORENOON, lambda w, s: w.teacher(s, UNSET, since=w.today()))
    leaving = [Kid(LEAVING, n) for n in range(1, SIZE + 1)]
    script.on(d(9, 3), FORENOON, acts.graduates(leaving))


def _posts(script: Script) -> None:
    def ends(world: World, site: Site) -> None:
        scope = Scope(ScopeKind.CLASS, site.key(FIRST))
        world.ends(scope, site.account(f"t{FIRST}"), Role.CLASS_TEACHER, d(11, 8))

    def follows(world: World, site: Site) -> None:
        world.teacher(site, FIRST, account="new", since=world.today())

    script.on(d(11, 6), FORENOON, ends)
    script.says_nothing(FIRST, d(11, 11))
    script.on(d(11, 16), EARLY, follows)


def _opening(script: Script) -> None:
    first = [day_of(AUTUMN, n) for n in range(1, 8)]
    script.on(BEGINS, FORENOON, acts.suspends(Kid(NINTH, 1), d(8, 30)))
    script.on(d(9, 1), EARLY, acts.resumes(Kid(NINTH, 1)))
    leaver = Kid(NINTH, 2)
    script.on(BEGINS, FORENOON, acts.starts_transfer(leaver, WORKING.after(BEGINS, 10)))
    script.on(d(8, 26), FORENOON, acts.confirms_transfer(leaver))
    script.says_nothing(2019, first[0], AFTERNOON)
    script.says_nothing(2024, first[3])
    script.absent(Kid(2024, 1), [*first[:3], first[4]])
    script.on(first[6], FORENOON, acts.clears(Kid(2024, 1)))
    script.absent(Kid(2022, 2), first[:3])
    script.absent(Kid(2022, 1), first[:2], SICK)
    moving = [Kid(MOVED_UP, n, primary=True) for n in (1, 2)]
    for kid in moving:
        script.on(first[6], EARLY, acts.starts_transfer(kid, d(9, 30), acts.To.SCHOOL))
        script.on(first[6], EARLY, acts.confirms_transfer(kid, acts.To.SCHOOL))
    script.on(first[6], EARLY, acts.begins_in(moving, MOVED_UP, 7))


def _spring(script: Script) -> None:
    first = [day_of(SPRING, n) for n in range(1, 7)]
    script.says_nothing(2019, first[0])
    script.absent(Kid(2021, 3), first[:5])
    script.on(first[5], FORENOON, acts.clears(Kid(2021, 3)))


def _dropout(script: Script) -> None:
    """Away from the first day; nobody acts for two weeks; determined, back, followed, relapsed."""
    kid = Kid(2023, 1)
    script.absent(kid, SCHOOL.of(d(9, 1), d(10, 16)))
    script.on(d(9, 23), FORENOON, case_acts.verifies(kid), case_acts.names_cause(kid))
    script.on(d(9, 23), FORENOON, case_acts.persuades(kid, Tier.SCHOOL, RoundOutcome.REFUSED))
    script.on(d(9, 24), FORENOON, case_acts.persuades(kid, Tier.TOWNSHIP))
    script.on(d(9, 26), FORENOON, case_acts.reports_failure(kid))
    script.on(d(10, 12), FORENOON, case_acts.determines(kid))
    script.on(d(10, 19), EARLY, case_acts.comes_back(kid))
    script.on(d(10, 26), FORENOON, case_acts.confirms_return(kid))
    script.says_nothing(2023, d(10, 21))
    for day in FOLLOWED:
        script.on(day, FORENOON, case_acts.follows_up(kid))
    script.absent(kid, [d(4, 12), d(4, 13)])
    script.on(d(4, 15), FORENOON, case_acts.follows_up(kid, FollowUpKind.VISIT))
    script.absent(kid, [d(5, 17), d(5, 18), d(5, 19)])
    script.on(d(5, 20), EARLY, case_acts.persuades(kid, Tier.TOWNSHIP, hour="07:00", episode=2))
    script.on(d(5, 20), EARLY, case_acts.comes_back(kid, 2))
    script.on(d(5, 24), FORENOON, case_acts.confirms_return(kid, 2))
    for day in FOLLOWED_AGAIN:
        script.on(day, FORENOON, case_acts.follows_up(kid, episode=2))


_WEEK = timedelta(days=7)
FOLLOWED = (
    d(10, 22),
    d(11, 5),
    *(d(11, 11) + n * _WEEK for n in range(10)),
    d(1, 19),
    d(3, 3),
    d(5, 4),
)
"""Not in the second week (27 October to 2 November), nor in the month to 19 February."""
FOLLOWED_AGAIN = tuple(d(5, 22) + n * _WEEK for n in range(13))
"""Thirteen weeks; three months are a day longer, and nobody comes on that day."""


def _fined(script: Script) -> None:
    """Away for good, everything of the case in time; the four legal steps, each unheeded."""
    kid, kinds = Kid(2022, 4), PaperKind
    script.on(d(9, 10), FORENOON, case_acts.may_fine, once=True)
    script.absent(kid, SCHOOL.of(d(9, 14), d(10, 16)))
    script.on(d(9, 18), FORENOON, case_acts.verifies(kid), case_acts.names_cause(kid))
    script.on(d(9, 21), FORENOON, case_acts.persuades(kid, Tier.TOWNSHIP))
    script.on(d(9, 22), FORENOON, case_acts.persuades(kid, Tier.TOWNSHIP))
    script.on(d(10, 16), FORENOON, case_acts.determines(kid))
    notice = case_acts.issues(kid, kinds.PERSUASION_NOTICE, due_days=5)
    script.on(d(10, 19), FORENOON, notice, case_acts.serves(kid, 1))
    order = case_acts.issues(kid, kinds.ORDER_TO_ATTEND, due_days=10)
    script.on(d(10, 26), FORENOON, order, case_acts.serves(kid, 2))
    script.on(d(11, 9), FORENOON, case_acts.issues(kid, kinds.FINE_NOTICE, amount=500))
    script.on(d(11, 9), FORENOON, case_acts.serves(kid, 3))
    fine = case_acts.issues(kid, kinds.FINE_DECISION, amount=500, due_days=15, pay_by=d(12, 15))
    script.on(d(11, 18), FORENOON, fine)
    script.on(d(11, 30), FORENOON, case_acts.serves(kid, 4))
    script.on(d(6, 7), FORENOON, case_acts.issues(kid, kinds.REMINDER), case_acts.serves(kid, 5))


def _absences(script: Script) -> None:
    script.absent(Kid(2025, 1), SCHOOL.of(d(11, 3), d(11, 5)))
    script.visited(Kid(2025, 1), d(11, 4))
    script.absent(Kid(2025, 2), [d(11, n) for n in (2, 4, 6, 10, 12)])
    script.absent(Kid(2025, 2), [d(11, 13)], SICK)
    script.absent(Kid(2025, 3), SCHOOL.of(d(11, 2), d(11, 13)), SICK)
    script.absent(Kid(2025, 4), SCHOOL.of(d(11, 16), d(11, 20)), PERSONAL)
    script.more[d(10, 13), FIRST] = 1


def _focus(script: Script) -> None:
    """Nobody reached: one day away; two days; reached the next day, and away again; on no list;
    visited the same day, and away again. And one who was reached at once, and stays away.
    """
    for number in (2, 3, 4, 5, 7):
        script.on_list(Kid(2024, number), d(10, 26))
    away = {2: (17,), 3: (17, 18), 4: (17, 19), 5: (17, 18), 6: (17,), 7: (17, 18)}
    for number, days in away.items():
        kid = Kid(2024, number)
        script.absent(kid, [d(11, day) for day in days])
        script.called(kid, d(11, 17), reached=number == 5)
    script.absent(Kid(2024, 4), [d(11, 18)], SICK)
    script.called(Kid(2024, 4), d(11, 17), reached=True, day=d(11, 18))
    script.visited(Kid(2024, 3), d(11, 18))
    script.visited(Kid(2024, 7), d(11, 17))


def _attending(script: Script) -> None:
    """Suspected, and in class again while the principal does not decide."""
    kid = Kid(2022, 3)
    script.absent(kid, SCHOOL.of(d(10, 12), d(10, 16)))
    script.on(d(10, 19), FORENOON, case_acts.verifies(kid))
    script.on(d(10, 20), FORENOON, case_acts.persuades(kid, Tier.SCHOOL_VILLAGE))
    script.on(d(10, 28), FORENOON, acts.clears(kid))


def _leaves(script: Script) -> None:
    kid = Kid(2020, 1)
    script.on(d(9, 15), FORENOON, acts.suspends(kid, d(12, 15)))
    script.on(d(12, 22), EARLY, acts.resumes(kid))
    later = Kid(2020, 2)
    script.on(d(11, 23), FORENOON, acts.suspends(later, d(2, 26)))
    script.on(d(3, 1), EARLY, acts.resumes(later))
    script.on(d(10, 14), FORENOON, acts.is_placed(Kid(2025, 5), d(12, 14)))
    home = Kid(2020, 4)
    script.on(d(9, 14), FORENOON, acts.teaches_at_home(home, d(6, 30), 2))
    for month in (9, 10, 11, 12, 1, 3, 4, 5, 6):
        for day in (16, 23)[: 1 if month == 11 else 2]:
            script.on(d(month, day), FORENOON, acts.is_taught(home))


def _moves(script: Script) -> None:
    lapsed = Kid(2019, 1)
    script.on(d(11, 9), FORENOON, acts.starts_transfer(lapsed, WORKING.after(d(11, 9), 10)))
    script.on(d(11, 25), FORENOON, acts.clears(lapsed))
    moved = Kid(2021, 1)
    until = WORKING.after(d(12, 1), 10)
    script.on(d(12, 1), FORENOON, acts.starts_transfer(moved, until, acts.To.PRIMARY))
    script.on(d(12, 3), FORENOON, acts.confirms_transfer(moved, acts.To.PRIMARY))
    script.on(
        d(12, 22),
        EARLY,
        acts.begins_in([moved], 2021, 6, primary=True),
        lambda w, s: w.teacher(s, 2021, account="tp", since=w.today(), primary=True),
    )
    missing, elsewhere = Kid(2019, 2), Kid(2019, 3)
    script.on(d(10, 12), FORENOON, acts.goes_missing(missing, d(3, 11)))
    script.on(d(3, 15), FORENOON, acts.looks_again(missing, date(2027, 8, 12), "ref:8"))
    script.on(d(10, 12), FORENOON, acts.studies_elsewhere(elsewhere, d(3, 11)))
    script.on(d(3, 5), FORENOON, acts.looks_again(elsewhere, date(2027, 8, 12), "ref:9"))


def _register(script: Script) -> None:
    """A finding in a register: checked late; a letter that nobody answers in time."""
    kid = Kid(2021, 2)
    script.on(d(11, 16), FORENOON, acts.is_found_in_a_register(kid))
    script.on(d(11, 17), FORENOON, case_acts.persuades(kid, Tier.TOWNSHIP))
    script.on(d(11, 17), FORENOON, case_acts.sends_letter(kid, d(11, 27)))
    script.on(d(12, 2), FORENOON, case_acts.hears_back(kid), acts.clears(kid))


def _reports(script: Script) -> None:
    for month in (9, 10, 12, 1, 3, 4, 5, 6):
        script.on(d(month, 27), FORENOON, acts.signs_month(_month(month)))
    script.on(d(11, 30), FORENOON, acts.signs_month(_month(11)))
    script.on(date(2027, 7, 27), FORENOON, acts.signs_month(Month(2027, 7)))
    for month in (12, 1, 3, 4, 5, 6, 7):
        day = date(2026 if month == 12 else 2027, month, 27)
        script.on(day, FORENOON, acts.signs_month(_month(month), primary=True))
    for month in (9, 10, 11, 12, 1, 3, 4, 5, 6, 7):
        own, number = _month(month), 7 if month == 12 else 4
        on = date(own.next.year, own.next.number, number)
        script.on(on, FORENOON, acts.sums_up(own), once=True)


def _backups(script: Script) -> None:
    """On Mondays, but for the two of the spring festival."""
    for week in range(1, 55):
        day = BEGINS + timedelta(weeks=week)
        if day not in (d(2, 8), d(2, 15)):
            script.on(day, FORENOON, acts.backs_up, once=True)


def _answers(script: Script) -> None:
    for answer in ANSWERS:
        script.on(answer.day, answer.hour, alert_acts.answers(answer))


def _county(script: Script) -> None:
    script.on(d(1, 20), FORENOON, alert_acts.audits, once=True)
    recheck = alert_acts.rechecks_quarter(Quarter(2027, 2), Kid(2023, 1))
    script.on(d(6, 10), FORENOON, recheck, once=True)


def _late(script: Script) -> None:
    """One class reports an hour late, another one after the principal has been told."""
    script.says_nothing(2018, d(10, 27), LATE)
    script.says_nothing(2020, d(10, 28), AFTER_RISING)


def _month(number: int) -> Month:
    return Month(2026 if number > 8 else 2027, number)


STORIES = (
    _calendar,
    _classes,
    _posts,
    _opening,
    _spring,
    _dropout,
    _fined,
    _absences,
    _focus,
    _attending,
    _leaves,
    _moves,
    _register,
    _reports,
    _backups,
    _answers,
    _county,
    _late,
)
