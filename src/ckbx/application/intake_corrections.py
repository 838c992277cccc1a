"""What follows for a class when an import corrects its roll calls or its roll?

A roll call put aside without another in its place: the class-day is silent again, what the
sheet said of each child never was. After that, and after a child was moved between classes
as of a day gone by, the rule is applied anew to the whole class, in the same command.
"""

from __future__ import annotations

from datetime import date

from ckbx.application.books import StoredHistory, open_book, term_key
from ckbx.application.office import Office
from ckbx.application.roll_calls import apply_rule, rule_book, thresholds
from ckbx.application.rule_alerts import RuleAlerts
from ckbx.application.unit import Unit
from ckbx.domain.attendance.book import void
from ckbx.domain.attendance.marks import Session
from ckbx.domain.class_roll.errors import OutsideTerms
from ckbx.domain.shared.ids import split_class_key
from ckbx.domain.shared.system_actors import ATTENDANCE_RULE, acting

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
    roll, ordinal = book.rolls.get(term_key(term)), day.toordinal()
    if roll is None or roll.current(ordinal, session) is None:
        return None
    unit.touch((roll, *book.children.values()))
    unit.depend(book.register)
    rules = rule_book(office, unit)
    numbers = thresholds(rules)
    history = StoredHistory(office, unit, book, calendar, numbers.widest)
    disagreed = roll.mismatch(ordinal)
    results = void(book, unit.ctx, roll, day, session, numbers, history)
    ruling = acting(unit.ctx, ATTENDANCE_RULE, roll.last_event)
    alerts = RuleAlerts(office, unit, calendar, rules, ctx=ruling)
    alerts.count(class_key, roll, day, disagreed=disagreed)
    for child, events in results:
        alerts.follow(child, events)
    return VOIDED


def rejudge(office: Office, unit: Unit, class_key: str, since: date) -> None:
    """Apply the rule again to every child of a class, from a day on."""
    apply_rule(office, unit, class_key, since)
