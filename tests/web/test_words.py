"""The timeline tells days as every page writes them, and leaves typed text as it was."""

from __future__ import annotations

import pytest

from ckbx.web.words import days_in_words, tell


def test_a_suspicion_names_its_first_day_in_words() -> None:
    data = {"source": "absence", "first_absent_on": "2026-11-02", "absent_days": ["2026-11-02"]}
    told = tell("ckbx.child.DropoutSuspected", data)
    assert "首次缺勤 2026年11月2日" in told
    assert "-11-" not in told


def test_days_within_lists_are_told_in_words() -> None:
    data = {"spans": [["2026-11-09", "2026-11-11", None]]}
    told = tell("ckbx.child.SuspectAttendanceChanged", data)
    assert told == "2026年11月9日起到校，2026年11月11日起计入在校"


def test_a_document_number_that_looks_like_a_day_stays_as_typed() -> None:
    data = {"effective_from": "2026-11-02", "until": "2027-01-22", "document": "2026-11-01"}
    told = tell("ckbx.child.SuspensionGranted", data)
    assert told.startswith("2026年11月2日 至 2027年1月22日（含当天）")
    assert "文号 2026-11-01" in told


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("首次缺勤 2026-11-02", "首次缺勤 2026年11月2日"),
        ("自 2026-11-02 至 2026-12-01", "自 2026年11月2日 至 2026年12月1日"),
        ("电话 0855-2026-11-021", "电话 0855-2026-11-021"),
        ("没有日期", "没有日期"),
    ],
)
def test_a_sentence_has_its_days_in_words(said: str, shown: str) -> None:
    assert days_in_words(said) == shown
