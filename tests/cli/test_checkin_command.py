"""报到 by name: by number on the command line, or from a file; said once, kept once."""

from __future__ import annotations

from pathlib import Path

from tests.support.paper_county import FIRST, SECOND, write
from tests.support.terminal import Terminal


def titles(run: Terminal, who: str) -> list[str]:
    found = run("student", who, "--format", "json").ok().json
    return [entry["occurred_on"] for entry in found["timeline"] if entry["title"] == "开学报到"]


def test_children_are_checked_in_by_any_of_their_numbers(run: Terminal) -> None:
    done = run("check-in", FIRST, SECOND[1:], "--on", "2026-09-01").ok()
    assert "2 名儿童 2026-09-01 已登记报到" in done.err
    assert titles(run, FIRST) == titles(run, SECOND) == ["2026-09-01"]


def test_checking_in_again_says_that_nothing_changed(run: Terminal) -> None:
    run("check-in", FIRST, "--on", "2026-09-01").ok()
    assert "没有改动" in run("check-in", FIRST, "--on", "2026-09-03").ok().err
    assert titles(run, FIRST) == ["2026-09-01"]


def test_a_file_is_taken_by_both_commands(run: Terminal, tmp_path: Path) -> None:
    file = write(tmp_path, "报到", ("学籍号", "报到日期"), [[FIRST, "2026-09-02"], [SECOND]])
    assert "新增 2" in run("check-in", "--file", file, "--on", "2026-09-03").ok().err
    assert (titles(run, FIRST), titles(run, SECOND)) == (["2026-09-02"], ["2026-09-03"])
    again = run("import", "checkin", file, "--on", "2026-09-03", "--format", "json").ok().json
    assert (again["applied"], again["unchanged"]) == (0, 2)


def test_nobody_is_checked_in_where_one_of_them_cannot_be(run: Terminal) -> None:
    for words, code, said in (
        ((FIRST, "G522601201605069999"), 3, "没有找到儿童"),
        ((FIRST, "--on", "2026-11-22"), 5, "还没有到"),
        ((FIRST, "--on", "2026-08-20"), 3, "不在任何一个学期内"),
        ((), 2, "请写明儿童"),
    ):
        done = run("check-in", *words)
        assert (done.code, done.out) == (code, "")
        assert said in done.err
    assert titles(run, FIRST) == []
