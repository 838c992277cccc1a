"""What does client c do as its command n? The same in every process, however often it dies.

A block of :data:`BLOCK` commands brings two classes in and reports their first days: a roster
file for one, two children entered by hand with their personal data for the other, nine roll
calls by hand, and a file with two days. The ids of what a person sends are made from (c, n), as a browser's would
be kept; children of a file get theirs where they are imported.
"""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid5

from ckbx.application import enrolment, roll_calls
from ckbx.application.unit import Unit
from ckbx.domain.attendance.book import Submission
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.shared.identifiers import check_character
from ckbx.imports.intake import ImportJob, ImportSummary, import_rollcalls, import_roster
from ckbx.store import Store
from ckbx.vault.people import Identity, NewPerson

NAMES = UUID("4b6f1f0e-7f1b-5d0a-9c44-2f5f0a3c7e11")
BEGAN = date(2026, 9, 1)
DAYS = [BEGAN + timedelta(days=n) for n in (0, 1, 2, 3, 6, 7, 8, 9, 10, 13, 14)]
LISTED, ENTERED, IN_FILE = 4, 2, 2
BLOCK = 12
ROSTER_HEAD = (
    "学校标识码", "学校名称", "年级", "班级", "姓名", "性别", "出生日期", "身份证件类型",
    "身份证件号", "学籍号",
)  # fmt: skip
ROLL_HEAD = (
    "日期", "学校标识码", "年级", "班级", "时段", "应到", "实到", "缺勤学籍号", "原因", "提交人",
)  # fmt: skip


class Block(NamedTuple):
    """Two classes of one client: ``listed_key`` from a file, ``entered_key`` by hand."""

    client: int
    number: int

    @property
    def school(self) -> str:
        return f"21{self.client:02d}{self.number // 9:06d}"

    @property
    def class_number(self) -> int:
        return self.number % 9 + 1

    @property
    def listed_key(self) -> str:
        return f"{self.school}/2026/{self.class_number}"

    @property
    def entered_key(self) -> str:
        return f"{self.school}/2026/{self.class_number + 10}"

    @property
    def class_days(self) -> list[tuple[str, date]]:
        """Every (class, day) that the block reports."""
        by_hand = [(self.entered_key, day) for day in DAYS[:-IN_FILE]]
        return by_hand + [(self.listed_key, day) for day in DAYS[-IN_FILE:]]

    @property
    def entered(self) -> list[UUID]:
        """The children entered by hand."""
        return [uuid5(NAMES, f"{self} child {n}") for n in range(ENTERED)]

    def birth(self, n: int) -> date:
        return date(2019, 9, 1) + timedelta(days=self._serial(n) // 900)

    def student_no(self, n: int) -> str:
        """The 学籍号 of the n-th child of the file."""
        body = f"522601{self.birth(n):%Y%m%d}{self._serial(n) % 900 + 100:03d}"
        return f"G{body}{check_character(body)}"

    def _serial(self, n: int) -> int:
        return (self.client * 20_000 + self.number) * LISTED + n


def command_id(client: int, n: int) -> UUID:
    """The id that a client keeps for its command n until it has the answer."""
    return uuid5(NAMES, f"client {client} command {n}")


def is_import(n: int) -> bool:
    """Whether command n is a file: its ids are made from its content."""
    return n % BLOCK in (0, BLOCK - 1)


def carry_out(store: Store, folder: Path, client: int, n: int) -> bool:
    """Do command n and return once it is acknowledged; whether it had been done before."""
    block, step = Block(client, n // BLOCK), n % BLOCK
    if step == 0:
        rows = [_pupil(block, k) for k in range(LISTED)]
        return _imported(store, import_roster, _file(folder, client, ROSTER_HEAD, rows))
    if step == BLOCK - 1:
        rows = [_absence(block, day) for day in DAYS[-IN_FILE:]]
        return _imported(store, import_rollcalls, _file(folder, client, ROLL_HEAD, rows))
    if step == 1:
        return enter(store, block, block.entered, command_id(client, n))
    return _hand_in(store, block, DAYS[step - 2], command_id(client, n))


def enter(store: Store, block: Block, children: list[UUID], command: UUID) -> bool:
    """Enter children by hand, their names with them; whether it had been done before."""
    people = [
        NewPerson(subject=child, kind="child", identity=Identity(name=f"插班{child.hex[:4]}"))
        for child in children
    ]
    pupils = [enrolment.NewPupil(child=child, sex="f") for child in children]

    def decide(unit: Unit) -> bytes:
        unit.writes.extend(store.vault.prepare_many(people))
        enrolment.admit(store.office, unit, block.entered_key, pupils, grade=1, on=BEGAN)
        return b"entered"

    return store.office.run(store.office.context("registrar", command), decide).replayed


def _hand_in(store: Store, block: Block, day: date, command: UUID) -> bool:
    first, second = block.entered
    absent = {first: Reason.UNEXPLAINED} if DAYS.index(day) < 6 else {second: Reason.SICK}
    submission = Submission(
        class_key=block.entered_key,
        class_name=block.entered_key,
        day=day,
        session=Session.FULL,
        expected=ENTERED,
        present=ENTERED - 1,
        absent=absent,
        submitted_by="ct0",
    )
    ctx = store.office.context("ct0", command)
    return roll_calls.hand_in(store.office, ctx, submission).replayed


def _imported(store: Store, run: object, file: Path) -> bool:
    """Import until nothing was refused because of somebody else's change meanwhile."""
    job = ImportJob(office=store.office, vault=store.vault, actor="cli:registrar")
    before = True
    while True:
        summary: ImportSummary = run(job, [file], effective=BEGAN)  # type: ignore[operator]
        before = before and not (summary.applied or summary.amended)
        if not summary.late:
            if summary.refused:
                raise AssertionError(summary.lines())
            return before


def _file(folder: Path, client: int, head: tuple[str, ...], rows: list[list[object]]) -> Path:
    out = io.StringIO()
    csv.writer(out).writerows([head, *rows])
    path = folder / f"client-{client}.csv"
    path.write_text(out.getvalue(), encoding="utf-8")
    return path


def _pupil(block: Block, n: int) -> list[object]:
    number = block.student_no(n)
    sex = "男" if int(number[17]) % 2 else "女"
    who = [f"学生{n}", sex, block.birth(n).isoformat(), "居民身份证", number[1:], number]
    return [block.school, f"第{int(block.school[-4:])}小学", 1, block.class_number, *who]


def _absence(block: Block, day: date) -> list[object]:
    where = [day.isoformat(), block.school, 1, block.class_number, "全天"]
    return [*where, LISTED, LISTED - 1, block.student_no(0), "无故", "ct0"]
