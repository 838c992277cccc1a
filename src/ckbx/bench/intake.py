"""A roster of many children in 30 columns, against reading it and inserting the same rows bare."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import xlsxwriter
from python_calamine import CalamineWorkbook

from ckbx.bench.measure import Figure, peak_megabytes, quiet, seconds
from ckbx.bench.world import BEGAN, new_store
from ckbx.domain.shared.identifiers import check_character
from ckbx.imports.job import ImportJob
from ckbx.imports.roster import import_roster

HEADINGS = (
    "学校标识码 学校名称 年级 班级 姓名 性别 出生日期 身份证件类型 身份证件号 学籍号 户籍地区划 现住址"
    " 监护人 联系电话 特殊群体 民族 国籍 户口性质 健康状况 入学年月 入学方式 就读方式 学生来源"
    " 通信地址 邮政编码 是否独生子女 是否受过学前教育 是否留守儿童 是否随迁子女 备注"
).split()
_FACTS = ("events", "commands")
_VAULT = ("vault_keys", "vault_rows", "vault_lookup", "vault_numbers", "vault_search")


def rows(count: int) -> Iterator[list[str]]:
    """Made-up children, 40 a class, 40 classes a school."""
    for n in range(count):
        grade = n // 40 % 6 + 1
        school = f"21{52699000 + n // 1600:08d}"
        born = date(2026 - 6 - grade, 9, 1) + timedelta(days=n % 365)
        head = f"522699{born:%Y%m%d}{n % 1000:03d}"
        number = head + check_character(head)
        # A number may stand once only: children beyond 1,000 of a day have none.
        unique = f"J{522699}{born:%Y%m%d}{n // 365 % 1000:03d}"
        known = [number, "G" + number] if n < 365 * 1000 else ["", unique]
        yield [
            school,
            f"第{n // 1600}小学",
            str(grade),
            str(n // 240 % 7 + 1),
            f"王{chr(0x4E00 + n % 3000)}{chr(0x4E00 + n // 3000)}",
            "男" if int(number[16]) % 2 else "女",
            f"{born:%Y%m%d}",
            "居民身份证",
            *known,
            f"522699{100 + n % 20}{200 + n % 30}",
            f"某镇某村{n % 99}号",
            f"王{chr(0x4E00 + n % 2000)}",
            f"100{n:08d}",
            "脱贫户" if n % 17 == 0 else "",
            "汉族",
            "中国",
            "农业户口",
            "健康",
            "202609",
            "就近入学",
            "走读",
            "正常入学",
            f"某镇某村{n % 99}号",
            "556700",
            "否",
            "是",
            "否",
            "否",
            "",
        ]


def make_roster(path: Path, count: int) -> None:
    """Write the workbook."""
    book = xlsxwriter.Workbook(path, {"constant_memory": False})
    sheet = book.add_worksheet("花名册")
    for at, row in enumerate((HEADINGS, *rows(count))):
        for column, value in enumerate(row):
            sheet.write_string(at, column, value)
    book.close()


def roster_import(folder: Path, count: int) -> list[Figure]:
    """Importing on SQLite, reading included, against calamine and bare inserts."""
    path = folder / "roster.xlsx"
    make_roster(path, count)
    read = seconds(lambda: _read(path))
    store = new_store(f"sqlite:///{folder / 'intake.db'}", folder)
    job = ImportJob(office=store.office, vault=store.vault, actor="bench")
    took = seconds(lambda: import_roster(job, [path], effective=BEGAN))
    store.close()
    with quiet():
        bare = _bare(folder / "intake.db", folder / "intake-bare.db")
    return [
        Figure(
            name="花名册导入，对（读表 + 裸写同样的行）",
            store="SQLite",
            ours=took,
            limit=read + bare,
            unit="秒",
            aim=3,
            higher=False,
            note=f"{count:,} 行 × {len(HEADINGS)} 列；读表 {read:.1f} 秒，裸写 {bare:.1f} 秒",
        ),
        Figure(
            name="花名册导入的内存峰值",
            store="SQLite",
            ours=peak_megabytes(),
            unit="MB",
            higher=False,
        ),
    ]


def _read(path: Path) -> None:
    for _ in CalamineWorkbook.from_path(path).get_sheet_by_index(0).iter_rows():
        pass


def _bare(source: Path, target: Path) -> float:
    """Insert every row the import wrote into the same tables of a new file, in batches."""
    target.unlink(missing_ok=True)
    old = sqlite3.connect(source)
    new = sqlite3.connect(target, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        new.execute(f"PRAGMA {pragma}")
    batches: list[tuple[str, list[tuple[Any, ...]]]] = []
    for table in (*_FACTS, *_VAULT):
        query = (
            "SELECT type, sql FROM sqlite_master WHERE tbl_name = ? AND type IN ('table','index')"
        )
        for _, sql in old.execute(query, (table,)).fetchall():
            if sql:
                new.execute(sql)
        found = old.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608 - own names
        if found:
            marks = ",".join("?" * len(found[0]))
            text = f"INSERT INTO {table} VALUES ({marks})"  # noqa: S608 - own names
            batches.append((text, found))
    pieces = 250

    def write() -> None:
        for piece in range(pieces):
            new.execute("BEGIN IMMEDIATE")
            for statement, found in batches:
                size = len(found) // pieces + 1
                new.executemany(statement, found[piece * size : (piece + 1) * size])
            new.execute("COMMIT")

    took = seconds(write)
    old.close()
    new.close()
    return took
