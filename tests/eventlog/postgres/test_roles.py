"""Who may change a fact? Nobody through the application's role, nor through the owner's habit."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import errors

from ckbx.clock import micros
from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.postgres.connect import connect, session_options
from ckbx.eventlog.postgres.log import PostgresEventLog
from ckbx.eventlog.postgres.schema import migrate
from tests.eventlog.postgres.conftest import OpenLog
from tests.eventlog.postgres.samples import INSERT_EVENT, NOW, Store, command
from tests.support.postgres import PgDatabase

UPSERT = (
    "INSERT INTO events OVERRIDING SYSTEM VALUE VALUES (1, gen_random_uuid(), 1, '', 0, '')"
    " ON CONFLICT (position) DO UPDATE SET topic = 'changed'"
)
EXPLICIT = (
    "INSERT INTO events (position, stream, version, topic, recorded_at, state)"
    " OVERRIDING SYSTEM VALUE SELECT p, gen_random_uuid(), 1, 't', 9e15, '' FROM ({}) v(p)"
)
CHANGES = [
    statement.format(t=table, c=column)
    for table, column in (("events", "topic"), ("commands", "reply"), ("store_meta", "value"))
    for statement in (
        "UPDATE {t} SET {c} = {c}",
        "DELETE FROM {t}",
        "TRUNCATE {t}",
        "ALTER TABLE {t} DISABLE TRIGGER ALL",
        "ALTER TABLE {t} DISABLE TRIGGER {t}_no_change",
        "DROP TRIGGER {t}_no_change ON {t}",
        "CREATE RULE r AS ON INSERT TO {t} DO INSTEAD NOTHING",
        "ALTER TABLE {t} ADD COLUMN x int",
        "DROP TABLE {t}",
    )
] + [
    "SELECT setval(pg_get_serial_sequence('events', 'position'), 1)",
    "DROP FUNCTION facts.refuse_change() CASCADE",
    "CREATE TABLE facts.mine (x int)",
    UPSERT,
    *[EXPLICIT.format(f"SELECT {position}") for position in (1, 0, -5, 2, 1_000)],
    "COPY events (position, stream, version, topic, recorded_at, state) FROM STDIN",
    "SET session_replication_role = replica",
    "ALTER DATABASE {db} SET session_replication_role = replica",
    "SET ROLE ckbx_owner",
]


@pytest.mark.parametrize("role", ["app", "inspector"])
def test_no_statement_of_a_role_changes_a_fact(
    store: Store, log: PostgresEventLog, pg_database: PgDatabase, role: str
) -> None:
    log.append(command(uuid4()))
    before = log.read_rows(0, 9)
    with connect(getattr(store, role), session_options()) as conn:
        for statement in CHANGES:
            with pytest.raises(errors.InsufficientPrivilege):
                conn.execute(statement.replace("{db}", pg_database.name).encode())
        assert conn.execute("SELECT count(*) FROM events").fetchone() == (1,)
    assert log.read_rows(0, 9) == before


def test_the_inspector_reads_facts_and_no_personal_data(store: Store) -> None:
    with connect(store.inspector, session_options()) as conn:
        conn.execute("SELECT * FROM events")
        for statement in ("SELECT * FROM vault.vault_rows", INSERT_EVENT):
            with pytest.raises(errors.InsufficientPrivilege):
                conn.execute(statement.encode())


def test_the_application_rebuilds_answers_but_owns_nothing_else(
    raw: psycopg.Connection[Any],
) -> None:
    raw.execute("CREATE TABLE answers.ledger (x int)")
    raw.execute("ALTER TABLE answers.ledger RENAME TO ledger_old")
    raw.execute("DROP TABLE ledger_old")
    raw.execute("INSERT INTO vault_rows (row_id, field) VALUES (1, 'a')")
    raw.execute("UPDATE vault_rows SET field = 'b'")
    raw.execute("DELETE FROM vault_rows")
    with pytest.raises(errors.InsufficientPrivilege):
        raw.execute("DROP TABLE vault_rows")
    log_is_weak = "SELECT pg_has_role(relowner, 'MEMBER') FROM pg_class WHERE relname = 'events'"
    assert raw.execute(log_is_weak).fetchone() == (False,)


@pytest.mark.parametrize("statement", ["UPDATE events SET topic = 'x'", "DELETE FROM events"])
@pytest.mark.parametrize("replica", [False, True])
def test_triggers_stop_the_owner_and_even_a_replicating_superuser(
    log: PostgresEventLog, pg_database: PgDatabase, statement: str, *, replica: bool
) -> None:
    log.append(command(uuid4()))
    with connect(pg_database.url(), session_options()) as conn:
        conn.execute(f"SET session_replication_role = {'replica' if replica else 'origin'}")
        with pytest.raises(errors.InsufficientPrivilege, match="事实只能追加"):
            conn.execute(statement.encode())
        with pytest.raises(errors.InsufficientPrivilege, match="事实只能追加"):
            conn.execute("TRUNCATE events, commands")


@pytest.mark.parametrize(
    "values",
    ["SELECT 0", "SELECT -5", "SELECT 2", "SELECT 3", "SELECT 9 - n FROM generate_series(1, 2) n"],
)
@pytest.mark.parametrize("replica", [False, True])
def test_nobody_puts_an_event_where_readers_have_passed(
    log: PostgresEventLog, pg_database: PgDatabase, values: str, *, replica: bool
) -> None:
    for version in (1, 2, 3):
        log.append(command(UUID(int=7), version=version))
    with connect(pg_database.url(), session_options()) as conn:
        conn.execute(f"SET session_replication_role = {'replica' if replica else 'origin'}")
        for action in ("", " ON CONFLICT DO NOTHING"):
            with pytest.raises(errors.CheckViolation, match="最后一条之前"):
                conn.execute((EXPLICIT.format(values) + action).encode())
        with pytest.raises(errors.CheckViolation, match="最后一条之前"):
            conn.execute(INSERT_EVENT.replace(str(micros(NOW)), str(micros(NOW) - 1)).encode())
        conn.execute(EXPLICIT.format("SELECT 100").encode())
    assert [row.position for row in log.read_rows(-9, 9)] == [1, 2, 3, 100]


def test_positions_restored_without_their_sequence_are_led_on_by_init(
    store: Store, log: PostgresEventLog, pg_database: PgDatabase
) -> None:
    log.append(command(uuid4()))
    with connect(pg_database.url(), session_options()) as conn:
        conn.execute(EXPLICIT.format("SELECT 40").encode())
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="ckbx init"):
            log.append(command(uuid4()))
    assert [type(o) for o in log.append_many([command(uuid4()), command(uuid4())])] == [
        StoreUnavailable
    ] * 2
    migrate(store.owner, "ckbx_app", inspector_role="ckbx_inspector")
    assert log.append(command(uuid4())).position == 41
    migrate(store.owner, "ckbx_app", inspector_role="ckbx_inspector")
    assert log.append(command(uuid4())).position == 42


HOLLOW = (
    "CREATE OR REPLACE FUNCTION {} RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"
)


@pytest.mark.parametrize(
    "statement, named",
    [
        ("ALTER TABLE events DISABLE TRIGGER events_no_change", "events_no_change"),
        ("ALTER TABLE events ENABLE TRIGGER events_in_order", "events_in_order"),
        ("DROP TRIGGER commands_no_truncate ON commands", "commands_no_truncate"),
        (HOLLOW.format("facts.keep_order()"), "events_in_order"),
        (HOLLOW.format("facts.refuse_change()"), "commands_no_change、.*store_meta_no_truncate"),
    ],
)
def test_a_store_whose_triggers_were_touched_does_not_open(
    store: Store, open_log: OpenLog, statement: str, named: str
) -> None:
    assert not open_log().weak
    with connect(store.owner, session_options()) as conn:
        conn.execute(statement.encode())
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match=f"只追加保护被移除（{named}）"):
            open_log()
        migrate(store.owner, "ckbx_app", inspector_role="ckbx_inspector")


def test_a_store_of_version_1_is_upgraded_by_init(
    store: Store, open_log: OpenLog, log: PostgresEventLog
) -> None:
    log.append(command(uuid4()))
    with connect(store.owner, session_options()) as conn:
        conn.execute("DROP FUNCTION facts.keep_order() CASCADE")
        conn.execute("GRANT INSERT ON events TO ckbx_app")
        conn.execute("UPDATE store_meta SET value = '1' WHERE key = 'schema_version'")
    with pytest.raises(StoreUnavailable, match="旧；请先备份，再运行 ckbx init"):
        open_log()
    migrate(store.owner, "ckbx_app", inspector_role="ckbx_inspector")
    with (
        connect(store.app, session_options()) as conn,
        pytest.raises(errors.InsufficientPrivilege),
    ):
        conn.execute(EXPLICIT.format("SELECT 9").encode())
    assert open_log().append(command(uuid4())).position == 2


def test_a_session_that_does_not_wait_for_the_disk_is_refused(
    store: Store, open_log: OpenLog
) -> None:
    with pytest.raises(StoreUnavailable, match="synchronous_commit=off"):
        open_log(store.app + "&options=-c%20synchronous_commit%3Doff")
