"""No message says more of a person than 王**; what is kept says nothing."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import msgspec
import pytest

from ckbx.store import Store, open_store
from notifications.message import Message
from notifications.outbox_queue import message_of
from notifications.persons import PURPOSE, UNNAMED, VaultFiller, mark, persons_in
from notifications.queue import Filler
from tests.faults.personal import cells, everything_about, search, words_about
from tests.imports.intake_store import SCHOOL
from tests.support.alerts import MAIL, notice, raise_alert
from tests.support.paper_county import FIRST
from tests.support.terminal import Terminal

CLASS = f"{SCHOOL}/2024/1"


@pytest.fixture
def store(run: Terminal) -> Iterator[Store]:
    """The county of two small schools."""
    wired = run.wiring()
    made = open_store(wired.settings, wired.clock, wired.followers(), (MAIL,))
    yield made
    made.close()


def told(store: Store) -> Message:
    """The message about the first child, as it is claimed."""
    child = store.vault.find("student_no", FIRST)
    assert child is not None
    now = store.clock.now()
    store.postroom.catch_up()
    said = notice("relapse", store.office.today(), ["ct2"], child=child, class_key=CLASS)
    raise_alert(store.office, said, actor="system:attendance_rule")
    assert store.postroom.tick(now.replace(hour=now.hour + 1)) >= 1
    (row,) = [row for row in store.postroom.queue.messages() if row.kind == "relapse"]
    return message_of(row)


def test_a_message_is_filled_with_short_names_under_one_access_record(store: Store) -> None:
    message = told(store)
    before = len(store.vault.access_records())
    filler = VaultFiller(store.vault, "https://ckbx.example/")
    sent = filler.fill(message)
    (look,) = store.vault.access_records()[before:]
    assert (look.actor, look.purpose) == ("system:notify", PURPOSE)
    assert str(message.id) in look.view
    assert "**（" in sent.body
    assert persons_in(sent.body) == []
    assert sent.link == "https://ckbx.example/alerts"


def test_messages_that_go_together_are_filled_under_one_access_record(store: Store) -> None:
    one = told(store)
    two = msgspec.structs.replace(one, id=UUID(int=7))
    filler: Filler = VaultFiller(store.vault)
    before = len(store.vault.access_records())
    found = filler.fill_many([one, two])
    (look,) = store.vault.access_records()[before:]
    assert all(str(each.id) in look.view for each in (one, two))
    assert [each.id for each in found] == [one.id, two.id]
    assert found[0].body == found[1].body != one.body


def test_a_message_that_names_nobody_looks_at_nobody(store: Store) -> None:
    message = told(store)
    before = len(store.vault.access_records())
    silent = msgspec.structs.replace(message, body="共 3 人")
    assert VaultFiller(store.vault).fill(silent).link == ""
    assert len(store.vault.access_records()) == before


def test_a_person_the_vault_does_not_know_is_said_to_be_unnamed(store: Store) -> None:
    names = VaultFiller(store.vault).names("x", mark(UUID(int=5)))
    assert names == {UUID(int=5): UNNAMED}


def test_no_name_number_or_phone_stands_in_the_outbox_nor_in_what_is_sent(store: Store) -> None:
    message = told(store)
    words = set().union(*(words_about(p) for p in everything_about(store).values()))
    assert len(words) > 10
    kept = [(where, cell) for where, cell in cells(store) if where.startswith("outbox_")]
    assert {where for where, _ in kept} >= {"outbox_notices", "outbox_messages"}
    assert search(kept, words) == []
    sent = VaultFiller(store.vault).fill(message)
    assert search([("sent", f"{sent.subject}{sent.body}{sent.link}".encode())], words) == []


def test_the_control_a_full_name_in_a_message_would_be_found(store: Store) -> None:
    message = told(store)
    people = everything_about(store).values()
    name = next(p.identity.name for p in people if p.identity and p.identity.student_no)
    assert search([("sent", f"{message.body}{name}".encode())], [name]) == [("sent", name)]
