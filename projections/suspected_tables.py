"""Which tables hold the suspicions: episodes, attending spans, unexplained days, half days.

Days are proleptic ordinals, ends of stretches excluded, ids 16 bytes in folds.
"""

from __future__ import annotations

from sqlalchemy import Column, Integer, Text

from projections.kit.tables import PlainTable, VersionedTable, child

NAME = "suspected"


def _int(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, Integer, nullable=nullable)


EPISODES = VersionedTable(
    f"{NAME}_episodes",
    key=(child(), _int("episode")),
    values=(
        Column("source", Text, nullable=False),
        Column("rule", Text, nullable=False),
        _int("rule_version"),
        _int("first_absent_on"),
        _int("suspected_on"),
        _int("ground_changed"),
        _int("closed_on", nullable=True),
        Column("how", Text),
        Column("finding", Text),
    ),
    indexes=(("suspected_on",),),
)
"""``closed_on``: the first day it no longer holds; ``how``: ``withdrawn``, ``cleared``, or the
status that ended it; ``finding``: A-J of a clearing."""

OPEN = PlainTable(f"{NAME}_open", key=(child(),), values=(_int("episode"),))
"""The open episode of a child."""

HELD = PlainTable(f"{NAME}_held", key=(child(),), values=(_int("episode"),))
"""The episode of a child whose transfer began under suspicion: it goes on if that is cancelled."""

SPANS = VersionedTable(
    f"{NAME}_spans",
    key=(child(), _int("episode"), _int("since")),
    values=(_int("counted_from"), _int("until", nullable=True)),
    load_by=2,
)
"""Stretches in which a suspected child attends again (domain §4)."""

DAYS = VersionedTable(
    f"{NAME}_days",
    key=(child(), _int("day")),
    values=(Column("class_key", Text, nullable=False),),
    load_by=1,
)
"""Unexplained days of every child: a correction may find a suspicion whose later days were
recorded long before, and its event names the days of the run only. ``class_key`` is empty
where only the suspicion named the day."""

HALVES = VersionedTable(
    f"{NAME}_halves",
    key=(Column("class_key", Text), _int("day"), Column("session", Text)),
    values=(_int("version"),),
    load_by=2,
)
"""Half-day submissions that stand: one alone leaves the day silent for the rule (domain §4)."""

TABLES = (EPISODES, OPEN, HELD, SPANS, DAYS, HALVES)
