"""Which rows does the roster keep? Where each child belongs and its status; absence spells.

Days are proleptic ordinals, ends excluded, an open end is NULL; ids 16 bytes in folds.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Column, Integer, Text

from projections.kit.tables import HistoryTable, Partial, PlainTable, Position, child

NAME = "roster"


class PlaceValues(NamedTuple):
    """A stretch of a child's life. ``status`` is the tracking status without the attendance
    overlay; ``since`` its first day; ``attending_since`` the first attended day of a suspect
    that counts in 在校 again.
    """

    school: str | None
    class_key: str | None
    grade: int | None
    village: str | None
    residence: str | None
    status: str
    register_status: str
    since: int
    attending_since: int | None


PLACES = HistoryTable(
    f"{NAME}_places",
    key=(child(),),
    values=(
        Column("school", Text),
        Column("class_key", Text),
        Column("grade", Integer),
        Column("village", Text),
        Column("residence", Text),
        Column("status", Text, nullable=False),
        Column("register_status", Text, nullable=False),
        Column("since", Integer, nullable=False),
        Column("attending_since", Integer),
    ),
    indexes=(
        (
            "school",
            "status",
            "attending_since",
            "valid_from",
            "valid_to",
            "pos_from",
            "pos_end",
            "pos_to",
        ),
        Partial(
            ("school", "class_key", "grade", "status", "valid_from", "valid_to", "pos_to", "child"),
            "pos_to IS NULL",
        ),
        Partial(("village",), "pos_to IS NULL"),
        Partial(("residence",), "pos_to IS NULL AND residence IS NOT NULL"),
    ),
)

MARKS = HistoryTable(
    f"{NAME}_marks",
    key=(child(),),
    values=(Column("school", Text, nullable=False), Column("reason", Text, nullable=False)),
    indexes=(("school", "valid_from", "valid_to", "pos_from", "pos_end", "pos_to", "reason"),),
)
"""Absence spells: one row a spell and reason, closed on return. ``school``: where."""


class Memory(NamedTuple):
    """What the fold has to remember of a child between its events. ``leave_from`` is the first
    day of its leave, ``leave_over`` the first day after it. ``held``: the status in which a
    transfer began, since when, and what was remembered of its suspicion then.
    """

    before: str | None = None
    suspected_on: int | None = None
    leave: str | None = None
    leave_from: int | None = None
    leave_over: int | None = None
    held: str | None = None
    held_since: int | None = None
    held_before: str | None = None
    held_on: int | None = None


MEMORY = PlainTable(
    f"{NAME}_memory",
    key=(child(),),
    values=(
        Column("before", Text),
        Column("suspected_on", Integer),
        Column("leave", Text),
        Column("leave_from", Integer),
        Column("leave_over", Integer),
        Column("held", Text),
        Column("held_since", Integer),
        Column("held_before", Text),
        Column("held_on", Integer),
    ),
)
"""``before``: the status that a withdrawn or cleared suspicion gives back."""

COHORTS = PlainTable(
    f"{NAME}_cohorts",
    key=(child(),),
    values=(
        Column("position", Position, nullable=False),
        Column("cohort", Integer),
        Column("sex", Text, nullable=False),
    ),
)
"""The school year in which a child reaches grade 1 and its sex (GB/T 2261.1), as they were
registered at a position.
"""

HOMES = PlainTable(
    f"{NAME}_homes",
    key=(
        Column("day", Integer),
        Column("village", Text),
        Column("residence", Text),
        Column("standing", Integer),
    ),
    values=(Column("more", Integer, nullable=False),),
)
"""By how many the children with a home (township codes, empty: unknown) and a standing are more
from a day on; a day on which they are not has no row. Believed now.
"""

STANDINGS = PlainTable(
    f"{NAME}_standings",
    key=(
        Column("day", Integer),
        Column("school", Text),
        Column("status", Text),
        Column("attending", Integer),
    ),
    values=(Column("more", Integer, nullable=False),),
)
"""The same of the children of a school in a status; ``attending``: 1 for a suspect that counts in
在校 again.
"""

CHECKED_IN = PlainTable(
    f"{NAME}_checked_in",
    key=(child(), Column("term", Text)),
    values=(Column("day", Integer, nullable=False),),
)
"""The first day on which a child was checked in by name at the opening of a term."""

TABLES = (PLACES, MARKS, MEMORY, COHORTS, HOMES, STANDINGS, CHECKED_IN)
