"""The bureau's guide can be followed: its commands are typed, in order, on a real store."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from ckbx.ledgers.catalogue import LEDGERS
from tests.docs.guide_calls import Instead, Words, follow, lay_out, mentioned, sections
from tests.imports.intake_store import OTHER, SCHOOL, id_number
from tests.support import paper_county as county
from tests.support.paper_county import FIRST, empty, paper_county, run
from tests.support.terminal import Terminal

__all__ = ["empty", "paper_county", "run"]
GUIDE = "bureau.md"
FRESH = "开学前"
CALLS = {heading: calls for heading, calls in sections(GUIDE).items() if heading != FRESH}
REFUSED = {
    "case determine": "核查结论 K",
    "case settle": "不能办结巩固期",
    "case close 6094766a --kind return": "销号依据",
    "legal issue 6094766a --paper 责令送": "2026-12-02 才能办",
}
"""Steps that come too early: understood, and refused by a rule that says why."""
SECOND = "G522601201705060219"


def sign(run: Terminal, *schools: str) -> None:
    """Principals sign for October."""
    for school in schools:
        run("report", "sign", "--school", school, "--month", "2026-10", "--as", "校长").ok()


def late_school(run: Terminal) -> None:
    """A school signs late, and the county once more."""
    sign(run, OTHER)
    run("report", "sign", "--month", "2026-10").ok()


def a_leave(run: Terminal) -> None:
    """Something to draw from in the third quarter."""
    leave = ("--on", "2026-09-09")
    who = ("--applicant", "王大山", "--reason", "骨折")
    run("leave", "apply", SECOND, "--kind", "休学", *who, *leave).ok()
    proof = ("--hospital", "县人民医院", "--document", "诊1", "--evidence", "诊断证明")
    run("leave", "hospital", SECOND, *proof, *leave).ok()
    run("leave", "opinion", SECOND, "--agree", *leave, "--as", "校长").ok()
    run("leave", "approve", SECOND, "--document", "县1", "--until", "2026-12-31", *leave).ok()


BEFORE: dict[str, Callable[[Terminal], None]] = {
    "report sign": lambda run: sign(run, SCHOOL),
    "report compare": late_school,
    "recheck draw": a_leave,
}


def drawn(run: Terminal) -> str:
    item: str = run("recheck", "list", "--format", "json").ok().json["rows"][0]["item"]
    return item


def batch(run: Terminal) -> str:
    """An import gone wrong."""
    file = county.correction(Path.cwd())
    made: str = run("import", "rollcalls", file, "--format", "json").ok().json["batch"]
    return made


INSTEAD: Instead = {"6094766a": FIRST, "抽样编号": drawn, "批次号": batch}


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the files that the guide names."""
    folder = tmp_path / "desk"
    folder.mkdir()
    monkeypatch.chdir(folder)
    lay_out(folder, mentioned(GUIDE))
    (folder / "规则.toml").write_text("warn_run = 4\n", encoding="utf-8")
    (folder / "报到表.csv").write_text(f"学籍号,日期\n{SECOND},2026-09-01\n", encoding="utf-8")
    county.rollcalls(folder).rename(folder / "点名.csv")
    county.calendar(folder).rename(folder / "校历.csv")
    county.chain(folder).rename(folder / "责任链.csv")
    with county.roster(folder).open(encoding="utf-8", newline="") as file:
        sheet(folder / "花名册.xlsx", csv.reader(file))
    sheet(
        folder / "户籍名单.xlsx", [["姓名", "身份证件号"], ["试甲", id_number(1, date(2017, 5, 6))]]
    )
    return folder


def sheet(file: Path, rows: Iterable[Sequence[str]]) -> None:
    """A workbook whose cells are all text."""
    book = xlsxwriter.Workbook(file)
    page = book.add_worksheet()
    for place, row in enumerate(rows):
        for n, text in enumerate(row):
            page.write_string(place, n, text)
    book.close()


@pytest.mark.parametrize("calls", CALLS.values(), ids=CALLS)
@pytest.mark.usefixtures("desk")
def test_every_command_of_the_guide_does_what_it_says(run: Terminal, calls: list[Words]) -> None:
    follow(run, calls, refused=REFUSED, instead=INSTEAD, before=BEFORE)


@pytest.mark.usefixtures("desk")
def test_a_county_begins_as_the_guide_says(empty: Terminal) -> None:
    follow(empty, sections(GUIDE)[FRESH], refused={}, instead=INSTEAD)
    rows = empty("ledger", "roster", "--format", "json").ok().json["rows"]
    assert len(rows) == sum(county.SIZES.values())


def test_the_guide_names_every_ledger_and_every_step_of_the_bureau() -> None:
    named = mentioned(GUIDE)
    assert {words[1] for words in named if words[0] == "ledger"} >= set(LEDGERS) - {
        "indicators",
        "recheck",
    }
    steps = {
        "decide": "death abroad deregister missing elsewhere recheck enrol suspect",
        "transfer": "start confirm cancel arrive show",
        "leave": "list show apply opinion hospital committee approve refuse extend review resume"
        " hospitals",
        "placement": "show assess decide review visit void",
        "legal": "next issue serve basis withdraw-basis",
        "report": "list county sign compare",
        "recheck": "draw list record",
        "case": "show determine clear letter answer settle close reopen",
    }
    for group, wanted in steps.items():
        found = {words[1] for words in named if words[0] == group and len(words) > 1}
        assert set(wanted.split()) <= found, group


def test_a_command_that_does_something_else_would_be_seen(run: Terminal) -> None:
    """Control: a guide that is wrong does not pass."""
    with pytest.raises(AssertionError, match="case close"):
        follow(run, [["case", "close", FIRST, "--kind", "return"]], refused={}, instead={})
    with pytest.raises(AssertionError, match="case list"):
        follow(run, [["case", "list"]], refused={"case list": "还不能"}, instead={})
