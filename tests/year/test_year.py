"""A school year of 90 children under a virtual clock: every duty is told once, to its people."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ckbx.bench.year.expected import expected, is_derived
from ckbx.bench.year.page import page
from ckbx.bench.year.stage import play_out, stage
from ckbx.bench.year.told import difference, told
from ckbx.bench.year.world import World
from ckbx.scheduling.duty import CLOCK_RULES
from ckbx.scheduling.run_due import run_due

HOW = ("", "_up", "_copy")
PAGE = Path(__file__).parents[2] / "docs/alerts-year.md"


BY_COURT = "no court has given a judgement"
LATER = "the last day to go to the court is the last of the school year: missed on the next"
UNSEEN = "a class reports and one child of it is on no roll: tests/scheduling/test_case_duties.py"
REMINDED = "the reminder was in time"
NOT_IN_THE_YEAR = {
    **{f"{rule}{how}": BY_COURT for rule in ("court_term_24m", "verdict_expired") for how in HOW},
    **{f"enforcement_3m{how}": LATER for how in HOW[1:]},
    **{f"remind_in_time{how}": REMINDED for how in HOW[1:]},
    **{f"follow_up_daily{how}": UNSEEN for how in ("", "_copy")},
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("year")
    with stage(f"sqlite:///{folder / 'year.db'}", folder) as made:
        play_out(made)
        yield made


def test_every_duty_of_the_year_is_told_once_at_its_hour_and_none_besides(world: World) -> None:
    assert str(difference(world)) == ""
    derived = [each for each in told(world).values() if is_derived(each.rule)]
    assert len(derived) == len(list(expected()))


def test_a_run_repeated_at_the_end_changes_nothing(world: World) -> None:
    head = world.store.log.head()
    assert run_due(world.store, world.clock.now()).nothing
    assert world.store.log.head() == head


def test_every_rule_of_the_clock_is_told_in_the_year(world: World) -> None:
    """But for those that a year cannot hold, each with its reason."""
    missing = set(filter(is_derived, CLOCK_RULES)) - {each.rule for each in told(world).values()}
    assert missing == NOT_IN_THE_YEAR.keys()


def test_the_page_of_the_year_is_up_to_date(world: World) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(world), (
        "python -m ckbx.bench.year > docs/alerts-year.md"
    )
