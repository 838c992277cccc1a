"""Leaves as applications, and disabled children's placement, as people do them, on both stores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ckbx.domain.shared.identifiers import check_character
from tests.imports.intake_store import ROLL_HEAD, SCHOOL, sheet, student_no
from tests.support.paper_county import SIZES, calendar, chain, roster, write
from tests.support.terminal import Terminal

CHILD, OTHER, THIRD = (student_no(n) for n in (1, 2, 3))
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


def test_a_disabled_child_is_taught_at_home(run: Terminal) -> None:
    asked = ("--kind", "送教上门", "--applicant", "王大山", "--reason", "生活不能自理")
    run("leave", "apply", CHILD, *asked, "--on", "2026-09-03", "--as", "校长").ok()
    approve = ("leave", "approve", CHILD, "--document", "县教〔2026〕7号", "--on", "2026-09-10")
    plan = ("--visits", "4", "--lessons", "2", "--review-on", "2027-06-30")
    early = run(*approve, *plan)
    assert early.code == 5
    assert "专家委员会" in early.err
    found = ("--certificate", CERTIFICATE, "--evidence", "建议送教上门")
    run(
        "placement", "assess", CHILD, "--advises", "送教上门", "--document", "评〔2026〕3号",
        *found, "--on", "2026-09-08",
    ).ok()  # fmt: skip
    run(*approve, *plan, "--teacher", "ct1").ok()
    assert status(run, CHILD) == "home_taught"
    for day in ("2026-09-15", "2026-09-22", "2026-10-13", "2026-11-10"):
        teacher = "ct1" if day < "2026-10-16" else "ct2"
        run(
            "placement", "visit", CHILD, "--lessons", "2", "--with", teacher,
            "--content", "识数和自理", "--on", day,
        ).ok()  # fmt: skip
    [row] = ledger(run, "placement")
    assert (row["kind"], row["category"], row["level"]) == ("home_taught", "智力", "二级")
    assert (row["visits_planned"], row["visits_done"], row["visits"]) == (4, 1, "open")
    assert row["certificate"] == CERTIFICATE
