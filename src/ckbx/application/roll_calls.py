"""点名上报: a class hands in a day; warnings and suspicions stand in the same append."""

from __future__ import annotations

import hashlib
from collections.abc import MutableMapping, Sequence
from datetime import date
from functools import lru_cache
from uuid import UUID, uuid4
from weakref import WeakKeyDictionary

from ckbx.application.books import StoredHistory, open_book, term_key
from ckbx.application.office import Office
from ckbx.application.rule_alerts import RuleAlerts
from ckbx.application.unit import Unit
from ckbx.domain.attendance.book import (
    ClassBook,
    Entry,
    Recorded,
    Submission,
    conclude,
    record,
    rejudge,
)
from ckbx.domain.attendance.thresholds import ALWAYS, InForce, Schedule, Thresholds
from ckbx.domain.calendar.book import Term
from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.domain.class_roll import errors
from ckbx.domain.class_roll.class_roll import ClassRoll
from ckbx.domain.rules.rule_book import AdoptedRules, RuleBook, rules_stream
from ckbx.domain.shared.errors import CkbxError, InputRefused, RuleRefusal
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import split_class_key
from ckbx.domain.shared.system_actors import ATTENDANCE_RULE, acting
from ckbx.eventlog.ports import Appended

SUBMITTED, REPLAYED = b"submitted", b"replayed"
LIVE, LATE, INITIAL = "live", "late", "initial"
_SCHEDULES: WeakKeyDictionary[RuleBook, tuple[int, Schedule]] = WeakKeyDictionary()


def command_id(county: str, submission: Submission) -> UUID:
    """The command's identity: class, date, session and content (domain §4), so that handing
    in the same sheet twice is one command. A stated correction is a command of its own:
    going back and forth between two sheets is several.
    """
    if submission.correction_note:
        return uuid4()
    parts = (
        county,
        submission.class_key,
        submission.day.isoformat(),
        submission.session.value,
        str(submission.expected),
        str(submission.present),
        ",".join(sorted([f"{c}={r}" for c, r in submission.absent.items()])),
        ",".join(sorted(map(str, submission.seen))),
    )
    return UUID(bytes=hashlib.sha256("|".join(parts).encode()).digest()[:16])


def thresholds(book: RuleBook) -> Schedule:
    """The numbers of the adopted rule packs that the attendance rule uses, and from when."""
    version, known = _SCHEDULES.get(book, (-1, ALWAYS))
    if version != book.version:
        days = {rules.effective_from for rules in book.adopted}
        known = Schedule(_in_force(book.rules_on(day), day) for day in days)
        _SCHEDULES[book] = (book.version, known)
    return known


def _in_force(rules: AdoptedRules, day: date) -> InForce:
    pack = rules.pack
    numbers = Thresholds(
        warn_run=pack.warn_run,
        warn_count=pack.warn_count,
        window=pack.warn_window,
        suspect_run=pack.suspect_run,
        long_personal=pack.long_leave_personal,
        long_excused=pack.long_leave_excused,
        attending_from=pack.attending_from,
        relapse_run=pack.relapse_run,
        relapse_count=pack.relapse_count,
        follow_alarm=pack.follow_alarm_days,
        opening_day=pack.opening_suspect_day,
    )
    return InForce(day.toordinal(), numbers, rules.version)


def rule_book(office: Office, unit: Unit) -> RuleBook:
    """The county's rule packs; the decision rests on them."""
    book = unit.get(rules_stream(office.county), RuleBook)
    unit.depend(book)
    return book


def hand_in(office: Office, ctx: CommandContext, submission: Submission) -> Appended:
    """Record one submission. Raises the refusals of ``class_roll.errors``.

    ``reply`` is ``submitted``, or ``replayed`` when this very sheet was handed in before.
    """
    return office.run(ctx, lambda unit: decide(office, unit, submission))


def decide(office: Office, unit: Unit, submission: Submission) -> bytes | None:
    """The decision of :func:`hand_in`, for callers that carry many commands through."""
    sheets = _Sheets(office, unit)
    sheets.record(submission)
    return sheets.conclude()


def decide_all(
    office: Office,
    unit: Unit,
    submissions: Sequence[Submission],
    refused: MutableMapping[int, CkbxError],
) -> bytes | None:
    """Several submissions in one command, recorded in the order given; then the rule is asked
    once for each class, so that nothing is raised that only held between two of them.

    A submission that is refused leaves the others alone; ``refused`` is filled anew with the
    refusals by place in the order.
    """
    refused.clear()
    sheets = _Sheets(office, unit)
    for n, submission in enumerate(submissions):
        try:
            sheets.record(submission)
        except (InputRefused, RuleRefusal) as error:
            refused[n] = error
    return sheets.conclude()


class _Class:
    """A class of which one command records sheets. ``counted``: did 应到 and the roll of each
    day disagree before?
    """

    def __init__(self, book: ClassBook, calendar: SchoolCalendar) -> None:
        self.book, self.calendar = book, calendar
        self.recorded: list[Recorded] = []
        self.counted: dict[date, tuple[ClassRoll, tuple[int, int] | None]] = {}


