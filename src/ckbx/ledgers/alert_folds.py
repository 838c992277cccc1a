"""One line a person and kind: forty silent classes are one thing to do, not forty messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec

from ckbx.domain.alert.kinds import BLUE, KINDS, ORANGE, RED, YELLOW
from ckbx.ledgers.question import Look
from projections import alerts
from projections.alerts import AlertRow

LEVELS: Final = (RED, ORANGE, YELLOW, BLUE)
"""The gravest first."""
NAMED: Final = 6


class About(msgspec.Struct, frozen=True, kw_only=True):
    """What one alert speaks of: a child (its name) and a place, and since when."""

    alert_id: UUID
    child: UUID | None
    name: str
    where: str
    rule: str
    level: str
    raised_on: date
    due_on: date | None
    state: str

    @property
    def words(self) -> str:
        """Short, for a list."""
        return self.name or self.where


class AlertFold(msgspec.Struct, frozen=True, kw_only=True):
    """The open alerts of one kind that name an account; ``level`` is the gravest of them,
    ``due_on`` the earliest, ``acknowledged`` how many were.
    """

    account: str
    kind: str
    title: str
    level: str
    due_on: date | None
    acknowledged: int
    items: list[About]

    @property
    def count(self) -> int:
        """How many alerts it stands for."""
        return len(self.items)

    @property
    def alert_ids(self) -> list[UUID]:
        """Their ids, in the order of the items."""
        return [each.alert_id for each in self.items]

    def as_dict(self) -> dict[str, Any]:
        """As the command line prints it; children are named by the ledger, not here."""
        return {
            "account": self.account,
            "kind": self.kind,
            "level": self.level,
            "count": self.count,
            "acknowledged": self.acknowledged,
            "due_on": self.due_on,
            "alerts": [str(each) for each in self.alert_ids],
            "about": [each.words for each in self.items],
        }


def folds(
    look: Look, *, level: str | None = None, kind: str | None = None, named: int | None = None
) -> list[AlertFold]:
    """The open alerts of the question, by account, the gravest kinds first.

    An alert that names several accounts stands in the line of each; one that names nobody
    stands under the empty account. ``named``: of how many children of a line the names are
    read (None: of all); reading a name leaves a record.
    """
    q = look.question
    rows = alerts.alerts(look.reading, q.scope, to=q.to, open_only=True, **look.at)
    groups: dict[tuple[str, str], list[AlertRow]] = {}
    for row in rows:
        if level in (None, row.level) and kind in (None, row.kind):
            for account in [q.to] if q.to is not None else row.to or [""]:
                groups.setdefault((account, row.kind), []).append(row)
    people = look.people([row.child for of in groups.values() for row in of[:named]])
    names = look.school_names()

    def about(row: AlertRow) -> About:
        known = people.get(row.child) if row.child is not None else None
        return About(
            alert_id=row.alert_id,
            child=row.child,
            name=known.name if known is not None else "",
            where=_where(look, names, row),
            rule=row.rule,
            level=row.level,
            raised_on=row.raised_on,
            due_on=row.due_on,
            state=row.state,
        )

    found = [
        _fold(account, kind, of, [about(row) for row in of])
        for (account, kind), of in groups.items()
    ]
    return sorted(found, key=_order)


def _order(fold: AlertFold) -> tuple[str, int, date, str]:
    return fold.account, LEVELS.index(fold.level), fold.due_on or date.max, fold.kind


def _fold(account: str, kind: str, rows: Sequence[AlertRow], items: list[About]) -> AlertFold:
    return AlertFold(
        account=account,
        kind=kind,
        title=KINDS[kind].title if kind in KINDS else kind,
        level=min((row.level for row in rows), key=LEVELS.index),
        due_on=min((row.due_on for row in rows if row.due_on), default=None),
        acknowledged=sum(row.state == "acknowledged" for row in rows),
        items=items,
    )


def stood(fold: AlertFold) -> str:
    """The children or places of a fold in words, cut to a few: 张某、李某 等 9 个."""
    words = list(dict.fromkeys(each.words for each in fold.items if each.words))
    more = f" 等 {len(words)} 个" if len(words) > NAMED else ""
    return "、".join(words[:NAMED]) + more


def _where(look: Look, names: dict[str, str], row: AlertRow) -> str:
    parts = [names.get(row.school_code, row.school_code)] if row.school_code else []
    if row.class_key:
        placed = look.class_of(row.class_key)
        parts.append(f"{placed['grade']}年级{placed['class']}班")
    if row.kind == "post_vacant" and "title" in row.detail:
        parts.append(str(row.detail["title"]))
    if "month" in row.detail:
        parts.append(str(row.detail["month"]))
    return " ".join(str(part) for part in parts)
