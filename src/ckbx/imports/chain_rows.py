"""What do the rows of 责任链 files say, and which person does each of them mean?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

import msgspec

from ckbx.domain.responsibility.post import ScopeKind
from ckbx.domain.responsibility.rows import SCOPE_WORDS, ChainRow
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.identifiers import parse_student_number
from ckbx.imports import date_values, grade_values, identity_values, value_errors, values
from ckbx.imports.tables import At, Intake
from ckbx.imports.value_errors import ValueRefused
from ckbx.imports.workbook_sheets import Cell
from ckbx.vault import Vault
from ckbx.vault.people import Access, Contact, Identity, NewPerson

_PHONE: Final = re.compile(r"[+\d][\d\-]{4,19}")
_LAST_LEVEL: Final = 9
_FULL_NAME, _LONG_NAME = 3, 8
ACCOUNT, HOLDER = "account", "holder"


class ScopeRefused(ValueRefused):
    code = "bad_scope_code"


class PhoneRefused(ValueRefused):
    code = "phone_refused"


class TitleNamesPerson(ValueRefused):
    code = "title_names_person"
    private = True


class Draft(msgspec.Struct, kw_only=True):
    """One row as read: the holder is not known yet."""

    at: At
    number: int
    line: str
    level: int
    title: str
    scope_kind: str
    scope_code: str
    name: str
    account: str
    phone: str
    first_day: date
    last_day: date | None
    role: str
    holder: UUID | None = None

    @property
    def person(self) -> tuple[str, str]:
        """By what the person is found: the account; else name with phone or scope."""
        if self.account:
            return ACCOUNT, self.account
        return HOLDER, f"{self.name}/{self.phone or self.scope_code}"

    def row(self) -> ChainRow:
        """The row as the domain takes it; the holder must be known."""
        return ChainRow(
            row=self.number,
            line=self.line,
            level=self.level,
            title=self.title,
            scope_kind=self.scope_kind,
            scope_code=self.scope_code,
            account=self.account,
            holder=self.holder or uuid4(),
            first_day=self.first_day,
            last_day=self.last_day,
            role=self.role,
        )


class People(NamedTuple):
    """The persons of the files: new ones, and those whose name or phone changed."""

    new: dict[UUID, NewPerson]
    changed: dict[UUID, NewPerson]


class ChainReader:
    """Turns cells into drafts; ``number`` counts the rows of all files."""

    def __init__(self, intake: Intake, school_year: Callable[[date], int]) -> None:
        self._intake = intake
        self._school_year = school_year

    def drafts(self, rows: Iterable[tuple[At, Mapping[str, Cell]]]) -> list[Draft]:
        """Every believable row; the others are refused with all that is wrong with them."""
        return [
            draft
            for number, (at, cells) in enumerate(rows, 1)
            if (draft := self._draft(number, at, cells)) is not None
        ]

    def _draft(self, number: int, at: At, cells: Mapping[str, Cell]) -> Draft | None:
        wrong: list[tuple[str, CkbxError]] = []
        first = self._value(wrong, "起", lambda: date_values.parse_date(cells["起"], "起"))
        last = self._value(wrong, "止", lambda: _optional_date(cells.get("止")))
        level = self._value(wrong, "层级", lambda: _level(cells["层级"]))
        name = self._value(wrong, "姓名", lambda: values.needed(cells["姓名"], "姓名"))
        phone = self._value(wrong, "电话", lambda: _phone(cells.get("电话")))
        code = self._value(wrong, "范围代码", lambda: self._code(cells, first))
        if wrong or first is None or level is None:
            for column, error in wrong:
                self._intake.refuse(at, error, column, cells.get(column))
            return None
        return Draft(
            at=at,
            number=number,
            line=values.plain(cells["线"]),
            level=level,
            title=values.text(cells["岗位"]),
            scope_kind=values.plain(cells["范围类型"]),
            scope_code=code or "",
            name=name or "",
            account=values.plain(cells["账号"]),
            phone=phone or "",
            first_day=first,
            last_day=last,
            role=values.plain(cells.get("角色")),
        )

    @staticmethod
    def _value(wrong: list[tuple[str, CkbxError]], column: str, parse: Callable[[], Any]) -> Any:
        try:
            return parse()
        except CkbxError as error:
            wrong.append((column, error))
            return None

    def _code(self, cells: Mapping[str, Cell], first: date | None) -> str:
        """The code in normal form: grade and class as numbers, 学籍号 checked."""
        kind = SCOPE_WORDS.get(values.plain(cells["范围类型"]))
        if kind is ScopeKind.STUDENT:
            return parse_student_number(identity_values.identity_text(cells["范围代码"])).number
        written = values.plain(cells["范围代码"])
        parts = re.split(r"[/\\]", written)
        if kind in (ScopeKind.GRADE, ScopeKind.CLASS) and first is not None:
            wanted = 2 if kind is ScopeKind.GRADE else 3
            if len(parts) != wanted:
                form = "学校标识码/年级" if wanted == 2 else "学校标识码/年级/班级"
                what = f"{kind.zh}的范围代码应写成“{form}”"
                raise ScopeRefused(what, f"请写成 {form}，如 2152939972/3{'/1' * (wanted - 2)}")
            year = self._school_year(first)
            grade = grade_values.parse_grade(parts[1], school_year=year, school_code=parts[0])
            numbers = [grade_values.parse_class(part, grade=grade) for part in parts[2:]]
            return "/".join(map(str, (parts[0], grade, *numbers)))
        return written


def _optional_date(cell: Cell | None) -> date | None:
    return date_values.parse_date(cell, "止") if values.text(cell) else None


def _level(cell: Cell) -> int:
    written = re.sub("[第级层]", "", values.plain(cell))
    level = "零一二三四五六七八九".find(written) if len(written) == 1 else -1
    if level < 1 and written.isascii() and written.isdigit():
        level = int(written)
    if not 1 <= level <= _LAST_LEVEL:
        what, mend = "“层级”不是 1 到 9 的数", "请填 1–9"
        raise value_errors.CountRefused(what, mend)
    return level


def _phone(cell: Cell | None) -> str:
    written = values.plain(cell)
    if written and not _PHONE.fullmatch(written):
        what, mend = "“电话”不是电话号码", "请只填数字，没有的留空"
        raise PhoneRefused(what, mend)
    return written


def refuse_named_titles(drafts: list[Draft], intake: Intake) -> None:
    """岗位 stands in events: it may not name its holder, or anybody else of the files."""
    titles = {draft.title for draft in drafts}
    names = {d.name for d in drafts if len(d.name) >= _FULL_NAME} - titles
    for draft in drafts:
        named = {draft.name} if len(draft.name) > 1 else set()
        if any(name in draft.title for name in named | _names_in(draft.title, names)):
            what, mend = "“岗位”里有人的姓名", "岗位只写职务，如班主任；姓名填在“姓名”列"
            error = TitleNamesPerson(what, mend)
            intake.refuse(draft.at, error, "岗位", draft.title)


def _names_in(title: str, names: set[str]) -> set[str]:
    lengths = range(_FULL_NAME, _LONG_NAME + 1)
    return {
        part for n in lengths for at in range(len(title)) if (part := title[at : at + n]) in names
    }


def refuse_two_names(drafts: list[Draft], intake: Intake) -> None:
    """One account, two names in the files: which is meant cannot be known."""
    first: dict[str, Draft] = {}
    for draft in drafts:
        if not draft.account:
            continue
        known = first.setdefault(draft.account, draft)
        if known.name != draft.name:
            for here, there in ((known, draft), (draft, known)):
                if not intake.is_bad(here.at):
                    what = f"账号与{there.at.name(here.at)}相同，姓名却不同"
                    mend = "一个账号只能是一个人，请改正其中一行"
                    intake.say(here.at, "账号", what, mend, "account_of_another", here.account)


def find_people(drafts: list[Draft], vault: Vault, access: Access, intake: Intake) -> People:
    """Give every draft its holder: the person filed in the vault, else a new one."""
    known: dict[tuple[str, str], UUID] = {}
    for kind in (ACCOUNT, HOLDER):
        wanted = sorted({d.person[1] for d in drafts if d.person[0] == kind})
        for value, found in vault.find_many(kind, wanted).items() if wanted else ():
            if found:
                known[kind, value] = found[0]
    people = vault.read(sorted(set(known.values())), ("identity", "contact"), access)
    new: dict[UUID, NewPerson] = {}
    changed: dict[UUID, NewPerson] = {}
    for draft in drafts:
        id_ = known.get(draft.person)
        if id_ is None:
            id_ = known[draft.person] = uuid4()
            new[id_] = _person(draft, id_)
        elif id_ in new:
            if draft.phone and not (new[id_].contact or Contact()).phone:
                new[id_] = _person(draft, id_)
        elif id_ in people and id_ not in changed:
            held = people[id_]
            phone = held.contact.phone if held.contact else ""
            if held.name != draft.name or (draft.phone and draft.phone != phone):
                changed[id_] = _person(draft, id_, held.contact)
                if held.name != draft.name:
                    intake.warn(draft.at, "账号的姓名与已登记的不同，已按本次文件更新")
        draft.holder = id_
    return People(new, changed)


def _person(draft: Draft, id_: UUID, held: Contact | None = None) -> NewPerson:
    """``held``: what is known besides the phone stays."""
    kind, value = draft.person
    contact = msgspec.structs.replace(held or Contact(), phone=draft.phone)
    return NewPerson(
        subject=id_,
        kind="staff",
        identity=Identity(name=draft.name),
        contact=contact if draft.phone else None,
        lookups={kind: value},
    )
