"""The commands that touch the database itself, on PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from tests.support import paper_county as paper
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
