"""指标: every indicator by its own name, with its counting rule, numerator and denominator."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Final

import msgspec
from starlette.responses import Response

from ckbx.domain.indicators import calibers
from ckbx.domain.indicators.model import Caliber, Stage, Unit
from ckbx.ledgers.catalogue import INDICATORS
from ckbx.ledgers.model import Row
from ckbx.web.desk import WebDesk
from ckbx.web.pages.frame import base
from ckbx.web.pages.ledgers.one_ledger import filled, of_sheet
from ckbx.web.pages.ledgers.query import Asked, choices, question, scope_asked
from ckbx.web.pages.ledgers.sight import named, seen, way_out

FORMULAS: Final = {
    each.id: each.formula for each in vars(calibers).values() if isinstance(each, Caliber)
}


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an indicator: a stage, or the post that answers."""

    whose: str
    numerator: str
    denominator: str
    value: str
    unit: str
    has_data: bool
    note: str
    base_day: str


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """One indicator with its counting rule in words."""

    id: str
    name: str
    caliber: str
    formula: str
    figures: list[Figure]


def indicators_page(desk: WebDesk, asked: Asked) -> Response:
    """The indicators of the county, or of one school. Raises BadDay, NotThere."""
    ledger, seat = named(desk, INDICATORS.name)
    own = seen(desk.viewer, ledger)
    with seat.look("web:indicators", "查看控辍保学指标") as look:
        schools = choices(seat, look, ledger)
        common = base(seat, look, ledger.title)
    if not asked.school and not own.everything:
        asked = msgspec.structs.replace(asked, school=schools[0][0] if schools else "")
    wanted = question(seat, asked, scope_asked(ledger, asked, own, dict(schools)))
    sheet = filled(seat, ledger, wanted, None)
    return seat.html(
        "ledgers/indicators.html",
        **{**common, **of_sheet(sheet)},
        ledger=ledger,
        asked=asked,
        schools=schools,
        whole=own.everything,
        blocks=list(_blocks(sheet.rows)),
        way_out=way_out(desk.viewer, ledger),
        path="/indicators",
    )


def _blocks(rows: Iterable[Row]) -> Iterable[Block]:
    for key, found in groupby(rows, key=lambda row: str(row["indicator"])):
        listed = list(found)
        yield Block(
            id=key,
            name=listed[0]["name"],
            caliber=listed[0]["caliber"],
            formula=FORMULAS.get(key, ""),
            figures=[_figure(row) for row in listed],
        )


def _figure(row: Row) -> Figure:
    value, percent = row["value"], row["unit"] == Unit.PERCENT.value
    return Figure(
        whose=row["post"] or Stage(row["stage"]).label,
        numerator=_count(row["numerator"]),
        denominator=_count(row["denominator"]),
        value="—" if value is None else f"{value:.2f}",
        unit="" if value is None else "%" if percent else "天",
        has_data=row["has_data"],
        note=row["note"] or "",
        base_day=row["base_day"].isoformat() if row["base_day"] else "",
    )


def _count(value: int | None) -> str:
    return "—" if value is None else f"{value:,}"
