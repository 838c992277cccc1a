"""An erased person is gone from the answers at once, and from the files after a purge."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from ckbx.clock import FixedClock
from ckbx.vault import (
    Contact,
    Identity,
    Mark,
    Marks,
    NewPerson,
    VaultKeys,
    init_keys,
    postgres_ddl,
)
from ckbx.vault.errors import SubjectErased, SubjectUnknown
from tests.support.postgres import PgDatabase
from tests.vault.store import LOOK, NUMBER, PHONE, START, Store

PERSONAL = {"vault_keys": "wrapped", "vault_rows": "sealed", "vault_lookup": "digest"}


def _full_child(store: Store, number: str = NUMBER) -> UUID:
    return store.child(
        number=number,
        contact=Contact(phone=PHONE),
        marks=Marks(entries=(Mark(code="脱贫户"),)),
        notes={uuid4(): "家访记录" * 3000},
    )


def _bytes_of(store: Store, *subjects: UUID) -> list[bytes]:
    """The wrapped keys, ciphertexts and look-up digests of people, as they are stored."""
    wanted = {subject.bytes for subject in subjects}
    found: list[bytes] = []
    with store.engine.connect() as connection:
        for table, column in PERSONAL.items():
            for who, value in connection.execute(text(f"SELECT subject, {column} FROM {table}")):
                if (who.bytes if isinstance(who, UUID) else who) in wanted:
                    found.append(bytes(value))
    return found


def _found_in(needles: list[bytes], *files: Path) -> int:
    """How many needles, by their first or last 16 bytes, stand in any of the files."""
    content = b"\n".join(path.read_bytes() for path in files if path.exists())
    return sum(n[:16] in content or n[-16:] in content for n in needles)


def _backup(source: Path, target: Path) -> Path:
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as two:
        one.backup(two)
    return target


def _wal(store: Store) -> Path:
    return Path(f"{store.file}-wal")


def test_an_erased_person_is_shown_as_erased_at_every_instant_and_found_no_more(
    store: Store,
) -> None:
    subject, other = _full_child(store), store.child(name="乙", number="1")
    before = store.tick()
    store.append(store.vault.erase(subject))
    for known_at in (None, before):
        seen = store.vault.read([subject, other], ("identity", "notes"), LOOK, known_at=known_at)
        assert (seen[subject].state, seen[subject].name) == ("erased", "已依法删除")
        assert (seen[subject].identity, seen[subject].notes) == (None, {})
        assert seen[other].name == "乙"
    assert store.vault.find("id_number", NUMBER) is None
    assert _bytes_of(store, subject) == []
    assert len(_bytes_of(store, other)) == 3


def test_who_looked_at_an_erased_person_stays_on_record(store: Store) -> None:
    subject = store.child()
    store.vault.read([subject], ("identity",), LOOK)
    store.append(store.vault.erase(subject))
    assert [r.subjects for r in store.vault.access_records_of(subject)] == [(subject,)]


def test_nothing_can_be_written_about_an_erased_person(store: Store) -> None:
    subject = store.child()
    late = store.vault.prepare(subject, "child", identity=Identity(name="甲"))
    store.append(store.vault.erase(subject))
    with pytest.raises(SubjectErased, match="已依法删除，不能再写入"):
        store.vault.prepare(subject, "child", identity=Identity(name="甲"))
    with pytest.raises(DBAPIError, match="vault_rows_erased"):
        store.append(late)


def test_erasing_twice_is_harmless_and_a_stranger_is_refused(store: Store) -> None:
    subject = store.child()
    store.append(store.vault.erase(subject))
    store.append(store.vault.erase(subject, subject))
    assert store.vault.waiting_for_purge() == (subject,)
    with pytest.raises(SubjectUnknown, match="请核对内部编号"):
        store.vault.erase(uuid4())


def test_an_erasure_that_is_not_committed_takes_nothing(store: Store) -> None:
    subject = store.child()
    store.vault.erase(subject)
    assert store.vault.read([subject], ("identity",), LOOK)[subject].state == "known"


def test_after_erase_and_purge_no_byte_is_in_file_log_or_backup(
    sqlite_store: Store, tmp_path: Path
) -> None:
    store = sqlite_store
    kept, gone = _full_child(store, "another"), _full_child(store)
    needles, others = _bytes_of(store, gone), _bytes_of(store, kept)
    assert len(needles) == 6
    assert _found_in(needles, store.file, _wal(store)) == 6
    store.append(store.vault.erase(gone))
    assert store.vault.waiting_for_purge() == (gone,)
    state = store.vault.purge()
    assert (state.done, state.title, store.vault.waiting_for_purge()) == (True, "已清除", ())
    copy = _backup(store.file, tmp_path / "copy.db")
    assert _found_in(needles, store.file, _wal(store), copy) == 0
    assert _found_in(others, copy) == 6


def test_control_without_secure_delete_and_checkpoint_the_bytes_are_still_there(
    sqlite_store: Store, tmp_path: Path
) -> None:
    store = sqlite_store
    subject = _full_child(store)
    needles = _bytes_of(store, subject)
    store.vault.purge()  # moves everything from the log into the file
    assert _found_in(needles, store.file) == 6
    with closing(sqlite3.connect(store.file, isolation_level=None)) as careless:
        careless.execute("PRAGMA secure_delete=OFF")
        careless.execute("INSERT INTO vault_erased VALUES (?, 1)", (subject.bytes,))
        for table in PERSONAL:
            careless.execute(f"DELETE FROM {table} WHERE subject = ?", (subject.bytes,))
        copy = _backup(store.file, tmp_path / "copy.db")
        assert _found_in(needles, store.file) == 6
        assert _found_in(needles, copy) > 0


def test_control_with_secure_delete_but_no_checkpoint_the_bytes_are_still_there(
    sqlite_store: Store,
) -> None:
    store = sqlite_store
    subject = _full_child(store)
    needles = _bytes_of(store, subject)
    store.vault.purge()
    store.append(store.vault.erase(subject))
    assert _found_in(needles, store.file) == 6
    store.vault.purge()
    assert _found_in(needles, store.file, _wal(store)) == 0


def test_while_a_reader_blocks_the_purge_the_state_is_waiting(sqlite_store: Store) -> None:
    store = sqlite_store
    subject = _full_child(store)
    needles = _bytes_of(store, subject)
    with closing(sqlite3.connect(store.file, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM vault_rows").fetchone()
        store.append(store.vault.erase(subject))
        blocked = store.vault.purge()
        assert (blocked.done, blocked.title, blocked.waiting) == (False, "待清除", (subject,))
        assert "读取尚未结束" in blocked.why
        assert store.vault.waiting_for_purge() == (subject,)
        assert _found_in(needles, store.file, _wal(store)) > 0
        reader.execute("COMMIT")
    assert store.vault.purge().done
    assert store.vault.waiting_for_purge() == ()
    assert _found_in(needles, store.file, _wal(store)) == 0


def test_a_later_erasure_waits_again(store: Store) -> None:
    one, two = store.child(number="1"), store.child(number="2")
    store.append(store.vault.erase(one))
    assert store.vault.purge().done
    store.tick()
    store.append(store.vault.erase(two))
    assert store.vault.waiting_for_purge() == (two,)


def test_a_rebuild_reaches_the_copies_that_moved_pages_left(sqlite_store: Store) -> None:
    store, random = sqlite_store, Random(7)
    needles: list[bytes] = []
    living: list[UUID] = []
    for _ in range(6):
        people = [
            NewPerson(
                subject=uuid4(),
                kind="child",
                identity=Identity(name="名" * random.randint(1, 60)),
                lookups={"id_number": str(random.random())},
            )
            for _ in range(300)
        ]
        store.append(store.vault.prepare_many(people))
        living += [p.subject for p in people]
        random.shuffle(living)
        leaving, living = living[:200], living[200:]
        needles += _bytes_of(store, *leaving)
        for start in range(0, len(leaving), 5):
            store.append(store.vault.erase(*leaving[start : start + 5]))
    assert store.vault.purge(rebuild=True).done
    assert len(needles) == 3600
    assert _found_in(needles, store.file, _wal(store)) == 0
    read = store.vault.read(living, ("identity",), LOOK).values()
    assert {p.state for p in read} == {"known"}


def _pages(store: Store) -> bytes:
    """The files of the vault's tables, as the server's superuser reads them."""
    store.run("CHECKPOINT")
    read = "SELECT pg_read_binary_file(pg_relation_filepath(oid)) FROM pg_class"
    relations = store.column(f"{read} WHERE relname LIKE 'vault%' AND relkind IN ('r', 'i')")
    toast = f"{read} WHERE oid = (SELECT reltoastrelid FROM pg_class WHERE relname='vault_rows')"
    return b"".join(bytes(v) for v in [*relations, *store.column(toast)])


@pytest.fixture
def pg_store(pg_url: str, tmp_path: Path) -> Iterator[Store]:
    engine = create_engine(pg_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "DO $$ BEGIN CREATE ROLE app LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        )
        for statement in postgres_ddl("app"):
            connection.exec_driver_sql(statement)
    clock = FixedClock(START)
    yield Store(engine, init_keys(engine, tmp_path / "secrets", clock), clock)
    engine.dispose()


@pytest.fixture
def app_engine(pg_database: PgDatabase) -> Iterator[Engine]:
    engine = create_engine(pg_database.url("app"))
    yield engine
    engine.dispose()


def test_on_postgresql_a_purge_writes_the_tables_anew_without_the_erased(pg_store: Store) -> None:
    store = pg_store
    kept, gone = _full_child(store, "another"), _full_child(store)
    needles, others = _bytes_of(store, gone), _bytes_of(store, kept)
    store.append(store.vault.erase(gone))
    pages = _pages(store)
    assert sum(n[:16] in pages for n in needles) == len(needles) == 6
    assert store.vault.purge().done
    pages = _pages(store)
    assert sum(n[:16] in pages or n[-16:] in pages for n in needles) == 0
    assert sum(n[:16] in pages for n in others) == 6


def test_on_postgresql_an_old_snapshot_keeps_the_state_waiting(pg_store: Store) -> None:
    store = pg_store
    subject = store.child()
    with store.engine.connect() as connection:
        reader = connection.execution_options(isolation_level="REPEATABLE READ")
        reader.exec_driver_sql("SELECT 1 FROM pg_class LIMIT 1")
        store.append(store.vault.erase(subject))
        assert store.vault.purge().waiting == (subject,)
    assert store.vault.purge().done


def test_on_postgresql_the_app_role_can_do_its_work_and_no_more(
    pg_store: Store, app_engine: Engine
) -> None:
    app = Store(app_engine, VaultKeys.open(pg_store.keys.folder), pg_store.clock)
    subject = _full_child(app)
    assert app.vault.read([subject], ("identity",), LOOK)[subject].state == "known"
    assert app.vault.rotate_kek() == 1
    for sql in (
        "UPDATE vault_access SET purpose = 'x'",
        "DELETE FROM vault_access",
        "TRUNCATE vault_access",
        "DELETE FROM vault_erased",
        "UPDATE vault_keys SET subject = gen_random_uuid()",
        "ALTER TABLE vault_access DISABLE TRIGGER ALL",
    ):
        with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
            app.run(sql)
    app.append(app.vault.erase(subject))
    state = app.vault.purge()
    assert state.waiting == (subject,)
    assert "属主" in state.why
    assert app.vault.purge(owner=pg_store.engine).done
    assert app.vault.waiting_for_purge() == ()
