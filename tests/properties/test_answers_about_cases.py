"""Whatever happens to a case, its ledgers say what the log says, live, rebuilt and as known then."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import rule, run_state_machine_as_test

from ckbx.domain.case.case import Case, case_stream
from ckbx.domain.case.codes import WORKING, Stage
from ckbx.domain.case.deadlines import Outcome
from ckbx.domain.case.events import CaseConcluded, CaseOpened
from ckbx.domain.case.snapshot import pack_case
from projections import cases, cases_fold
from projections.caseload import caseload
from projections.cases_stand_fold import stand
from projections.cases_tables import STANDS
from projections.deadlines import by_post, of_cases
from projections.dropout import dropout
from projections.kit.reading import Reading
from projections.scope import Scope
from projections.visits import visits
from tests.properties.test_cases_follow_suspicions import Life
from tests.support.county import COUNTY

EVERYTHING = Scope.county()
SAID = ("stage", "suspected_on", "first_absent_on", "over", "rounds", "verifications", "returned")
LATER = timedelta(days=60)


class Answered(Life):
    """A life that is folded in steps; what was answered then is asked again in the end."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[date, int, list[Any]]] = []

    @rule()
    def is_asked(self) -> None:
        self.county.store.catch_up()
        day, position = self.now, self.county.store.log.head()
        self.told.append((day, position, self.answers(day, position)))

    def answers(self, day: date, position: int) -> list[Any]:
        at: dict[str, Any] = {"as_of": day, "position": position}
        with self.county.store.answers.reading() as reading:
            lists = [ask(reading, EVERYTHING, all_=True, **at) for ask in (dropout, visits)]
            counted = by_post(reading, EVERYTHING, all_=True, **at)
            self.check_as_packed(reading, at)
            return [*lists, counted, caseload(reading, EVERYTHING, **at)]

    def check_as_packed(self, reading: Reading, at: dict[str, Any]) -> None:
        """What is read as it was packed says what the facts say, replayed."""
        found = {each.case.id: each for each in cases.cases_on(reading, EVERYTHING, **at)}
        stood = {each.case.id: each for each in cases.stands_on(reading, EVERYTHING, **at)}
        assert set(stood) == set(found)
        for id_, each in stood.items():
            replayed = found[id_]
            assert pack_case(each.case) == pack_case(replayed.case), "as packed"
            assert (each.steps, each.place) == (replayed.steps, replayed.place)
            assert each.back_at == replayed.back_at
        due = of_cases(reading, list(found.values()), **at)
        assert of_cases(reading, list(stood.values()), **at) == due

    def teardown(self) -> None:
        try:
            self.county.store.catch_up()
            self.check_against_the_log()
            projector = self.county.store.projector
            assert projector.check("cases").equal
            assert [lag.parked for lag in projector.lag()] == [0] * len(projector.projections)
            for day, position, said in self.told:
                assert self.answers(day, position) == said, f"as known at {position}"
        finally:
            super().teardown()

    def check_against_the_log(self) -> None:
        day, log = self.now + LATER, self.county.store.log
        at: dict[str, Any] = {"as_of": day, "position": log.head()}
        with self.county.store.answers.reading() as reading:
            found = cases.cases_on(reading, EVERYTHING, **at)
            worked = cases.cases_on(reading, EVERYTHING, which=cases.WORKED_ON, **at)
            due = of_cases(reading, found, **at)
        logged = self.logged()
        assert {each.case.id for each in found} == set(logged)
        for each in found:
            for name in SAID:
                assert getattr(each.case, name) == getattr(logged[each.case.id], name), name
            kinds = [(d.kind, d.on) for d in due[each.case.id]]
            assert len(set(kinds)) == len(kinds)
            assert all(d.outcome in Outcome for d in due[each.case.id])
        open_ones = {id_ for id_, case in logged.items() if case.stage in WORKING}
        assert {each.case.id for each in worked} == open_ones, "the open cases"

    def logged(self) -> dict[UUID, Case]:
        """Every case that was not withdrawn, from the log."""
        all_ = {}
        for n, id_ in enumerate(self.kids):
            for episode in range(1, self.child(n).episodes + 1):
                stream = case_stream(COUNTY, id_, episode)
                events = self.county.store.log.load([stream]).get(stream, [])
                case = Case(stream).replay(events)
                if case.stage is not Stage.WITHDRAWN:
                    all_[stream] = case
        return all_


STEPS = settings(max_examples=15, stateful_step_count=15)
FIRST = settings(STEPS, max_examples=50, phases=[Phase.generate])


def test_ledgers_of_cases_say_what_the_log_says() -> None:
    run_state_machine_as_test(Answered, settings=STEPS)


def test_control_facts_that_are_not_packed_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def forgetful(fold: Any, event: Any, position: int, case: bytes) -> None:
        if isinstance(event, CaseOpened):
            stand(fold, event, position, case)
        else:
            kept = fold[STANDS].get(case)
            fold[STANDS].put(case, (position, *kept[1:]))

    monkeypatch.setattr(cases_fold, "stand", forgetful)
    with pytest.raises(AssertionError, match="as packed"):
        run_state_machine_as_test(Answered, settings=FIRST)


def test_control_a_conclusion_that_is_not_folded_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handlers: Any = cases_fold.HANDLERS
    monkeypatch.setitem(handlers, CaseConcluded, cases_fold._worked)
    with pytest.raises(AssertionError, match="the open cases"):
        run_state_machine_as_test(Answered, settings=FIRST)
