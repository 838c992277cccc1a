"""What would a believable roster change, given what the store knows? Nothing is written.

Each row becomes one step: a new child, one enrolled again, one moved to another class of
its school, a finding (another school, ended but still listed), or nothing; beside that the
groups of personal data that differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from enum import Enum
from itertools import islice
from typing import TypeVar
from uuid import UUID

import msgspec
from msgspec.structs import replace

from ckbx.domain.child.child import Child
from ckbx.domain.child.events import ChildRegistered
from ckbx.domain.child.status import TERMINAL, TrackingStatus
from ckbx.domain.shared.event import DomainEvent
from ckbx.imports.roster_rows import SOURCE, Dates, RosterRow
from ckbx.imports.tables import At, Intake
from ckbx.vault import Number, Vault
from ckbx.vault.people import Access, Contact, Identity, Marks, Person

_T = TypeVar("_T")
CHUNK = 2000
GROUPS = ("identity", "contact", "marks")
_NOBODY = Number()
OTHER_SCHOOL = "other_school"
MISSING = "missing_from_roster"
LISTED_AFTER_LEAVING = "listed_after_leaving"

Load = Callable[[Sequence[UUID]], dict[UUID, list[DomainEvent]]]


class Kind(Enum):
    """What becomes of a child's place."""

    NEW = "new"
    AGAIN = "again"
    MOVE = "move"
    FINDING = "finding"
    SAME = "same"


_DID = {
    Kind.NEW: "登记入学",
    Kind.AGAIN: "重新入学",
    Kind.MOVE: "调整班级",
    Kind.FINDING: "记入花名册核对，不改学籍",
}
_GROUPS_ZH = {"identity": "身份信息", "contact": "联系方式", "marks": "特殊群体"}


class Step(msgspec.Struct, kw_only=True):
    """One row and what it would change. ``version`` is that of the child it was decided on.

    ``finding``: what is to be looked into, ``known`` when it was noted before,
    ``class_key`` where the child stands;
    ``listed_again``: the child had been missing from a roster of this school.
    ``given_up``: numbers by kind that turn out not to be this child's.
    """

    row: RosterRow
    kind: Kind
    on: date
    child: UUID
    version: int = 0
    finding: str = ""
    known: bool = False
    class_key: str | None = None
    listed_again: bool = False
    identity: Identity | None = None
    contact: Contact | None = None
    marks: Marks | None = None
    moved_home: bool = False
    given_up: dict[str, str] = {}

    @property
    def groups(self) -> list[str]:
        """The groups of personal data that differ."""
        return [name for name in GROUPS if getattr(self, name) is not None]

    @property
    def changes(self) -> bool:
        """Whether the row changes anything."""
        return bool(self.kind is not Kind.SAME or self.amends or self.listed_again)

    @property
    def did(self) -> str:
        """What the row changes, in Chinese."""
        said = [_DID[self.kind]] if self.kind in _DID else []
        said += [f"更正{_GROUPS_ZH[name]}" for name in self.groups]
        said += ["更正住址的村"] * self.moved_home + ["核对销去：又在册"] * self.listed_again
        return "、".join(said)

    @property
    def enters(self) -> bool:
        """Whether the child begins an enrolment."""
        return self.kind in (Kind.NEW, Kind.AGAIN)

    @property
    def amends(self) -> bool:
        """Whether something recorded is changed: a finding changes nothing (domain §9)."""
        return self.kind is Kind.MOVE or bool(self.groups or self.moved_home)


