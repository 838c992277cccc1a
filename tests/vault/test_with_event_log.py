"""The vault's rows share the transaction of the events, on the real event logs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, text

from ckbx.clock import FixedClock
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.ports import Append
from ckbx.eventlog.postgres.connect import session_options
from ckbx.eventlog.postgres.log import PostgresEventLog
from ckbx.eventlog.postgres.schema import migrate
from ckbx.eventlog.sqlite.log import SQLiteEventLog
from ckbx.vault import (
    Identity,
    NewPerson,
    Vault,
    create_sqlite_tables,
    init_keys,
    postgres_ddl,
    sqlite_engine,
)
from ckbx.vault.errors import SubjectErased
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


class Happened(DomainEvent, frozen=True, kw_only=True):
    """An event that only tests write."""

    TOPIC: ClassVar[str] = "ckbx.test_vault.Happened"


def _said(vault: Vault, subject: UUID, note: UUID) -> Append:
    """A command with an event and a text, prepared now."""
    event = Happened(
        originator_id=uuid4(),
        originator_version=1,
        occurred_on=START.date(),
        actor="head",
        command_id=(id_ := uuid4()),
    )
    writes = vault.prepare(subject, "child", notes={note: "家长的原话"})
    return Append(command_id=id_, events=[event], writes=writes)


def _texts(vault: Vault, subject: UUID) -> int:
    query = text("SELECT count(*) FROM vault_rows WHERE subject = :who")
    with vault._engine.connect() as connection:
        who: Any = subject if connection.dialect.name == "postgresql" else subject.bytes
        return int(connection.execute(query, {"who": who}).scalar_one())


@pytest.mark.parametrize("together", [False, True])
def test_words_about_a_child_erased_between_two_commands_are_never_kept(
    both: Made, together: bool
) -> None:
    log, vault = both
    gone, kept, note = uuid4(), uuid4(), uuid4()
    for _ in range(3):
        log.append(_said(vault, gone, uuid4()))
    sealed, other = _said(vault, gone, uuid4()), _said(vault, kept, note)
    erasure = _command(vault.erase(gone))
    if together:
        outcomes = log.append_many([erasure, sealed, other])
        assert [isinstance(each, CkbxError) for each in outcomes] == [False, True, False]
    else:
        log.append(erasure)
        with pytest.raises(CkbxError):
            log.append(sealed)
        log.append(other)
    with pytest.raises(SubjectErased):
        _said(vault, gone, uuid4())
    assert _texts(vault, gone) == 0
    assert vault.read([kept], ("notes",), LOOK)[kept].notes == {note: "家长的原话"}
    assert log.find_command(sealed.command_id) is None
    assert len(log.read_rows(0, 99)) == 4


def test_a_key_wrapped_anew_between_two_commands_still_opens_what_they_sealed(both: Made) -> None:
    log, vault = both
    subject, first, second = uuid4(), uuid4(), uuid4()
    log.append(_said(vault, subject, first))
    sealed = _said(vault, subject, second)
    assert vault.rotate_kek() == 1
    log.append(sealed)
    log.append(_said(vault, subject, third := uuid4()))
    notes = vault.read([subject], ("notes",), LOOK)[subject].notes
    assert set(notes) == {first, second, third}


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
