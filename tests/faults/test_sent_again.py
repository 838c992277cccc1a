"""A command sent again gets its first answer; two that name the same new person both stand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from ckbx.application import enrolment
from ckbx.application.intake import Lane
from ckbx.application.office import TRIES, Office
from ckbx.application.unit import Unit
from ckbx.domain.child.errors import AlreadyRegistered
from ckbx.domain.shared.errors import CkbxError, ConcurrencyConflict
from ckbx.store import Store
from ckbx.vault.people import Identity
from tests.support.county import BEGAN, SCHOOL, SmallCounty, opened

KEY = f"{SCHOOL}/2026/1"
TEXT = UUID(int=77)


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[Store]:
    with opened(store_url, tmp_path / "secrets") as found:
        SmallCounty(found.office, classes=0)
        yield found


def enter(office: Office, child: UUID, command: UUID, on: date = BEGAN) -> tuple[bytes, bool, int]:
    """Enter one child by hand; (reply, whether it had been done before, position)."""
    pupil = enrolment.NewPupil(child=child, sex="f")

    def decide(unit: Unit) -> bytes:
        enrolment.admit(office, unit, KEY, [pupil], grade=1, on=on)
        return b"entered"

    done = office.run(office.context("registrar", command), decide)
    return done.reply, done.replayed, done.position


def test_a_lost_answer_is_given_again_although_its_effect_would_refuse_it_now(
    store: Store,
) -> None:
    child, command = uuid4(), uuid4()
    first = enter(store.office, child, command)
    assert first == (b"entered", False, store.log.head())
    for office in (store.office, Office(store.log, store.clock)):  # here, and after a restart
        assert enter(office, child, command) == (b"entered", True, first[2])
    assert store.log.head() == first[2]


def test_control_the_same_under_another_id_is_refused(store: Store) -> None:
    child = uuid4()
    enter(store.office, child, uuid4())
    with pytest.raises(AlreadyRegistered):
        enter(store.office, child, uuid4())


class Rivals:
    """Two commands that both find a text unknown to the vault and both bring it in."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.decided = 0

    def decide(self, unit: Unit) -> bytes:
        """The first time, the rival commits between the decision and its append."""
        self.decided += 1
        text = Identity(name="代课老师")
        lookups = {} if self.store.vault.find("submitter", "ct0") else {"submitter": "ct0"}
        unit.writes.extend(self.store.vault.prepare(TEXT, "staff", identity=text, lookups=lookups))
        if self.decided == 1:
            other = Office(self.store.log, self.store.clock)
            rival = Rivals(self.store)
            rival.decided = 1
            other.run(other.context("rival"), rival.decide)
        return b"done"


def test_of_two_commands_that_bring_in_the_same_text_both_stand(store: Store) -> None:
    rivals = Rivals(store)
    done = store.office.run(store.office.context("first"), rivals.decide)
    assert (done.reply, done.replayed, rivals.decided) == (b"done", False, 2)
    assert store.vault.find("submitter", "ct0") == TEXT


def test_so_do_they_when_carried_through_together(store: Store) -> None:
    rivals, said = Rivals(store), list[CkbxError | None]()
    lane = Lane(store.office)
    lane.submit(lane.office.context("first"), rivals.decide, said.append)
    lane.finish()
    assert said == [None]
    assert rivals.decided == 2


def test_rows_that_can_never_stand_are_refused_in_the_end(store: Store) -> None:
    writes = store.vault.prepare(TEXT, "staff", identity=Identity(name="甲"))
    tries = []

    def decide(unit: Unit) -> bytes:
        tries.append(unit)
        unit.writes.extend(writes)
        return b"done"

    store.office.run(store.office.context("first"), decide)
    with pytest.raises(ConcurrencyConflict):
        store.office.run(store.office.context("again"), decide)
    assert len(tries) == 1 + TRIES
