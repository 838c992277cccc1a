"""Which children had still to be named 到校 on a day, as known then (domain §4, the roll)?

Answered by the class's own streams: a child that nobody named stands on no sheet, and has no
absence recorded before the day is judged.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from ckbx.application.books import term_key, terms_since
from ckbx.domain.attendance.class_book import ClassBook
from ckbx.domain.child.child import Child
from ckbx.domain.class_roll.class_roll import ClassRoll
from ckbx.domain.school_class.register import ClassRegister
from ckbx.domain.shared.event import DomainEvent
from ckbx.domain.shared.ids import split_class_key
from ckbx.ledgers.question import Look
from projections.roll_call_completeness import CountyLines


def to_be_named(look: Look, class_key: str) -> frozenset[UUID]:
    """The children of a class who, on the look's as-of day, were on the roll, had to be named
    到校 and were not by then, as known at the look's position.
    """
    county, as_of = look.reading.county, look.question.as_of
    day = as_of.toordinal()
    of_class = ClassRegister.stream(county, class_key)
    register = ClassRegister(of_class).replay(_known(look, [of_class])[of_class])
    since = {
        child: min(wait.since for wait in waits)
        for child, waits in register.awaited().items()
        if register.on_roll(child, day) and any(w.since <= day < w.end for w in waits)
    }
    if not since:
        return frozenset()
    first = min(since.values())
    calendar = CountyLines.at(look.reading, look.position).calendar(split_class_key(class_key)[0])
    rolls = {
        term_key(term): ClassRoll.stream(county, class_key, term_key(term))
        for term in terms_since(calendar, first, as_of)
    }
    known = _known(look, [*rolls.values(), *since])
    book = ClassBook(
        register,
        {key: ClassRoll(stream).replay(known[stream]) for key, stream in rolls.items()},
        {child: Child(child).replay(known[child]) for child in since},
        first,
        calendar,
    )
    return frozenset(since.keys() & book.awaited_on(day))


def _known(look: Look, streams: Sequence[UUID]) -> dict[UUID, list[DomainEvent]]:
    """The events of streams up to the look's position."""
    found: dict[UUID, list[Any]] = defaultdict(list)
    for fact in look.log.read_streams(streams, up_to=look.position):
        found[fact.event.originator_id].append(fact.event)
    return found
