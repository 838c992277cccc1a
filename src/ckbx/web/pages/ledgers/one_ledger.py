"""台账: which ledgers are there for me, and what does one say as of a day, as known at an instant?"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec
from starlette.responses import Response

from ckbx.ledgers.filling import Desk
from ckbx.ledgers.model import Column, Kind, Ledger, Row, Sheet
from ckbx.ledgers.paging import Part, pages
from ckbx.vault import Access
from ckbx.web.api.masking import FLAGS
from ckbx.web.cells import Cell
from ckbx.web.desk import WebDesk
from ckbx.web.pages.frame import base
from ckbx.web.pages.ledgers.query import Asked, choices, offered, question, scope_asked, townships
from ckbx.web.pages.ledgers.sight import SHOWN, named, seen, way_out
from ckbx.web.permissions import Permission
from ckbx.web.render import with_chinese_days

SIZE: Final = 50
"""Rows a page."""
FEW_NOTES: Final = 5
"""So many sentences stand above the table; the others are folded away."""


_COMMAND: Final = re.compile("(也可用)?命令 ckbx [a-z]+ 输出。|--all 无作用。")
_ALL: Final = re.compile("--all ?")


def on_screen(said: str) -> str:
    """A sentence of the catalogue, which was written for the command line too."""
    return _ALL.sub("“含已结束”", _COMMAND.sub("", said)).replace("--school ", "选了学校的")


def has_closed(ledger: Ledger) -> bool:
    """Whether what is closed can be asked for too; not every ledger has any."""
    return "“含已结束”" in on_screen(ledger.about + ledger.rule)


def ledger_list(desk: WebDesk) -> Response:
    """The ledgers of which the viewer sees any row, with the question each answers."""
    shown = [each for each in SHOWN.values() if not seen(desk.viewer, each).empty]
    with desk.look("web:ledgers", "查看台账目录") as look:
        return desk.html(
            "ledgers/ledgers.html", **base(desk, look, "台账"), ledgers=shown, said=on_screen
        )


def ledger_page(desk: WebDesk, name: str, asked: Asked, page: int) -> Response:
    """One page of a ledger. Raises BadDay, NotThere."""
    ledger, seat = named(desk, name)
    own = seen(desk.viewer, ledger)
    first = max(page, 1)
    with seat.look("web:ledger", "查看台账") as look:
        allowed = dict(choices(seat, look, ledger))
        wanted = question(seat, asked, scope_asked(ledger, asked, own, allowed))
        schools = offered(seat, look, ledger, asked.school, wanted.as_of)
        regions = townships(look, ledger, asked, own)
        common = base(seat, look, ledger.title)
    sheet = filled(seat, ledger, wanted, Part((first - 1) * SIZE, SIZE))
    last = pages(sheet.count, SIZE)
    if first > last:  # fewer rows than when the link was made
        first = last
        sheet = filled(seat, ledger, wanted, Part((first - 1) * SIZE, SIZE))
    path = f"/ledgers/{ledger.name}"
    return seat.html(
        "ledgers/ledger.html",
        **{**common, **of_sheet(sheet)},
        ledger=ledger,
        asked=asked,
        schools=schools,
        townships=regions,
        way_out=way_out(desk.viewer, ledger),
        said=on_screen,
        closed=has_closed(ledger),
        path=path,
        number_of_page=first,
        first_row=(first - 1) * SIZE + 1,
        pages=last,
        before=asked.address(path, first - 1) if first > 1 else "",
        after=asked.address(path, first + 1) if first < last else "",
    )


def filled(
    desk: WebDesk, ledger: Ledger, wanted: Any, part: Part | None, why: str = "", view: str = ""
) -> Sheet:
    """A ledger filled for a viewer, with one access record."""
    store = desk.store
    access = Access(
        actor=desk.viewer.actor,
        view=view or f"web:ledger:{ledger.name}",
        purpose=why or f"查看{ledger.title}",
    )
    office = Desk(store.answers, store.log, store.vault, store.clock)
    sheet = office.fill(ledger, wanted, access, part)
    return sheet if desk.may(Permission.SEE_SCHOOLS) else without_flags(sheet)


def without_flags(sheet: Sheet) -> Sheet:
    """The same without the marks of poverty and illness: a class teacher and village people need
    none. The column goes too: empty it would say that nobody has any.
    """
    left = tuple(column for column in sheet.ledger.columns if column.key != FLAGS)
    if len(left) == len(sheet.ledger.columns):
        return sheet
    rows = [{key: value for key, value in row.items() if key != FLAGS} for row in sheet.rows]
    ledger = msgspec.structs.replace(sheet.ledger, columns=left)
    return msgspec.structs.replace(sheet, ledger=ledger, rows=rows)


def of_sheet(sheet: Sheet) -> dict[str, Any]:
    """What a template shows of a filled ledger."""
    columns = shown_columns(sheet)
    return {
        "as_of": sheet.as_of,
        "known_at": sheet.known_at,
        "position": sheet.position,
        "sheet": sheet,
        "columns": columns,
        "rows": [cells(sheet, columns, row) for row in sheet.rows],
        "missing": sheet.missing[:FEW_NOTES],
        "more_missing": sheet.missing[FEW_NOTES:],
        "remarks": sheet.remarks,
    }


def shown_columns(sheet: Sheet) -> list[Column]:
    """The columns worth their width that have a value on this page, whom it is about in front."""
    columns = sheet.ledger.columns
    brief = [c for c in columns if (c.brief or c.ended) and c.key != "alert_id"]
    if sheet.rows:
        brief = [c for c in brief if any(c.show(r[c.key], sheet.zone) for r in sheet.rows)]
    whose = "name" if "child_id" in sheet.ledger.keys else brief[0].key
    return sorted(brief, key=lambda column: column.key != whose)


def cells(sheet: Sheet, columns: list[Column], row: Row) -> list[Cell]:
    """One row as it is shown: numbers of people masked."""
    return [
        Cell(
            heading=column.heading,
            text=with_chinese_days(column.show(row[column.key], sheet.zone, mask=True)),
            number=column.kind is Kind.NUMBER,
            code=column.kind in (Kind.DAY, Kind.INSTANT) or column.masked,
            child=str(row.get("child_id") or "") if column.key == "name" else "",
        )
        for column in columns
    ]
