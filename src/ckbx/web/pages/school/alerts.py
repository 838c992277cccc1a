"""预警与待办: what is mine to do first, folded by kind; then what stands open at each school."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID, uuid4

import msgspec
from starlette.responses import Response

from ckbx.domain.alert.closing import ClosedBecause, closes_by_hand
from ckbx.domain.alert.kinds import KINDS, alert_title
from ckbx.ledgers.actors import actors_named
from ckbx.ledgers.alert_folds import LEVELS, About, AlertFold, folds
from ckbx.ledgers.catalogue import ALERTS
from ckbx.ledgers.question import Look
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.pages.frame import base
from ckbx.web.permissions import Permission
from projections import alerts
from projections.alerts import AlertRow

SHOWN: Final = 12
"""So many children or classes are listed at once in a list by account."""
MOST_NAMED: Final = 200
"""So many accounts are called by name on a page; of a whole county they are too many to read."""
PAGE: Final = 60
"""So many items of a fold, and so many accounts, stand on one page."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The form as it was filled in; ``to`` is an account, ``page`` counts from 1."""

    to: str = ""
    school: str = ""
    level: str = ""
    kind: str = ""
    page: int = 1

    @property
    def filtered(self) -> bool:
        """Whether anything was asked for."""
        return bool(self.to or self.school or self.level or self.kind)


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One fold as the page shows it. ``left_out``: how many follow on other pages; ``by_hand``:
    a person may close it; ``command``: under which its form is carried out.
    """

    fold: AlertFold
    items: Sequence[About]
    left_out: int
    overdue: int
    by_hand: bool
    command: UUID

    @property
    def unread(self) -> list[UUID]:
        """Those shown that nobody has acknowledged."""
        return [each.alert_id for each in self.items if each.state == "open"]


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """An account (empty: nobody could be told) and its lines."""

    account: str
    count: int
    lines: Sequence[Line]


class OfKind(msgspec.Struct, frozen=True, kw_only=True):
    """What stands open of one kind with one account, without names."""

    account: str
    kind: str
    title: str
    level: str
    count: int
    overdue: int
    unread: int


class OfSchool(msgspec.Struct, frozen=True, kw_only=True):
    """What stands open at a school (code empty: at none)."""

    code: str
    name: str
    count: int
    overdue: int
    levels: Sequence[tuple[str, int]]
    lines: Sequence[OfKind]


def alerts_page(
    desk: WebDesk, asked: Asked, *, refused: str = "", did: str = "", status: int = 200
) -> Response:
    """The open alerts; of whoever answers for no school the own ones. Raises NotThere for a
    school that is not there for this viewer.
    """
    leads, own = desk.may(Permission.SEE_SCHOOLS), asked.to == desk.viewer.account
    if not leads or not asked.filtered or (own and not asked.school):
        return _own(desk, asked, leads=leads, refused=refused, did=did, status=status)
    return _listed(desk, asked)


def _own(
    desk: WebDesk, asked: Asked, *, leads: bool, refused: str, did: str, status: int
) -> Response:
    """The viewer's inbox; below it, for whoever leads, the schools."""
    account = desk.viewer.account
    with desk.look("web:alerts", "查看预警与待办", to=account) as look:
        today = look.question.as_of
        found = folds(look, level=asked.level or None, kind=asked.kind or None)
        lines = [_line(fold, today, page=asked.page, all_=bool(asked.kind)) for fold in found]
        distinct = {each.alert_id: each.level for fold in found for each in fold.items}
        counts = Counter(distinct.values())
        schools = _by_school(desk, look) if leads else []
        return desk.html(
            "school/alerts.html",
            status,
            **base(desk, look, "待办"),
            asked=asked,
            account=account,
            lines=lines,
            total=len(distinct),
            unread=sum(line.fold.count - line.fold.acknowledged for line in lines),
            by_level=[(level, counts[level]) for level in LEVELS],
            reasons=[(each.value, each.label) for each in ClosedBecause],
            schools=schools,
            called=_called(look, {line.account for of in schools for line in of.lines}),
            leads=leads,
            visits=desk.may(Permission.WORK_CASE),
            refused=refused,
            did=did,
        )


