"""转学 and 转入 at the command line, and each refusal by its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ckbx.application.child_status import ClassNotListed, NotOfReceiver
from ckbx.domain.child.movement_errors import ArrivalNeedsClass
from tests.imports.intake_store import COUNTY, OTHER, SCHOOL, student_no
from tests.support.paper_county import FIRST
from tests.support.refusing import refused
from tests.support.terminal import Terminal

CHILD = student_no(2)
OUTSIDE = "3152699999"
KEY, ANOTHER = f"{SCHOOL}/2024/1", f"{OTHER}/2024/1"
PAPER = ("--document", "转〔2026〕1号")


def show(run: Terminal, child: str = CHILD) -> Any:
    return run("transfer", "show", child, "--format", "json").ok().json


def start(run: Terminal, *words: str, to: str = OUTSIDE, child: str = CHILD) -> Any:
    return run("transfer", "start", child, "--to", to, *PAPER, *words)


def confirm(run: Terminal, *words: str, to: str = OUTSIDE) -> Any:
    return run("transfer", "confirm", CHILD, "--to", to, *words)


def ledger(run: Terminal) -> list[Any]:
    rows: list[Any] = run("ledger", "transfers", "--all", "--format", "json").ok().json["rows"]
    return rows


def test_a_transfer_counts_only_when_the_receiving_school_has_confirmed(run: Terminal) -> None:
    done = start(run, "--as", "学籍管理员").ok()
    assert "请转入校在 2026-12-04 以前确认" in done.err
    found = show(run)
    assert (found["status"], found["confirm_by"]) == ("transferring", "2026-12-04")
    confirm(run, "--evidence", "接收证明", "--as", "校长").ok()
    assert show(run)["status"] == "transferred"
    assert "转入校确认" in run("transfer", "show", CHILD).ok().out


def test_a_transfer_within_the_county_begins_in_the_other_class_at_once(run: Terminal) -> None:
    start(run, to=OTHER).ok()
    wrong = NotOfReceiver(class_key=KEY, school=OTHER)
    words = ("transfer", "confirm", CHILD, "--to", OTHER, "--evidence", "接收证明", "--into")
    refused(run, wrong, run, *words, KEY)
    refused(run, ClassNotListed(class_key=f"{OTHER}/2024/8"), run, *words, f"{OTHER}/2024/8")
    done = confirm(run, "--evidence", "接收证明", "--into", ANOTHER, to=OTHER).ok()
    assert "已编入" in done.err
    assert show(run)["status"] == "enrolled"
    (row,) = ledger(run)
    assert (row["state"], row["arrived_at"]) == ("arrived", OTHER)
    assert run("rebuild", "--check").ok().out == ""


def test_a_cancelled_transfer_leaves_a_suspicion_as_it_was(run: Terminal) -> None:
    start(run, child=FIRST).ok()
    run("transfer", "cancel", FIRST).ok()
    assert show(run, FIRST)["status"] == "suspected"


def test_a_class_leaves_together_and_who_cannot_is_named(run: Terminal) -> None:
    done = run("transfer", "start", "--class", KEY, "--to", OTHER, *PAPER).ok()
    assert "已办理转出 2 人" in done.err
    assert "另有 1 人没有办理" in done.err
    assert "疑似辍学" in done.out
    words = ("--to", OTHER, "--evidence", "录取名册", "--into", ANOTHER)
    done = run("transfer", "confirm", "--class", KEY, *words).ok()
    assert "已确认转入 2 人" in done.err
    again = run("transfer", "confirm", "--class", KEY, *words).ok()
    assert "已确认转入 0 人" in again.err
    assert {row["state"] for row in ledger(run)} == {"arrived"}


def test_who_came_from_outside_is_told_by_the_school_that_took_it_in(run: Terminal) -> None:
    words = ("--from-region", "522601", "--from-school", OUTSIDE, "--evidence", "转学证明")
    run("transfer", "arrive", CHILD, *words, *PAPER, "--as", "校长").ok()
    (fact,) = show(run)["facts"]
    assert (fact["title"], fact["place"]) == ("县外转入", OUTSIDE)
    (row,) = ledger(run)
    assert (row["direction"], row["from_region"], row["receiving_school"]) == (
        "in",
        "522601",
        SCHOOL,
    )
    again = run("transfer", "arrive", CHILD, *words, *PAPER)
    assert again.code == 5
    assert "已登记为县外转入" in again.err


def test_one_that_left_and_comes_back_needs_a_class(run: Terminal) -> None:
    start(run).ok()
    confirm(run, "--evidence", "接收证明").ok()
    words = ("transfer", "arrive", CHILD, "--from-region", COUNTY, *PAPER, "--evidence", "转学证明")
    refused(run, ArrivalNeedsClass(status="已转出"), run, *words)
    run(*words, "--into", KEY).ok()
    assert show(run)["status"] == "enrolled"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("start", CHILD, "--to", SCHOOL, *PAPER), 5, "不能转到同一所学校"),
        (("start", CHILD, "--to", OUTSIDE), 5, "须写明文号"),
        (("start", CHILD, "--to", "外县一中", *PAPER), 3, "10 位数字"),
        (("start", CHILD, "--to", OUTSIDE, *PAPER, "--as", "县长"), 2, "不能用"),
        (("start", CHILD, "--to", OUTSIDE, *PAPER, "--as", "联络员"), 5, "由学校办理"),
        (("start", CHILD, "--to", OUTSIDE, *PAPER, "--on", "2027-01-01"), 5, "还没有到"),
        (("start", "--to", OUTSIDE, *PAPER), 2, "二者选一"),
        (("start", "--class", "没有", "--to", OUTSIDE, *PAPER), 3, "没有班级"),
        (("start", CHILD, "--to", OUTSIDE, "--document", "522699201605060011"), 2, "只写文号"),
        (("confirm", CHILD, "--to", OUTSIDE, "--evidence", "证明"), 5, "不能确认转入"),
        (("cancel", CHILD), 5, "不能取消转出"),
        (("arrive", CHILD, "--from-region", "522601", *PAPER), 5, "须附转学证明"),
        (("arrive", CHILD, "--from-region", "52", *PAPER, "--evidence", "x"), 3, "区划代码"),
        (("show", "G522601201605060199"), 3, "没有"),
    ],
)
def test_what_is_wrong_is_named(
    run: Terminal, words: tuple[str, ...], code: int, said: str
) -> None:
    done = run("transfer", *words)
    assert done.code == code, done.err
    assert said in done.err
    assert show(run)["facts"] == []


def test_no_step_is_dated_before_the_one_it_follows(run: Terminal) -> None:
    start(run).ok()
    for words in (("cancel", CHILD), ("confirm", CHILD, "--to", OUTSIDE, "--evidence", "证明")):
        done = run("transfer", *words, "--on", "2026-11-20")
        assert done.code == 5
        assert "早于该生最近一次办理的日期 2026-11-21" in done.err
    assert show(run)["status"] == "transferring"


def test_a_large_file_is_not_kept_once_a_child(run: Terminal, tmp_path: Path) -> None:
    run("transfer", "start", "--class", KEY, "--to", OTHER, *PAPER).ok()
    large = tmp_path / "list.pdf"
    large.write_bytes(b"%PDF-1.7" + bytes(1024 * 1024))
    done = run("transfer", "confirm", "--class", KEY, "--to", OTHER, "--evidence", large)
    assert done.code == 2
    assert "不超过 1 MB" in done.err


def test_only_the_school_named_in_the_transfer_confirms_it_with_its_paper(run: Terminal) -> None:
    start(run).ok()
    other = confirm(run, "--evidence", "证明", to=OTHER)
    assert other.code == 5
    assert f"转入学校是 {OUTSIDE}" in other.err
    bare = confirm(run)
    assert bare.code == 5
    assert "须附转入学校的接收证明" in bare.err
    assert show(run)["status"] == "transferring"
