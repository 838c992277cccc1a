"""Every rule whose alert a person may read has a Chinese title."""

from __future__ import annotations

import pytest

from ckbx.domain.alert.kinds import KINDS, alert_title
from ckbx.domain.rules.rule_ids import COPIED, RISEN, rule_title
from ckbx.scheduling.duty import CLOCK_RULES


@pytest.mark.parametrize("rule", sorted(CLOCK_RULES))
def test_every_clock_rule_has_a_chinese_title(rule: str) -> None:
    assert not rule_title(rule).isascii()


@pytest.mark.parametrize("passed_on", ["", RISEN, COPIED])
def test_the_written_report_of_a_case_is_not_called_as_the_reports_of_a_month(
    passed_on: str,
) -> None:
    rules = ("written_report_24h", "school_report_28", "county_report_5")
    assert [alert_title("report_due", rule + passed_on) for rule in rules] == [
        "学校书面报告到期",
        "学校月报到期",
        "县月度汇总到期",
    ]


def test_an_alert_of_a_kind_with_one_duty_is_called_as_its_kind() -> None:
    assert alert_title("relapse", "relapse_run_3") == KINDS["relapse"].title
