"""Which rows of an import were written, and what did each of them do?

Names are read for the rows of one page, of children that the viewer sees anyway, and recorded
as any other view; the table to take along has none.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

import msgspec
from defusedcsv import csv
from starlette.responses import Response

from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.shared.ids import split_class_key
from ckbx.imports.summary import Written
from ckbx.ledgers.output import inert
from ckbx.ledgers.question import Look
from ckbx.web.desk import WebDesk
from ckbx.web.pages.imports.records import APPLY, Shown, shown
from ckbx.web.permissions import Permission
from ckbx.web.words import class_name
from projections import roster

A_PAGE: Final = 50


class RowLine(msgspec.Struct, frozen=True, kw_only=True):
    """A row as the page shows it. ``file``: empty where there is but one; ``child``: where it
    may be looked at.
    """

    row: int
    file: str
    did: str
    class_name: str
    about: str
    child: UUID | None
    name: str


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A page of the rows. ``will``: nothing was written yet."""

    lines: Sequence[RowLine]
    count: int
    page: int
    pages: int
    will: bool


def written_of(run: Shown) -> Sequence[Written]:
    """The rows that a run wrote, or that a trial would write, as long as they are kept."""
    found = run.outcome.summary if run.outcome else None
    return found.written if found else ()


def listed(desk: WebDesk, look: Look, run: Shown, page: int) -> Listed | None:
    """A page of them; None where there is none."""
    rows = sorted(written_of(run), key=lambda each: each.at)
    if not rows:
        return None
    pages = -(-len(rows) // A_PAGE)
    page = min(max(page, 1), pages)
    part = rows[(page - 1) * A_PAGE : page * A_PAGE]
    done = run.record.step == APPLY
    seen = _seen(desk, look, part) if done else frozenset[UUID]()
    people = look.people(seen)
    names, year = look.school_names(), school_year_of(look.question.as_of)
    several = len({each.at[:2] for each in rows}) > 1
    lines = [
        RowLine(
            row=each.at.row,
            file=" ".join(each.at[:2]).strip() if several else "",
            did=each.did,
            class_name=_class(each.class_key, names, year),
            about=each.about,
            child=each.child if each.child in seen else None,
            name=people[each.child].name if each.child in seen else "",
        )
        for each in part
    ]
    return Listed(lines=lines, count=len(rows), page=page, pages=pages, will=not done)


def _seen(desk: WebDesk, look: Look, rows: Sequence[Written]) -> frozenset[UUID]:
    """Those of the children whose names the viewer may see."""
    if not desk.may(Permission.SEE_CHILDREN):
        return frozenset()
    children = [each.child for each in rows if each.child is not None]
    return frozenset(roster.place_of(look.reading, look.question.scope, children, **look.at))


def _class(key: str, names: Mapping[str, str], year: int) -> str:
    if not key:
        return ""
    school = split_class_key(key)[0]
    return f"{names.get(school) or school} {class_name(key, year)}"


def written_csv(desk: WebDesk, id_: str) -> Response:
    """Every row as a table, without names. Raises NotThere."""
    run = shown(desk, id_)
    with desk.look("web:imports_rows", "下载导入写入的行") as look:
        names, year = look.school_names(), school_year_of(look.question.as_of)
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(("文件", "工作表", "行", "办了什么", "班级", "说明", "内部编号"))
    for each in sorted(written_of(run), key=lambda one: one.at):
        at, child = each.at, str(each.child or "")
        of = _class(each.class_key, names, year)
        cells = (at.file, at.sheet, str(at.row), each.did, of, each.about, child)
        rows.writerow([inert(value) for value in cells])
    return Response(
        text.getvalue().encode("utf-8-sig"),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="import-rows.csv"'},
    )
