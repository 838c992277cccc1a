"""转学: which children are on their way to my school, which left it and are not confirmed yet?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import msgspec
from starlette.responses import Response

from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.web.desk import WebDesk
from ckbx.web.pages.acts.all import ACTS
from ckbx.web.pages.frame import base
from ckbx.web.words import class_name, receiver_name
from projections import transfers
from projections.scope import Scope
from projections.transfers import TransferRow, TransferState


class Together(NamedTuple):
    """Children of one class on their way to one school, who may be confirmed together."""

    class_key: str
    to: str
    words: str
    children: int


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A transfer whose end is open. ``left``: days until it lapses, None where nobody knows."""

    row: TransferRow
    name: str
    from_name: str
    to_name: str
    class_name: str
    left: int | None
    lapsed: bool
    mine: bool


def transfers_page(desk: WebDesk, done: str = "") -> Response:
    """The transfers of the viewer's schools that nobody has confirmed, the nearest to lapse in
    front.
    """
    with desk.look("web:transfers", "查看转学") as look:
        scope, today = look.question.scope, desk.today
        rows = [
            row
            for row in transfers.transfers(look.reading, scope, **look.at)
            if row.state in transfers.STANDING
        ]
        people, names = look.people([row.child for row in rows]), look.school_names()
        lines = [_line(row, people, names, today, scope) for row in rows]
        lines.sort(key=lambda each: (each.lapsed, each.row.confirm_by or today, each.row.child))
        return desk.html(
            "acts/transfers.html",
            **base(desk, look, "转学"),
            coming=[each for each in lines if each.mine],
            together=_together([each for each in lines if each.mine]),
            going=[
                each
                for each in lines
                if scope.everything or scope.sees(school=each.row.from_school)
            ],
            done=next((each.title for each in ACTS if each.path == done), ""),
        )


def _together(lines: Sequence[Line]) -> list[Together]:
    found: dict[tuple[str, str], list[Line]] = {}
    for each in lines:
        if each.row.class_key:
            found.setdefault((each.row.class_key, each.row.receiving_school), []).append(each)
    return [
        Together(
            key, to, f"{some[0].from_name} {some[0].class_name} → {some[0].to_name}", len(some)
        )
        for (key, to), some in found.items()
        if len(some) > 1
    ]


def _line(row: TransferRow, people: Any, names: dict[str, str], today: date, scope: Scope) -> Line:
    from_, to = row.from_school or "", row.receiving_school
    waiting = row.state is TransferState.UNDER_WAY
    return Line(
        row=row,
        name=people[row.child].name,
        from_name=names.get(from_, from_),
        to_name=receiver_name(names, to, row.receiving_name),
        class_name=class_name(row.class_key, school_year_of(today)) if row.class_key else "",
        left=(row.confirm_by - today).days if row.confirm_by else None,
        lapsed=not waiting,
        mine=waiting and scope.sees(school=to),
    )
