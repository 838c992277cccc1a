"""The case teacher's guide can be followed: its commands are typed, in order, on a real store."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.guide_calls import Instead, follow, lay_out, mentioned, sections
from tests.support.paper_county import FIRST, SECOND, paper_county, run
from tests.support.terminal import Terminal

__all__ = ["paper_county", "run"]
GUIDE = "case-teacher.md"
REFUSED = {
    "case clear": "先重新核查",
    "case determine": "无故缺勤",
    "case confirm": "点名连续到校 3 个教学日",
    "case settle": "不能办结巩固期",
    "case close": "不能销号",
    "case reopen": "不能撤销销号",
}
"""Steps that all on one day are too early: understood, and refused by a rule that says why."""


def attached(run: Terminal) -> str:
    file: str = run("case", "files", FIRST, "--format", "json").ok().json["rows"][0]["file"]
    return file


INSTEAD: Instead = {"6094766a": FIRST, "3f2ab07d": attached}


def test_the_guide_walks_the_main_road() -> None:
    named = {words[1] for words in mentioned(GUIDE) if words[0] == "case"}
    road = {"list", "show", "teacher", "contact", "verify", "cause", "plan", "visit", "report"}
    road |= {"walk", "attach", "files", "file", "letter", "answer", "return", "follow-up"}
    assert named == road | {start.split()[1] for start in REFUSED}


def test_every_command_of_the_guide_does_what_it_says(
    run: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lay_out(tmp_path, mentioned(GUIDE))
    (tmp_path / "名单.txt").write_text(f"{FIRST}\n{SECOND}\n", encoding="utf-8")
    calls = [words for calls in sections(GUIDE).values() for words in calls]
    follow(run, calls, refused=REFUSED, instead=INSTEAD)
    assert len(list((tmp_path / "家访表").glob("*.pdf"))) == 2
    assert len(list((tmp_path / "通知").glob("*.docx"))) == 2
