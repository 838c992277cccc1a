"""Leaves as applications, and disabled children's placement, as people do them, on both stores."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docx
import pytest

from ckbx.application.child_status import ClassNotListed
from ckbx.domain.shared.identifiers import check_character
from tests.imports.intake_store import OTHER as ELSEWHERE
from tests.imports.intake_store import ROLL_HEAD, SCHOOL, sheet, student_no
from tests.support.paper_county import DAYS as SIX_DAYS
from tests.support.paper_county import SIZES, calendar, chain, roster, write
from tests.support.refusing import refused
from tests.support.terminal import Terminal

CHILD, OTHER, THIRD = (student_no(n) for n in (1, 2, 3))
DAYS = list(SIX_DAYS)
REASON, TOWN = "患病需长期休养", "township_officer"
CLASS = f"{SCHOOL}/2024/1"
_BORN = "52260120160506001"
CERTIFICATE = f"{_BORN}{check_character(_BORN)}52"


@pytest.fixture
def run(store_url: str, tmp_path: Path) -> Iterator[Terminal]:
    """The county of two small schools in the autumn term of 2026."""
    county = Terminal(store_url, tmp_path / "keys")
    county("init").ok()
    county("import", "calendar", calendar(tmp_path)).ok()
    county("import", "roster", roster(tmp_path)).ok()
    county("import", "chain", chain(tmp_path)).ok()
    yield county
    assert county("rebuild", "--check").ok().out == ""


def reported(run: Terminal, folder: Path, days: list[str], *absent: tuple[str, str]) -> None:
    """Days of the class handed in."""
    lines = [row for day in days for row in sheet(day, SIZES[SCHOOL], *absent, by="ct1")]
    run("import", "rollcalls", write(folder, f"more{days[0]}", ROLL_HEAD, lines)).ok()


def ledger(run: Terminal, name: str, *more: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run("ledger", name, *more, "--format", "json").ok().json["rows"]
    return found


def status(run: Terminal, key: str, *more: str) -> str:
    rows = {row["student_no"]: row["tracking_status"] for row in ledger(run, "roster", *more)}
    return str(rows[key])


def alerts(run: Terminal, kind: str) -> list[tuple[str, str]]:
    """When the alerts of a kind about the first child were raised, and how they stand; not
    those that rose from them because nobody acknowledged or acted.
    """
    rows = run("alerts", "--format", "json").ok().json["rows"]
    rose = ("_unread", "_up", "_copy")
    found = [
        row
        for row in rows
        if (row["kind"], row["student_no"]) == (kind, CHILD) and not row["rule"].endswith(rose)
    ]
    return sorted((row["raised_on"], row["state"]) for row in found)


def applied(run: Terminal, kind: str, *more: str, key: str = CHILD) -> None:
    who = ("--applicant", "王大山", "--reason", REASON)
    run("leave", "apply", key, "--kind", kind, *who, *more).ok()


def texts(run: Terminal) -> bytes:
    """Everything stored in the log."""
    from tests.cli.test_erase_command import opened

    with opened(run) as store:
        return b"".join(row.state for row in store.log.read_rows(0, 10**6))


def test_a_disabled_child_is_taught_at_home(run: Terminal) -> None:
    applied(run, "送教上门", "--on", "2026-09-03", "--as", "校长")
    [waiting] = run("leave", "list", "--format", "json").ok().json["rows"]
    assert (waiting["missing"], waiting["who"]) == (
        ["专家委员会意见（县教育局）"],
        "县教育局控辍保学专干",
    )
    approve = ("leave", "approve", CHILD, "--document", "县教〔2026〕7号", "--on", "2026-09-10")
    plan = ("--visits", "4", "--lessons", "2", "--review-on", "2027-06-30")
    alone = run(*approve, *plan, "--as", "校长")
    assert (alone.code, "学校不能自行决定" in alone.err) == (5, True)
    early = run(*approve, *plan)
    assert (early.code, "专家委员会" in early.err) == (5, True)
    found = ("--certificate", CERTIFICATE, "--evidence", "建议送教上门", "--on", "2026-09-08")
    advice = ("--advises", "送教上门", "--document", "评〔2026〕3号")
    run("placement", "assess", CHILD, *advice, *found).ok()
    run(*approve, *plan, "--teacher", "ct1", "--plan-no", "青特2026-1").ok()
    assert status(run, CHILD) == "home_taught"
    for day in ("2026-09-15", "2026-09-22", "2026-10-13", "2026-11-10"):
        teacher = "ct1" if day < "2026-10-16" else "ct2"
        taught = ("--lessons", "2", "--with", teacher, "--content", "识数和自理")
        run("placement", "visit", CHILD, *taught, "--on", day).ok()
    again = run("placement", "visit", CHILD, *taught, "--on", "2026-11-10")
    assert (again.code, "第 4 次" in again.err) == (5, True)
    check_placement_ledger(run)
    run("run-due").ok()
    assert alerts(run, "home_visits_short") == [("2026-10-01", "open"), ("2026-11-01", "open")]
    shown = run("placement", "show", CHILD, "--format", "json").ok().json
    assert [(m["month"], m["planned"], m["done"], m["outcome"]) for m in shown["months"]] == [
        ("2026-09", 4, 2, "missed"),
        ("2026-10", 4, 1, "missed"),
        ("2026-11", 4, 1, "open"),
    ]
    late = ("--lessons", "2", "--with", "ct1", "--content", "补记", "--on")
    for day in ("2026-10-14", "2026-10-15", "2026-10-12"):
        run("placement", "visit", CHILD, *late, day).ok()
    run("run-due").ok()
    assert alerts(run, "home_visits_short") == [("2026-10-01", "open"), ("2026-11-01", "withdrawn")]
    stored = texts(run)
    for secret in (REASON, "王大山", "识数", "智力", CERTIFICATE, "建议送教"):
        assert secret.encode() not in stored


def test_a_child_taught_at_home_comes_to_school(run: Terminal) -> None:
    advice = ("--advises", "送教上门", "--document", "评1", "--evidence", "建议")
    run("placement", "assess", CHILD, *advice, "--on", "2026-09-08").ok()
    applied(run, "送教上门", "--on", "2026-09-09")
    plan = ("--visits", "2", "--lessons", "1", "--review-on", "2027-06-30", "--on", "2026-09-10")
    run("leave", "approve", CHILD, "--document", "县1", *plan).ok()
    came = ("leave", "resume", CHILD, "--on", "2026-10-12", "--class")
    for nowhere in (f"{SCHOOL}/2024/9", "三年级1班"):
        refused(run, ClassNotListed(class_key=nowhere), run, *came, nowhere)
    run(*came, CLASS).ok()
    assert status(run, CHILD) == "enrolled"
    assert ledger(run, "placement") == []
    [gone] = ledger(run, "placement", "--all")
    assert (gone["state"], gone["ended_by"], gone["visits"]) == ("ended", "enrolled", None)
    run("run-due").ok()
    assert alerts(run, "home_visits_short") == [("2026-10-01", "closed")]
    late = run("placement", "visit", CHILD, "--lessons", "1", "--content", "识字")
    assert (late.code, "不在送教上门期内" in late.err) == (5, True)


def check_placement_ledger(run: Terminal) -> None:
    [row] = ledger(run, "placement")
    assert (row["kind"], row["category"], row["level"]) == ("home_taught", "智力", "二级")
    assert (row["visits_planned"], row["visits_done"], row["visits"]) == (4, 1, "open")
    assert (row["certificate"], row["plan_no"], row["teacher"]) == (
        CERTIFICATE,
        "青特2026-1",
        "ct1",
    )
    assert (row["assessed_on"], row["assessment"]) == ("2026-09-08", "评〔2026〕3号")
    assert ledger(run, "placement", "--as-of", "2026-09-09") == []
    [then] = ledger(run, "placement", "--as-of", "2026-09-22")
    assert then["visits_done"] == 2
    assert ledger(run, "leave") == []


def test_a_deferral_that_ran_out_unnoticed_is_found_and_the_child_is_suspected(
    run: Terminal, tmp_path: Path
) -> None:
    """缓学 after 开学未报到: marked 疑似后补办; when it ends the child is nowhere again."""
    reported(run, tmp_path, DAYS, (CHILD, "无故"))
    assert status(run, CHILD) == "suspected"
    applied(run, "缓学", "--on", "2026-09-09", "--from", "2026-09-10", "--until", "2026-10-31")
    said = ("--hospital", "县人民医院", "--document", "诊断9", "--evidence", "建议休养两月")
    run("leave", "hospital", CHILD, *said, "--on", "2026-09-09").ok()
    when = ("--from", "2026-09-10", "--until", "2026-10-31", "--on", "2026-09-10")
    open_ended = run("leave", "approve", CHILD, "--document", "镇〔2026〕1号", "--as", TOWN)
    assert (open_ended.code, "截止日期" in open_ended.err) == (5, True)
    done = run("leave", "approve", CHILD, "--document", "镇〔2026〕1号", *when, "--as", TOWN).ok()
    assert "疑似后补办" in done.err
    [row] = ledger(run, "leave", "--as-of", "2026-10-01")
    assert (row["kind"], row["after_suspicion"], row["state"]) == ("deferred", True, "running")
    assert (row["applied_on"], row["proof_on"]) == ("2026-09-09", "2026-09-09")
    [case] = run("case", "list", "--all", "--format", "json").ok().json["rows"]
    assert case["stage_title"] == "已了结，待销号"
    assert [day for day, _ in alerts(run, "leave_expired")] == []
    run("run-due").ok()
    assert [day for day, _ in alerts(run, "leave_expiring")] == [
        "2026-10-01",
        "2026-10-21",
        "2026-10-31",
    ]
    assert [day for day, _ in alerts(run, "leave_expired")] == ["2026-11-01", "2026-11-05"]
    [over] = ledger(run, "leave")
    assert over["state"] == "over"
    assert status(run, CHILD) == "not_enrolled"
    found_nowhere(run)
    assert status(run, CHILD) == "suspected"
    rows = run("case", "list", "--format", "json").ok().json["rows"]
    assert [(row["suspected_on"], row["stage_title"]) for row in rows] == [
        ("2026-11-21", "待核实"),
        ("2026-09-07", "已了结，待销号"),
    ]


def found_nowhere(run: Terminal) -> None:
    """The county finds by a register that the child is nowhere."""
    from ckbx.application.decisions import decide_on_child
    from ckbx.domain.child.departures import suspect
    from ckbx.domain.child.status import SuspicionSource
    from tests.cli.test_erase_command import opened

    day = run.at.date()
    with opened(run) as store:
        child = store.vault.find("student_no", CHILD)
        assert child is not None
        decide_on_child(
            store.office,
            store.office.context("bureau"),
            child,
            lambda child, ctx: suspect(
                child,
                ctx,
                on=day,
                source=SuspicionSource.REGISTER,
                first_absent_on=day,
                rule="register_finding",
                rule_version=0,
                evidence=[],
            ),
        )


def test_a_suspension_that_ran_out_makes_the_child_absent_and_then_suspected(
    run: Terminal, tmp_path: Path
) -> None:
    reported(run, tmp_path, DAYS)
    applied(run, "休学", "--on", "2026-09-09", "--as", "班主任")
    said = ("--hospital", "县人民医院", "--document", "诊断9", "--evidence", "休养")
    run("leave", "hospital", CHILD, *said, "--on", "2026-09-09").ok()
    approve = ("leave", "approve", CHILD, "--document", "镇〔2026〕2号", "--as", TOWN)
    when = ("--from", "2026-09-14", "--until", "2026-10-16", "--on", "2026-09-11")
    early = run(*approve, *when)
    assert (early.code, "校长签署" in early.err) == (5, True)
    run("leave", "opinion", CHILD, "--agree", "--on", "2026-09-10").ok()
    run(*approve, *when).ok()
    assert status(run, CHILD, "--as-of", "2026-10-16") == "suspended"
    assert status(run, CHILD, "--as-of", "2026-10-19") == "absent"
    away = ["2026-10-19", "2026-10-20", "2026-10-21", "2026-10-22", "2026-10-23"]
    reported(run, tmp_path, away)
    assert status(run, CHILD) == "suspected"
    [row] = ledger(run, "suspected")
    assert (row["student_no"], row["suspected_on"]) == (CHILD, "2026-10-23")


def test_a_child_comes_back_before_its_leave_is_over(run: Terminal, tmp_path: Path) -> None:
    reported(run, tmp_path, DAYS)
    applied(run, "休学", "--on", "2026-09-09")
    run("leave", "opinion", CHILD, "--agree", "--on", "2026-09-09").ok()
    said = ("--hospital", "县人民医院", "--document", "诊断9", "--evidence", "休养")
    run("leave", "hospital", CHILD, *said, "--on", "2026-09-09").ok()
    when = ("--until", "2027-01-15", "--review-on", "2026-12-01", "--on", "2026-09-10")
    run("leave", "approve", CHILD, "--document", "县〔2026〕3号", *when).ok()
    run("leave", "review", CHILD, "--note", "仍在住院", "--review-on", "2026-12-15").ok()
    more = ("--document", "县〔2026〕4号", "--until", "2027-03-01", "--on", "2026-11-20")
    bare = run("leave", "extend", CHILD, *more)
    assert (bare.code, "新的医院证明" in bare.err) == (5, True)
    run("leave", "extend", CHILD, *more, "--evidence", "再休养", "--review-on", "2027-01-31").ok()
    [row] = ledger(run, "leave")
    assert (row["until"], row["review_on"]) == ("2027-03-01", "2027-01-31")
    well = ("leave", "resume", CHILD, "--class", CLASS, "--on", "2026-11-20")
    unfit = run(*well)
    assert (unfit.code, "康复证明" in unfit.err) == (5, True)
    run(*well, "--evidence", "可以上学").ok()
    assert status(run, CHILD) == "enrolled"
    shown = run("leave", "show", CHILD, "--format", "json").ok().json
    [only] = shown["applications"]
    assert (only["stage_title"], only["next"]) == ("已复学或入学", [])
    assert [fact["title"] for fact in only["facts"]][-1] == "复学或入学"
    assert any(REASON in fact["about"] for fact in only["facts"])


def test_an_exemption_needs_the_county_s_basis_and_its_hospital(run: Terminal) -> None:
    applied(run, "免学", "--on", "2026-09-09")
    said = ("--document", "诊断9", "--evidence", "丧失学习能力", "--on", "2026-09-09")
    run("leave", "hospital", CHILD, "--hospital", "省城医院", *said).ok()
    approve = ("leave", "approve", CHILD, "--document", "县〔2026〕5号", "--on", "2026-09-20")
    until = ("--review-on", "2027-08-31")
    without = run(*approve, *until)
    assert (without.code, "法律依据" in without.err) == (5, True)
    run("legal", "basis", "--matter", "免学", "--document", "县政规〔2026〕1号").ok()
    elsewhere = run(*approve, *until)
    assert (elsewhere.code, "指定" in elsewhere.err) == (5, True)
    named = ("--name", "县人民医院", "--document", "县卫〔2026〕1号")
    assert run("leave", "hospitals", *named, "--as", "校长").code == 5
    assert "县人民医院" in run("leave", "hospitals", *named).ok().out
    run("leave", "hospital", CHILD, "--hospital", "县人民医院", *said).ok()
    run(*approve, *until).ok()
    [row] = ledger(run, "exemptions")
    assert (row["reason"], row["proof"], row["proof_from"]) == (REASON, "hospital", "县人民医院")
    assert (row["legal_basis"], row["until"], row["state"]) == (
        "县政规〔2026〕1号",
        "2027-08-31",
        "running",
    )
    assert (row["sex"], row["applied_on"]) == ("男", "2026-09-09")
    assert ledger(run, "exemptions", "--known-at", "2026-11-20") == []
    assert ledger(run, "exemptions", "--school", SCHOOL) == [row]
    assert ledger(run, "exemptions", "--school", ELSEWHERE) == []


def test_a_disabled_child_learns_in_an_ordinary_class(run: Terminal) -> None:
    advice = ("--advises", "随班就读", "--document", "评4", "--evidence", "可随班")
    more = ("--category", "听力", "--level", "三级", "--on", "2026-09-08")
    decide = ("placement", "decide", OTHER, "--kind", "随班就读", "--document", "县2")
    plan = ("--plan-no", "案2", "--review-on", "2026-12-15", "--on", "2026-09-10")
    early = run(*decide, *plan)
    assert (early.code, "评估意见" in early.err) == (5, True)
    run("placement", "assess", OTHER, *advice, *more).ok()
    run(*decide, *plan, "--teacher", "ct1").ok()
    assert status(run, OTHER) == "enrolled"
    [row] = ledger(run, "placement")
    assert (row["kind"], row["category"], row["state"]) == ("inclusive", "听力", "running")
    assert (row["review_on"], row["visits_planned"]) == ("2026-12-15", None)
    run("run-due").ok()
    rows = run("alerts", "--format", "json").ok().json["rows"]
    due = [row["raised_on"] for row in rows if row["kind"] == "leave_review_due"]
    assert due == ["2026-11-15"]
    run("placement", "review", OTHER, "--note", "合适", "--review-on", "2027-06-15").ok()
    run("run-due").ok()
    rows = run("alerts", "--format", "json").ok().json["rows"]
    assert [row["state"] for row in rows if row["kind"] == "leave_review_due"] == ["closed"]


def test_a_refusal_and_a_withdrawal_leave_the_child_as_it_was(run: Terminal) -> None:
    applied(run, "休学", "--on", "2026-09-09")
    second = run("leave", "apply", CHILD, "--kind", "免学", "--applicant", "甲", "--reason", "乙")
    assert (second.code, "还没有决定" in second.err) == (5, True)
    run("leave", "opinion", CHILD, "--agree", "--on", "2026-09-09").ok()
    bare = run("leave", "approve", CHILD, "--document", "镇1", "--until", "2027-01-01")
    assert (bare.code, "医院证明" in bare.err, "监护人" in bare.err) == (5, True, True)
    silent = run("leave", "refuse", CHILD, "--as", TOWN)
    assert (silent.code, "理由" in silent.err) == (5, True)
    run("leave", "refuse", CHILD, "--reason", "证明不足", "--as", TOWN).ok()
    late = run("leave", "opinion", CHILD, "--agree")
    assert (late.code, "不予批准" in late.err) == (5, True)
    applied(run, "休学", "--on", "2026-09-20")
    stale = run("leave", "withdraw", CHILD, "--seen", "0")
    assert (stale.code, "已有新情况" in stale.err) == (5, True)
    run("leave", "withdraw", CHILD, "--seen", "1").ok()
    assert status(run, CHILD) == "enrolled"
    rows = run("leave", "list", "--all", "--format", "json").ok().json["rows"]
    assert [(row["number"], row["stage"]) for row in rows] == [(1, "refused"), (2, "withdrawn")]
    for words in (("leave", "list", "--all"), ("leave", "show", CHILD)):
        assert "已撤回" in run(*words).ok().out
    nobody = run("leave", "approve", THIRD, "--document", "x", "--until", "2027-01-01")
    assert (nobody.code, "没有休学" in nobody.err) == (5, True)


def test_the_form_for_a_deferral_says_what_was_applied_for(run: Terminal, tmp_path: Path) -> None:
    reported(run, tmp_path, DAYS, (CHILD, "无故"))
    applied(run, "缓学", "--on", "2026-09-09", "--from", "2026-09-10", "--until", "2026-12-31")
    said = ("--hospital", "县人民医院", "--document", "诊断9", "--evidence", "建议休养")
    run("leave", "hospital", CHILD, *said).ok()
    file = tmp_path / "申请表.docx"
    run("paper", "deferral_application", CHILD, "-o", file).ok()
    made = docx.Document(io.BytesIO(file.read_bytes()))
    cells = "".join(c.text for table in made.tables for row in table.rows for c in row.cells)
    for wanted in (REASON, "2026年9月10日至2026年12月31日", "县人民医院（诊断9）建议休养"):
        assert wanted in cells
