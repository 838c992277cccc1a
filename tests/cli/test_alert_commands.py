"""``alerts``: listed as ever, folded to one line a person and kind, acknowledged, closed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.terminal import Terminal


@pytest.fixture
def told(run: Terminal) -> Terminal:
    """The county after a run of the clock."""
    run("run-due").ok()
    return run


def open_alerts(told: Terminal) -> list[dict[str, Any]]:
    return list(told("alerts", "--open", "--format", "json").ok().json["rows"])


def test_an_addressee_acknowledges_by_the_beginning_of_the_id(told: Terminal) -> None:
    row = next(r for r in open_alerts(told) if r["to"])
    short, account = row["alert_id"][:8], row["to"][0]
    assert "已签收 1 条" in told("alerts", "ack", short, "--as", account).ok().err
    assert "此前已签收" in told("alerts", "ack", short, "--as", account).ok().err
    after = {r["alert_id"]: r["state"] for r in open_alerts(told)}
    assert after[row["alert_id"]] == "acknowledged"
    assert told("alerts", "ack", short, "--as", "nobody").code == 5


def test_folded_alerts_are_one_line_a_person_and_kind(told: Terminal) -> None:
    rows = told("alerts", "--folded", "--format", "json").ok().json["rows"]
    lines = [(r["account"], r["kind"]) for r in rows]
    assert len(lines) == len(set(lines))
    named = {(a, r["kind"], r["alert_id"]) for r in open_alerts(told) for a in r["to"] or [""]}
    assert {(r["account"], r["kind"], id_) for r in rows for id_ in r["alerts"]} == named
    assert "一人一类一行" in told("alerts", "--folded").ok().out


def test_what_no_record_closes_is_closed_by_hand_for_a_reason(told: Terminal) -> None:
    row = next(r for r in open_alerts(told) if r["kind"] == "absence_warning" and r["to"])
    asked = ("alerts", "done", row["alert_id"], "--as", row["to"][0], "--reason")
    assert told(*asked, "随便").code == 2
    assert "已办结 1 条" in told(*asked, "已办理").ok().err
    assert row["alert_id"] not in {r["alert_id"] for r in open_alerts(told)}
    other = next(r for r in open_alerts(told) if r["kind"] == "dropout_suspected" and r["to"])
    refused = told("alerts", "done", other["alert_id"], "--as", other["to"][0], "--reason", "done")
    assert (refused.code, "不能手工办结" in refused.err) == (5, True)


def test_words_that_name_no_alert_are_refused(told: Terminal) -> None:
    for word in ("abc", "王小明同学", "ffffffffffff"):
        wrong = told("alerts", "ack", word, "--as", "head")
        assert (wrong.code, "没有找到预警" in wrong.err) == (3, True)
