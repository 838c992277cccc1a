"""One ledger: purity of stdout, both time axes, filters, forms, one access record."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from ckbx.ledgers.catalogue import LEDGERS
from ckbx.store import open_store
from tests.imports.intake_store import COUNTY, OTHER, SCHOOL
from tests.support.paper_county import (
    DAYS,
    FIRST,
    PUPILS,
    SECOND,
    SUSPECTED_ON,
    correction,
)
from tests.support.terminal import Terminal

ENVELOPE = ("ledger", "title", "as_of", "known_at", "caliber", "position", "rows")
NOBODY_ACTED = (
    *("dropout", "visits", "leave", "placement", "exemptions", "transfers"),
    "recheck",
)
"""Ledgers without a row here: nobody has decided anything (see tests/projections)."""


def suspected(run: Terminal, *more: str) -> dict[str, str]:
    """学籍号 to 列入日期."""
    found = run("ledger", "suspected", *more, "--format", "json").ok().json
    return {row["student_no"]: row["suspected_on"] for row in found["rows"]}


@pytest.mark.parametrize("name", LEDGERS)
def test_json_is_one_document_with_the_envelope_and_every_documented_key(
    run: Terminal, name: str
) -> None:
    done = run("ledger", name, "--format", "json").ok()
    document, end = json.JSONDecoder().raw_decode(done.out)
    assert done.out[end:] == "\n"
    assert [key for key in ENVELOPE if key not in document] == []
    assert document["ledger"] == name
    assert bool(document["rows"]) == (name not in NOBODY_ACTED)
    for row in document["rows"]:
        assert set(LEDGERS[name].keys) <= row.keys()


def test_a_ledger_is_as_of_the_day_asked_about(run: Terminal) -> None:
    assert suspected(run, "--as-of", "2026-09-04") == {}
    assert suspected(run, "--as-of", SUSPECTED_ON) == {FIRST: SUSPECTED_ON, SECOND: SUSPECTED_ON}


def test_a_ledger_is_as_known_at_the_instant_asked_about(run: Terminal, tmp_path: Path) -> None:
    before = run.at
    run.later(days=1)
    run("import", "rollcalls", correction(tmp_path)).ok()
    assert suspected(run) == {SECOND: SUSPECTED_ON}
    known = suspected(run, "--known-at", before.isoformat())
    assert known == {FIRST: SUSPECTED_ON, SECOND: SUSPECTED_ON}
    assert suspected(run, "--known-at", "2026-11-21") == known  # a date: until its end
    assert suspected(run, "--known-at", "2026-11-20") == {}


def test_an_instant_without_a_zone_is_local_time(run: Terminal) -> None:
    found = run("ledger", "school", "--known-at", "2026-11-21 18:00", "--format", "json").ok().json
    assert found["known_at"] == "2026-11-21T10:00:00.000000Z"
    assert found["as_of"] == "2026-11-21"


def test_known_at_of_an_answer_is_never_before_its_last_event(run: Terminal) -> None:
    last = run.at
    run.at = datetime(2026, 11, 20, tzinfo=UTC)  # a clock that went back
    found = run("ledger", "suspected", "--format", "json").ok().json
    assert found["known_at"] == last.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def test_a_school_filter_leaves_the_other_school_out(run: Terminal) -> None:
    assert suspected(run, "--school", SCHOOL) == {FIRST: SUSPECTED_ON}
    assert suspected(run, "--school", OTHER) == {SECOND: SUSPECTED_ON}
    for name in ("school", "roster", "roll_call_completeness"):
        rows = run("ledger", name, "--school", OTHER, "--format", "json").ok().json["rows"]
        assert {row["school_code"] for row in rows} == {OTHER}


def test_a_township_filter_goes_by_where_children_are_registered_or_live(run: Terminal) -> None:
    found = run("ledger", "roster", "--township", f"{COUNTY}101", "--format", "json").ok().json
    assert [row["name"] for row in found["rows"]] == ["学生2"]
    refused = run("ledger", "school", "--township", f"{COUNTY}101")
    assert (refused.code, "不能用 --township" in refused.err) == (2, True)


def test_an_unknown_school_is_refused_by_name(run: Terminal) -> None:
    done = run("ledger", "suspected", "--school", "9999999999")
    assert (done.code, done.out) == (3, "")
    assert "没有学校 9999999999" in done.err


def test_rows_stand_by_school_class_and_internal_number(run: Terminal) -> None:
    rows = run("ledger", "roster", "--format", "json").ok().json["rows"]
    keys = [(r["school_code"], r["grade"], r["class"], r["child_id"]) for r in rows]
    assert keys == sorted(keys)
    assert len(keys) == sum(map(len, PUPILS.values()))


def test_the_roster_says_sex_grade_and_class_as_documented(run: Terminal) -> None:
    rows = run("ledger", "roster", "--as-of", DAYS[0], "--format", "json").ok().json["rows"]
    assert {(r["sex"], r["grade"], r["class"]) for r in rows} == {("男", 3, 1)}
    next_year = run("ledger", "roster", "--as-of", "2027-09-01", "--format", "json").ok().json
    assert {r["grade"] for r in next_year["rows"]} == {4}


def test_a_table_on_a_screen_hides_the_middle_of_numbers_and_files_do_not(
    run: Terminal, tmp_path: Path
) -> None:
    shown = run("ledger", "suspected").ok().out
    assert FIRST not in shown
    assert f"{FIRST[:5]}**********{FIRST[-4:]}" in shown
    assert "疑似辍学学生台账" in shown
    file = tmp_path / "out.csv"
    run("ledger", "suspected", "-o", file).ok()
    assert FIRST in file.read_text(encoding="utf-8-sig")


def test_a_file_takes_its_form_from_its_suffix_and_is_for_its_owner_alone(
    run: Terminal, tmp_path: Path
) -> None:
    for suffix, start in (
        ("csv", b"\xef\xbb\xbf"),
        ("json", b"{"),
        ("xlsx", b"PK"),
        ("pdf", b"%PDF"),
    ):
        file = tmp_path / f"out.{suffix}"
        done = run("ledger", "school", "-o", file).ok()
        assert file.read_bytes().startswith(start)
        assert file.stat().st_mode & 0o077 == 0
        assert (done.raw, "已写入" in done.err) == (b"", True)


def test_files_that_name_children_say_so_and_others_do_not(run: Terminal, tmp_path: Path) -> None:
    for name, of_children in (("suspected", True), ("alerts", True), ("school", False)):
        words = (name,) if name == "alerts" else ("ledger", name)
        done = run(*words, "-o", tmp_path / f"{name}.csv").ok()
        assert ("内含未成年人信息" in done.err) == of_children, name


def test_csv_has_one_heading_row_in_chinese(run: Terminal) -> None:
    text = run("ledger", "suspected", "--format", "csv").ok().raw.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0][:-1] == [column.heading for column in LEDGERS["suspected"].columns]
    assert rows[0][-1].startswith("导出编号"), "the mark"
    assert len(rows) == 3


def access_records(run: Terminal) -> list[Any]:
    """Every look at the vault so far."""
    wired = run.wiring()
    store = open_store(wired.settings, wired.clock)
    try:
        return store.vault.access_records()
    finally:
        store.close()


@pytest.mark.parametrize(
    ("words", "view", "seen"),
    [
        (("ledger", "roster"), "ckbx ledger roster", 5),
        (("ledger", "suspected"), "ckbx ledger suspected", 3),  # two children, one teacher
        (("alerts",), "ckbx alerts", 2),
        (("indicators",), "ckbx indicators", 5),  # marks of disability
        (("student", FIRST), "ckbx student", 5),  # with the four holders of its chains
    ],
)
def test_a_command_that_shows_names_writes_one_access_record(
    run: Terminal, words: tuple[str, ...], view: str, seen: int
) -> None:
    before = access_records(run)
    run(*words, "--why", "期中核查").ok()
    (record,) = access_records(run)[len(before) :]
    assert (record.view, record.purpose) == (view, "期中核查")
    assert record.actor == run.wiring().actor
    assert len(record.subjects) == seen


def test_without_a_purpose_the_stated_default_is_recorded(run: Terminal) -> None:
    run("ledger", "suspected").ok()
    assert access_records(run)[-1].purpose == "命令行查询"


def test_a_submitter_who_is_no_account_is_shown_by_name(run: Terminal) -> None:
    rows = run("ledger", "roll_call_completeness", "--as-of", DAYS[0], "--format", "json").ok().json
    assert {row["submitted_by"] for row in rows["rows"]} == {"ct1", "某老师"}
    assert {row["state"] for row in rows["rows"]} == {"reported"}


def test_a_day_to_come_is_answered_and_it_is_said(run: Terminal) -> None:
    done = run("ledger", "suspected", "--as-of", "2026-12-01", "--format", "json").ok()
    assert done.json["complete"] is True
    assert "截至日在将来" in done.err
    assert done.json["notes"] == ["截至日在将来，只反映已经登记的起止日期"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ledger", "nothing"), "没有台账 nothing；可用：roster、"),
        (("ledger", "suspected", "--as-of", "2026-13-01"), "--as-of 的日期“2026-13-01”不能用"),
        (("ledger", "suspected", "--known-at", "gestern"), "--known-at 的时刻“gestern”不能用"),
        (("ledger", "suspected", "--school", SCHOOL, "--township", "522699100"), "只能给一个"),
        (
            ("ledger", "suspected", "--format", "odt"),
            "“odt”不能用，可用：table、json、csv、xlsx、pdf",
        ),
        (("ledger",), "缺少 名称"),
    ],
)
def test_wrong_words_are_refused_in_chinese(
    run: Terminal, words: tuple[str, ...], said: str
) -> None:
    done = run(*words)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


def test_the_ledger_of_responsibility_names_posts_scopes_and_holders(run: Terminal) -> None:
    found = run("ledger", "responsibility", "--as-of", "2026-10-16", "--format", "json").ok().json
    held = {(row["scope_name"], row["post"], row["name"]) for row in found["rows"]}
    assert ("测试小学72 3年级1班", "班主任", "班主任戊") in held
    assert ("测试小学40", "校长", "校长丙") in held
    everyone = run("ledger", "responsibility", "--all", "--format", "json").ok().json["rows"]
    assert len(everyone) == len(found["rows"]) + 1


def test_a_file_that_cannot_be_written_is_refused(run: Terminal, tmp_path: Path) -> None:
    done = run("ledger", "school", "-o", tmp_path / "no" / "out.xlsx")
    assert (done.code, "不能写文件" in done.err) == (2, True)
    assert list(tmp_path.rglob("*.part")) == []


@pytest.mark.parametrize(
    ("on", "state", "due"),
    [("2026-09-04", "reported", True), ("2026-09-05", "no_school_day", False)],
)
def test_a_roll_call_is_due_on_school_days_alone(
    run: Terminal, on: str, state: str, due: bool
) -> None:
    found = run("ledger", "roll_call_completeness", "--as-of", on, "--format", "json").ok()
    assert {(row["state"], row["due_at"] is not None) for row in found.json["rows"]} == {
        (state, due)
    }


def test_totals_name_what_belongs_to_no_school_and_to_nobody() -> None:
    columns = {(of.name, c.key): c for of in LEDGERS.values() for c in of.columns}
    zone = ZoneInfo("Asia/Shanghai")
    for name in ("caseload", "deadlines"):
        assert columns[name, "school_name"].show(None, zone) == "不在本县学校"
    assert columns["caseload", "account"].show(None, zone) == "无人负责"
