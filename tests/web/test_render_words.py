"""How do days, counting rules and people stand on a page, whatever wrote them?"""

from __future__ import annotations

from datetime import date

import pytest

from ckbx.web.cells import apart
from ckbx.web.render import actor, caliber, due_day, with_chinese_days


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("首次缺勤 2026-11-06，当时 5 天", "首次缺勤 2026年11月6日，当时 5 天"),
        ("2025-09-01 至 2026-01-20", "2025年9月1日 至 2026年1月20日"),
        ("2026-11-10 前处理，2026-11-23 起在任", "2026年11月10日前处理，2026年11月23日起在任"),
        ("2026-03 月报", "2026年3月 月报"),
        ("2026-Q3 第 1 次抽样", "2026年第3季度 第 1 次抽样"),
        ("电话 0855-2026-11", "电话 0855-2026-11"),
        ("G2026-11-06", "G2026-11-06"),
    ],
)
def test_days_of_machines_become_days_of_people(written: str, read: str) -> None:
    assert with_chinese_days(written) == read


def test_a_day_to_plan_for_has_its_weekday() -> None:
    assert due_day(date(2026, 12, 4)) == "12月4日（周五）"
    assert due_day(None) == "—"


def test_a_counting_rule_is_named_by_what_it_counts_and_its_version() -> None:
    assert caliber("month-deadlines-2026.1") == (
        '<data value="month-deadlines-2026.1">月报期限 2026.1 版</data>'
    )
    assert caliber("roster-2026.1") == '<data value="roster-2026.1">2026.1 版</data>'
    assert "<svg" not in caliber("<svg onload=x>-2026.1")


def test_who_acted_is_told_without_the_words_of_the_program() -> None:
    assert actor("cli:root") == "服务器管理员 root"
    assert actor("system:due") == "系统：到期事务"
    assert actor("ct303181") == "ct303181"


def test_what_is_only_to_be_copied_is_set_apart_and_nothing_becomes_an_element() -> None:
    assert apart("摘要 0a1b2c3d4e5f60718 的 SHA-256") == (
        '摘要 <code class="short-id">0a1b2c3d4e5f60718</code> 的 '
        '<code class="short-id">SHA-256</code>'
    )
    assert apart("<svg onload=x>") == "&lt;svg onload=x&gt;"