def chunks(items: Iterable[_T], size: int = CHUNK) -> Iterator[list[_T]]:
    """Lists of at most ``size``."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part


def refuse_twins(rows: Sequence[RosterRow], intake: Intake) -> None:
    """A child twice in the files: both rows are refused, each names the other."""
    for column, field in (("身份证件号", "id_number"), ("学籍号", "student_no")):
        seen: dict[str, RosterRow] = {}
        for row in rows:
            value = getattr(row.identity, field)
            if value and (first := seen.setdefault(value, row)) is not row:
                _twins(intake, first, row, column, value)


def _twins(intake: Intake, one: RosterRow, two: RosterRow, column: str, value: str) -> None:
    for here, there in ((one.at, two.at), (two.at, one.at)):
        if not intake.is_bad(here):
            what = f"与{there.name(here)}是同一名学生（{column}相同）"
            intake.say(here, column, what, "请只留正确的一行", "child_twice", value)


def match(
    rows: Sequence[RosterRow],
    vault: Vault,
    access: Access,
    intake: Intake,
    taken: dict[UUID, At],
) -> Iterator[tuple[RosterRow, UUID | None]]:
    """Each row with the child filed under its numbers; rows that a person must decide are refused.

    These are: numbers of two children, of one erased by law, or one that was taken from a
    child of this name and birth date when it was corrected. ``taken`` collects which row
    each child was found by.
    """
    for part in chunks(rows):
        ids = vault.numbers("id_number", [n for r in part if (n := r.identity.id_number)])
        numbers = vault.numbers("student_no", [n for r in part if (n := r.identity.student_no)])
        former = _former(vault, access, (*ids.values(), *numbers.values()))
        for row in part:
            own = (
                ("身份证件号", ids.get(row.identity.id_number, _NOBODY)),
                ("学籍号", numbers.get(row.identity.student_no, _NOBODY)),
            )
            if _must_be_decided(row, own, former, intake):
                continue
            child = next((child for _, number in own for child in number.held), None)
            other = taken.setdefault(child, row.at) if child else row.at
            if other != row.at:
                what = f"与{other.name(row.at)}查到的是同一名已登记的学生"
                intake.say(row.at, "学籍号", what, "请只留正确的一行", "child_twice")
                continue
            yield row, child


def _must_be_decided(
    row: RosterRow,
    own: Sequence[tuple[str, Number]],
    former: dict[UUID, Person],
    intake: Intake,
) -> bool:
    """Whether the numbers of a row leave open whose it is; then it is refused."""
    for column, number in own:
        if number.erased:
            what = "这个号码的持有人的个人信息已依法删除，不能再次登记"
            mend = "请从名册中去掉这一行；确需重新登记的，请持书面依据报县教育局"
            intake.say(row.at, column, what, mend, "child_erased")
            return True
    found = {child for _, number in own for child in number.held}
    if len(found) > 1:
        what = f"身份证件号和学籍号查到 {len(found)} 名不同的学生"
        mend = "请核对这两个号码；确为同一人的，请先由学籍管理员合并"
        intake.say(row.at, "身份证件号", what, mend, "child_ambiguous")
        return True
    for column, number in own:
        if not found and any(_same(row, former[child]) for child in number.former):
            what = "这个号码原登记在一名同名、同出生日期的学生名下，后来更正为别的号码"
            mend = "请核对：是同一人的，请填更正后的号码；确是另一人的，请报县教育局"
            intake.say(row.at, column, what, mend, "number_corrected")
            return True
    return False


def _former(vault: Vault, access: Access, numbers: Iterable[Number]) -> dict[UUID, Person]:
    """Who once was filed under a number that nobody holds, to be compared with a row."""
    asked = sorted({child for n in numbers if not n.held for child in n.former})
    return vault.read(asked, ("identity",), access) if asked else {}


def _same(row: RosterRow, person: Person) -> bool:
    known = person.identity or Identity()
    return (known.name, known.birth_date) == (row.identity.name, row.identity.birth_date)


class Comparer:
    """Decides the step of each row of a known child."""

    def __init__(
        self,
        load: Load,
        vault: Vault,
        access: Access,
        intake: Intake,
        dates: Callable[[str], Dates],
        move_day: Callable[[str], date | None],
    ) -> None:
        """``move_day``: the day a move out of a class counts from when nobody said one."""
        self._load = load
        self._vault = vault
        self._access = access
        self._intake = intake
        self._dates = dates
        self._move_day = move_day

    def steps(self, known: Sequence[tuple[RosterRow, UUID]]) -> list[Step]:
        """Steps of rows whose children are known; a row that cannot be is refused."""
        ids = [child for _, child in known]
        events = self._load(ids)
        people = self._vault.read(ids, GROUPS, self._access)
        made = []
        for row, id_ in known:
            child = Child(id_).replay(events.get(id_, []))
            step = self._place(row, child)
            if step is not None and self._believable(row, _sex(events.get(id_, [])), people[id_]):
                _compare_person(step, people[id_])
                step.moved_home = (row.village is not None and row.village != child.village) or (
                    row.residence is not None and row.residence != child.residence
                )
                made.append(step)
        return made

    def _believable(self, row: RosterRow, sex: str, person: Person) -> bool:
        """Another sex is told; with another name, too, the number is likely somebody else's."""
        known = person.identity or Identity()
        if sex in ("", row.sex):
            return True
        if known.name and known.name != row.identity.name:
            what = "号码查到的已登记学生姓名和性别都不同"
            mend = "请核对号码是否填错；确为同一人的，请报县教育局"
            self._intake.say(row.at, "性别", what, mend, "child_differs")
            return False
        self._intake.warn(row.at, "性别与已登记的不同，登记的性别没有改动，请核对")
        return True

    def _place(self, row: RosterRow, child: Child) -> Step | None:
        own = child.class_key
        dates = self._dates(row.place.school)
        on = row.joined or dates.base or date.min
        step = Step(row=row, kind=Kind.SAME, on=on, child=child.id, version=child.version)
        step.listed_again = own is not None and (MISSING, row.place.school) in child.findings
        if own == row.place.key:
            return step
        if own is None:
            return self._outside(step, child)
        if child.school != row.place.school:
            return _finding(step, child, OTHER_SCHOOL)
        return self._move(step, child, explicit=bool(row.joined or dates.explicit))

    def _outside(self, step: Step, child: Child) -> Step:
        """The child sits in no class now."""
        if child.base is TrackingStatus.NOT_ENROLLED:
            step.kind = Kind.AGAIN
        elif child.base in TERMINAL or child.base is TrackingStatus.MISSING:
            return _finding(step, child, LISTED_AFTER_LEAVING)
        elif child.school != step.row.place.school:
            return _finding(step, child, OTHER_SCHOOL)
        return step

    def _move(self, step: Step, child: Child, *, explicit: bool) -> Step | None:
        first = date.fromordinal(child.segments[-1][1])
        if not explicit:
            step.on = max(self._move_day(child.segments[-1][0]) or step.on, first)
        elif step.on < first:
            what = f"调班日期 {step.on} 早于进入现在班级的日期 {first}"
            mend = "请改正 --effective 或“编班日期”"
            self._intake.say(step.row.at, "班级", what, mend, "move_before_class_began")
            return None
        step.kind = Kind.MOVE
        return step


