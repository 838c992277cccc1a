"""Bad files through the command line: exit 3, where and what in Chinese, nothing is stored."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
import xlsxwriter
import xlwt

from tests.imports.intake_store import OTHER, ROLL_HEAD, SCHOOL
from tests.support import paper_county as paper
from tests.support.terminal import Terminal

DAY = "2026-09-09"
ABSENT = [DAY, SCHOOL, 3, 1, "全天", 3, 2, paper.FIRST, "无故", "ct1"]


def changed(**cells: object) -> list[object]:
    """A good row but for these cells."""
    return [cells.get(name, value) for name, value in zip(ROLL_HEAD, ABSENT, strict=False)]


BAD = {
    "no such class": ([changed(班级=9)], "第 2 行 “班级”列：没有这个班", "请先导入该校花名册"),
    "no such school": ([changed(学校标识码="2152000000")], "“学校标识码”列：没有学校", "核对"),
    "another class": ([changed(学校标识码=OTHER, 应到=2, 实到=1)], "“缺勤学籍号”列", "核对班级"),
    "future": ([changed(日期="2026-12-25")], "“日期”列：2026-12-25 还没有到", "改正"),
    "child twice": ([ABSENT, ABSENT], "第 3 行 “缺勤学籍号”列", "请只留一行"),
    "negative": ([changed(实到=-1)], "“实到”列：“实到”是负数", "请填 0 或正整数"),
    "counts": ([changed(应到=3, 实到=1)], "应到 3 − 实到 1 = 2，但列出了 1 名缺勤学生", "改正"),
    "too many": ([changed(应到=2, 实到=3)], "实到 3 多于应到 2", "核对"),
    "no heading": (None, "找不到点名表的表头", "请补上表头行"),
}


def written(folder: Path, suffix: str, rows: Sequence[Sequence[object]]) -> Path:
    """The rows as a file of a kind."""
    path = folder / f"点名.{suffix}"
    if suffix == "csv":
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)
        return path
    cells = [(r, c, value) for r, row in enumerate(rows) for c, value in enumerate(row)]
    if suffix == "xlsx":
        with xlsxwriter.Workbook(path) as book:
            sheet = book.add_worksheet("表")
            for cell in cells:
                sheet.write(*cell)
        return path
    old = xlwt.Workbook()
    page = old.add_sheet("表")
    for cell in cells:
        page.write(*cell)
    old.save(path)
    return path


def stored(run: Terminal) -> list[object]:
    """Everything of the log and the vault but the record of who looked."""
    tables = ("events", "commands", "vault_rows", "vault_lookup", "vault_keys")
    with closing(sqlite3.connect(run.wiring().settings.sqlite_path)) as connection:
        return [connection.execute(f"SELECT * FROM {each}").fetchall() for each in tables]


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "xls"])
def test_a_bad_file_is_refused_saying_where_and_what_and_nothing_is_stored(
    run: Terminal, tmp_path: Path, suffix: str
) -> None:
    before = stored(run)
    for name, (rows, said, mend) in BAD.items():
        head = ["甲", "乙", "丙"] if rows is None else ROLL_HEAD
        file = written(tmp_path, suffix, [head, *(rows or [[1, 2, 3]])])
        done = run("import", "rollcalls", file)
        assert (done.code, done.out) == (3, ""), name
        assert f"点名.{suffix}" in done.err, name
        assert said in done.err, f"{name}: {done.err}"
        assert mend in done.err, f"{name}: {done.err}"
        assert paper.FIRST not in done.err, name
    assert stored(run) == before


def test_the_good_row_would_have_been_taken(run: Terminal, tmp_path: Path) -> None:
    """The control of the test above."""
    run("import", "rollcalls", written(tmp_path, "csv", [ROLL_HEAD, ABSENT])).ok()
