"""A number is held by one child at a time; an erased child leaves a mark that names nobody."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ckbx.domain.shared.errors import ConcurrencyConflict, StoreUnavailable
from ckbx.eventlog.ports import RowWrite
from ckbx.vault import (
    Identity,
    NewPerson,
    Vault,
    VaultKeys,
    create_sqlite_tables,
    init_keys,
    postgres_ddl,
    sqlite_engine,
)
from ckbx.vault.errors import NumberErased, NumberRefused, NumberTaken
from tests.vault.store import NUMBER, Store
from tests.vault.test_with_event_log import Made, _command, both

__all__ = ["both"]
LOOKUPS = {"id_number": NUMBER, "student_no": f"G{NUMBER}"}


def _without_turns(writes: list[RowWrite]) -> list[RowWrite]:
    return [write for write in writes if write.table != "vault_numbers"]


def _turns(store: Store) -> list[tuple[int, str, bool]]:
    with store.engine.connect() as connection:
        asked = "SELECT turn, standing, subject IS NULL FROM vault_numbers ORDER BY mark, turn"
        return [(t, s, bool(n)) for t, s, n in connection.execute(text(asked))]


# One holder


def test_of_two_children_with_one_number_the_append_refuses_the_second(both: Made) -> None:
    log, vault = both
    one, two = (vault.prepare(uuid4(), "child", lookups=LOOKUPS) for _ in range(2))
    log.append(_command(one))
    with pytest.raises(ConcurrencyConflict):
        log.append(_command(two))
    assert len(vault.find_many("id_number", [NUMBER])[NUMBER]) == 1


def test_control_without_turns_both_are_stored(both: Made) -> None:
    log, vault = both
    made = [vault.prepare(uuid4(), "child", lookups=LOOKUPS) for _ in range(2)]
    for writes in made:
        log.append(_command(_without_turns(writes)))
    assert len(vault.find_many("id_number", [NUMBER])[NUMBER]) == 2


def test_a_large_batch_is_refused_whole_for_one_number(both: Made) -> None:
    log, vault = both
    people = [
        NewPerson(subject=uuid4(), kind="child", lookups={"id_number": f"{n:018}"})
        for n in range(300)
    ]
    batch = vault.prepare_many(people)
    log.append(_command(vault.prepare(uuid4(), "child", lookups={"id_number": f"{299:018}"})))
    with pytest.raises(ConcurrencyConflict):
        log.append(_command(batch))
    assert vault.find("id_number", f"{0:018}") is None


def test_a_number_that_is_held_is_refused_when_prepared_and_every_refusal_is_named(
    store: Store,
) -> None:
    holder = store.child()
    people = [
        NewPerson(subject=uuid4(), kind="child", lookups={"id_number": number})
        for number in (NUMBER, "another", f" {NUMBER.lower()} ", "another")
    ]
    with pytest.raises(NumberTaken, match="已登记在另一名学生") as caught:
        store.vault.prepare_many(people)
    assert caught.value.ids["holder"] == holder
    refused = [refusal.ids["subject"] for refusal in caught.value.refusals]
    assert refused == [people[n].subject for n in (0, 2, 3)]
    assert NUMBER not in str(caught.value)


def test_staff_may_share_what_children_may_not(store: Store) -> None:
    store.child()
    store.append(store.vault.prepare(uuid4(), "staff", lookups={"id_number": NUMBER}))
    assert len(store.vault.find_many("id_number", [NUMBER])[NUMBER]) == 2


def test_a_number_given_up_finds_its_true_holder_and_not_the_one_before(store: Store) -> None:
    late = store.vault.prepare(uuid4(), "child", lookups={"id_number": NUMBER})
    wrong = store.child()
    right = {"lookups": {"id_number": "2"}, "given_up": {"id_number": NUMBER}}
    store.append(store.vault.prepare(wrong, "child", **right))  # type: ignore[arg-type]
    found = store.vault.numbers("id_number", [NUMBER, "2"])
    assert (found[NUMBER].held, found[NUMBER].former) == ((), (wrong,))
    assert found["2"].held == (wrong,)
    with pytest.raises(DBAPIError, match="刚刚已经登记"):
        store.append(late)  # decided before anybody held it
    true = store.child(name="乙")
    assert store.vault.find("id_number", NUMBER) == true
    with pytest.raises(NumberTaken):
        store.vault.prepare(wrong, "child", lookups={"id_number": NUMBER})


def test_giving_up_what_one_does_not_hold_changes_nothing(store: Store) -> None:
    holder, other = store.child(), store.child(number="2")
    assert store.vault.prepare(other, "child", given_up={"id_number": NUMBER}) == []
    assert store.vault.find("id_number", NUMBER) == holder


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE vault_numbers SET standing = 'given_up'",
        "DELETE FROM vault_numbers",
        "INSERT INTO vault_numbers SELECT mark, turn + 1, subject, 'held' FROM vault_numbers",
        "INSERT INTO vault_numbers SELECT mark, turn, subject, 'given_up' FROM vault_numbers",
    ],
)
def test_turns_can_be_neither_changed_removed_nor_taken_twice(store: Store, sql: str) -> None:
    store.child()
    with pytest.raises(DBAPIError, match=r"vault_numbers_(no_update|kept|once)"):
        store.run(sql)


# An erased holder


def test_the_number_of_an_erased_child_is_refused_and_names_nobody(store: Store) -> None:
    store.append(store.vault.erase(store.child()))
    number = store.vault.numbers("id_number", [NUMBER])[NUMBER]
    assert (number.held, number.former, number.erased) == ((), (), True)
    assert _turns(store) == [(2, "erased", True)]
    with pytest.raises(NumberErased, match="已依法删除，不能再登记"):
        store.vault.prepare(uuid4(), "child", lookups={"id_number": NUMBER})
    for sql in ("DELETE FROM vault_numbers", "UPDATE vault_numbers SET turn = 9"):
        with pytest.raises(DBAPIError, match=r"vault_numbers_(kept|no_update)"):
            store.run(sql)


def test_the_mark_is_neither_the_number_nor_a_look_up_nor_a_plain_hash(
    store: Store, tmp_path: Path
) -> None:
    subject = store.child()
    (looked_up,) = (bytes(v) for v in store.column("SELECT digest FROM vault_lookup"))
    store.append(store.vault.erase(subject))
    (mark,) = (bytes(v) for v in store.column("SELECT mark FROM vault_numbers"))
    assert mark == store.keys.mark(looked_up) != looked_up
    stranger = VaultKeys.open(tmp_path / "stranger", create=True)
    assert stranger.mark(stranger.digest("id_number", NUMBER)) != mark
    for algorithm in ("sha256", "sm3", "sha3_256", "blake2s"):
        if algorithm in hashlib.algorithms_available:
            assert hashlib.new(algorithm, NUMBER.encode()).digest() != mark


def test_who_was_decided_on_before_registration_and_erasure_is_refused(both: Made) -> None:
    log, vault = both
    late = vault.prepare(uuid4(), "child", lookups=LOOKUPS)
    subject = uuid4()
    log.append(_command(vault.prepare(subject, "child", lookups=LOOKUPS)))
    log.append(_command(vault.erase(subject)))
    with pytest.raises(ConcurrencyConflict):
        log.append(_command(late))


def test_erased_as_a_mistake_the_number_is_free(store: Store) -> None:
    store.append(store.vault.erase(store.child(), free=True))
    assert _turns(store) == []
    again = store.child()
    assert store.vault.find("id_number", NUMBER) == again


def test_a_number_given_up_before_is_not_held_against_its_true_holder(store: Store) -> None:
    wrong = store.child()
    right = {"lookups": {"id_number": "2"}, "given_up": {"id_number": NUMBER}}
    store.append(store.vault.prepare(wrong, "child", **right))  # type: ignore[arg-type]
    store.append(store.vault.erase(wrong))
    found = store.vault.numbers("id_number", [NUMBER, "2"])
    assert (found[NUMBER].erased, found["2"].erased) == (False, True)
    assert store.vault.find("id_number", NUMBER) is None
    assert store.vault.find("id_number", NUMBER) != store.child()


def test_erasing_again_after_an_older_file_was_restored_leaves_the_same_mark(
    sqlite_store: Store, tmp_path: Path
) -> None:
    store, subject = sqlite_store, sqlite_store.child()
    older = tmp_path / "older.db"
    with closing(sqlite3.connect(store.file)) as one, closing(sqlite3.connect(older)) as two:
        one.backup(two)
    for _ in range(2):
        store.append(store.vault.erase(subject))
    marks = store.column("SELECT mark FROM vault_numbers")
    restored = Store(sqlite_engine(older), store.keys, store.clock)
    assert restored.vault.find("id_number", NUMBER) == subject
    restored.append(restored.vault.erase(subject))
    assert restored.column("SELECT mark FROM vault_numbers") == marks
    restored.engine.dispose()


# A store of an earlier program


def _as_before(store: Store) -> None:
    """The store as an earlier program left it: numbers filed, no turns."""
    store.as_owner("DROP TABLE vault_numbers")


def _upgraded(store: Store) -> Vault:
    """What ``init`` does."""
    if store.postgres:
        for statement in postgres_ddl():
            store.as_owner(statement)
    else:
        create_sqlite_tables(store.file)
    keys = init_keys(store.engine, store.keys.folder, store.clock)
    return Vault(store.engine, keys, store.clock)


def _old_child(store: Store, number: str) -> UUID:
    subject = uuid4()
    writes = store.vault.prepare(
        subject, "child", identity=Identity(name="甲"), lookups={"id_number": number}
    )
    store.append(_without_turns(writes))
    return subject


def test_a_store_without_turns_is_refused_until_init_brings_it_up(store: Store) -> None:
    one, two = _old_child(store, NUMBER), _old_child(store, "2")
    _as_before(store)
    with pytest.raises(StoreUnavailable, match="ckbx init 升级"):
        store.vault.check_tables()
    vault = _upgraded(store)
    vault.check_tables()
    assert (vault.find("id_number", NUMBER), vault.find("id_number", "2")) == (one, two)
    with pytest.raises(NumberTaken):
        vault.prepare(uuid4(), "child", lookups={"id_number": NUMBER})
    turns = _turns(store)
    _upgraded(store)
    assert _turns(store) == turns == [(1, "held", False)] * 2


def test_a_table_made_but_not_filled_is_behind(store: Store) -> None:
    _old_child(store, NUMBER)
    with pytest.raises(StoreUnavailable, match="ckbx init 升级"):
        store.vault.check_tables()


def test_children_an_earlier_program_registered_twice_stay_for_a_person_to_decide(
    store: Store,
) -> None:
    pair = {_old_child(store, NUMBER), _old_child(store, NUMBER)}
    _as_before(store)
    vault = _upgraded(store)
    assert set(vault.find_many("id_number", [NUMBER])[NUMBER]) == pair
    with pytest.raises(NumberRefused):
        vault.prepare(uuid4(), "child", lookups={"id_number": NUMBER})


def test_a_new_store_is_not_behind(store: Store) -> None:
    store.vault.check_tables()
    store.child()
    store.vault.check_tables()


def test_a_guard_taken_off_the_vault_closes_the_store(sqlite_store: Store) -> None:
    sqlite_store.as_owner("DROP TRIGGER vault_numbers_once")
    with pytest.raises(StoreUnavailable, match=r"保护被移除（vault_numbers_once）"):
        sqlite_store.vault.check_tables()
