"""Children who move, and cases that go another way, as people in a county tell it.

Every story is typed at the command line, on both stores, and at its end every answer folded
anew equals the one that was kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.imports.intake_store import (
    CHAIN_HEAD,
    COUNTY,
    ROSTER_HEAD,
    SCHOOL,
    id_number,
    pupil,
    student_no,
)
from tests.support.paper_county import FIRST, hand_in, write
from tests.support.photos import jpeg
from tests.support.terminal import Terminal

CHILD = student_no(2)
RIGHT = id_number(77, date(2017, 5, 6))
JUNIOR = "3152699912"
KEY = f"{SCHOOL}/2024/1"
TOWNSHIP, VILLAGE = f"{COUNTY}100", f"{COUNTY}100201"
PDF = b"%PDF-1.7\nanswer of the school"
JPG = jpeg()
Row = dict[str, Any]


@pytest.fixture
def run(store_url: str, tmp_path: Path) -> Iterator[Terminal]:
    typed = Terminal(store_url, tmp_path / "keys")
    hand_in(typed, tmp_path)
    yield typed
    assert typed("rebuild", "--check").ok().out == ""


def case(run: Terminal, child: str = CHILD) -> Row:
    found: Row = run("case", "show", child, "--format", "json").ok().json
    return found


def alerts(run: Terminal, *rules: str, child: str | None = CHILD) -> dict[str, Row]:
    """The alerts of these rules on a child (None: on none), by rule, once all due is told."""
    run("run-due").ok()
    rows: list[Row] = run("alerts", "--format", "json").ok().json["rows"]
    return {r["rule"]: r for r in rows if r["rule"] in rules and r["student_no"] == child}


def status(run: Terminal, child: str = CHILD) -> str:
    found: str = run("transfer", "show", child, "--format", "json").ok().json["status"]
    return found


def roster(run: Terminal) -> dict[str, Row]:
    rows = run("ledger", "roster", "--format", "json").ok().json["rows"]
    return {row["student_no"]: row for row in rows}


def test_a_transfer_that_nobody_confirms_becomes_a_suspicion_and_a_case(run: Terminal) -> None:
    """妈妈说去广东读书，那边的学校一直没有回话。"""
    run("transfer", "start", CHILD, "--to", "4452699999", "--document", "转〔2026〕7号").ok()
    assert status(run) == "transferring"
    run.later(days=13)  # Friday 4 December, the last of ten working days
    run("run-due").ok()
    assert status(run) == "transferring"
    run.later(days=1)
    found = alerts(run, "transfer_step_10", "transfer_lapsed")
    assert found["transfer_step_10"]["school_code"] == SCHOOL
    assert found["transfer_lapsed"]["state"] == "open"
    assert status(run) == "suspected"
    opened = case(run)
    assert (opened["stage"], opened["suspected_on"]) == ("open", "2026-12-04")
    assert {d["kind"]: d["outcome"] for d in opened["deadlines"]}["verify"] == "open"
    row = next(
        row
        for row in run("ledger", "transfers", "--format", "json").ok().json["rows"]
        if row["student_no"] == CHILD
    )
    assert (row["direction"], row["state"]) == ("out", "lapsed")
    late = run("transfer", "confirm", CHILD, "--to", "4452699999", "--evidence", "迟到的证明")
    assert late.code == 5, "a suspicion is cleared, not confirmed away"
    assert "请先由校长或县教育局处理" in late.err


def test_a_false_match_of_a_wrong_number_is_cleared_as_c(run: Terminal, tmp_path: Path) -> None:
    """比对说查无学籍，原来是身份证号录错一位。"""
    run("decide", "suspect", CHILD, "--since", "2026-11-20").ok()
    book = tmp_path / "book.jpg"
    book.write_bytes(JPG)
    corrected = pupil(2, 3, 1, SCHOOL, 户籍地区划=f"{COUNTY}101202", 身份证件号=RIGHT)
    run("import", "roster", write(tmp_path, "corrected", ROSTER_HEAD, [corrected])).ok()
    words = ("--finding", "C", "--evidence", book, "--as", "校长")
    run("case", "verify", CHILD, *words).ok()
    as_dropout = run("case", "clear", CHILD, "--finding", "A", "--evidence", book, "--as", "校长")
    assert as_dropout.code == 5
    run("case", "clear", CHILD, *words).ok()
    run("case", "close", CHILD, "--kind", "核查结论佐证", "--evidence", book, "--as", "校长").ok()
    assert (case(run)["stage_title"], status(run)) == ("已销号", "enrolled")
    assert case(run, RIGHT)["case"] == case(run)["case"], "found by the right number"
    assert {row["format"] for fact in case(run)["facts"] for row in fact["files"]} == {"jpg"}


def test_a_child_in_school_elsewhere_is_found_by_letter_and_asked_for_each_term(
    run: Terminal, tmp_path: Path
) -> None:
    """邻居说在遵义上学：发函去问，对方过了期才回。"""
    run("decide", "suspect", CHILD, "--since", "2026-11-20").ok()
    to = ("--to", "遵义市第九小学", "--region", "520300", "--document", "青教函〔2026〕9号")
    run("case", "letter", CHILD, *to, "--reply-by", "2026-11-30").ok()
    run.later(days=10)
    found = alerts(run, "letter_reply", "letter_reply_up")
    assert found["letter_reply"]["state"] == "open"
    answer = tmp_path / "answer.pdf"
    answer.write_bytes(PDF)
    words = ("--answer", "在该校就读", "--document", "遵九小函〔2026〕3号", "--file", answer)
    run("case", "answer", CHILD, 1, *words).ok()
    run("case", "verify", CHILD, "--finding", "B", "--evidence", "复函").ok()
    run(
        "decide", "elsewhere", CHILD, "--evidence", answer, "--region", "520300",
        "--review-on", "2027-01-15",
    ).ok()  # fmt: skip
    run("case", "close", CHILD, "--kind", "就读证明或函复", "--evidence", "复函").ok()
    assert (case(run)["stage_title"], status(run)) == ("已销号", "enrolled_elsewhere")
    assert alerts(run, "letter_reply")["letter_reply"]["state"] == "closed"
    (file,) = [row for fact in case(run)["facts"] for row in fact["files"]]
    out = tmp_path / "back.pdf"
    run("case", "file", CHILD, file["file"], "-o", out, "--why", "复核").ok()
    assert out.read_bytes() == PDF
    run.later(days=48)  # 2027-01-18: nobody has asked again
    rules = ("elsewhere_review_village", "elsewhere_review", "elsewhere_review_up")
    assert {row["state"] for row in alerts(run, *rules).values()} == {"open"}
    assert alerts(run, *rules).keys() == set(rules)
    run("decide", "recheck", CHILD, "--evidence", "学籍系统查询结果").ok()
    assert {row["state"] for row in alerts(run, *rules).values()} == {"closed"}


def test_a_missing_child_is_found_again_and_sits_in_class(run: Terminal) -> None:
    """跟人走了，报了案；第二年春天在镇上见到。"""
    run("decide", "missing", CHILD, "--evidence", "报案回执", "--review-on", "2026-12-20").ok()
    assert roster(run)[CHILD]["tracking_status"] == "missing"
    run.later(days=31)
    assert alerts(run, "missing_review_up")["missing_review_up"]["state"] == "open"
    run("decide", "enrol", CHILD, "--class", KEY, "--as", "校长").ok()
    assert alerts(run, "missing_review_up")["missing_review_up"]["state"] == "closed"
    assert roster(run)[CHILD]["tracking_status"] == "enrolled"


def test_the_teacher_leaves_in_the_middle_and_no_day_is_without_one_who_answers(
    run: Terminal,
) -> None:
    """帮扶老师调走了，十天以后才定下新人。"""
    name = ("case", "teacher", FIRST, "--as", "校长")
    run(*name, "--account", "ct1", "--from", "2026-10-12").ok()
    run("case", "release", FIRST, "--until", "2026-11-10", "--as", "校长").ok()
    vacant = alerts(run, "post_vacant", child=FIRST)["post_vacant"]
    assert (vacant["state"], vacant["to"]) == ("open", ["ct2"])
    run(*name, "--account", "head1", "--from", "2026-11-21").ok()
    assert alerts(run, "post_vacant", child=FIRST)["post_vacant"]["state"] == "closed"
    changes = [date(2026, 10, 12), date(2026, 11, 11), date(2026, 11, 21)]
    nearest = {}
    for day in (c + timedelta(days=n) for c in changes for n in (-1, 0, 1, 5)):
        found = run("responsible", FIRST, "--on", day, "--format", "json").ok().json
        held = [n for n in found["chains"]["education"] if n["holders"]]
        nearest[day] = (held[-1]["post"], held[-1]["holders"][0]["account"])
    assert nearest[date(2026, 10, 11)] == ("班主任", "ct1")
    assert nearest[date(2026, 10, 12)] == nearest[date(2026, 11, 10)] == ("帮扶教师", "ct1")
    assert nearest[date(2026, 11, 11)] == nearest[date(2026, 11, 20)] == ("班主任", "ct2")
    assert nearest[date(2026, 11, 21)] == ("帮扶教师", "head1")
    done = [f["title"] for f in case(run, FIRST)["facts"]]
    assert done.count("确定帮扶教师") == 2
    assert done.count("帮扶教师离任") == 1


def test_with_the_township_post_vacant_the_next_up_answers_and_is_told_why(
    run: Terminal, tmp_path: Path
) -> None:
    """乡镇分管的人九月调走，位子空着；劝返的期限照样有人答。"""
    since = "2026-08-01"
    rows = [
        ["政府线", 2, "乡镇分管", "乡镇", TOWNSHIP, "镇长庚", "town1", "", since, "2026-09-15"],
        ["政府线", 3, "村主任", "村", VILLAGE, "主任辛", "v1", "", since],
    ]
    run("import", "chain", write(tmp_path, "local", CHAIN_HEAD, rows)).ok()
    rules = ("persuasion_township", "persuasion_township_copy")
    found = alerts(run, *rules, child=FIRST)
    township = found["persuasion_township"]
    assert township["due_on"] == "2026-09-22"
    assert township["to"] == ["bureau"]
    assert "乡镇分管" in township["via"]
    assert "空岗" in township["via"]
    assert found["persuasion_township_copy"]["state"] == "open"
    assert alerts(run, "post_vacant", child=None)["post_vacant"]["state"] == "open"
    word = "李镇长=乡镇责任人"
    run(
        "case", "visit", FIRST, "--at", "15:00", "--outcome", "仍在犹豫", "--met", "父亲",
        "--tier", "乡镇", "--with", word, "--with", "head1",
    ).ok()  # fmt: skip
    again = alerts(run, *rules, child=FIRST)
    assert again["persuasion_township"]["state"] == "closed"
    assert again["persuasion_township_copy"]["state"] == "closed"


def test_a_primary_class_goes_on_together_and_the_one_left_behind_is_found(
    run: Terminal, tmp_path: Path
) -> None:
    """小升初：三个孩子还挂在小学的班上，开学第五天县里知道；两个补办转学，一个立案。"""
    left = [student_no(n, 7) for n in (11, 12, 13)]
    sixth = [pupil(n, 7, 1, SCHOOL, 户籍地区划=VILLAGE) for n in (11, 12, 13)]
    run("import", "roster", write(tmp_path, "sixth", ROSTER_HEAD, sixth)).ok()
    junior = [pupil(14, 7, 1, JUNIOR, 户籍地区划=VILLAGE)]
    run("import", "roster", write(tmp_path, "junior", ROSTER_HEAD, junior)).ok()
    rules = ("opening_close_3_primary", "opening_close_5_primary_county")
    for child in left:
        found = alerts(run, *rules, child=child)
        assert {row["state"] for row in found.values()} == {"open"}
        assert (found[rules[0]]["to"], found[rules[1]]["to"]) == (["head1"], ["bureau"])
    assert alerts(run, *rules, child=student_no(14, 7)) == {}, "control: a junior school"
    run("decide", "suspect", left[2], "--since", "2026-09-01").ok()
    here = ("--class", f"{SCHOOL}/2020/1", "--to", JUNIOR)
    done = run("transfer", "start", *here, "--document", "小升初〔2026〕1号").ok()
    assert "已办理转出 2 人" in done.err
    words = ("--evidence", "录取名册", "--into", f"{JUNIOR}/2020/1")
    done = run("transfer", "confirm", *here, *words).ok()
    assert "已确认转入 2 人" in done.err
    run.later(days=1)
    for child in left:
        assert {row["state"] for row in alerts(run, *rules, child=child).values()} == {"closed"}
    assert [status(run, child) for child in left] == ["enrolled", "enrolled", "suspected"]
