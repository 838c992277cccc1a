"""How do two states of a ledger differ: two days, or what was known at two instants?

Names and what else the vault holds are not compared: both states are made without them, and
only the people of the rows that differ are read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec

from ckbx.ledgers.model import Column, Ledger, Row
from ckbx.ledgers.paging import Rows, blind
from ckbx.ledgers.question import Look

Key = tuple[object, ...]
KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "roster": ("child_id",),
    "school": ("school_code",),
    "suspected": ("child_id", "suspected_on"),
    "dropout": ("case_id",),
    "visits": ("case_id", "recorded_at", "kind"),
    "caseload": ("school_code", "account", "name"),
    "deadlines": ("school_code", "role", "kind"),
    "leave": ("child_id", "kind", "effective_from"),
    "transfers": ("child_id", "started_on"),
    "placement": ("child_id", "kind"),
    "exemptions": ("child_id", "effective_from"),
    "roll_call_completeness": ("class_key",),
    "responsibility": ("post_id", "name", "first_day"),
    "indicators": ("indicator", "stage", "post"),
    "monthly_report": ("month", "school_code", "version", "figure"),
    "county_summary": ("month", "version", "figure"),
    "recheck": ("quarter", "draw", "item"),
    "alerts": ("alert_id",),
}
"""By what a row of one state is found in the other."""
_NOT_COMPARED: Final = frozenset({"as_of", "known_at"})
"""Columns that say when the row was asked for."""
FROM_VAULT: Final[Mapping[str, frozenset[str]]] = {
    "roster": frozenset({"sex", "birth_date", "groups"}),
    "dropout": frozenset({"causes"}),
    "visits": frozenset({"participants"}),
    "placement": frozenset({"certificate", "category", "level"}),
    "exemptions": frozenset({"sex", "birth_date", "reason", "proof_from"}),
}
"""Columns that only people who are shown have, beside name and 学籍号: not compared."""


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """A row that stands in both states, and the columns that differ."""

    before: Row
    after: Row
    columns: Sequence[Column]


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """What is new in the second state, what is gone, what changed; rows without names."""

    added: Sequence[Row]
    gone: Sequence[Row]
    changed: Sequence[Changed]
    same: int

    @property
    def nothing(self) -> bool:
        """Whether the states are alike."""
        return not (self.added or self.gone or self.changed)


def state(look: Look, ledger: Ledger, rows: Rows) -> list[Row]:
    """A state of a ledger without names; the indicators count by marks, which they read."""
    if look.question.scope.empty:
        return []
    return rows(look if ledger.name == "indicators" else blind(look))


def difference(ledger: Ledger, before: Iterable[Row], after: Iterable[Row]) -> Difference:
    """From one state to another; rows with equal keys are told apart by their order."""
    was, now = _by_key(ledger, before), _by_key(ledger, after)
    compared = [column for column in ledger.columns if _is_compared(ledger, column)]
    changed, same = [], 0
    for key, row in now.items():
        old = was.get(key)
        if old is None:
            continue
        columns = [c for c in compared if old[c.key] != row[c.key]]
        if columns:
            changed.append(Changed(before=old, after=row, columns=columns))
        else:
            same += 1
    return Difference(
        added=[row for key, row in now.items() if key not in was],
        gone=[row for key, row in was.items() if key not in now],
        changed=changed,
        same=same,
    )


def _is_compared(ledger: Ledger, column: Column) -> bool:
    hidden = FROM_VAULT.get(ledger.name, frozenset())
    return column.key not in _NOT_COMPARED and column.key not in hidden and not column.masked


def _by_key(ledger: Ledger, rows: Iterable[Row]) -> dict[Key, Row]:
    counted: Counter[Key] = Counter()
    found: dict[Key, Row] = {}
    for row in rows:
        key = tuple(row[name] for name in KEYS[ledger.name])
        found[(*key, counted[key])] = row
        counted[key] += 1
    return found
