"""Every rule whose alert a person may read has a Chinese title."""

from __future__ import annotations

import pytest

from ckbx.domain.rules.rule_ids import rule_title
from ckbx.scheduling.duty import CLOCK_RULES


@pytest.mark.parametrize("rule", sorted(CLOCK_RULES))
def test_every_clock_rule_has_a_chinese_title(rule: str) -> None:
    assert not rule_title(rule).isascii()
