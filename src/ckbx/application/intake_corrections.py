"""What follows for a class when an import corrects its roll calls or its roll?

A roll call put aside without another in its place: the class-day is silent again, what the
sheet said of each child never was. After that, and after a child was moved between classes
as of a day gone by, the rule is applied anew to the whole class, in the same command.
"""

from __future__ import annotations

from datetime import date

from ckbx.application.books import elsewhere, open_book, term_key
from ckbx.application.office import Office
from ckbx.application.roll_calls import thresholds
from ckbx.application.rule_alerts import RuleAlerts
from ckbx.application.unit import Unit
from ckbx.domain.attendance.book import judge
from ckbx.domain.attendance.marks import Session
from ckbx.domain.child.absences import DayChange, record_day
from ckbx.domain.class_roll.errors import OutsideTerms
from ckbx.domain.shared.ids import split_class_key

VOIDED = b"voided"


def void_roll_call(
    office: Office, unit: Unit, class_key: str, day: date, session: Session
) -> bytes | None:
    """Put aside what stands for a class, day and session; None when nothing stands.

    Raises OutsideTerms when the term was withdrawn meanwhile.
    """
    school = split_class_key(class_key)[0]
    calendar = office.calendars(unit, school).for_school(school)
    term = calendar.term_of(day)
    if term is None:
        raise OutsideTerms(day=day)
    book = open_book(office, unit, class_key, calendar, day)
    roll = book.rolls[term_key(term)]
    ordinal = day.toordinal()
    if roll.current(ordinal, session) is None:
        return None
    unit.touch((roll, *book.children.values()))
    unit.depend(book.register)
    was = {child: roll.value(child, ordinal) for child in roll.absent_on(ordinal)}
    before = book.absent_before(ordinal)
    next_day = book.next_day(ordinal)
    roll.void(unit.ctx, class_key=class_key, day=day, session=session)
    for child in sorted(was):
        change = DayChange(
            day=day,
            class_key=class_key,
            session=session,
            was_known=True,
            was=was[child],
            now=roll.value(child, ordinal),
            before=before.get(child),
            until=date.fromordinal(next_day) if next_day else None,
        )
        record_day(book.children[child], unit.ctx, change)
    rejudge(office, unit, class_key, day)
    return VOIDED


def rejudge(office: Office, unit: Unit, class_key: str, since: date) -> None:
    """Apply the rule again to every child of a class, over the terms from ``since`` on."""
    school = split_class_key(class_key)[0]
    calendar = office.calendars(unit, school).for_school(school)
    rules = office.rules(unit, unit.ctx.today)
    book = open_book(office, unit, class_key, calendar, since)
    unit.touch(book.children.values())
    results = judge(
        book,
        unit.ctx,
        set(book.children),
        thresholds(rules),
        calendar.school_day_ordinals,
        elsewhere(office, unit, book, calendar),
    )
    alerts = RuleAlerts(office, unit, calendar, rules)
    for child, events in results:
        alerts.follow(child, events)
