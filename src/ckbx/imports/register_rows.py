"""What does one row of a 比对名单 say of a child? Other bodies' lists name no class."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.identifiers import parse_id_number, parse_student_number
from ckbx.imports import identity_values, value_errors, values
from ckbx.imports.roster_rows import Dates, Place, RosterReader
from ckbx.imports.tables import At, Intake
from ckbx.imports.workbook_sheets import Cell

NOWHERE: Final = Place("", "", "", 0, "")
_NEEDED: Final = ("姓名", "性别", "出生日期", "身份证件类型", "身份证件号", "学籍号")


class RegisterReader(RosterReader):
    """Reads rows of children who stand in no class of the file.

    An 身份证号 says 性别 and 出生日期 where the list has no such column or leaves it empty; a
    list without 身份证件类型 is one of 居民身份证.
    """

    def __init__(self, intake: Intake, today: date) -> None:
        super().__init__(intake, lambda _school: Dates(None, today.year, explicit=False), today)

    def _filled(self, cells: Mapping[str, Cell]) -> dict[str, Cell]:
        full: dict[str, Cell] = {**dict.fromkeys(_NEEDED, ""), **cells}
        written = identity_values.identity_text(full["身份证件号"])
        if not values.text(full["身份证件类型"]):
            full["身份证件类型"] = "居民身份证" if written else "无"
        try:
            number = parse_id_number(written) if written else None
        except CkbxError:
            number = None
        if number is not None:
            if not values.text(full["性别"]):
                full["性别"] = number.sex.label
            if not values.text(full["出生日期"]):
                full["出生日期"] = number.birth.isoformat()
        return full

    def _cells(self, cells: Mapping[str, Cell]) -> Mapping[str, Cell]:
        return self._filled(cells)

    def _place(
        self,
        cells: Mapping[str, Cell],  # noqa: ARG002 - the school of such a list is hearsay
        wrong: list[tuple[str, CkbxError]],  # noqa: ARG002
    ) -> Place | None:
        return NOWHERE

    def _joined(self, cells: Mapping[str, Cell], place: Place | None) -> date | None:  # noqa: ARG002
        return None

    def _student_no(
        self,
        at: At,  # noqa: ARG002
        cells: Mapping[str, Cell],
        number: str | None,
        id_type: str | None,  # noqa: ARG002
    ) -> str:
        """Few lists have one, and nobody is warned of that."""
        written = identity_values.identity_text(cells["学籍号"])
        if written:
            return parse_student_number(written).number
        if number == "":
            what = "身份证件号和学籍号都没有填"
            mend = "没有号码的儿童不能比对：请村（社区）上门核实后补上号码"
            raise value_errors.ValueMissing(what, mend)
        return ""
