"""Which tables hold the cases: each on its days, its facts, its legal stream, the alarms.

Days are proleptic ordinals, ids 16 bytes in folds.
"""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Boolean, Column, Integer, LargeBinary, Text

from ckbx.vault.tables import SubjectId
from projections.kit.tables import (
    HistoryTable,
    Partial,
    PlainTable,
    Position,
    VersionedTable,
    child,
)

NAME = "cases"
RELAPSED, SETTLED = "relapsed", "settled"


class Kept(NamedTuple):
    """The values of a row of CASES. ``over_on``: the day the work on it ended, ``how``:
    ``relapsed``, ``settled`` or the status that followed; ``closed_on``: 销号.
    """

    child: bytes
    episode: int
    school: str | None
    suspected_on: int
    first_absent_on: int
    relapse_of: bytes | None = None
    determined_on: int | None = None
    returned_on: int | None = None
    over_on: int | None = None
    how: str | None = None
    closed_on: int | None = None


CASES = HistoryTable(
    f"{NAME}_cases",
    key=(child("case_id"),),
    values=(
        Column("child", SubjectId, nullable=False),
        Column("episode", Integer, nullable=False),
        Column("school", Text),
        Column("suspected_on", Integer, nullable=False),
        Column("first_absent_on", Integer, nullable=False),
        Column("relapse_of", SubjectId),
        Column("determined_on", Integer),
        Column("returned_on", Integer),
        Column("over_on", Integer),
        Column("how", Text),
        Column("closed_on", Integer),
    ),
    indexes=(
        ("child",),
        Partial(("valid_from",), "closed_on IS NULL AND pos_to IS NULL"),
    ),
)
"""A case from the day of its suspicion; a withdrawn one never was."""

FACTS = PlainTable(
    f"{NAME}_facts",
    key=(child("case_id"), Column("position", Position)),
    values=(
        Column("recorded_at", Position, nullable=False),
        Column("topic", Text, nullable=False),
        Column("state", LargeBinary, nullable=False),
    ),
)
"""Everything recorded of a case and its legal steps; ``state`` are the stored bytes."""


class Stood(NamedTuple):
    """The values of a row of STANDS. ``last``: position of the newest fact; ``last_day``: the
    latest day that a fact names; ``back_at``: when the last return was recorded; ``plain``:
    all its facts count in the order of recording, none of legal steps.
    """

    last: int
    last_day: int
    back_at: int | None
    plain: bool
    state: bytes


STANDS = PlainTable(
    f"{NAME}_stands",
    key=(child("case_id"),),
    values=(
        Column("last", Position, nullable=False),
        Column("last_day", Integer, nullable=False),
        Column("back_at", Position),
        Column("plain", Boolean, nullable=False),
        Column("state", LargeBinary, nullable=False),
    ),
)
"""Each case as of its latest day with everything recorded, packed by the domain; an earlier
day and an earlier position are replayed from FACTS.
"""

LEGAL = PlainTable(
    f"{NAME}_legal",
    key=(child("stream"),),
    values=(Column("case_id", SubjectId, nullable=False),),
)
"""Which case a stream of legal steps belongs to."""

ALARMS = VersionedTable(
    f"{NAME}_alarms",
    key=(child(), Column("day", Integer)),
    values=(Column("rule_version", Integer, nullable=False),),
    load_by=1,
)
"""Days on which a child that came back had been away again (巩固期 alarm)."""

TABLES = (CASES, FACTS, STANDS, LEGAL, ALARMS)
