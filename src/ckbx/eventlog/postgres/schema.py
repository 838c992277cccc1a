"""Which tables, triggers and rights make a PostgreSQL store append-only, and who creates them?

One locked step, run by the owner; web processes and workers never create anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import psycopg
from psycopg import errors, sql
from psycopg.conninfo import conninfo_to_dict

from ckbx.domain.shared.errors import CkbxError, StoreUnavailable
from ckbx.eventlog.postgres.connect import (
    DEFAULT_LAYOUT,
    Layout,
    as_ckbx,
    connect,
    libpq_url,
    session_options,
)

SCHEMA_VERSION: Final = 2
FACT_TABLES: Final = {
    "events": "",
    "commands": "",
    "store_meta": "WHEN (OLD.key <> 'schema_version')",
}
"""The protected tables, each with what its guard against UPDATE and DELETE looks at."""
MIGRATION_LOCK_MILLISECONDS: Final = 60_000


class RoleMissing(CkbxError):
    """A database role that the store needs has not been created."""

    code = "role_missing"
    message = (
        "数据库账号 {role} 不存在；请让数据库管理员执行：CREATE ROLE {role} LOGIN PASSWORD '…'"
    )
    exit_code = 6


_STEP_1: Final = """
CREATE TABLE {f}.events (
    position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    stream uuid NOT NULL,
    version bigint NOT NULL,
    topic text NOT NULL,
    recorded_at bigint NOT NULL,
    state bytea NOT NULL,
    CONSTRAINT events_stream_version UNIQUE (stream, version)
);
CREATE TABLE {f}.commands (
    command_id uuid PRIMARY KEY,
    position bigint NOT NULL,
    recorded_at bigint NOT NULL,
    reply bytea NOT NULL
);
CREATE TABLE {f}.store_meta (key text PRIMARY KEY, value text NOT NULL);
CREATE FUNCTION {f}.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '事实只能追加：表 % 不允许 %', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$;
"""
ORDER_GUARD: Final = "events_in_order"
# Appends hold the writer lock, so that the last event stays the last while this looks.
_STEP_2: Final = """
CREATE FUNCTION {f}.keep_order() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last_position bigint;
    last_recorded_at bigint;
BEGIN
    SELECT position, recorded_at INTO last_position, last_recorded_at
    FROM {f}.events ORDER BY position DESC LIMIT 1;
    IF NEW.position <= coalesce(last_position, 0) OR NEW.recorded_at < last_recorded_at THEN
        RAISE EXCEPTION '事实只能追加：位点和记录时间不能在最后一条之前'
            USING ERRCODE = 'check_violation', TABLE = 'events', CONSTRAINT = 'events_in_order';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER events_in_order BEFORE INSERT ON {f}.events
    FOR EACH ROW EXECUTE FUNCTION {f}.keep_order();
ALTER TABLE {f}.events ENABLE ALWAYS TRIGGER events_in_order;
"""
_VERSION: Final = (
    "INSERT INTO {f}.store_meta VALUES ('schema_version', {v})"
    " ON CONFLICT (key) DO UPDATE SET value = excluded.value"
)
_BEHIND: Final = """
SELECT s.id::regclass::text, m.last
FROM (SELECT pg_get_serial_sequence(%s, 'position')::regclass AS id) s,
     (SELECT max(position) AS last FROM {f}.events) m
WHERE m.last > coalesce(pg_sequence_last_value(s.id), 0)
"""
_GUARD: Final = """
CREATE TRIGGER {t}_no_change BEFORE UPDATE OR DELETE ON {f}.{t}
    FOR EACH ROW {w} EXECUTE FUNCTION {f}.refuse_change();
CREATE TRIGGER {t}_no_truncate BEFORE TRUNCATE ON {f}.{t}
    FOR EACH STATEMENT EXECUTE FUNCTION {f}.refuse_change();
