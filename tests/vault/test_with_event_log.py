"""The vault's rows share the transaction of the events, on the real event logs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import create_engine

from ckbx.clock import FixedClock
from ckbx.domain.shared.errors import CkbxError
from ckbx.eventlog.ports import Append
from ckbx.eventlog.postgres import PostgresEventLog
from ckbx.eventlog.postgres_connect import session_options
from ckbx.eventlog.postgres_schema import migrate
from ckbx.eventlog.sqlite import SQLiteEventLog
from ckbx.vault import (
    Identity,
    NewPerson,
    Vault,
    create_sqlite_tables,
    init_keys,
    postgres_ddl,
    sqlite_engine,
)
from tests.vault.store import LOOK, NAME, NUMBER, START

Made = tuple[SQLiteEventLog | PostgresEventLog, Vault]


def _sqlite(url: str, secrets: Path, clock: FixedClock) -> Made:
    path = Path(url.removeprefix("sqlite:///"))
    log = SQLiteEventLog(path, clock=clock, county="522699", create=True)
    engine = sqlite_engine(path)
    with log.write_lock():
        create_sqlite_tables(path)
    keys = init_keys(engine, secrets, clock, write_lock=log.write_lock)
    return log, Vault(engine, keys, clock, write_lock=log.write_lock)


def _postgres(url: str, secrets: Path, clock: FixedClock) -> Made:
    migrate(url, ddl=postgres_ddl())
    log = PostgresEventLog(url, clock=clock, county="522699")
    engine = create_engine(url, connect_args={"options": session_options()})
    return log, Vault(engine, init_keys(engine, secrets, clock), clock)


@pytest.fixture
def both(store_url: str, tmp_path: Path) -> Iterator[Made]:
    make: Callable[..., Made] = _sqlite if store_url.startswith("sqlite") else _postgres
    log, vault = make(store_url, tmp_path / "secrets", FixedClock(START))
    yield log, vault
    log.close()
    vault._engine.dispose()


def _command(writes: Any) -> Append:
    return Append(command_id=uuid4(), writes=writes)


def test_a_person_is_written_with_the_append_and_recorded_at_its_instant(both: Made) -> None:
    log, vault = both
    subject = uuid4()
    identity, lookups = Identity(name=NAME), {"id_number": NUMBER}
    done = log.append(_command(vault.prepare(subject, "child", identity=identity, lookups=lookups)))
    person = vault.read([subject], ("identity",), LOOK, known_at=done.recorded_at)[subject]
    assert person.name == NAME
    assert vault.find("id_number", NUMBER) == subject


def test_a_batch_of_hundreds_goes_through_the_log(both: Made) -> None:
    log, vault = both
    people = [
        NewPerson(subject=uuid4(), kind="child", identity=Identity(name=f"学生{n}"))
        for n in range(400)
    ]
    log.append(_command(vault.prepare_many(people)))
    names = [p.name for p in vault.read([p.subject for p in people], ("identity",), LOOK).values()]
    assert names == [f"学生{n}" for n in range(400)]


def test_of_two_commands_that_make_the_same_person_one_is_refused_whole(both: Made) -> None:
    log, vault = both
    subject = uuid4()
    one, two = (vault.prepare(subject, "child", identity=Identity(name=n)) for n in ("甲", "乙"))
    log.append(_command(one))
    with pytest.raises(CkbxError):
        log.append(_command(two))
    assert vault.read([subject], ("identity",), LOOK)[subject].name == "甲"


def test_erase_and_purge_go_through_the_log(both: Made) -> None:
    log, vault = both
    subject = uuid4()
    log.append(_command(vault.prepare(subject, "child", identity=Identity(name=NAME))))
    late = vault.prepare(subject, "child", identity=Identity(name="乙"))
    log.append(_command(vault.erase(subject)))
    assert vault.waiting_for_purge() == (subject,)
    assert vault.purge().done
    assert vault.waiting_for_purge() == ()
    assert vault.read([subject], ("identity",), LOOK)[subject].erased
    with pytest.raises(CkbxError):
        log.append(_command(late))


def test_readers_and_appends_of_several_threads_do_not_disturb_each_other(both: Made) -> None:
    log, vault = both
    wrong: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(10):
                subject = uuid4()
                log.append(_command(vault.prepare(subject, "child", identity=Identity(name=NAME))))
                assert vault.read([subject], ("identity",), LOOK)[subject].name == NAME
        except BaseException as error:  # noqa: BLE001 - handed to the test's own thread
            wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(vault.access_records()) == 40
