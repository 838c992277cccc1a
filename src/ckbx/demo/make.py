"""How is the demo county made? Day by day, through the use cases of a real one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from functools import partial
from random import Random
from typing import Final
from uuid import UUID

import msgspec

from ckbx.application.unit import Unit
from ckbx.clock import local_day
from ckbx.demo.acts import Office, confirm_by
from ckbx.demo.care_acts import CareActs
from ckbx.demo.care_script import CARE
from ckbx.demo.case_acts import CaseActs
from ckbx.demo.case_script import CASE, LEGAL
from ckbx.demo.chain import HEADINGS as CHAIN_HEADINGS
from ckbx.demo.chain import ChainMaker, class_code, grade_account, teacher_account
from ckbx.demo.county import NAME, SNOWY, MadeUp, Pupil, make_county
from ckbx.demo.days import SchoolDays
from ckbx.demo.names import REGION
from ckbx.demo.oversight import Oversight
from ckbx.demo.story import Story, write_story
from ckbx.demo.terms import HEADINGS as CALENDAR_HEADINGS
from ckbx.demo.terms import DemoTerm, calendar_rows, two_terms
from ckbx.demo.waiting_acts import WaitingActs
from ckbx.demo.walk import Walk
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.domain.child import departures
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child.child import Child
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import grade_of, split_class_key
from ckbx.imports.calendar_file import import_calendar
from ckbx.imports.chain import import_chain
from ckbx.imports.roster import import_roster

SEED: Final = 20260901
ROSTER_HEADINGS: Final = (
    "学校标识码", "学校名称", "年级", "班级", "姓名", "性别", "出生日期", "身份证件类型",
    "身份证件号", "学籍号", "户籍地区划", "现住址区划", "现住址", "监护人", "联系电话", "特殊群体",
)  # fmt: skip
_DUE_AT: Final = frozenset({1, 2, 4, 8, 15, 30, 60, 100})
"""How many school days before the end the clock's run takes place in the story."""
Tell = Callable[[int, int, str], None]


class Made(msgspec.Struct):
    """What was made. ``confirmed_years``: calendar years the county had to make known;
    ``waits``: by role, the account for which something lies waiting.
    """

    schools: int = 0
    classes: int = 0
    pupils: int = 0
    roll_calls: int = 0
    first_day: date | None = None
    last_day: date | None = None
    confirmed_years: list[int] = []
    cast: dict[str, list[str]] = {}
    waits: dict[str, str] = {}


def make_demo(
    walk: Walk,
    students: int,
    now: datetime,
    due: Callable[[datetime], object],
    tell: Tell,
    *,
    lessons_today: bool = False,
) -> Made:
    """Fill a new, empty store with the demo county as it is at ``now`` (UTC).

    ``due`` does what is due by an instant; ``tell`` hears (done, of, what). ``lessons_today``:
    within the term there are lessons, also on a weekend. Raises DemoFailed.
    """
    return _Maker(walk, students, now, due, tell).make(lessons_today=lessons_today)


