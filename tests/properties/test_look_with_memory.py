"""Whatever happens to two children and their county, a look that remembers the looks before finds
what a look that remembers nothing finds, at an instant long after and at the present one.
"""

from __future__ import annotations

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from ckbx.scheduling.memory import Memory
from tests.properties.whole_life import WholeLife
from tests.scheduling.due_kit import local
from tests.scheduling.test_memory import Careless
from tests.support.owed import owed_at

SHORT = settings(max_examples=4, stateful_step_count=10)
LONG = settings(max_examples=150, stateful_step_count=25)
PLANTED = settings(max_examples=40, stateful_step_count=12, phases=[Phase.generate])


class Remembered(WholeLife):
    """After each thing that happens somebody looks, with a memory and without one."""

    def memory(self) -> Memory:
        return Memory()

    def __init__(self) -> None:
        super().__init__()
        self.later = local(self.county.days[60])
        self.of_later, self.of_now = self.memory(), self.memory()

    @invariant()
    def a_look_finds_the_same_with_a_memory(self) -> None:
        store = self.county.store
        for at, memory in ((self.later, self.of_later), (local(self.now), self.of_now)):
            assert owed_at(store, at, memory) == owed_at(store, at), at


def test_a_look_with_a_memory_finds_what_one_without_finds() -> None:
    run_state_machine_as_test(Remembered, settings=SHORT)


@pytest.mark.long
def test_a_look_with_a_memory_finds_the_same_in_many_histories() -> None:
    run_state_machine_as_test(Remembered, settings=LONG)


@pytest.mark.parametrize("kind", ["owed case", "owed away"])
def test_a_memory_that_forgets_is_found_out(kind: str) -> None:
    class Forgetful(Remembered):
        def memory(self) -> Memory:
            return Careless(kind)

    with pytest.raises(AssertionError):
        run_state_machine_as_test(Forgetful, settings=PLANTED)