def _sex(events: Sequence[DomainEvent]) -> str:
    """The sex a child was registered with."""
    return next((event.sex for event in events if isinstance(event, ChildRegistered)), "")


def _finding(step: Step, child: Child, finding: str) -> Step:
    step.class_key = child.class_key
    step.finding, step.known = finding, (finding, step.row.place.school) in child.findings
    if not step.known:
        step.kind = Kind.FINDING
    return step


def _compare_person(step: Step, person: Person) -> None:
    """Note the groups that differ; a cell left empty takes nothing away, marks excepted."""
    row = step.row
    old = person.identity or Identity()
    new = _filled(old, row.identity)
    if new != old:
        step.identity = new
        step.given_up = given_up(old, new)
    if row.contact is not None:
        known = person.contact or Contact()
        contact = _filled(known, row.contact)
        if contact != known:
            step.contact = contact
    if row.marks is not None:
        held = person.marks or Marks()
        others = tuple(mark for mark in held.entries if mark.source != SOURCE)
        marks = Marks(entries=(*others, *row.marks.entries))
        if sorted(map(repr, map(_plain, marks.entries))) != sorted(
            map(repr, map(_plain, held.entries))
        ):
            step.marks = marks


def given_up(old: Identity, new: Identity) -> dict[str, str]:
    """Which numbers of ``old`` turn out not to be this child's, by kind of look-up.

    A temporary 学籍号 (L, J) that a real one (G) follows stays the child's own.
    """
    found = {}
    if old.id_number and old.id_number != new.id_number:
        found["id_number"] = old.id_number
    followed = new.student_no.startswith("G") and not old.student_no.startswith("G")
    if old.student_no and old.student_no != new.student_no and not followed:
        found["student_no"] = old.student_no
    return found


_Group = TypeVar("_Group", Identity, Contact)


def _filled(old: _Group, new: _Group) -> _Group:
    """``new`` with what it leaves empty taken from ``old``."""
    kept = {
        name: getattr(old, name)
        for name in new.__struct_fields__
        if not getattr(new, name) and getattr(old, name)
    }
    return replace(new, **kept)


def _plain(mark: object) -> object:
    return msgspec.to_builtins(mark)