ALTER TABLE {f}.{t} ENABLE ALWAYS TRIGGER {t}_no_change;
ALTER TABLE {f}.{t} ENABLE ALWAYS TRIGGER {t}_no_truncate;
"""


def migrate(
    owner_url: str,
    app_role: str | None = None,
    *,
    inspector_role: str | None = None,
    ddl: Sequence[str] = (),
    grants: Sequence[str] = (),
    layout: Layout = DEFAULT_LAYOUT,
) -> None:
    """Create or upgrade the store in one transaction under one lock; harmless when repeated.

    ``ddl`` are idempotent statements (``CREATE … IF NOT EXISTS``) whose tables land in the
    vault schema; ``grants`` are run after the program's own, to take back what those gave too
    widely. ``app_role`` None, or the owner itself: everything works, but the promise
    of append-only then rests on the triggers alone. Raises RoleMissing, StoreUnavailable
    (unreachable, or the store is newer than the program).
    """
    try:
        with connect(owner_url, session_options(layout)) as conn, conn.transaction():
            _migrate(conn, layout, app_role, inspector_role, ddl)
            for statement in grants:
                conn.execute(statement.encode())
    except (psycopg.Error, TimeoutError) as error:
        raise as_ckbx(error) from error


def _migrate(
    conn: psycopg.Connection[Any],
    layout: Layout,
    app_role: str | None,
    inspector_role: str | None,
    ddl: Sequence[str],
) -> None:
    conn.execute(f"SET LOCAL lock_timeout = {MIGRATION_LOCK_MILLISECONDS}")
    conn.execute("SELECT pg_advisory_xact_lock(%s)", (layout.lock_key("migrate"),))
    owner = _scalar(conn, "SELECT current_user")
    for role in (app_role, inspector_role):
        if role and not _scalar(conn, "SELECT count(*) FROM pg_roles WHERE rolname = %s", role):
            raise RoleMissing(role=role)
    _create_schemas(conn, layout, app_role if app_role != owner else None)
    found = stored_version(conn, layout)
    if found > SCHEMA_VERSION:
        raise newer_store(found)
    if found < 1:
        _run(conn, _STEP_1, f=layout.facts)
        for table, when in FACT_TABLES.items():
            guard = _GUARD.replace("{t}", table).replace("{w}", when)
            _run(conn, guard, f=layout.facts)
    if found < 2:
        _run(conn, _STEP_2, f=layout.facts)
        version = sql.Literal(str(SCHEMA_VERSION))
        conn.execute(sql.SQL(_VERSION).format(f=sql.Identifier(layout.facts), v=version))
    _lead_positions_on(conn, layout)
    conn.execute(
        "SELECT set_config('search_path', %s, true)",
        (f"{layout.vault},{layout.facts},{layout.answers}",),
    )
    for statement in ddl:
        conn.execute(statement.encode())
    if app_role and app_role != owner:
        _grant_app(conn, layout, app_role)
    if inspector_role and inspector_role != owner:
        _grant_inspector(conn, layout, inspector_role)


def _lead_positions_on(conn: psycopg.Connection[Any], layout: Layout) -> None:
    """After a restore the sequence may stand behind the last event: no append would succeed."""
    behind = sql.SQL(_BEHIND).format(f=sql.Identifier(layout.facts))
    events = (f'"{layout.facts}".events',)
    if conn.execute(behind, events).fetchone():
        conn.execute("SELECT pg_advisory_xact_lock(%s)", (layout.lock_key("append"),))
        for sequence, last in conn.execute(behind, events).fetchall():
            conn.execute("SELECT setval(%s::regclass, %s)", (sequence, last))


def _create_schemas(conn: psycopg.Connection[Any], layout: Layout, app_role: str | None) -> None:
    for name in (layout.facts, layout.vault):
        _run(conn, "CREATE SCHEMA IF NOT EXISTS {s}", s=name)
    may_give = app_role and _scalar(conn, "SELECT pg_has_role(%s, 'MEMBER')", app_role)
    if may_give and not _schema_exists(conn, layout.answers):
        _run(conn, "CREATE SCHEMA {s} AUTHORIZATION {r}", s=layout.answers, r=str(app_role))
    else:
        _run(conn, "CREATE SCHEMA IF NOT EXISTS {s}", s=layout.answers)
    if app_role:
        _run(conn, "GRANT USAGE, CREATE ON SCHEMA {s} TO {r}", s=layout.answers, r=app_role)


def _grant_app(conn: psycopg.Connection[Any], layout: Layout, role: str) -> None:
    for text in (
        "REVOKE ALL ON ALL TABLES IN SCHEMA {f} FROM {r}",
        "REVOKE ALL ON ALL SEQUENCES IN SCHEMA {f} FROM {r}",
        "GRANT USAGE ON SCHEMA {f}, {v} TO {r}",
        "GRANT SELECT ON ALL TABLES IN SCHEMA {f} TO {r}",
        "GRANT INSERT ON {f}.commands, {f}.store_meta TO {r}",
        # No right to name a position: the sequence gives it.
        "GRANT INSERT (stream, version, topic, recorded_at, state) ON {f}.events TO {r}",
        "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {v} TO {r}",
        "GRANT USAGE ON ALL SEQUENCES IN SCHEMA {v} TO {r}",
    ):
        _run(conn, text, f=layout.facts, v=layout.vault, r=role)


def _grant_inspector(conn: psycopg.Connection[Any], layout: Layout, role: str) -> None:
    """Facts and answers only: what lies in the vault is read through the program or not at all."""
    for text in (
        "REVOKE ALL ON ALL TABLES IN SCHEMA {f} FROM {r}",
        "GRANT USAGE ON SCHEMA {f} TO {r}",
        "GRANT SELECT ON ALL TABLES IN SCHEMA {f} TO {r}",
    ):
        _run(conn, text, f=layout.facts, r=role)


def guard_bodies(layout: Layout) -> tuple[str, str]:
    """The source of the functions that refuse a change, and an event out of order."""
    refuse, order = (
        step.split("$$")[1].replace("{f}", f'"{layout.facts}"') for step in (_STEP_1, _STEP_2)
    )
    return refuse, order


def stored_version(conn: psycopg.Connection[Any], layout: Layout) -> int:
    """The schema version of the store (0: not created yet)."""
    if _scalar(conn, "SELECT to_regclass(%s)", f'"{layout.facts}".store_meta') is None:
        return 0
    text = "SELECT value FROM {f}.store_meta WHERE key = 'schema_version'"
    row = conn.execute(sql.SQL(text).format(f=sql.Identifier(layout.facts))).fetchone()
    return int(row[0]) if row else 0


def newer_store(version: int) -> StoreUnavailable:
    """The refusal to touch a store that a later program has upgraded."""
    why = f"库的结构版本是 {version}，本程序只认识到 {SCHEMA_VERSION}；请升级程序"
    return StoreUnavailable(why=why)


def create_role(owner_url: str, role: str, password: str | None = None) -> None:
    """Create a login role unless it stands already (needs CREATEROLE)."""
    try:
        with connect(owner_url, session_options()) as conn:
            _run(conn, "CREATE ROLE {r} LOGIN", r=role)
            if password is not None:
                text = sql.SQL("ALTER ROLE {} PASSWORD {}")
                conn.execute(text.format(sql.Identifier(role), sql.Literal(password)))
    except (errors.DuplicateObject, errors.UniqueViolation):
        return
    except psycopg.Error as error:
        raise as_ckbx(error) from error


def role_of(url: str) -> str | None:
    """The role that a URL logs in as, where it names one."""
    user = conninfo_to_dict(libpq_url(url)).get("user")
    return str(user) if user else None


def append_only_is_weak(conn: psycopg.Connection[Any], layout: Layout = DEFAULT_LAYOUT) -> bool:
    """Whether this session's role could lift the protection of the facts (owner, superuser)."""
    text = (
        "SELECT pg_has_role(c.relowner, 'MEMBER') OR"
        " has_table_privilege(c.oid, 'UPDATE, DELETE, TRUNCATE, TRIGGER')"
        " FROM pg_class c WHERE c.oid = to_regclass(%s)"
    )
    return bool(_scalar(conn, text, f'"{layout.facts}".events'))


def _schema_exists(conn: psycopg.Connection[Any], name: str) -> bool:
    return bool(_scalar(conn, "SELECT count(*) FROM pg_namespace WHERE nspname = %s", name))


def _scalar(conn: psycopg.Connection[Any], text: str, *params: object) -> Any:
    row = conn.execute(text.encode(), params or None).fetchone()
    return row[0] if row else None


def _run(conn: psycopg.Connection[Any], text: str, **names: str) -> None:
    parts = {key: sql.Identifier(value) for key, value in names.items()}
    conn.execute(sql.SQL(text).format(**parts))
