"""The road of a case at the command line, step by step, and its refusals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.imports.intake_store import OTHER, ROLL_HEAD, SCHOOL, sheet
from tests.support.paper_county import FIRST, SECOND, SIZES, write
from tests.support.terminal import Terminal

WORDS = "妈妈说一定劝孩子回来"
CLASS = f"{SCHOOL}/2024/1"
Case = dict[str, Any]


def show(run: Terminal, key: str = FIRST) -> Case:
    found: Case = run("case", "show", key, "--format", "json").ok().json
    return found


def rows(run: Terminal, *words: str) -> list[Case]:
    found: list[Case] = run("case", "list", *words, "--format", "json").ok().json["rows"]
    return found


def visit(run: Terminal, at: str, *words: object, day: str = "2026-09-08") -> Any:
    people = ("--with", "head1", "--with", "ct1")
    usual = ("--outcome", "仍在犹豫", "--met", "母亲", "--on", day)
    return run("case", "visit", FIRST, "--at", at, *people, *usual, *words)


def roll_calls(run: Terminal, folder: Path, days: list[str], *absent: tuple[str, str]) -> None:
    """Days of the first school handed in."""
    lines = [row for day in days for row in sheet(day, SIZES[SCHOOL], *absent, by="ct1")]
    run("import", "rollcalls", write(folder, f"more{days[0]}", ROLL_HEAD, lines)).ok()


def test_the_list_shows_every_open_case_with_what_falls_due(run: Terminal) -> None:
    found = rows(run)
    assert {row["student_no"] for row in found} == {FIRST, SECOND}
    assert {row["stage_title"] for row in found} == {"待核实"}
    assert all(row["missed"] >= 4 for row in found)  # nobody did anything since September
    (only,) = rows(run, "--school", OTHER)
    assert only["student_no"] == SECOND
    assert only["case"] == only["case_id"].replace("-", "")[:8]
    assert only["case"] in run("case", "list").ok().out


def test_a_school_that_is_not_there_is_no_school_without_cases(run: Terminal) -> None:
    done = run("case", "list", "--school", "2152000000")
    assert done.code == 3
    assert "没有学校 2152000000" in done.err


def test_a_case_is_found_by_its_id_its_beginning_and_its_child(run: Terminal) -> None:
    wanted = show(run)
    for key in (wanted["case_id"], wanted["case"], wanted["child_id"]):
        assert show(run, key)["case_id"] == wanted["case_id"]
    done = run("case", "show", "00000000")
    assert done.code == 3
    assert "没有找到个案 00000000" in done.err
    never = run("case", "show", "G522601201605060199")
    assert never.code == 3
    assert "201605060199" not in never.err


def test_looking_at_a_case_leaves_one_record_of_who_looked(run: Terminal) -> None:
    from tests.cli.test_erase_command import opened

    run("case", "plan", FIRST, "--text", "每周补课两次", "--measure", "学业").ok()
    with opened(run) as store:
        before = len(store.vault.access_records())
    assert "每周补课两次" in run("case", "show", FIRST, "--why", "会商").ok().out
    with opened(run) as store:
        records = store.vault.access_records()
    assert len(records) == before + 1
    assert (records[-1].view, records[-1].purpose) == ("ckbx case show", "会商")


def test_what_was_typed_stands_in_the_vault_and_in_no_event(run: Terminal) -> None:
    from tests.cli.test_erase_command import opened

    visit(run, "10:00", "--note", WORDS, "--with", "李村长=村（社区）责任人").ok()
    run("case", "cause", FIRST, "04").ok()
    with opened(run) as store:
        stored = b"".join(row.state for row in store.log.read_rows(0, 10**6))
        case = show(run)
    for secret in (WORDS, "李村长", "信教"):
        assert secret.encode() not in stored
    told = "".join(fact["about"] for fact in case["facts"])
    assert WORDS in told
    assert "04 信教" in told


def test_from_the_suspicion_back_into_class_and_the_consolidation(
    run: Terminal, tmp_path: Path
) -> None:
    days = ["2026-09-09", "2026-09-10", "2026-09-11"]
    roll_calls(run, tmp_path, days, (FIRST, "无故"))
    more = [f"2026-09-{n}" for n in (14, 15, 16, 17, 18, 21, 22, 23, 24)]
    more += ["2026-09-28", "2026-09-29", "2026-09-30"]
    roll_calls(run, tmp_path, more, (FIRST, "无故"))
    run("case", "teacher", FIRST, "--account", "ct1", "--from", "2026-09-08", "--as", "校长").ok()
    run("case", "contact", FIRST, "--met", "父亲", "--note", "在外地务工").ok()
    run("case", "cause", FIRST, "外出务工").ok()
    run("case", "verify", FIRST, "--finding", "K", "--evidence", "家访记录一份").ok()
    visit(run, "10:00").ok()
    visit(run, "16:00", "--tier", "学校").ok()
    run("case", "determine", FIRST, "--whereabouts", "县外务工", "--on", "2026-10-08").ok()
    assert show(run)["stage"] == "determined"
    run.later(days=2)  # a Monday
    run("case", "return", FIRST, "--placement", "原班", "--class", CLASS).ok()
    assert show(run)["stage_title"] == "已返校，待确认"
    roll_calls(run, tmp_path, ["2026-11-23"])
    early = run("case", "confirm", FIRST)
    assert early.code == 5
    assert "连续到校 3 个教学日" in early.err
    assert "现为 1 个" in early.err
    run.later(days=2)
    roll_calls(run, tmp_path, ["2026-11-24", "2026-11-25"])
    run("case", "confirm", FIRST).ok()
    run("case", "follow-up", FIRST, "--kind", "家访", "--result", "稳定").ok()
    over = run("case", "settle", FIRST)
    assert over.code == 5
    assert show(run)["stage_title"] == "巩固期"
    early = run("case", "close", FIRST, "--kind", "return")
    assert early.code == 5
    assert "请继续回访" in early.err


def test_a_cleared_case_is_closed_and_its_closing_taken_back(run: Terminal) -> None:
    words = ("--finding", "A", "--evidence", "学籍卡和点名记录")
    run("case", "verify", SECOND, *words, "--as", "principal").ok()
    assert "clear" in {step["step"] for step in show(run, SECOND)["next"]}
    run("case", "clear", SECOND, *words, "--as", "principal").ok()
    wrong = run("case", "close", SECOND, "--kind", "death", "--evidence", "证明")
    assert wrong.code == 5
    assert "销号依据应为核查结论佐证" in wrong.err
    run("case", "close", SECOND, "--kind", "cleared", "--evidence", "学籍卡复印件").ok()
    assert {row["student_no"] for row in rows(run)} == {FIRST}
    assert {row["student_no"] for row in rows(run, "--all")} == {FIRST, SECOND}
    run("case", "reopen", SECOND, "--reason", "核错了人").ok()
    assert show(run, SECOND)["stage_title"] == "已了结，待销号"


def test_a_suspicion_is_not_cleared_against_what_the_check_found(run: Terminal) -> None:
    run("case", "verify", FIRST, "--finding", "K", "--evidence", "家访记录").ok()
    done = run("case", "clear", FIRST, "--finding", "A", "--evidence", "学籍卡")
    assert done.code == 5
    assert "核查结论是 K（真辍学）" in done.err
    run("case", "verify", FIRST, "--finding", "A", "--evidence", "学籍卡和点名记录").ok()
    run("case", "clear", FIRST, "--finding", "A", "--evidence", "学籍卡").ok()


def test_risk_and_support_are_told_with_the_case(run: Terminal) -> None:
    run("case", "risk", FIRST, "红").ok()
    run("case", "support", FIRST, "资助", "--note", "寄宿生补助已发", "--as", "帮扶教师").ok()
    told = [(fact["title"], fact["about"]) for fact in show(run)["facts"]]
    assert ("评定风险等级", "红") in told
    assert ("落实帮扶措施", "资助；寄宿生补助已发") in told
    assert run("case", "risk", FIRST, "紫").code == 2


def test_who_saw_an_older_version_is_told_what_happened_since(run: Terminal) -> None:
    seen = show(run)["version"]
    run("case", "contact", FIRST, "--met", "母亲").ok()
    done = run("case", "verify", FIRST, "--finding", "K", "--evidence", "x", "--seen", seen)
    assert done.code == 5
    assert "联系监护人" in done.err
    assert show(run)["stage"] == "open"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("visit", "--at", "10:00", "--outcome", "犹豫"), 2, "仍在犹豫（wavering）"),
        (("visit", "--at", "10:00", "--outcome", "refused", "--with", "无此人"), 3, "姓名=角色"),
        (("visit", "--at", "10:00", "--outcome", "拒绝返校"), 5, "至少 2 人参加"),
        (("verify", "--finding", "K"), 5, "须附家访记录"),
        (("verify", "--finding", "K", "--evidence", "没有.pdf"), 2, "没有文件 没有.pdf"),
        (("determine", "--whereabouts", "在家"), 5, "须有核查结论 K"),
        (("determine", "--whereabouts", "在家", "--as", "校长"), 5, "由县教育局控辍保学专干办理"),
        (("return", "--as", "县教育局控辍保学专干"), 5, "由校长办理"),
        (("cause", "77"), 5, "没有代码为“77”的辍学原因"),
        (("contact", "--met", "母亲", "--on", "2027-01-01"), 5, "还没有到"),
        (("teacher", "--account", "nobody"), 3, "没有"),
        (("plan", "--measure", "学业"), 5, "方案内容"),
        (("contact", "--as", "县长"), 2, "校长（principal）"),
        (("reopen", "--reason", "错了"), 5, "现为“待核实”"),
    ],
)
def test_what_is_missing_is_named(
    run: Terminal, words: tuple[str, ...], code: int, said: str
) -> None:
    done = run("case", words[0], FIRST, *words[1:])
    assert done.code == code, done.err
    assert said in done.err
    assert show(run)["version"] == 1


def test_the_role_in_which_a_step_was_taken_stands_in_its_fact_and_is_shown(run: Terminal) -> None:
    visit(run, "10:00", "--as", "校长").ok()
    run("case", "contact", FIRST, "--met", "母亲").ok()
    facts = show(run)["facts"]
    roles = {f["title"]: (f["acted_as"], f["acted_as_title"]) for f in facts}
    assert roles["劝返"] == ("principal", "校长")
    assert roles["联系监护人"][0] == "bureau_officer"
    assert roles["个案建立"] == (None, None)  # the system follows the child, in no role
    assert "（校长）" in run("case", "show", FIRST).ok().out.replace("\n", "")
