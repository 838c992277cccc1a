"""A store with everything an import needs, on either database; and small files to import."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from ckbx.access import create_sqlite_tables as create_access_tables
from ckbx.application.office import Office
from ckbx.clock import FixedClock
from ckbx.domain.child.child import Child
from ckbx.domain.shared.event import DomainEvent
from ckbx.domain.shared.identifiers import check_character
from ckbx.eventlog.sqlite.log import SQLiteEventLog
from ckbx.imports.intake import ImportJob
from ckbx.vault import Vault, create_sqlite_tables, init_keys, sqlite_engine

COUNTY = "522699"
SCHOOL, OTHER = "2152939972", "2152630340"
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
ROSTER_HEAD = (
    "学校标识码", "学校名称", "年级", "班级", "姓名", "性别", "出生日期", "身份证件类型",
    "身份证件号", "学籍号", "户籍地区划", "监护人", "联系电话", "特殊群体",
)  # fmt: skip
ROLL_HEAD = (
    "日期", "学校标识码", "年级", "班级", "时段", "应到", "实到", "缺勤学籍号", "原因",
    "提交人", "提交时间",
)  # fmt: skip
CALENDAR_HEAD = ("学年", "学期", "开始", "结束", "适用", "日期", "类型", "说明")
CHAIN_HEAD = (
    "线", "层级", "岗位", "范围类型", "范围代码", "姓名", "账号", "电话", "起", "止", "角色",
)  # fmt: skip


class IntakeStore:
    """An event log, a vault and an import job on one database."""

    def __init__(
        self, log: Any, vault: Vault, clock: FixedClock, folder: Path, engine: Engine
    ) -> None:
        self.log, self.vault, self.clock, self.folder = log, vault, clock, folder
        self.engine = engine
        self.told: list[tuple[int, int | None, str]] = []
        self.files = 0

    def close(self) -> None:
        """Release the database."""
        self.log.close()
        self.engine.dispose()

    @property
    def job(self) -> ImportJob:
        """A job as a new process would make it."""
        return ImportJob(
            office=Office(self.log, self.clock),
            vault=self.vault,
            actor="cli:tester",
            progress=lambda *said: self.told.append(said),
        )

    def csv(self, head: Sequence[str], *rows: Sequence[object], encoding: str = "utf-8") -> Path:
        """A file with these rows; shorter rows are filled up."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(head)
        for row in rows:
            writer.writerow([*row, *[""] * (len(head) - len(row))])
        self.files += 1
        path = self.folder / f"file-{self.files}.csv"
        path.write_bytes(out.getvalue().encode(encoding))
        return path

    def events(self) -> list[DomainEvent]:
        """The whole log."""
        return [found.event for found in self.log.read(0, 10**7)]

    def counts(self) -> Counter[str]:
        """How many events of each type."""
        return Counter(type(event).__name__ for event in self.events())

    def of(self, kind: type[DomainEvent]) -> list[Any]:
        """The events of a type, in order."""
        return [event for event in self.events() if isinstance(event, kind)]

    def child(self, student_no: str) -> Child:
        """A child as recorded."""
        id_ = self.child_id(student_no)
        return Child(id_).replay(self.log.load([id_]).get(id_, []))

    def child_id(self, student_no: str) -> UUID:
        """The internal id of a child."""
        found = self.vault.find("student_no", student_no)
        assert found is not None, f"no child {student_no}"
        return found


def sqlite_store(folder: Path, *, county: str | None = None, at: datetime = NOW) -> IntakeStore:
    """A store on an SQLite file of the folder; opened again when it is there."""
    clock = FixedClock(at)
    folder.mkdir(exist_ok=True)
    path = folder / "ckbx.db"
    log = SQLiteEventLog(path, clock=clock, county=county, create=True)
    engine = sqlite_engine(path)
    with log.write_lock():
        create_sqlite_tables(path)
        create_access_tables(path)
    keys = init_keys(engine, folder / "secrets", clock, write_lock=log.write_lock)
    vault = Vault(engine, keys, clock, write_lock=log.write_lock)
    return IntakeStore(log, vault, clock, folder, engine)


def id_number(n: int, birth: date = date(2016, 5, 6), *, male: bool = True) -> str:
    """The n-th made-up number of a birth date, with its check digit."""
    body = f"522601{birth:%Y%m%d}{n:02d}{1 if male else 2}"
    return body + check_character(body)


def pupil(
    n: int, grade: int = 3, number: int = 1, school: str = SCHOOL, **other: object
) -> list[object]:
    """The n-th made-up child as a row of a roster."""
    birth = date(2026 - 6 - grade, 5, 6)
    found: dict[str, object] = {
        "学校标识码": school,
        "学校名称": f"测试小学{school[-2:]}",
        "年级": grade,
        "班级": number,
        "姓名": f"学生{n}",
        "性别": "男",
        "出生日期": birth.isoformat(),
        "身份证件类型": "居民身份证",
        "身份证件号": id_number(n, birth),
        "学籍号": "G" + id_number(n, birth),
        "户籍地区划": f"{COUNTY}100201",
        "监护人": f"家长{n}",
        "联系电话": f"1380000{n:04d}",
        "特殊群体": "",
    } | other
    return [found[name] for name in ROSTER_HEAD]


def student_no(n: int, grade: int = 3) -> str:
    """The 学籍号 of :func:`pupil`."""
    return "G" + id_number(n, date(2026 - 6 - grade, 5, 6))


def term(school: str = COUNTY) -> list[object]:
    """The autumn term of 2026 as a row of a calendar."""
    return ["2026-2027", "秋季", "2026-09-01", "2027-01-22", school]


def sheet(
    day: str, expected: int, *absent: tuple[str, str], grade: int = 3, number: int = 1,
    school: str = SCHOOL, session: str = "全天", by: str = "ct1", present: int | None = None,
) -> list[list[object]]:  # fmt: skip
    """The rows of one class's roll call: (学籍号, 原因) of each absentee."""
    away = sum(reason != "到校" for _, reason in absent)
    there = expected - away if present is None else present
    head = [day, school, grade, number, session, expected, there]
    return [[*head, who, why, by] for who, why in absent or [("", "")]]
