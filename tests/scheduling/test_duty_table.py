"""Every rule of the clock stands in the table of duties, with a test that there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ckbx.scheduling.duty import CLOCK_RULES

ROOT = Path(__file__).resolve().parents[2]
TABLE = (ROOT / "docs/alerts.md").read_text(encoding="utf-8")
RISEN = ("_unread", "_unread_copy", "_up", "_copy")
FIRST = sorted(r for r in CLOCK_RULES if not r.endswith(RISEN) or r == "roll_call_silent_up")
NAMED = re.findall(r"`([\w/]+\.py)::(test_\w+)`", TABLE)


@pytest.mark.parametrize("rule", FIRST)
def test_a_rule_of_the_clock_stands_in_the_table_of_duties(rule: str) -> None:
    assert f"`{rule}`" in TABLE


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED)))
def test_the_test_that_the_table_names_is_there(file: str, name: str) -> None:
    path = ROOT / file if "/" in file else Path(__file__).with_name(file)
    assert f"def {name}(" in path.read_text(encoding="utf-8")


def test_a_row_of_the_table_names_a_module_that_is_there() -> None:
    for module in set(re.findall(r"`((?:scheduling|application|domain)/[\w/]+\.py)`", TABLE)):
        assert (ROOT / "src/ckbx" / module).exists(), module
