"""适龄儿童台账: its rows, of everybody or of one page."""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from typing import Final
from uuid import UUID

from ckbx.ledgers.model import Row
from ckbx.ledgers.paging import Part
from ckbx.ledgers.question import Look, by_class, school_of, who
from ckbx.ledgers.sexes import sex_label
from projections import roster, roster_order
from projections.roster import Place
from projections.roster_histories import registered_sexes
from projections.roster_order import Class

_BYTES: Final = attrgetter("bytes")


def roster_rows(look: Look) -> list[Row]:
    """Everybody in the scope, by school, class and internal number."""
    q = look.question
    return by_class(_rows(look, roster.children_of(look.reading, q.scope, all_=q.all_, **look.at)))


def roster_part(look: Look, part: Part) -> tuple[list[Row], int]:
    """The rows of a page, and how many there are on all pages: the order needs no names, so
    that what is known of a child is read for those of the page alone.
    """
    q = look.question
    classes = roster_order.by_class(look.reading, q.scope, all_=q.all_, **look.at)

    def order(one: Class) -> tuple[str, int, int]:
        found = look.class_of(one.class_key, one.grade)
        return one.school or "", found["grade"] or 0, found["class"] or 0

    alike: dict[tuple[str, int, int], list[Class]] = {}
    for one in sorted(classes, key=order):
        alike.setdefault(order(one), []).append(one)
    shown: list[tuple[list[Class], int, int]] = []  # classes, and which of their children
    total = 0
    for together in alike.values():
        number = sum(classes[one] for one in together)
        first, last = part.first - total, part.first + part.size - total
        if last > 0 and number > first:
            shown.append((together, max(first, 0), last))
        total += number
    wanted = [one for together, _, _ in shown for one in together]
    ids = roster_order.of_classes(look.reading, q.scope, wanted, all_=q.all_, **look.at)
    children: list[UUID] = []
    for together, first, last in shown:  # only whose class is on the page is put in order
        here = sorted((child for one in together for child in ids.get(one, ())), key=_BYTES)
        children += here[first:last]
    places = roster.place_of(look.reading, q.scope, children, **look.at) if children else {}
    return _rows(look, [places[child] for child in children]), total


def _rows(look: Look, found: Sequence[Place]) -> list[Row]:
    as_of = look.question.as_of
    people = look.people([place.child for place in found], ("identity", "marks"))
    names, shown = look.school_names(), look.shown([place.child for place in found])
    codes = registered_sexes(look.reading, shown, position=look.position)
    rows = []
    for place in found:
        person = people[place.child]
        marks = person.marks.on(as_of).entries if person.marks else ()
        rows.append(
            {
                **who(people, place.child),
                "sex": sex_label(codes[place.child]) if place.child in codes else None,
                "birth_date": person.identity.birth_date if person.identity else None,
                **school_of(names, place.school),
                **look.class_of(place.class_key, place.grade),
                "register_status": place.register_status.value,
                "tracking_status": place.status.value,
                "since": place.since,
                "village_code": place.village,
                "residence_code": place.residence,
                "groups": [mark.code for mark in marks],
                "child_id": str(place.child),
            }
        )
    return rows