class _Sheets:
    """The sheets of one command: each is recorded, then the rule is asked once a class."""

    def __init__(self, office: Office, unit: Unit) -> None:
        self.office, self.unit = office, unit
        self.classes: dict[str, _Class] = {}

    def record(self, submission: Submission) -> None:
        """Record one submission; one handed in before changes nothing. Raises the refusals
        of ``class_roll.errors``; then nothing of it was recorded.
        """
        office, unit, day = self.office, self.unit, submission.day
        school = split_class_key(submission.class_key)[0]
        calendar = office.calendars(unit, school).for_school(school)
        term = _checked_term(submission, calendar, unit.ctx.today)
        rules = rule_book(office, unit).rules_on(day)
        book = open_book(office, unit, submission.class_key, calendar, day)
        if not book.register.exists:
            raise errors.ClassUnknown(class_name=submission.class_name)
        roll = book.rolls[term_key(term)]
        entry = _entry(office, unit, school, day, rules)
        unit.touch((roll,))
        unit.depend(book.register)
        disagreed = roll.mismatch(day.toordinal())
        recorded = record(book, unit.ctx, roll, submission, entry)
        if entry.kind == LIVE:
            office.school(unit, school).go_live(unit.ctx, school=school, on=day)
        if recorded is None:
            return
        unit.touch([book.children[child] for child in recorded.since])
        known = self.classes.setdefault(submission.class_key, _Class(book, calendar))
        known.recorded.append(recorded)
        known.counted.setdefault(day, (roll, disagreed))

    def conclude(self) -> bytes | None:
        """Ask the rule about every class; None when nothing was recorded."""
        for key, each in sorted(self.classes.items()):
            self._ask(key, each)
        return SUBMITTED if self.classes else None

    def _ask(self, key: str, each: _Class) -> None:
        office, unit, book = self.office, self.unit, each.book
        rules = rule_book(office, unit)
        numbers = thresholds(rules)
        history = StoredHistory(office, unit, book, each.calendar, numbers.widest)
        results = conclude(book, unit.ctx, each.recorded, numbers, history)
        unit.touch([child for child, _ in results])
        ruling = acting(unit.ctx, ATTENDANCE_RULE, each.recorded[-1].event)
        alerts = RuleAlerts(office, unit, each.calendar, rules, ctx=ruling)
        for day, (roll, disagreed) in each.counted.items():
            alerts.count(key, roll, day, disagreed=disagreed)
        for child, events in results:
            if events:
                alerts.follow(child, events)


def is_initial(office: Office, unit: Unit, submission: Submission) -> bool:
    """Whether it is of a school's history before its first live submission (domain §3)."""
    rules = rule_book(office, unit).rules_on(submission.day)
    school = split_class_key(submission.class_key)[0]
    return _entry(office, unit, school, submission.day, rules).kind == INITIAL


def _checked_term(submission: Submission, calendar: SchoolCalendar, today: date) -> Term:
    day = submission.day
    if day > today:
        raise errors.FutureDay(day=day, today=today)
    term, has_lessons = _day_of(calendar, day)
    if term is None:
        raise errors.OutsideTerms(day=day)
    if has_lessons is False:
        raise errors.NotATeachingDay(
            day=day, class_name=submission.class_name, kind=calendar.kind_of(day).label
        )
    return term


@lru_cache(maxsize=4096)
def _day_of(calendar: SchoolCalendar, day: date) -> tuple[Term | None, bool | None]:
    """The term of a day and whether it has lessons, shared by the classes of a calendar."""
    return calendar.term_of(day), calendar.is_school_day(day)


def _entry(office: Office, unit: Unit, school: str, day: date, rules: AdoptedRules) -> Entry:
    """Live, late (补录) or initial (初始导入), by domain §3."""
    lag = (unit.ctx.today - day).days
    record = office.school(unit, school)
    if lag <= rules.pack.back_dated_after:
        return Entry(LIVE, lag)
    unit.depend(record)
    return Entry(LATE if record.live_since else INITIAL, lag)


def reassess(office: Office, ctx: CommandContext, class_key: str, since: date) -> Appended:
    """Apply the rule again to a whole class, after its calendar or rules changed on a day."""

    def again(unit: Unit) -> bytes | None:
        apply_rule(office, unit, class_key, since)
        return None

    return office.run(ctx, again)


def apply_rule(office: Office, unit: Unit, class_key: str, since: date) -> None:
    """The decision of :func:`reassess`, for callers with a command of their own."""
    school = split_class_key(class_key)[0]
    calendar = office.calendars(unit, school).for_school(school)
    rules = rule_book(office, unit)
    book = open_book(office, unit, class_key, calendar, since)
    numbers = thresholds(rules)
    history = StoredHistory(office, unit, book, calendar, numbers.widest)
    results = rejudge(book, unit.ctx, since, numbers, history)
    unit.touch(child for child in book.children.values() if child.has_pending)
    ruling = acting(unit.ctx, ATTENDANCE_RULE)
    alerts = RuleAlerts(office, unit, calendar, rules, ctx=ruling)
    for child, events in results:
        alerts.follow(child, events)


def classes_of(office: Office, unit: Unit, schools: Sequence[str]) -> list[str]:
    """Every class key of these schools."""
    return [key for school in schools for key in office.school(unit, school).classes]
