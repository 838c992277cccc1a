"""One child: its file, its chains on a date, its alerts; found by any of its numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.paper_county import FIRST, PUPILS, SECOND, SUSPECTED_ON, correction
from tests.support.terminal import Terminal


def test_a_child_is_found_by_each_of_its_numbers(run: Terminal) -> None:
    by_student_no = run("student", FIRST, "--format", "json").ok().json
    by_id = run("student", FIRST[1:].lower(), "--format", "json").ok().json
    by_internal = run("student", by_student_no["child_id"], "--format", "json").ok().json
    assert by_student_no == by_id == by_internal


def test_the_file_of_a_child_says_status_chains_and_what_happened(run: Terminal) -> None:
    found = run("student", FIRST, "--format", "json").ok().json
    assert (found["student_no"], found["name"]) == (FIRST, "学生1")
    assert (found["tracking_status"], found["register_status"]) == ("suspected", "registered")
    assert found["since"] == SUSPECTED_ON
    assert [node["post"] for node in found["chains"]["education"]] == [
        "县教育局局长",
        "校长",
        "班主任",
    ]
    assert found["chains"]["government"][0]["post"] == "县长"
    assert found["chains"]["government"][1]["state"] == "unset"
    titles = [entry["title"] for entry in found["timeline"]]
    assert titles[:2] == ["登记儿童", "入学"]
    assert "ckbx.child.DropoutSuspected" in [entry["event"] for entry in found["timeline"]]
    days = [entry["occurred_on"] for entry in found["timeline"]]
    assert days == sorted(days)
    assert set(found["timeline"][0]) == {
        "event", "title", "occurred_on", "recorded_at", "actor", "position", "about", "data",
    }  # fmt: skip


def test_the_file_as_known_before_a_correction_shows_what_was_known(
    run: Terminal, tmp_path: Path
) -> None:
    before = run.at
    run.later(days=1)
    run("import", "rollcalls", correction(tmp_path)).ok()
    now = run("student", FIRST, "--format", "json").ok().json
    then = run("student", FIRST, "--known-at", before.isoformat(), "--format", "json").ok().json
    assert (then["tracking_status"], now["tracking_status"]) == ("suspected", "absent")
    assert len(then["timeline"]) < len(now["timeline"])


def test_on_a_screen_the_numbers_of_a_child_are_masked(run: Terminal) -> None:
    shown = run("student", FIRST).ok().out
    assert FIRST[6:16] not in shown
    assert "疑似辍学" in shown


@pytest.mark.parametrize(
    ("day", "holder"), [("2026-10-15", "班主任丁"), ("2026-10-16", "班主任戊")]
)
def test_responsible_follows_a_handover_to_the_day(run: Terminal, day: str, holder: str) -> None:
    found = run("responsible", FIRST, "--on", day, "--format", "json").ok().json
    last = found["chains"]["education"][-1]
    assert [each["name"] for each in last["holders"]] == [holder]
    assert holder in run("responsible", FIRST, "--on", day).ok().out


def test_an_unknown_key_is_refused_and_masked(run: Terminal) -> None:
    done = run("student", "G522601201605069999")
    assert (done.code, done.out) == (3, "")
    assert "没有找到儿童" in done.err
    assert "G522601201605069999" not in done.err


def test_a_child_not_registered_yet_on_the_day_is_said_so(run: Terminal) -> None:
    done = run("student", FIRST, "--as-of", "2026-08-01")
    assert (done.code, done.out) == (3, "")
    assert "还没有登记" in done.err


def test_alerts_say_rule_version_events_and_whom(run: Terminal) -> None:
    rows = run("alerts", "--format", "json").ok().json["rows"]
    (red,) = [r for r in rows if r["kind"] == "dropout_suspected" and r["student_no"] == FIRST]
    assert (red["level"], red["raised_on"], red["state"]) == ("红", SUSPECTED_ON, "open")
    assert (red["rule"], red["to"], red["class"]) == ("opening_day_5", ["ct1"], 1)
    assert len(red["events"]) >= 5
    assert all(":" in event for event in red["events"])


def test_alerts_are_filtered_by_account_school_and_what_is_open(
    run: Terminal, tmp_path: Path
) -> None:
    run("import", "rollcalls", correction(tmp_path)).ok()

    def numbers(*words: str) -> set[str]:
        rows = run("alerts", *words, "--format", "json").ok().json["rows"]
        return {row["student_no"] for row in rows}

    assert numbers() == {FIRST, SECOND}
    assert numbers("--to", "ct1") == {FIRST}
    assert numbers("--to", "nobody") == set()
    school = run("student", SECOND, "--format", "json").ok().json["school_code"]
    assert numbers("--school", school) == {SECOND}
    assert school == list(PUPILS)[1]
    states = {row["state"] for row in run("alerts", "--open", "--format", "json").ok().json["rows"]}
    assert states == {"open"}
    everything = {row["state"] for row in run("alerts", "--format", "json").ok().json["rows"]}
    assert "withdrawn" in everything
