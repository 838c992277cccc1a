"""报到 by name: a child was seen at the opening, and its class need not name it any more."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from ckbx.application.books import term_key
from ckbx.application.enrolment import drop_book
from ckbx.application.office import Office
from ckbx.application.roll_calls import apply_rule
from ckbx.application.unit import Unit
from ckbx.domain.child import enrolment
from ckbx.domain.child.child import Child
from ckbx.domain.child.errors import InTheFuture, NotInAClass
from ckbx.domain.class_roll.errors import OutsideTerms
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import split_class_key
from ckbx.eventlog.ports import Appended

CHECKED_IN = b"checked-in"


def check_in(office: Office, ctx: CommandContext, days: Mapping[UUID, date]) -> Appended:
    """Record that these children were there, each from its day on; all or none of them.

    A child recorded for that day of the term, or an earlier one, changes nothing. What the
    rule made of days on which it had not been named is decided anew in the same append.
    Raises InTheFuture, OutsideTerms, NotInAClass, CheckInDuringLeave.
    """
    return office.run(ctx, lambda unit: decide(office, unit, days))


def decide(office: Office, unit: Unit, days: Mapping[UUID, date]) -> bytes | None:
    """The decision of :func:`check_in`, for callers that carry many commands through."""
    children = unit.get_many(dict.fromkeys(days, Child))
    since: dict[str, date] = {}
    for id_, day in days.items():
        child = children[id_]
        if not check_in_child(office, unit, child, day):
            continue
        for key, _, last in child.segments:
            drop_book(office, unit, key)
            if last > day.toordinal():
                since[key] = min(since.get(key, day), day)
    for key, first in sorted(since.items()):
        apply_rule(office, unit, key, first)
    return CHECKED_IN if since else None


def check_in_child(office: Office, unit: Unit, child: Child, day: date) -> bool:
    """The fact alone; False when it was recorded before. Raises as :func:`check_in`."""
    if day > unit.ctx.today:
        raise InTheFuture(day=day, today=unit.ctx.today)
    key = child.class_on(day.toordinal()) or next((k for k, _, _ in child.segments[-1:]), None)
    if key is None:
        raise NotInAClass(day=day)
    school = split_class_key(key)[0]
    term = office.calendars(unit, school).for_school(school).term_of(day)
    if term is None:
        raise OutsideTerms(day=day)
    return enrolment.check_in(child, unit.ctx, on=day, term=term_key(term))
