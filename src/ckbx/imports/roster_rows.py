"""What does one row of a roster say of a child, and can it be believed on its own?"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple, TypeVar, cast

import msgspec

from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.identifiers import (
    parse_disability_number,
    parse_id_number,
    parse_region_code,
    parse_school_code,
    parse_student_number,
)
from ckbx.domain.shared.ids import class_key, entry_year_of
from ckbx.domain.shared.personal import check_name
from ckbx.imports import (
    choice_values,
    date_values,
    grade_values,
    identity_values,
    value_errors,
    values,
)
from ckbx.imports.headings import MARK_COLUMNS
from ckbx.imports.tables import At, Intake
from ckbx.imports.value_errors import ValueRefused
from ckbx.imports.workbook_sheets import Cell
from ckbx.vault.people import Contact, Guardian, Identity, Mark, Marks

_T = TypeVar("_T")

SOURCE: Final = "roster"
RESIDENT_CARD: Final = "1"
_ID_TYPES: Final = {
    **dict.fromkeys(("1", "01", "居民身份证", "身份证", "二代身份证", "居民户口簿", "户口簿"), "1"),
    **dict.fromkeys(("6", "香港特区护照/身份证明", "香港居民身份证", "香港"), "6"),
    **dict.fromkeys(("7", "澳门特区护照/身份证明", "澳门居民身份证", "澳门"), "7"),
    **dict.fromkeys(("8", "台湾居民来往大陆通行证", "台胞证", "台湾"), "8"),
    **dict.fromkeys(("9", "境外永久居住证", "外国人永久居留身份证"), "9"),
    **dict.fromkeys(("A", "护照"), "A"),
    **dict.fromkeys(("Z", "其他", "其它", "无"), "Z"),
}
_SCHOOL_WORD: Final = re.compile(
    "[校园院]|[小中大]学|[一二三四五六七八九十初高附]中|[完附]小|中心|教学点"
)
_MARKS_KEPT: Final = 10_000
_VALUED: Final = ("就读方式", "随班就读", "残疾类型", "残疾等级", "备注")
_MARKING: Final = ("特殊群体", "残疾证号", *_VALUED, *MARK_COLUMNS)
_CONTACT: Final = (
    "监护人", "监护人关系", "监护人身份证件号", "联系电话", "户籍地", "现住址", "户籍村", "现住村",
)  # fmt: skip


class IdTypeRefused(ValueRefused):
    code = "id_type_refused"


class Disagrees(ValueRefused):
    """Two columns of a row contradict each other."""

    code = "columns_disagree"


class PersonForSchool(ValueRefused):
    """A school's name stands in events: no person's name may slip into its column."""

    code = "person_for_school"
    private = True


class Dates(NamedTuple):
    """From which day the roster of a school counts, and what that day lies in.

    ``base`` None: nobody knows, every row must say it. ``explicit``: somebody said it.
    """

    base: date | None
    school_year: int
    explicit: bool
    why: str = ""


class Place(NamedTuple):
    """The class of a row."""

    school: str
    school_name: str
    key: str
    grade: int
    label: str


class RosterRow(msgspec.Struct, frozen=True, kw_only=True):
    """One believable row. ``joined`` is the day its own column names, if it has one."""

    at: At
    place: Place
    joined: date | None
    sex: str
    birth: date
    identity: Identity
    contact: Contact | None
    marks: Marks | None
    village: str | None
    residence: str | None

    @property
    def cohort(self) -> int:
        """The school year (its autumn) in which the child reaches grade 1 (domain §5)."""
        return self.birth.year + (6 if (self.birth.month, self.birth.day) <= (8, 31) else 7)


def refuse_persons_for_schools(rows: Sequence[RosterRow], intake: Intake) -> None:
    """A person's name of the files, or the row's own with more, in the column 学校名称."""
    everybody = {name for row in rows for name in _names(row)}
    for row in rows:
        school = row.place.school_name
        if school in everybody or any(_is_about(school, name) for name in _names(row)):
            what, mend = "“学校名称”里填的是人名", "请填学校的全称，人名只填在“姓名”“监护人”列"
            intake.refuse(row.at, PersonForSchool(what, mend), "学校名称", school)


def _names(row: RosterRow) -> list[str]:
    guardians = row.contact.guardians if row.contact else ()
    return [row.identity.name, *(guardian.name for guardian in guardians)]


def _is_about(school: str, person: str) -> bool:
    """Whether it names the person and is no school called after somebody of that name."""
    return bool(person) and person in school and not _SCHOOL_WORD.search(school.replace(person, ""))


class RosterReader:
    """Turns cells into rows; what repeats from row to row is understood once."""

    def __init__(
        self,
        intake: Intake,
        dates: Callable[[str], Dates],
        today: date,
    ) -> None:
        self._intake = intake
        self._dates = dates
        self._today = today
        self._has_marks = any(name in intake.columns for name in _MARKING)
        self._has_contact = any(name in intake.columns for name in _CONTACT)
        self._places: dict[tuple[object, ...], Place | tuple[str, CkbxError]] = {}
        self._understood: dict[tuple[str, Cell], Any] = {}
        self._marks_of: dict[tuple[Cell, ...], Marks] = {}

    def read(self, at: At, cells: Mapping[str, Cell]) -> RosterRow | None:
        """The row; None when it was refused (all that is wrong with it is listed)."""
        cells = self._cells(cells)
        wrong: list[tuple[str, CkbxError]] = []
        place = self._place(cells, wrong)
        name = _try(wrong, "姓名", lambda: values.needed(cells["姓名"], "姓名"))
        sex = self._once(wrong, "性别", cells, choice_values.parse_sex)
        birth = self._once(wrong, "出生日期", cells, self._birth)
        id_type = self._once(wrong, "身份证件类型", cells, _id_type)
        number = _try(wrong, "身份证件号", lambda: self._id_number(at, cells, id_type, birth, sex))
        student_no = _try(wrong, "学籍号", lambda: self._student_no(at, cells, number, id_type))
        joined = _try(wrong, "编班日期", lambda: self._joined(cells, place))
        village = self._once(wrong, "户籍地区划", cells, _region)
        living = self._once(wrong, "现住址区划", cells, _region)
        contact = _try(wrong, "监护人身份证件号", lambda: self._contact(cells))
        marks = self._marks(cells, wrong)
        if wrong or place is None or birth is None or sex is None:
            for column, error in wrong:
                self._intake.refuse(at, error, column, cells.get(column))
            return None
        return RosterRow(
            at=at,
            place=place,
            joined=joined,
            sex=sex.value,
            birth=birth,
            identity=Identity(
                name=name or "",
                id_type=id_type or "",
                id_number=number or "",
                student_no=student_no or "",
                birth_date=birth,
                ethnic=values.text(cells.get("民族")),
            ),
            contact=contact,
            marks=marks,
            village=village or None,
            residence=living if living and living != village else None,
        )

    def _cells(self, cells: Mapping[str, Cell]) -> Mapping[str, Cell]:
        """What is read of a row: as it stands."""
        return cells

    def _once(
        self,
        wrong: list[tuple[str, CkbxError]],
        column: str,
        cells: Mapping[str, Cell],
        understand: Callable[[Cell], _T],
    ) -> _T | None:
        """A cell whose value repeats from row to row, understood the first time."""
        cell = cells.get(column, "")
        found: Any = self._understood.get((column, cell))
        if found is None:
            try:
                found = understand(cell)
            except CkbxError as error:
                found = error
            self._understood[column, cell] = found
        if isinstance(found, CkbxError):
            wrong.append((column, found))
            return None
        return cast("_T", found)

    def _place(self, cells: Mapping[str, Cell], wrong: list[tuple[str, CkbxError]]) -> Place | None:
        key = (cells["学校标识码"], cells["学校名称"], cells["年级"], cells["班级"])
        found = self._places.get(key)
        if found is None:
            found = self._places[key] = self._understand(*key)
        if isinstance(found, Place):
            return found
        wrong.append(found)
        return None

    def _understand(
        self, code: Cell, name: Cell, grade_cell: Cell, class_cell: Cell
    ) -> Place | tuple[str, CkbxError]:
        column = "学校标识码"
        try:
            school = parse_school_code(values.text(code))
            column = "学校名称"
            school_name = values.needed(name, column)
            check_name(school_name, column)
        except CkbxError as error:
            return column, error
        year = self._dates(school).school_year  # refused with the whole import, not with a row
        try:
            column = "年级"
            grade = grade_values.parse_grade(grade_cell, school_year=year, school_code=school)
            column = "班级"
            number = grade_values.parse_class(class_cell, grade=grade)
        except CkbxError as error:
            return column, error
        key = class_key(school, entry_year_of(grade, year), number)
        return Place(school, school_name, key, grade, f"{school_name} {grade}年级{number}班")

    def _birth(self, cell: Cell) -> date:
        birth = date_values.parse_date(cell, "出生日期")
        if birth > self._today:
            what, mend = "出生日期在今天之后", "请对照户口簿核对"
            raise Disagrees(what, mend)
        return birth

    def _id_number(
        self,
        at: At,
        cells: Mapping[str, Cell],
        id_type: str | None,
        birth: date | None,
        sex: object,
    ) -> str:
        written = identity_values.identity_text(cells["身份证件号"])
        if id_type is None:
            return ""
        if id_type != RESIDENT_CARD:
            return written
        values.needed(written, "身份证件号")
        number = parse_id_number(
            written, on=self._today, region_check=identity_values.region_warning
        )
        for warning in number.warnings:
            self._intake.warn(at, warning)
        if birth is not None and number.birth != birth:
            what = "身份证号里的出生日期与“出生日期”列不一致"
            raise Disagrees(what, "请对照户口簿改正其中一个")
        if sex is not None and number.sex != sex:
            what = "身份证号里的性别与“性别”列不一致"
            raise Disagrees(what, "请对照户口簿改正其中一个")
        return number.number

    def _student_no(
        self, at: At, cells: Mapping[str, Cell], number: str | None, id_type: str | None
    ) -> str:
        written = identity_values.identity_text(cells["学籍号"])
        if not written:
            if number == "":
                what = "身份证件号和学籍号都没有填"
                raise value_errors.ValueMissing(what, "请至少填一个，否则无法认出这名学生")
            self._intake.warn(at, "没有学籍号（在校无籍），请尽快建籍")
            return ""
        if number and written == f"G{number}":
            return written
        found = parse_student_number(written)
        for warning in found.warnings:
            self._intake.warn(at, warning)
        with_id = found.kind == "G" and id_type == RESIDENT_CARD
        if with_id and number and found.number[1:] != number:
            self._intake.warn(at, "学籍号（G 号）与身份证号不一致，请到学籍系统核对")
        return found.number

    def _joined(self, cells: Mapping[str, Cell], place: Place | None) -> date | None:
        """编班日期; else a full 入学日期 that lies after the day the roster counts from."""
        own = cells.get("编班日期")
        day = date_values.parse_date(own, "编班日期") if values.text(own) else None
        if day is None and place is not None:
            day = _full_day(cells.get("入学年月"))
            base = self._dates(place.school).base
            day = day if day is not None and (base is None or day > base) else None
        if day is not None and day > self._today:
            what = f"日期 {day} 还没有到（今天是 {self._today}）"
            raise value_errors.DateRefused(what, "请改正日期，或到当天再导入")
        return day

    def _contact(self, cells: Mapping[str, Cell]) -> Contact | None:
        if not self._has_contact:
            return None
        text = values.text
        guardian = text(cells.get("监护人"))
        phone = text(cells.get("联系电话"))
        guardians: tuple[Guardian, ...] = ()
        if guardian:
            own = Guardian(
                name=guardian,
                relation=text(cells.get("监护人关系")),
                phone=phone,
                id_number=identity_values.identity_text(cells.get("监护人身份证件号")),
            )
            guardians = (own,)
        return Contact(
            household_address=text(cells.get("户籍村")) + text(cells.get("户籍地")),
            home_address=text(cells.get("现住村")) + text(cells.get("现住址")),
            phone="" if guardian else phone,
            guardians=guardians,
        )

    def _marks(self, cells: Mapping[str, Cell], wrong: list[tuple[str, CkbxError]]) -> Marks | None:
        if not self._has_marks:
            return None
        key = tuple([cells.get(column, "") for column in _MARKING])
        known = self._marks_of.get(key)
        if known is not None:
            return known
        before = len(wrong)
        marks = self._read_marks(cells, wrong)
        if len(wrong) == before and len(self._marks_of) < _MARKS_KEPT:
            self._marks_of[key] = marks
        return marks

    @staticmethod
    def _read_marks(cells: Mapping[str, Cell], wrong: list[tuple[str, CkbxError]]) -> Marks:
        found: dict[str, str] = {}
        if cells.get("特殊群体"):
            found.update(dict.fromkeys(choice_values.parse_marks(cells["特殊群体"]), ""))
        for column, code in MARK_COLUMNS.items():
            if cells.get(column) and _try(
                wrong,
                column,
                lambda c=column: choice_values.parse_yes(cells[c], c),  # type: ignore[misc]
            ):
                found[code] = ""
        for column in _VALUED:
            if cells.get(column) and (said := values.text(cells[column])):
                found[column] = said
        if cells.get("残疾证号") and values.text(cells["残疾证号"]):
            number = _try(
                wrong,
                "残疾证号",
                lambda: (
                    parse_disability_number(identity_values.identity_text(cells["残疾证号"])).number
                ),
            )
            found["残疾证号"] = number or ""
        return Marks(
            entries=tuple([Mark(code=c, value=v, source=SOURCE) for c, v in sorted(found.items())])
        )


def _try(
    wrong: list[tuple[str, CkbxError]], column: str, understand: Callable[[], _T]
) -> _T | None:
    try:
        return understand()
    except CkbxError as error:
        wrong.append((column, error))
        return None


def _region(cell: Cell) -> str:
    written = values.text(cell)
    return parse_region_code(written) if written else ""


def _id_type(cell: Cell) -> str:
    written = values.plain(cell).upper()
    if not written:
        what = "“身份证件类型”没有填"
        raise value_errors.ValueMissing(what, "请填居民身份证等类型，没有证件填“无”")
    if written not in _ID_TYPES:
        raise IdTypeRefused("“身份证件类型”不在可选的值里", "请填居民身份证、护照、其他等")  # noqa: EM101
    return _ID_TYPES[written]


def _full_day(cell: Cell | None) -> date | None:
    """A date down to the day; a month, or anything else, says nothing of the class."""
    if not values.text(cell):
        return None
    try:
        return date_values.parse_date(cell, "入学年月")
    except CkbxError:
        return None
