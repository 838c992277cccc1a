"""The case teacher's guide can be followed: its commands are typed, in order, on a real store."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.support.paper_county import FIRST, paper_county, run
from tests.support.terminal import Terminal

__all__ = ["paper_county", "run"]
GUIDE = Path(__file__).parents[2] / "docs" / "guide" / "case-teacher.md"
EXAMPLE = "6094766a"
NOT_YET = {"clear", "determine", "confirm", "settle", "close", "reopen"}
"""Steps that all on one day are too early: understood, and refused by a rule."""


def calls() -> list[list[str]]:
    """Every whole command of the guide, in order."""
    found = re.findall(r"`ckbx ((?:case|legal|paper) [^`]+)`", GUIDE.read_text(encoding="utf-8"))
    return [shlex.split(call) for call in found if EXAMPLE in call]


def test_the_guide_walks_the_main_road() -> None:
    named = {words[1] for words in calls() if words[0] == "case"}
    road = {"show", "teacher", "contact", "verify", "cause", "plan", "visit", "report"}
    road |= {"return", "follow-up"}
    assert named == road | NOT_YET


def test_every_command_of_the_guide_does_what_it_says(
    run: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("家访记录.pdf", "报告.pdf", "送达回证.pdf"):
        (tmp_path / name).write_bytes(b"%PDF-1.7\n%%EOF\n")
    for words in calls():
        done = run(*(FIRST if word == EXAMPLE else word for word in words))
        refused = words[0] == "case" and words[1] in NOT_YET
        assert done.code == (5 if refused else 0), (words, done.err)
