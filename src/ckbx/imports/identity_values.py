"""A number of a person as it stands in a cell, and what a birth place tells of it."""

# ruff: noqa: EM101 - a refusal of a cell is made of its two sentences

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from stdnum import numdb

from ckbx.domain.shared.identifiers import check_character
from ckbx.imports.value_errors import NumberDestroyed
from ckbx.imports.values import plain

if TYPE_CHECKING:
    from ckbx.imports.workbook_sheets import Cell

_EXACT: Final = 1e15  # Excel keeps 15 digits


def identity_text(cell: Cell | None) -> str:
    """An identity number as text. Raises NumberDestroyed where Excel has rounded it.

    Recognises numbers of 1e15 and more, ``5.22699E+17`` (also behind G, J or L) and 18
    digits ending in 000 whose check digit is wrong: Excel keeps 15 digits.
    """
    mend = "请把该列设为“文本”格式后重填"
    if isinstance(cell, int | float) and not isinstance(cell, bool) and abs(cell) >= _EXACT:
        raise NumberDestroyed("号码被 Excel 存成数字，末几位已经丢失", mend)
    written = plain(cell).upper()
    if "E" in written and re.fullmatch(r"[GJL]?\d+(?:\.\d+)?E\+?\d+", written):
        raise NumberDestroyed("号码被 Excel 存成了科学计数，末几位已经丢失", mend)
    if not written.endswith("000"):
        return written
    digits = written.removeprefix("G")
    if re.fullmatch(r"\d{15}000", digits) and check_character(digits[:17]) != digits[17]:
        raise NumberDestroyed("号码末三位是 000 且校验不对，像是被 Excel 舍入过", mend)
    return written


@lru_cache(maxsize=4096)
def region_warning(region: str, birth_year: int) -> str | None:
    """What is odd about the region of a 身份证号, or None: a ``RegionCheck`` for identifiers.

    Old numbers keep regions that were renamed or merged, and lists are never complete, so
    this is never a refusal.
    """
    found = [values for part, values in numdb.get("cn/loc").info(region) if "county" in values]
    if len(region) != 6 or not found:
        return f"身份证号开头的 {region} 不在行政区划表里，请核对"
    for county in found[-1]["county"].split(","):
        years = re.match(r"\[(\d*)-(\d*)\]", county)
        if not years or int(years[1] or 0) <= birth_year <= int(years[2] or 9999):
            return None
    return f"身份证号开头的 {region} 在 {birth_year} 年还没有或已经不用，请核对"
