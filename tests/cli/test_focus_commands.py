"""``ckbx focus`` and ``ckbx called``: the focus list, and who was reached about an absence."""

from __future__ import annotations

import pytest

from ckbx.domain.child.focus_codes import FocusReason
from ckbx.domain.child.focus_errors import (
    FocusDaysCross,
    FocusNotTheirs,
    NotAwayThatDay,
    NotOnFocusList,
    OnFocusListAlready,
)
from tests.imports.intake_store import OTHER, SCHOOL, student_no
from tests.support.paper_county import FIRST, SECOND
from tests.support.terminal import Terminal

CHILD = student_no(2)
AWAY = "2026-09-08"


def names(run: Terminal, *more: str) -> list[str]:
    found = run("focus", "list", "--format", "json", *more).ok().json
    return [row["student_no"] for row in found["rows"]]


def told(run: Terminal, child: str) -> list[tuple[str, str]]:
    found = run("student", child, "--format", "json").ok().json
    wanted = ("FocusListed", "FocusEnded", "GuardianTried")
    events = [each for each in found["timeline"] if each["event"].endswith(wanted)]
    return [(each["title"], each["about"]) for each in events]


def test_a_child_is_on_the_list_from_a_day_to_the_day_before_it_is_taken_off(
    run: Terminal,
) -> None:
    run("focus", "add", CHILD, "--reason", "多次缺勤", "--on", "2026-10-12").ok()
    run("focus", "add", SECOND, "--reason", "school_decision", "--as", "校长").ok()
    assert names(run) == [SECOND, CHILD]
    assert names(run, "--as-of", "2026-10-12") == [CHILD]
    assert names(run, "--as-of", "2026-10-11") == []
    assert names(run, "--school", OTHER) == [SECOND]
    assert names(run, "--school", SCHOOL) == [CHILD]
    run("focus", "remove", CHILD, "--on", "2026-11-02", "--as", "县教育局控辍保学专干").ok()
    assert names(run, "--as-of", "2026-11-01") == [CHILD]
    assert names(run, "--as-of", "2026-11-02") == []
    said = run("focus", "list").ok().out
    assert "学校研究决定" in said
    assert "校长" in said
    assert SECOND not in said  # masked
    assert run("rebuild", "--check").ok().out == ""


def test_the_file_of_a_child_tells_it_in_words_and_what_was_typed_stands_in_the_vault(
    run: Terminal,
) -> None:
    from tests.cli.test_erase_command import opened

    run("focus", "add", CHILD, "--reason", "一年内劝返复学", "--note", "由外婆照看").ok()
    run("focus", "remove", CHILD).ok()
    assert told(run, CHILD) == [
        ("列入重点关注", "一年内劝返复学；由外婆照看"),
        ("移出重点关注", ""),
    ]
    with opened(run) as store:
        stored = b"".join(row.state for row in store.log.read_rows(0, 10**6))
    assert "外婆".encode() not in stored
    assert b"returned" in stored, "control: the fact is there"


def test_who_was_called_about_an_absence_is_told_once_and_the_last_word_stands(
    run: Terminal,
) -> None:
    both = ("called", FIRST, SECOND, "--nobody", "--day", AWAY)
    assert "已登记 2 人" in run(*both).ok().err
    assert "另有 2 人此前已登记" in run(*both).ok().err
    run("called", FIRST, "--reached", "--day", AWAY, "--as", "帮扶教师").ok()
    assert told(run, FIRST) == [
        ("缺勤联系监护人", f"{AWAY} 缺勤；没有联系上"),
        ("缺勤联系监护人", f"{AWAY} 缺勤；联系上了"),
    ]
    assert run("called", FIRST).code == 2


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (("focus", "add", CHILD, "--reason", "多次缺勤", "--as", "学籍管理员"), FocusNotTheirs),
        (("focus", "add", FIRST, "--reason", "多次缺勤"), OnFocusListAlready),
        (("focus", "remove", CHILD), NotOnFocusList),
        (("focus", "remove", FIRST, "--on", "2026-09-30"), FocusDaysCross),
        (("called", FIRST, "--nobody", "--day", "2026-11-20"), NotAwayThatDay),
        (("called", CHILD, "--nobody", "--day", AWAY), NotAwayThatDay),
        (("called", FIRST, "--nobody", "--day", AWAY, "--as", "村（社区）责任人"), FocusNotTheirs),
    ],
)
def test_what_is_not_so_or_not_theirs_is_refused_with_what_to_do(
    run: Terminal, call: tuple[str, ...], code: type[FocusNotTheirs]
) -> None:
    run("focus", "add", FIRST, "--reason", "曾列入疑似辍学", "--on", "2026-10-01").ok()
    refused = run(*call)
    assert refused.code == 5
    assert code.message[-6:] in refused.err


def test_no_reason_speaks_of_health_or_of_the_home() -> None:
    said = "".join(each.label for each in FocusReason)
    assert not [word for word in ("病", "残", "贫", "困", "孤", "留守", "单亲") if word in said]
