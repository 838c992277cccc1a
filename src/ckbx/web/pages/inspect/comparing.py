"""台账比较: what changed between two days, or between what was known at two instants?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import msgspec
from starlette.responses import Response

from ckbx.ledgers.differences import Difference, difference, state
from ckbx.ledgers.model import Column, Ledger, Row, Sheet
from ckbx.ledgers.paging import people_in, with_names
from ckbx.ledgers.question import Look
from ckbx.ledgers.rows import ROWS
from ckbx.vault import Person
from ckbx.web.cells import Cell
from ckbx.web.desk import WebDesk
from ckbx.web.pages.inspect.kit import common, looking, school_there
from ckbx.web.pages.ledgers.one_ledger import cells
from ckbx.web.pages.ledgers.query import Asked, question
from ckbx.web.pages.ledgers.sight import SHOWN, named, seen
from projections.scope import Scope

MOST: Final = 200
"""So many rows of a difference are named."""
_WHOSE: Final = ("name", "student_no", "school_name", "grade", "class")


class Two(msgspec.Struct, frozen=True, kw_only=True):
    """The form: a ledger, and (截至日, 知晓日) of two states."""

    ledger: str
    school: str
    first: tuple[str, str]
    second: tuple[str, str]
    all_: bool = False


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One row that differs: whose it is, and (heading, before, after) of what changed."""

    cells: list[Cell]
    changes: list[tuple[str, str, str]] = []


def compared(desk: WebDesk) -> list[Ledger]:
    """The ledgers that the viewer may compare."""
    return [each for each in SHOWN.values() if not seen(desk.viewer, each).empty]


def compare_page(desk: WebDesk, asked: Two) -> Response:
    """Both states, and how they differ. Raises BadDay, NotThere."""
    ledger, seat = named(desk, asked.ledger)
    own = ledger.grain.seen(Scope.nothing() if seen(desk.viewer, ledger).empty else seat.scope)
    scope = own.narrowed([asked.school]) if asked.school else own
    first, second = (
        question(seat, Asked(as_of=as_of, known_at=known, all_=asked.all_), scope)
        for as_of, known in (asked.first, asked.second)
    )
    answers = tuple(ledger.answers)
    make = ROWS[ledger.name]
    with looking(seat, first, "compare", "督导：比较台账", answers) as look:
        if asked.school:
            school_there(seat, look, asked.school)
        before = state(look, ledger, make)
        was = _stamp(look)
    with looking(seat, second, "compare", "督导：比较台账", answers) as look:
        found = difference(ledger, before, state(look, ledger, make))
        shown = _first(found)
        people = look.people(_whose(shown))
        return desk.html(
            "inspect/inspect_compare.html",
            **common(desk, look, "台账比较"),
            ledger=ledger,
            ledgers=compared(desk),
            asked=asked,
            was=was,
            now=_stamp(look),
            found=found,
            hidden=_size(found) - _size(shown),
            columns=_whose_columns(ledger),
            **_lines(look, ledger, shown, people),
        )


def _stamp(look: Look) -> dict[str, Any]:
    return {"as_of": look.question.as_of, "known_at": look.instant, "position": look.position}


def _size(found: Difference) -> int:
    return len(found.added) + len(found.gone) + len(found.changed)


def _first(found: Difference) -> Difference:
    """At most :data:`MOST` rows of it: those that changed, then the new, then the gone."""
    changed = found.changed[:MOST]
    added = found.added[: MOST - len(changed)]
    gone = found.gone[: MOST - len(changed) - len(added)]
    return Difference(added=added, gone=gone, changed=changed, same=found.same)


def _whose(found: Difference) -> list[UUID]:
    rows = [*found.added, *found.gone, *(each.after for each in found.changed)]
    rows += [each.before for each in found.changed]
    return list(dict.fromkeys(people_in(rows)))


def _whose_columns(ledger: Ledger) -> list[Column]:
    """The columns that say whose a row is; of a ledger about no child its first ones."""
    own = [column for column in ledger.columns if column.key in _WHOSE]
    if any(column.key == "name" for column in own):
        return sorted(own, key=lambda column: column.key != "name")
    return [column for column in ledger.columns if column.brief][:4]


def _lines(
    look: Look, ledger: Ledger, found: Difference, people: Mapping[UUID, Person]
) -> dict[str, Any]:
    sheet = Sheet(
        ledger=ledger,
        as_of=look.question.as_of,
        known_at=look.instant,
        position=look.position,
        rows=(),
        zone=look.reading.zone,
    )
    columns = _whose_columns(ledger)

    def line(row: Row) -> Line:
        (shown,) = with_names([row], people)
        return Line(cells=cells(sheet, columns, shown))

    changed = []
    for each in found.changed:
        before, after = with_names([each.before, each.after], people)
        changed.append(
            Line(
                cells=cells(sheet, columns, after),
                changes=[
                    (
                        column.heading,
                        column.show(before[column.key], sheet.zone) or "（空）",
                        column.show(after[column.key], sheet.zone) or "（空）",
                    )
                    for column in each.columns
                ],
            )
        )
    return {
        "added": [line(row) for row in found.added],
        "gone": [line(row) for row in found.gone],
        "changed": changed,
    }
