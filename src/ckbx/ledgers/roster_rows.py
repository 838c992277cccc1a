"""适龄儿童台账: its rows, of everybody or of one page."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from ckbx.ledgers.model import Row
from ckbx.ledgers.paging import Part
from ckbx.ledgers.question import Look, by_class, school_of, who
from ckbx.ledgers.sexes import sexes
from projections import roster, roster_order
from projections.roster import Place
from projections.roster_order import Listed


def roster_rows(look: Look) -> list[Row]:
    """Everybody in the scope, by school, class and internal number."""
    q = look.question
    return by_class(_rows(look, roster.children_of(look.reading, q.scope, all_=q.all_, **look.at)))


def roster_part(look: Look, part: Part) -> tuple[list[Row], int]:
    """The rows of a page, and how many there are on all pages: the order needs no names, so
    that what is known of a child is read for those of the page alone.
    """
    q = look.question
    everybody = roster_order.listed(look.reading, q.scope, all_=q.all_, **look.at)

    @cache
    def place_in_order(class_key: str | None, grade: int | None) -> tuple[int, int]:
        found = look.class_of(class_key, grade)
        return found["grade"] or 0, found["class"] or 0

    def order(each: Listed) -> tuple[str, int, int, bytes]:
        return each.school or "", *place_in_order(each.class_key, each.grade), each.child.bytes

    here = sorted(everybody, key=order)[part.first : part.first + part.size]
    children = [each.child for each in here]
    places = roster.place_of(look.reading, q.scope, children, **look.at) if children else {}
    return _rows(look, [places[child] for child in children]), len(everybody)


def _rows(look: Look, found: Sequence[Place]) -> list[Row]:
    as_of = look.question.as_of
    people = look.people([place.child for place in found], ("identity", "marks"))
    names, found_sexes = look.school_names(), sexes(look, [place.child for place in found])
    rows = []
    for place in found:
        person = people[place.child]
        marks = person.marks.on(as_of).entries if person.marks else ()
        rows.append(
            {
                **who(people, place.child),
                "sex": found_sexes.get(place.child),
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