class _Maker:
    def __init__(
        self,
        walk: Walk,
        students: int,
        now: datetime,
        due: Callable[[datetime], object],
        tell: Tell,
    ) -> None:
        self.walk, self.now, self.due, self.tell = walk, now, due, tell
        self.rng = Random(SEED)  # noqa: S311 - the same county each time
        self.today = local_day(now, walk.clock.zone)
        self.terms = two_terms(self.today)
        earlier, later = self.terms
        self.two_years = earlier.school_year != later.school_year
        self.county: MadeUp = make_county(
            students, later.school_year, self.rng, two_years=self.two_years
        )
        self.chain = ChainMaker(self.county, self.rng)
        self.office = Office(walk, later.school_year)
        self.cases = CaseActs(walk, self.county)
        self.cares = CareActs(walk, self.county)
        self.waiting = WaitingActs(walk, self.county)
        self.ids: dict[str, UUID] = {}
        self.snow: dict[date, list[date]] = {}

    def make(self, *, lessons_today: bool = False) -> Made:
        earlier = self.terms[0]
        made = Made(schools=len(self.county.schools), first_day=earlier.first_day)
        self._before_school(earlier, made)
        if lessons_today:
            self._lessons_today()
        days = self._calendar().school_days(earlier.first_day, self.today - timedelta(days=1))
        story = write_story(self.county, days, self.rng)
        mornings = SchoolDays(self.walk, self.county, story, self.ids, self.rng)
        self._snow(story)
        oversight = Oversight(self.walk, self.county, days)
        for number, day in enumerate(days):
            self.tell(number, len(days), f"{day:%m 月 %d 日}")
            self._between_terms(day, days)
            self._one_day(mornings, story, day)
            oversight.evening(day)
            if len(days) - number in _DUE_AT:
                self._run_due(day)
        made.last_day = days[-1]
        if self._this_morning(mornings, days[-1]):
            made.last_day = self.today
        self.walk.finish()
        self.walk.clock.at = max(self.walk.clock.at, self.now)
        oversight.look_again(self.today)
        self.due(self.now)
        made.roll_calls = mornings.handed_in
        made.classes = len(self.county.classes(later=True))
        made.pupils = sum(1 for pupil in self.county.pupils if pupil.now)
        made.cast = {role: [p.student_no for p in of] for role, of in sorted(story.cast.items())}
        made.waits = self.waiting.waits(story)
        return made

    def _run_due(self, day: date) -> None:
        """The clock's run of an evening, so that its alerts were raised when they fell due."""
        self.walk.go(day, time(18, 30))
        self.walk.finish()
        self.due(self.walk.now)

    def _calendar(self, school: str | None = None) -> SchoolCalendar:
        return self._calendars(school).for_school(school)

    def _calendars(self, school: str | None = None) -> CountyCalendars:
        office = self.walk.lane.office
        unit = Unit(office.map, self.walk.context("bureau"))
        return office.calendars(unit, school)

    # ------------------------------------------------------------ before the first day

    def _before_school(self, term: DemoTerm, made: Made) -> None:
        walk, first = self.walk, term.first_day
        walk.go(first - timedelta(days=12), time(9, 30))
        self._name()
        rows, made.confirmed_years = calendar_rows(self.terms)
        walk.bring("校历", import_calendar, CALENDAR_HEADINGS, rows)
        walk.go(first - timedelta(days=9), time(10, 15))
        since = date(first.year - 1, 8, 20)
        posts = [*self.chain.regions(since), *self.chain.schools(since)]
        walk.bring("责任链", import_chain, CHAIN_HEADINGS, posts)
        walk.go(first, time(7, 5))
        classes = self.county.classes(later=False)
        self._roster(classes, term, "花名册")
        self._teachers(sorted(classes), term)

    def _lessons_today(self) -> None:
        """Whoever looks on a Saturday finds a class to call as well: other days off stay off."""
        later = self.terms[1]
        if later.first_day < self.today <= later.last_day:
            if self._calendar().is_school_day(self.today):
                return
            row = ("", "", "", "", REGION, self.today.isoformat(), "补课", "示例：今天也能试点名")
            self.walk.bring("补课", import_calendar, CALENDAR_HEADINGS, [row])

    def _name(self) -> None:
        office = self.walk.lane.office

        def name(unit: Unit) -> bytes:
            office.county_of(unit).call(unit.ctx, code=REGION, name=NAME)
            return b"named"

        self.walk.submit("县名", "bureau", name)

    def _roster(self, classes: Mapping[str, list[Pupil]], term: DemoTerm, step: str) -> None:
        rows = []
        for key, pupils in classes.items():
            school, entry, number = split_class_key(key)
            place = (
                school,
                self.county.school(school).name,
                str(grade_of(entry, term.school_year)),
                str(number),
            )
            rows += [(*place, *_person(pupil)) for pupil in pupils]
        self.walk.bring(step, import_roster, ROSTER_HEADINGS, rows, effective=term.first_day)
        numbers = [pupil.student_no for pupils in classes.values() for pupil in pupils]
        found = self.walk.store.vault.find_many("student_no", numbers)
        self.ids |= {number: ids[0] for number, ids in found.items()}

    def _teachers(self, keys: list[str], term: DemoTerm) -> None:
        rows = self.chain.classes(keys, term.school_year, term.first_day)
        self.walk.bring(f"班主任{term.first_day}", import_chain, CHAIN_HEADINGS, rows)

    def _handovers(self, story: Story, day: date) -> None:
        """A class gets another teacher; a grade and a village have nobody for the time being."""
        chain, rows = self.chain, []
        if day == story.day(24):
            key = story.cast["open"][0].now
            year = self.terms[day >= self.terms[1].first_day].school_year
            rows = chain.successor(teacher_account(key), class_code(key, year), day)
        elif day == story.day(15):
            school = self.county.schools[1]
            eve = day - timedelta(days=1)
            village = len(self.county.villages) - 2
            rows = [
                chain.ends(grade_account(school.code, school.grades[-1]), eve),
                chain.ends(f"village{village}", eve),
            ]
        elif day == story.day(3):
            rows = chain.pupils(story.cast["open"][2:] + story.cast["attending"], day)
        if rows:
            self.walk.go(day, time(17, 0))
            self.walk.bring(f"责任链{day}", import_chain, CHAIN_HEADINGS, rows)

    # ----------------------------------------------------------------- day by day

    def _one_day(self, mornings: SchoolDays, story: Story, day: date) -> None:
        term, classes, by_name = self._of_day(day)
        mornings.morning(day, self._open(classes, day), term.school_year, by_name=by_name)
        if day == story.day(0):
            self.waiting.tap(story)
        for act in sorted((a for a in story.acts if a.day == day), key=lambda a: a.at):
            child = self.ids[act.pupil.student_no]
            if act.kind.startswith(CASE):
                self.cases.act(act, child)
            elif act.kind.startswith(CARE):
                self.cares.act(act, child, story.days[-1])
            elif act.kind.startswith(LEGAL):
                self.waiting.act(act, child)
            else:
                self.office.act(act, child, confirm_by(self._calendars(), day))
        mornings.late(day, classes, term.school_year, since=term.first_day)
        mornings.amendments(day, classes, term.school_year)
        self._forecast(day)
        self._handovers(story, day)

    def _of_day(self, day: date) -> tuple[DemoTerm, dict[str, list[Pupil]], set[str]]:
        """The term, its classes, and those whose children are still named one by one."""
        later = day >= self.terms[1].first_day
        classes = self.county.classes(later=later)
        new = later and self.two_years and day <= self.terms[1].first_day + timedelta(days=9)
        by_name = {key for key, of in classes.items() if new and not all(p.steady for p in of)}
        return self.terms[later], classes, by_name

    def _this_morning(self, mornings: SchoolDays, yesterday: date) -> bool:
        """Today's roll calls as far as the morning has come; False when there are none yet."""
        now = self.now.astimezone(self.walk.clock.zone)
        first = self.terms[1].first_day
        if not self._calendar().is_school_day(self.today) or yesterday < first <= self.today:
            return False
        term, classes, by_name = self._of_day(self.today)
        before = mornings.handed_in
        mornings.as_yesterday(self.today, yesterday)
        mornings.morning(
            self.today,
            self._open(classes, self.today),
            term.school_year,
            by_name=by_name,
            until=now.time(),
        )
        return mornings.handed_in > before

    def _open(self, classes: dict[str, list[Pupil]], day: date) -> dict[str, list[Pupil]]:
        """Without the classes of schools that are closed that day."""
        closed = {
            school.code
            for school in self.county.schools
            if not self._calendar(school.code).is_school_day(day)
        }
        return {k: v for k, v in classes.items() if k.split("/")[0] not in closed}

    def _snow(self, story: Story) -> None:
        """Snow closes a mountain school; the bureau enters it the day before."""
        days = story.days
        self.snow = {story.day(13): days[-13:-11], days[4]: days[5:7]}
        closed = {day for snowy in self.snow.values() for day in snowy}
        for key, day in [*story.silent]:
            if day in closed and key.startswith(SNOWY):
                story.silent.discard((key, day))
                story.late.pop((key, day), None)

    def _forecast(self, day: date) -> None:
        if day in self.snow:
            self.walk.go(day, time(16, 45))
            rows = [
                ("", "", "", "", SNOWY, closed.isoformat(), "停课", "降雪道路结冰")
                for closed in self.snow[day]
            ]
            self.walk.bring(f"停课{day}", import_calendar, CALENDAR_HEADINGS, rows)

    # ------------------------------------------------------------- between the terms

    def _between_terms(self, day: date, days: list[date]) -> None:
        earlier, later = self.terms
        first = next((each for each in days if each >= later.first_day), None)
        if day != first or not self.two_years:
            return
        self._graduate(earlier.last_day + timedelta(days=1))
        self._leave_primary(later.first_day - timedelta(days=6))
        self.walk.go(later.first_day, time(7, 2))
        self._begin_again(later)
        fresh = {k: [p for p in of if not p.then] for k, of in self._classes(later=True).items()}
        entrants = {k: of for k, of in fresh.items() if of}
        self._roster(entrants, later, "一年级花名册")
        known = self._classes(later=False)
        keys = [key for key in self._classes(later=True) if key not in known]
        self._teachers(keys, later)

    def _classes(self, *, later: bool) -> dict[str, list[Pupil]]:
        return self.county.classes(later=later)

    def _graduate(self, on: date) -> None:
        """毕业 of the ninth grade."""
        self.walk.go(on, time(10, 0))
        for key, pupils in self._classes(later=False).items():
            if all(not pupil.now for pupil in pupils):
                children = [self.ids[p.student_no] for p in pupils]
                decision = partial(departures.graduate, on=on)
                self.office.decide_all(
                    f"{key} 毕业", f"registrar{key[:10]}", dict.fromkeys(children, decision)
                )

    def _leave_primary(self, on: date) -> None:
        """小升初: the primary school starts the transfer, the junior school confirms it."""
        moving = {
            key: [p for p in of if p.now and not p.steady]
            for key, of in self._classes(later=False).items()
        }
        groups = {key: of for key, of in moving.items() if of}
        for day, at, start in ((on, time(9, 0), True), (on + timedelta(days=3), time(9, 0), False)):
            self.walk.go(day, at)
            for key, pupils in groups.items():
                decisions = {
                    self.ids[p.student_no]: self._step(p, day, start=start) for p in pupils
                }
                self.office.decide_all(f"{key} 小升初", f"registrar{key[:10]}", decisions)

    def _step(self, pupil: Pupil, day: date, *, start: bool) -> Callable[..., None]:
        school = pupil.now.split("/")[0]
        if start:
            return partial(
                departures.start_transfer,
                on=day,
                receiving_school=school,
                document=f"小升初〔{day.year}〕1号",
                confirm_by=confirm_by(self._calendars(), day),
            )
        paper = self.office.paper("初中录取名册")
        return partial(
            departures.confirm_transfer, on=day, receiving_school=school, evidence_ref=paper
        )

    def _begin_again(self, term: DemoTerm) -> None:
        """Everybody goes up a grade; the new seventh grades begin."""
        for key, pupils in self._classes(later=True).items():
            grade = grade_of(split_class_key(key)[1], term.school_year)
            stayed = [self.ids[p.student_no] for p in pupils if p.then == key]
            came = [self.ids[p.student_no] for p in pupils if p.then not in ("", key)]
            if stayed:
                decision = partial(_promote, key=key, grade=grade, on=term.first_day)
                step = f"{key} 升级"
                self.office.decide_all(
                    step, f"registrar{key[:10]}", dict.fromkeys(stayed, decision)
                )
            if came:
                self.office.enrol(key, came, grade, term.first_day)


def _promote(child: Child, ctx: CommandContext, *, key: str, grade: int, on: date) -> None:
    """升级 of a child that still sits in the class."""
    if child.class_key == key:
        child.trigger_event(lv.Promoted, ctx, occurred_on=on, class_key=key, grade=grade)


def _person(pupil: Pupil) -> tuple[str, ...]:
    return (
        pupil.name,
        "男" if pupil.male else "女",
        pupil.birth,
        "居民身份证",
        pupil.id_number,
        pupil.student_no,
        pupil.village,
        pupil.residence or pupil.village,
        f"{pupil.number % 9 + 1}组{pupil.number % 37 + 1}号",
        pupil.guardian,
        pupil.phone,
        pupil.marks,
    )
