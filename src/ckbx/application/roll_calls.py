"""点名上报: a class hands in a day; warnings and suspicions stand in the same append."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from uuid import UUID, uuid4
from weakref import WeakKeyDictionary

from ckbx.application.books import StoredHistory, open_book, term_key
from ckbx.application.office import Office
from ckbx.application.rule_alerts import RuleAlerts
from ckbx.application.unit import Unit
from ckbx.domain.attendance.book import Entry, Submission, rejudge, submit
from ckbx.domain.attendance.thresholds import ALWAYS, InForce, Schedule, Thresholds
from ckbx.domain.calendar.book import Term
from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.domain.class_roll import errors
from ckbx.domain.rules.rule_book import AdoptedRules, RuleBook, rules_stream
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import split_class_key
from ckbx.domain.shared.system_actors import ATTENDANCE_RULE, acting
from ckbx.eventlog.ports import Appended

SUBMITTED, REPLAYED = b"submitted", b"replayed"
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
    school = split_class_key(submission.class_key)[0]
    calendar = office.calendars(unit, school).for_school(school)
    term = _checked_term(submission, calendar, unit.ctx.today)
    rules = rule_book(office, unit)
    book = open_book(office, unit, submission.class_key, calendar, submission.day)
    if not book.register.exists:
        raise errors.ClassUnknown(class_name=submission.class_name)
    roll = book.rolls[term_key(term)]
    entry = _entry(office, unit, school, submission.day, rules.rules_on(submission.day))
    unit.touch((roll,))
    unit.depend(book.register)
    numbers = thresholds(rules)
    history = StoredHistory(office, unit, book, calendar, numbers.widest)
    disagreed = roll.mismatch(submission.day.toordinal())
    results = submit(book, unit.ctx, roll, submission, entry, numbers, history)
    if results is None:
        return None
    unit.touch([child for child, _ in results])
    ruling = acting(unit.ctx, ATTENDANCE_RULE, roll.last_event)
    alerts = RuleAlerts(office, unit, calendar, rules, ctx=ruling)
    alerts.count(submission.class_key, roll, submission.day, disagreed=disagreed)
    for child, events in results:
        if events:
            alerts.follow(child, events)
    return SUBMITTED


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
    """Live, late (补录) or initial (初始导入), by domain §3; the first live one is noted."""
    lag = (unit.ctx.today - day).days
    record = office.school(unit, school)
    if lag <= rules.pack.back_dated_after:
        record.go_live(unit.ctx, school=school, on=day)
        return Entry("live", lag)
    unit.depend(record)
    return Entry("late" if record.live_since else "initial", lag)


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
