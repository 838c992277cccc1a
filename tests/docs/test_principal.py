"""The principal's guide can be followed: its commands are typed, in order, on a real store."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.guide_calls import RULE, Words, follow, mentioned, sections
from tests.imports.intake_store import SCHOOL
from tests.support import paper_county as county
from tests.support.paper_county import paper_county, run
from tests.support.terminal import Terminal

__all__ = ["paper_county", "run"]
CALLS = sections("principal.md")
REFUSED = {"again report sign": "与现在完全相同"}
SIGN = ("report", "sign", "--school", SCHOOL, "--as", "校长")


@pytest.mark.parametrize("calls", CALLS.values(), ids=CALLS)
def test_every_command_of_the_guide_does_what_it_says(
    run: Terminal, calls: list[Words], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    follow(run, calls, refused=REFUSED, instead={})


def test_a_report_is_signed_from_the_21st_and_again_once_corrected(
    run: Terminal, tmp_path: Path
) -> None:
    run.later(days=-1)
    early = run(*SIGN)
    assert (early.code, "2026-11-21" in early.err) == (RULE, True)
    run.later(days=1)
    run(*SIGN).ok()
    run("import", "rollcalls", county.correction(tmp_path)).ok()
    assert "第 2 版" in run(*SIGN).ok().err
    versions = run("report", "list", "--school", SCHOOL, "--format", "json").ok().json["rows"]
    assert sorted(row["version"] for row in versions) == [1, 2]


def test_the_guide_names_what_a_principal_does_with_a_report() -> None:
    named = {words[1] for words in mentioned("principal.md") if words[0] == "report"}
    assert named == {"show", "sign", "list", "compare"}
