"""A school year of 90 children under a virtual clock: every duty is told once, to its people."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

import pytest

from ckbx.bench.year import expected_ladder
from ckbx.bench.year.answers import ANSWERS
from ckbx.bench.year.expected import expected
from ckbx.bench.year.page import page
from ckbx.bench.year.stage import play_out, stage
from ckbx.bench.year.told import difference, told
from ckbx.bench.year.world import World
from ckbx.scheduling.duty import CLOCK_RULES
from ckbx.scheduling.run_due import run_due

HOW = ("", "_up", "_copy")
UNREAD, OVERDUE = ("_unread", "_unread_copy"), ("_up", "_copy")
PAGE = Path(__file__).parents[2] / "docs/alerts-year.md"


BY_COURT = "no court has given a judgement"
LATER = "the last day to go to the court is the last of the school year: missed on the next"
UNSEEN = "a class reports and one child of it is on no roll: tests/scheduling/test_case_duties.py"
REMINDED = "the reminder was in time"
NEVER = "nobody enters a suspicion or corrects one, no relapse counts five days in twenty"
NEXT_DAY = "due on the next school day: overdue before it rises unseen; the village was told"
BY_CASE = "the deadlines of its case rise"
NO_CHILD = "it is about no child: nobody on the other line below the county"
IN_TIME = "it was done before"
SEEN = "the principal acknowledges it in time"
TO_COUNTY = "it goes to the county as long_leave_unconfirmed"
SUSPICIONS = (
    "absence_run_5",
    "opening_day_5",
    "register_finding",
    "relapse_run_3",
    "transfer_lapsed",
)


def _rungs(rules: Iterable[str], rungs: Iterable[str], why: str) -> dict[str, str]:
    return {rule + rung: why for rule in rules for rung in rungs}


NOT_IN_THE_YEAR = {
    **_rungs(("person", "corrected_withdrawal", "relapse_5_in_20"), (*UNREAD, *OVERDUE), NEVER),
    **_rungs(("absence_run_3", "absence_5_in_20"), (*UNREAD, "_copy"), NEXT_DAY),
    **_rungs(SUSPICIONS, OVERDUE, BY_CASE),
    **_rungs(("chain_unset", "post_vacant"), ("_unread_copy", "_copy"), NO_CHILD),
    **_rungs(("opening_report_7",), ("_unread_copy", "_copy"), NO_CHILD),
    **_rungs(("chain_unset", "post_vacant"), ("_up",), IN_TIME),
    **_rungs(("graduation_due", "transfer_step_10"), (*UNREAD, *OVERDUE), IN_TIME),
    **_rungs(("home_visits_short", "long_leave_5"), UNREAD, SEEN),
    **_rungs(("long_leave_5", "long_leave_10"), OVERDUE, TO_COUNTY),
    **{f"{rule}{how}": BY_COURT for rule in ("court_term_24m", "verdict_expired") for how in HOW},
    **{f"enforcement_3m{how}": LATER for how in HOW[1:]},
    **{f"remind_in_time{how}": REMINDED for how in HOW[1:]},
    **{f"follow_up_daily{how}": UNSEEN for how in ("", "_copy")},
}


TOO_LATE = {
    ("absence_run_3", date(2026, 9, 16)): "it is overdue before it would rise unseen",
    ("roll_call_silent", date(2026, 10, 21)): "silence rises acknowledged or not",
    ("post_vacant", date(2026, 11, 9)): "the day after it rose",
    ("leave_review_due", date(2026, 12, 14)): "the day after it rose",
    ("opening_day_5", date(2027, 3, 5)): "an hour after it rose",
}


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("year")
    with stage(f"sqlite:///{folder / 'year.db'}", folder) as made:
        play_out(made)
        yield made


def test_every_duty_of_the_year_is_told_once_at_its_hour_and_none_besides(world: World) -> None:
    assert str(difference(world)) == ""
    assert len(told(world)) == len(list(expected()))


def test_every_answer_of_the_year_keeps_something_from_rising_or_comes_too_late(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A table in which an answer changed nothing by mistake would prove nothing of answers."""
    risen, idle = set(expected()), []
    for n, answer in enumerate(ANSWERS):
        monkeypatch.setattr(expected_ladder, "ANSWERS", ANSWERS[:n] + ANSWERS[n + 1 :])
        if set(expected()) == risen:
            idle.append((answer.rule, answer.told))
    assert set(idle) == TOO_LATE.keys()


def test_a_run_repeated_at_the_end_changes_nothing(world: World) -> None:
    head = world.store.log.head()
    assert run_due(world.store, world.clock.now()).nothing
    assert world.store.log.head() == head


def test_every_rule_of_the_clock_is_told_in_the_year(world: World) -> None:
    """But for those that a year cannot hold, each with its reason."""
    missing = CLOCK_RULES - {each.rule for each in told(world).values()}
    assert missing == NOT_IN_THE_YEAR.keys()


def test_the_page_of_the_year_is_up_to_date(world: World) -> None:
    assert PAGE.read_text(encoding="utf-8") == page(world), (
        "python -m ckbx.bench.year > docs/alerts-year.md"
    )


@pytest.mark.long
def test_the_year_is_told_the_same_on_postgres(pg_store_url: str, tmp_path: Path) -> None:
    with stage(pg_store_url, tmp_path) as made:
        play_out(made)
        assert str(difference(made)) == ""


@pytest.mark.long
def test_a_look_at_every_instant_of_the_year_tells_nothing_else(tmp_path: Path) -> None:
    """Also at the hours that the short year leaves out, because nothing can fall due at them."""
    with stage(f"sqlite:///{tmp_path / 'year.db'}", tmp_path) as made:
        play_out(made, every=True)
        assert str(difference(made)) == ""