def _listed(desk: WebDesk, asked: Asked) -> Response:
    """The open alerts by account, as asked for; read only but for the own ones."""
    with desk.look(
        "web:alerts",
        "查看预警与待办",
        schools=[asked.school] if asked.school else None,
        to=asked.to or None,
    ) as look:
        if asked.school and asked.school not in dict(desk.school_choices(look)):
            raise NotThere
        named = PAGE if asked.to else SHOWN
        found = folds(look, level=asked.level or None, kind=asked.kind or None, named=named)
        people = _people(found, look.question.as_of, named)
        distinct = {each.alert_id: each.level for fold in found for each in fold.items}
        counts = Counter(distinct.values())
        first = (asked.page - 1) * PAGE
        shown = people[first : first + PAGE]
        return desk.html(
            "school/alerts_by_account.html",
            **base(desk, look, ALERTS.title),
            asked=asked,
            schools=desk.schools_offered(look, asked.school),
            levels=LEVELS,
            kinds=sorted((k.kind, k.title) for k in KINDS.values()),
            people=shown,
            called=_called(look, {asked.to, *(each.account for each in shown)}),
            pages=(len(people) + PAGE - 1) // PAGE,
            total=len(distinct),
            by_level=[(level, counts[level]) for level in LEVELS],
        )


def _called(look: Look, accounts: Iterable[str]) -> Mapping[str, str]:
    """Accounts as people know them; of more than a page bears to read, the accounts alone."""
    asked = [each for each in accounts if each]
    return actors_named(look, asked) if len(asked) <= MOST_NAMED else {each: each for each in asked}


def _by_school(desk: WebDesk, look: Look) -> list[OfSchool]:
    """What others have to do at the viewer's schools: numbers only, no child is named."""
    rows = alerts.alerts(look.reading, desk.scope, open_only=True, **look.at)
    names, today = look.school_names(), look.question.as_of
    own = desk.viewer.account
    of: dict[str, list[AlertRow]] = {}
    for row in rows:
        if row.to != [own]:
            of.setdefault(row.school_code or "", []).append(row)
    found = [_of_school(code, names, listed, today, own) for code, listed in of.items()]
    return sorted(found, key=lambda each: (not each.code, -each.overdue, -each.count, each.code))


def _of_school(
    code: str, names: Mapping[str, str], rows: Sequence[AlertRow], today: date, own: str
) -> OfSchool:
    counts = Counter(row.level for row in rows)
    groups: dict[tuple[str, str, str], list[AlertRow]] = {}
    for row in rows:
        for account in [each for each in row.to if each != own] or [""]:
            title = alert_title(row.kind, row.rule)
            groups.setdefault((account, row.kind, title), []).append(row)
    lines = [
        OfKind(
            account=account,
            kind=kind,
            title=title,
            level=min((row.level for row in listed), key=LEVELS.index),
            count=len(listed),
            overdue=sum(row.due_on is not None and row.due_on < today for row in listed),
            unread=sum(row.state == "open" for row in listed),
        )
        for (account, kind, title), listed in groups.items()
    ]
    return OfSchool(
        code=code,
        name=names.get(code) or code or "不属于一所学校的",
        count=len(rows),
        overdue=sum(row.due_on is not None and row.due_on < today for row in rows),
        levels=[(level, counts[level]) for level in LEVELS if counts[level]],
        lines=sorted(lines, key=lambda e: (LEVELS.index(e.level), -e.overdue, -e.count, e.account)),
    )


def _people(found: Sequence[AlertFold], today: date, named: int) -> list[Person]:
    """In order of what is gravest for them."""
    by_account: dict[str, list[AlertFold]] = {}
    for fold in found:
        by_account.setdefault(fold.account, []).append(fold)
    people = [
        Person(
            account=account,
            count=sum(fold.count for fold in own),
            lines=[_line(fold, today, most=named) for fold in own],
        )
        for account, own in by_account.items()
    ]
    return sorted(people, key=lambda p: (LEVELS.index(p.lines[0].fold.level), -p.count, p.account))


def _line(
    fold: AlertFold, today: date, *, most: int = PAGE, page: int = 1, all_: bool = False
) -> Line:
    """``all_``: the page of items counts for this fold, which alone was asked for."""
    first = (page - 1) * most if all_ else 0
    items = fold.items[first : first + most]
    return Line(
        fold=fold,
        items=items,
        left_out=max(fold.count - first - len(items), 0),
        overdue=sum(e.due_on is not None and e.due_on < today for e in fold.items),
        by_hand=all(closes_by_hand(fold.kind, each.rule) for each in fold.items),
        command=uuid4(),
    )
