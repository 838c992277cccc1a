"""The timeline tells days as every page writes them, and leaves typed text as it was."""

from __future__ import annotations

import pytest

from ckbx.application import case_teacher
from ckbx.domain.case.steps import ROLE_TITLES
from ckbx.domain.legal import words as legal
from ckbx.domain.responsibility import rows
from ckbx.domain.responsibility.post import Role
from ckbx.ledgers.columns import ROLES
from ckbx.web.permissions import ROLE_ZH
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


def test_the_one_to_one_teacher_has_one_name_wherever_it_is_shown() -> None:
    role = Role.CASE_TEACHER
    shown = {ROLE_ZH[role], ROLES[role], ROLE_TITLES[role], legal.ROLE_TITLES[role]}
    assert shown == {case_teacher.TITLE} == {"帮扶教师"}


@pytest.mark.parametrize("written", ["帮扶教师", "包人教师"])
def test_a_chain_file_may_call_it_by_either_name(written: str) -> None:
    assert rows.ROLE_WORDS[written] is Role.CASE_TEACHER
