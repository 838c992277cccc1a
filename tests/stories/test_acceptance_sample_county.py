"""The sample county through the command line gives what its expected.json says (domain §4)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.terminal import Terminal

COUNTY = Path(__file__).parents[2] / "../shared/data/sample-county"
pytestmark = pytest.mark.skipif(
    not COUNTY.is_dir(), reason="the sample county's files are not beside the project"
)
LAST_DAY = "2026-11-20"
Dates = dict[str, Any]


def test_the_county_before_and_after_its_corrections(store_url: str, tmp_path: Path) -> None:
    expected = json.loads((COUNTY / "expected.json").read_text(encoding="utf-8"))
    run = Terminal(store_url, tmp_path / "keys")
    hand_in(run)

    first = check_answers(run, expected, "before_amendments")
    check_responsible(run, expected["handover"])
    check_known(run, first, run.at)

    between = run.later(hours=1)
    run.later(hours=1)
    stood = alerts(run)
    amended = run("import", "rollcalls", COUNTY / "amendments.csv", "--format", "json").ok()
    assert amended.json["amended"] == amended.json["rows"] == 40
    check_answers(run, expected, "after_amendments")

    check_nothing_passing(stood, alerts(run))

    again = ledger(run, "suspected", "--known-at", between.isoformat())
    assert again["rows"] == first["rows"]
    assert again["position"] == first["position"]
    assert again["known_at"] == between.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    assert run("rebuild", "--check").ok().out == ""


def hand_in(run: Terminal) -> None:
    """A county hands in its files in the order that the program asks for."""
    run("init").ok()
    run("import", "calendar", COUNTY / "calendar.csv").ok()
    run("import", "roster", *sorted(COUNTY.glob("roster-*"))).ok()
    run("import", "chain", COUNTY / "chain.csv").ok()
    run("import", "rollcalls", *sorted(COUNTY.glob("rollcalls-*.csv"))).ok()


def ledger(run: Terminal, name: str, *more: str) -> Any:
    """A ledger of the last day as JSON."""
    return run("ledger", name, "--as-of", LAST_DAY, *more, "--format", "json").ok().json


def check_answers(run: Terminal, expected: Dates, when: str) -> Any:
    """Suspicions, warnings, long leave and the schools' figures; the suspected ledger."""
    children: dict[str, Dates] = expected[when]
    suspected = ledger(run, "suspected")
    assert {row["student_no"]: row["suspected_on"] for row in suspected["rows"]} == of(
        children, "suspected_on"
    )
    assert {row["student_no"]: row["first_absent_on"] for row in suspected["rows"]} == of(
        children, "first_absent_on"
    )
    check_alerts(run, children)
    suffix = when.partition("_")[0]
    schools = {row["school_code"]: row for row in ledger(run, "school")["rows"]}
    assert schools.keys() == expected["schools"].keys()
    for code, wanted in expected["schools"].items():
        row = schools[code]
        assert row["expected"] == wanted["expected"]
        assert row["suspected"] == wanted[f"suspected_{suffix}"]
        assert row["classes"] == wanted["classes"]
        assert row["silent_class_days"] == wanted["silent_class_days"]
        assert row["classes_silent"] == wanted["classes_silent_last_day"]
    assert len(ledger(run, "roster")["rows"]) == expected["students"]
    return suspected


def of(children: dict[str, Dates], key: str) -> dict[str, Any]:
    """The children for whom something is expected under a key."""
    return {number: dates[key] for number, dates in children.items() if dates[key]}


def check_alerts(run: Terminal, children: dict[str, Dates]) -> None:
    """The standing warnings are those expected, and nobody else's."""
    rows = run("alerts", "--format", "json", "--as-of", LAST_DAY).ok().json["rows"]
    standing = [row for row in rows if row["state"] != "withdrawn"]

    def raised(wanted: Callable[[Dates], bool]) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for row in filter(wanted, standing):
            found.setdefault(row["student_no"], []).append(row["raised_on"])
        return {number: sorted(days) for number, days in found.items()}

    def warned(rule: str) -> dict[str, list[str]]:
        return raised(lambda row: (row["kind"], row["rule"]) == ("absence_warning", rule))

    assert warned("absence_run_3") == of(children, "warned_on_run_of_three")
    assert warned("absence_5_in_20") == of(children, "warned_on_five_in_twenty")
    long_leave = raised(lambda row: row["kind"] == "long_leave_check")
    assert {number: days[0] for number, days in long_leave.items()} == of(children, "long_leave_on")


def alerts(run: Terminal) -> dict[tuple[str, ...], str]:
    """The state of every alert there ever was."""
    rows = run("alerts", "--format", "json").ok().json["rows"]
    keys = ("kind", "rule", "subject", "student_no", "class", "grade", "raised_on")
    return {tuple(str(row.get(key)) for key in keys): row["state"] for row in rows}


def check_nothing_passing(before: dict[tuple[str, ...], str], after: Any) -> None:
    """Withdrawn is only what stood before the corrections: no alert came and went with them."""
    withdrawn = {key for key, state in after.items() if state == "withdrawn"}
    assert withdrawn
    assert withdrawn <= before.keys()
    assert {before[key] for key in withdrawn} == {"open"}
    assert "withdrawn" not in before.values()


def check_responsible(run: Terminal, handover: Dates) -> None:
    """The class teacher of one child on the days around the handover."""
    for day, name in handover["holders"].items():
        found = run("responsible", handover["student"], "--on", day, "--format", "json").ok().json
        teachers = [node for node in found["chains"]["education"] if node["scope_kind"] == "class"]
        assert [holder["name"] for node in teachers for holder in node["holders"]] == [name]


def check_known(run: Terminal, suspected: Any, now: datetime) -> None:
    """An answer nobody dated says when it was given."""
    assert suspected["known_at"] == now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    nothing = ledger(run, "suspected", "--known-at", "2026-11-20")
    assert nothing["rows"] == []
    assert nothing["known_at"] == "2026-11-20T15:59:59.999999Z"
