"""Whatever happens in a county: every suspicion has its case, every case somebody who answers,
every deadline one outcome, and the answers rest on the facts alone. On both stores.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from ckbx.application.policies import cases as policy
from ckbx.domain.case import deadlines as case_deadlines
from ckbx.domain.case.codes import Stage
from ckbx.domain.case.deadlines import Outcome
from ckbx.domain.case.events import CaseOpened
from ckbx.domain.child.events import DropoutSuspected
from ckbx.domain.leave.events import LeaveApplied
from ckbx.domain.legal import deadlines as legal_deadlines
from ckbx.domain.responsibility.directory import Directory
from projections import applications, cases_fold
from tests.properties.county_life import POSTS
from tests.properties.whole_life import WholeLife
from tests.support.case_county import case_county
from tests.support.postgres import PgServer

SHORT = settings(max_examples=15, stateful_step_count=15)
SHORTER = settings(SHORT, max_examples=6)
LONG = settings(max_examples=300, stateful_step_count=25)
PLANTED = settings(max_examples=60, stateful_step_count=15, phases=[Phase.generate])
Lives = type[WholeLife]


@contextmanager
def on_postgres(server: PgServer, folder: Path) -> Iterator[Lives]:
    """A life in a database of its own, copied from one that holds the county."""
    first = server.create()
    with case_county(first.url(), folder):
        pass

    class Life(WholeLife):
        def url(self, own: Path) -> str:
            copytree(folder / "secrets", own / "secrets")
            database = server.copy(first)
            self.stack.callback(lambda: server.drop(database))
            return database.url()

    yield Life
    server.drop(first)


@pytest.fixture(params=["sqlite", "postgres"])
def lives(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lives]:
    if request.param == "sqlite":
        yield WholeLife
    else:
        with on_postgres(request.getfixturevalue("pg_server"), tmp_path) as found:
            yield found


def test_what_must_hold_holds_in_random_histories(lives: Lives) -> None:
    run_state_machine_as_test(lives, settings=SHORT if lives is WholeLife else SHORTER)


@pytest.mark.long
def test_what_must_hold_holds_in_hundreds_of_random_histories(lives: Lives) -> None:
    run_state_machine_as_test(lives, settings=LONG)


def test_the_page_of_an_earlier_case_remembers_when_the_child_attended_again() -> None:
    """Found at random: the ledger had it right, the page of the case had forgotten."""
    life = WholeLife()
    life.is_suspended(n=0, later=10)
    life.stays_away_and_the_clock_runs(n=1)
    life.comes_back_for_good(n=0)
    life.comes_back_for_good(n=0)
    life.stays_away_and_the_clock_runs(n=0)
    life.comes_back_for_good(n=1)
    life.is_suspended(n=0, later=5)
    life.stays_away_and_the_clock_runs(n=1)
    life.stays_away_and_the_clock_runs(n=0)
    earlier = next(case for child, case in life.logged() if case.stage is Stage.RELAPSED)
    child = next(child for child, case in life.logged() if case.id == earlier.id)
    kinds = {d.kind for _, d in life.deadlines(child, earlier, life.now)}
    life.teardown()
    assert "attending_decision" in kinds


# Controls: each defect, planted, is found.


class Begun(WholeLife):
    """The class teacher's post is vacant, a child stays away and has got its first papers."""

    def __init__(self) -> None:
        super().__init__()
        self.leave_post(POSTS[0])
        self.stays_away_until_the_law_begins(0)


def is_found(words: str, lives: Lives = WholeLife) -> None:
    with pytest.raises(AssertionError, match=words):
        run_state_machine_as_test(lives, settings=PLANTED)


def test_control_a_suspicion_without_a_case_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    rest = {kind: way for kind, way in policy._FOLLOW.items() if kind is not DropoutSuspected}
    monkeypatch.setattr(policy, "_FOLLOW", rest)
    is_found("has no case")


def test_control_a_case_that_a_vacancy_leaves_to_nobody_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answerable = Directory.answerable

    def stops(self: Directory, *args: Any, **more: Any) -> Any:
        answer = answerable(self, *args, **more)
        return answer._replace(to=()) if answer.vacant else answer

    monkeypatch.setattr(Directory, "answerable", stops)
    is_found("nobody answers on|nobody is told|空岗", Begun)


@pytest.mark.parametrize("module", [case_deadlines, legal_deadlines])
def test_control_a_deadline_kept_after_its_day_is_found(
    monkeypatch: pytest.MonkeyPatch, module: Any
) -> None:
    judge = module._outcome

    def lenient(duty: Any, day: Any) -> Any:
        outcome, on, evidence = judge(duty, day)
        if outcome is Outcome.MISSED:
            return Outcome.KEPT, day, evidence
        return outcome, on, evidence

    monkeypatch.setattr(module, "_outcome", lenient)
    is_found("kept after its day|the ledger's deadlines", Begun)


@pytest.mark.parametrize(
    ("handlers", "kind"),
    [(cases_fold.HANDLERS, CaseOpened), (applications.HANDLERS, LeaveApplied)],
)
def test_control_an_answer_that_rests_on_when_it_was_folded_is_found(
    monkeypatch: pytest.MonkeyPatch, handlers: Any, kind: type[Any]
) -> None:
    folded, seen = handlers[kind], set[str]()

    def forgets(fold: Any, event: Any, position: int) -> None:
        if event.event_id in seen:
            folded(fold, event, position)
        seen.add(event.event_id)

    monkeypatch.setitem(handlers, kind, forgets)

    class Fresh(WholeLife):
        def __init__(self) -> None:
            seen.clear()
            super().__init__()

    is_found("rebuilt is not live", Fresh)
