"""May this PostgreSQL server be trusted with the facts? Asked at every start."""

from __future__ import annotations

from typing import Any

import psycopg

from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.postgres.connect import Layout
from ckbx.eventlog.postgres.schema import FACT_TABLES, ORDER_GUARD, guard_bodies

DURABLE = ("on", "remote_apply")
# pg_trigger.tgtype: 1 each row, 2 before, 4 insert, 8 delete, 16 update, 32 truncate
_BEFORE_INSERT, _BEFORE_CHANGE, _BEFORE_TRUNCATE = 7, 27, 34


def missing_guards(conn: psycopg.Connection[Any], layout: Layout) -> list[str]:
    """Append-only triggers that are gone, hollowed out, or not ``ENABLE ALWAYS``; sorted."""
    text = (
        "SELECT t.tgname, t.tgtype, t.tgqual IS NOT NULL, p.prosrc"
        " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " JOIN pg_proc p ON p.oid = t.tgfoid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND t.tgenabled = 'A'"
    )
    found = set(conn.execute(text, (layout.facts,)).fetchall())
    refuse, order = guard_bodies(layout)
    wanted = {(ORDER_GUARD, _BEFORE_INSERT, False, order)}
    for table, when in FACT_TABLES.items():
        wanted.add((f"{table}_no_change", _BEFORE_CHANGE, bool(when), refuse))
        wanted.add((f"{table}_no_truncate", _BEFORE_TRUNCATE, False, refuse))
    return sorted(guard[0] for guard in wanted - found)


def check_session(conn: psycopg.Connection[Any]) -> None:
    """Raises StoreUnavailable unless a commit waits until it is on the disk."""
    row = conn.execute("SHOW synchronous_commit").fetchone()
    if row is None or row[0] not in DURABLE:
        found = row[0] if row else "?"
        why = f"synchronous_commit={found}，断电会丢失已确认的记录；请去掉连接参数里的这一项"
        raise StoreUnavailable(why=why)


def durability_warning(conn: psycopg.Connection[Any]) -> str | None:
    """A warning when the server itself has been told not to wait for the disk."""
    row = conn.execute("SHOW fsync").fetchone()
    if row and row[0] == "off":
        return "数据库服务器关闭了 fsync，断电会损坏数据；正式使用前请在 postgresql.conf 打开"
    return None
