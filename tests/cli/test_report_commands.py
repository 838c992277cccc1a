"""``report`` and ``recheck`` on a screen, and what they refuse to be asked."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.support.terminal import Terminal

SCHOOL = "2152939972"


@pytest.fixture
def in_time(run: Terminal) -> Terminal:
    """The morning of 27 November 2026."""
    run.at = datetime(2026, 11, 27, 2, 30, tzinfo=UTC)
    return run


def school_of(run: Terminal) -> str:
    rows = run("ledger", "school", "--format", "json").ok().json["rows"]
    return str(rows[0]["school_code"])


def test_a_screen_shows_figures_with_both_numbers_and_what_seals_them(in_time: Terminal) -> None:
    code = school_of(in_time)
    draft = in_time("report", "show", "--school", code).ok().out
    assert "未签字" in draft
    assert "学校汇总" in draft
    assert "school-2026.1" not in draft
    signed = in_time("report", "sign", "--school", code, "--format", "json").ok().json
    shown = in_time("report", "show", "--school", code, "--version", 1).ok().out
    assert signed["digest"] in shown
    assert "一致" in shown
    assert "零报告" in shown
    listed = in_time("report", "list", "--month", "2026-11").ok().out
    assert signed["digest"][:16] in listed
    assert "未签" in listed
    compared = in_time("report", "compare", "--school", code).ok().out
    assert "与现在不同 0 项" in compared
    county = in_time("report", "county").ok().out
    assert "系统全县数" in county
    assert "没有签月报" in county


def test_a_version_that_is_not_there_and_words_that_exclude_each_other(in_time: Terminal) -> None:
    code = school_of(in_time)
    missing = in_time("report", "show", "--school", code, "--version", 3)
    assert (missing.code, "没有第 3 版" in missing.err) == (3, True)
    both = ("--version", 1, "--known-at", "2026-11-20")
    assert in_time("report", "show", "--school", code, *both).code == 2
    none = in_time("report", "compare", "--school", code)
    assert (none.code, "没有第 1 版" in none.err) == (3, True)


def test_nothing_to_recheck_and_what_was_not_drawn(in_time: Terminal) -> None:
    draw = ("recheck", "draw", "--quarter", "2026-Q4", "--seed")
    nothing = in_time(*draw, "seed-1")
    assert (nothing.code, "无可抽样" in nothing.err) == (5, True)
    bad = in_time(*draw, "王小明")
    assert (bad.code, "种子" in bad.err) == (3, True)
    asked = ("--quarter", "2026-Q4", "--result", "相符", "--evidence", "材料")
    record = in_time("recheck", "record", "00000000", *asked)
    assert (record.code, "不在" in record.err) == (5, True)
    assert in_time("recheck", "list", "--format", "json").ok().json["rows"] == []
