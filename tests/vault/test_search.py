"""A child is found by the beginning of its name or of its initials, and leaves no name behind."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from sqlalchemy.exc import DBAPIError

from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.ports import RowWrite
from ckbx.vault import Identity, Vault, create_sqlite_tables, init_keys, postgres_ddl
from ckbx.vault.search import spoken
from tests.vault.store import NAME, Store

OTHER = "单雄信"


def _named(store: Store, name: str, former_name: str = "") -> UUID:
    subject = uuid4()
    store.append(
        store.vault.prepare(subject, "child", identity=Identity(name=name, former_name=former_name))
    )
    return subject


@pytest.mark.parametrize("typed", ["杨", "杨秀", "杨秀英", " 杨 秀英 ", "yx", "yxy", "YXY", "ｙｘ"])
def test_a_beginning_finds_the_child(store: Store, typed: str) -> None:
    child = _named(store, NAME)
    _named(store, "李四")
    assert store.vault.search(typed) == (child,)


@pytest.mark.parametrize("typed", ["秀英", "xy", "杨秀英三", "yxyz", "52260120150101123X"])
def test_what_is_no_beginning_of_it_finds_nobody(store: Store, typed: str) -> None:
    _named(store, NAME)
    assert store.vault.search(typed) == ()


@pytest.mark.parametrize("typed", ["", "  ", "y", "·", "（）"])
def test_too_little_is_not_looked_for(store: Store, typed: str) -> None:
    _named(store, NAME)
    assert store.vault.search(typed) is None


def test_a_surname_is_found_as_it_is_said_and_as_the_character_is_mostly_read(store: Store) -> None:
    child = _named(store, OTHER)
    assert store.vault.search("sxx") == store.vault.search("dxx") == (child,)


def test_a_long_name_has_a_bounded_number_of_keys() -> None:
    assert len(spoken("单曾解查覃仇朴乐")) <= 16 * 7


def test_dots_and_blanks_of_a_name_do_not_matter(store: Store) -> None:
    child = _named(store, "阿依古丽·买买提")
    assert store.vault.search("阿依古丽买") == store.vault.search("ayglm") == (child,)


def test_a_former_name_and_one_that_was_corrected_still_find_the_child(store: Store) -> None:
    child = _named(store, NAME, former_name="杨招弟")
    store.append(store.vault.prepare(child, "child", identity=Identity(name="杨自强")))
    for typed in ("杨秀英", "杨招弟", "yzq"):
        assert store.vault.search(typed) == (child,)


def test_the_same_name_written_again_adds_no_key(store: Store) -> None:
    child = _named(store, NAME)
    again = store.vault.prepare(child, "child", identity=Identity(name=NAME))
    assert [write.table for write in again] == ["vault_rows"]


def test_staff_are_not_found(store: Store) -> None:
    store.append(store.vault.prepare(uuid4(), "staff", identity=Identity(name=NAME)))
    assert store.vault.search(NAME) == ()


def test_an_erased_child_is_not_found_and_keeps_no_key(store: Store) -> None:
    gone, stays = _named(store, NAME), _named(store, NAME)
    store.append(store.vault.erase(gone))
    assert store.vault.search("yxy") == (stays,)
    left = store.column("SELECT count(*) FROM vault_search WHERE subject = :s", s=store.ref(gone))
    assert left == [0]


def test_control_without_the_erasure_both_are_found(store: Store) -> None:
    both = {_named(store, NAME), _named(store, NAME)}
    assert set(store.vault.search("yxy") or ()) == both


@pytest.mark.parametrize("sql", ["DELETE FROM vault_search", "UPDATE vault_search SET digest = ''"])
def test_keys_are_neither_changed_nor_taken_away(store: Store, sql: str) -> None:
    _named(store, NAME)
    if store.postgres:
        sql = sql.replace("''", "'x'::bytea")
    else:
        sql = sql.replace("''", "x'00'")
    with pytest.raises(DBAPIError, match=r"vault_search_(kept|no_update)"):
        store.run(sql)


def test_no_name_stands_in_the_keys(store: Store) -> None:
    _named(store, NAME)
    digests = [bytes(each) for each in store.column("SELECT digest FROM vault_search")]
    assert digests
    assert {len(each) for each in digests} == {16}
    assert all(part.encode() not in each for each in digests for part in ("杨", "yxy"))


# A store of an earlier program


def _without_keys(writes: list[RowWrite]) -> list[RowWrite]:
    return [write for write in writes if write.table != "vault_search"]


def _old_child(store: Store, name: str) -> UUID:
    subject = uuid4()
    writes = store.vault.prepare(subject, "child", identity=Identity(name=name))
    store.append(_without_keys(writes))
    return subject


def _upgraded(store: Store) -> Vault:
    if store.postgres:
        for statement in postgres_ddl():
            store.as_owner(statement)
    else:
        create_sqlite_tables(store.file)
    keys = init_keys(store.engine, store.keys.folder, store.clock)
    return Vault(store.engine, keys, store.clock)


@pytest.mark.parametrize("table", [True, False])
def test_a_store_without_keys_is_refused_until_init_brings_it_up(
    store: Store, *, table: bool
) -> None:
    one, _two = _old_child(store, NAME), _old_child(store, "")
    if not table:
        store.as_owner("DROP TABLE vault_search")
    with pytest.raises(StoreUnavailable, match="ckbx init 升级"):
        store.vault.check_tables()
    vault = _upgraded(store)
    vault.check_tables()
    assert vault.search("yxy") == (one,)
    kept = store.column("SELECT count(*) FROM vault_search")
    _upgraded(store)
    assert store.column("SELECT count(*) FROM vault_search") == kept


def test_filling_says_that_names_were_read(store: Store) -> None:
    child = _old_child(store, NAME)
    (record,) = _upgraded(store).access_records()
    assert (record.actor, record.view, record.subjects) == ("system:init", "ckbx init", (child,))
