"""The commands that touch the database itself, on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from tests.support import paper_county as paper
from tests.support.pdf import pages
from tests.support.terminal import Terminal


def test_a_county_is_made_examined_erased_from_and_rebuilt(pg_url: str, tmp_path: Path) -> None:
    run = Terminal(pg_url, tmp_path / "keys")
    paper.hand_in(run, tmp_path)
    found = run("ledger", "suspected", "--format", "json").ok().json
    assert {row["student_no"] for row in found["rows"]} == {paper.FIRST, paper.SECOND}
    rows = {row["check"]: row for row in run("doctor", "--format", "json").ok().json["rows"]}
    assert rows["只追加保护"]["state"] == "warn"  # here the program's account owns the tables
    assert rows["台账进度"]["state"] == "ok"
    erased = run("erase", paper.FIRST, "--ground", "保存期满", "--approver", "bureau").ok()
    assert "已清除" in erased.err
    names = {row["name"] for row in run("ledger", "roster", "--format", "json").ok().json["rows"]}
    assert "已依法删除" in names
    assert "学生1" not in names
    run("run-due").ok()
    run("rebuild").ok()
    run("rebuild", "--check").ok()
    assert {row["behind"] for row in run("lag", "--format", "json").ok().json["rows"]} == {0}


def test_a_case_is_worked_on_and_printed(pg_url: str, tmp_path: Path) -> None:
    run = Terminal(pg_url, tmp_path / "keys")
    paper.hand_in(run, tmp_path)
    rows = run("case", "list", "--format", "json").ok().json["rows"]
    assert {row["student_no"] for row in rows} == {paper.FIRST, paper.SECOND}
    case = next(row["case"] for row in rows if row["student_no"] == paper.FIRST)
    run("case", "verify", case, "--finding", "K", "--evidence", "家访记录").ok()
    words = ("--met", "母亲", "--outcome", "仍在犹豫", "--note", "妈妈说再劝劝")
    run(
        "case", "visit", case, "--at", "10:00", "--with", "head1", "--with", "李某=联络员", *words
    ).ok()
    found = run("case", "show", paper.FIRST, "--format", "json").ok().json
    assert found["stage_title"] == "劝返中"
    assert "妈妈说再劝劝" in found["facts"][-1]["about"]
    notice = ("--paper", "劝返通知书", "--document", "测小劝〔2026〕1号", "--due", "10")
    run("legal", "issue", case, *notice, "--as", "校长").ok()
    run("paper", "case_file", case, "-o", tmp_path / "一生一案.pdf").ok()
    text = "".join(pages((tmp_path / "一生一案.pdf").read_bytes()))
    for wanted in ("学生1", "李某", "测小劝〔2026〕1号"):
        assert wanted in text
