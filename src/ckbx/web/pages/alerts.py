"""预警与待办: what is to be done, one line a person and kind; of one account, its inbox."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec
from starlette.responses import Response

from ckbx.domain.alert.kinds import KINDS
from ckbx.ledgers.alert_folds import LEVELS, About, AlertFold, folds
from ckbx.ledgers.catalogue import ALERTS
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.pages.overview import base
from ckbx.web.permissions import Permission

SHOWN: Final = 12
"""So many children or classes are listed at once; the others of an inbox stand under 展开."""
ACCOUNTS: Final = 60
"""So many accounts on a page; the others are found by their name."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The form as it was filled in; ``to`` is an account."""

    to: str = ""
    school: str = ""
    level: str = ""
    kind: str = ""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One fold as the page shows it: what is listed at once, what under 展开, how many not."""

    fold: AlertFold
    first: Sequence[About]
    more: Sequence[About]
    left_out: int
    overdue: int


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """An account (empty: nobody could be told) and its lines."""

    account: str
    count: int
    lines: Sequence[Line]


def alerts_page(desk: WebDesk, asked: Asked) -> Response:
    """The open alerts: of whoever answers for no school, the own ones. Raises NotThere for a
    school that is not there for this viewer.
    """
    if not desk.may(Permission.SEE_SCHOOLS):
        asked = msgspec.structs.replace(asked, to=desk.viewer.account)
    with desk.look(
        "web:alerts",
        "查看预警与待办",
        schools=[asked.school] if asked.school else None,
        to=asked.to or None,
    ) as look:
        choices = desk.school_choices(look)
        if asked.school and asked.school not in dict(choices):
            raise NotThere
        named = None if asked.to else SHOWN
        found = folds(look, level=asked.level or None, kind=asked.kind or None, named=named)
        people = _people(found, look.question.as_of, whole=bool(asked.to))
        distinct = {each.alert_id: each.level for fold in found for each in fold.items}
        counts = Counter(distinct.values())
        return desk.html(
            "alerts.html",
            **base(desk, look, ALERTS.title),
            asked=asked,
            schools=choices,
            levels=LEVELS,
            kinds=sorted((k.kind, k.title) for k in KINDS.values()),
            people=people[:ACCOUNTS],
            left_out=len(people[ACCOUNTS:]),
            total=len(distinct),
            by_level=[(level, counts[level]) for level in LEVELS],
        )


def _people(found: Sequence[AlertFold], today: date, *, whole: bool) -> list[Person]:
    """In order of what is gravest for them. ``whole``: every item is listed."""
    by_account: dict[str, list[AlertFold]] = {}
    for fold in found:
        by_account.setdefault(fold.account, []).append(fold)
    people = [
        Person(
            account=account,
            count=sum(fold.count for fold in own),
            lines=[_line(fold, today, whole=whole) for fold in own],
        )
        for account, own in by_account.items()
    ]
    return sorted(people, key=lambda p: (LEVELS.index(p.lines[0].fold.level), -p.count, p.account))


def _line(fold: AlertFold, today: date, *, whole: bool) -> Line:
    return Line(
        fold=fold,
        first=fold.items[:SHOWN],
        more=fold.items[SHOWN:] if whole else (),
        left_out=0 if whole else len(fold.items[SHOWN:]),
        overdue=_overdue(fold.items, today),
    )


def _overdue(items: Sequence[About], today: date) -> int:
    return sum(each.due_on is not None and each.due_on < today for each in items)
