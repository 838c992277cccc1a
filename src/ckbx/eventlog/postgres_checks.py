"""May this PostgreSQL server be trusted with the facts? Asked at every start."""

from __future__ import annotations

from typing import Any

import psycopg

from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.postgres_connect import Layout
from ckbx.eventlog.postgres_schema import FACT_TABLES

DURABLE = ("on", "remote_apply")


def missing_guards(conn: psycopg.Connection[Any], layout: Layout) -> list[str]:
    """Append-only triggers that are gone, disabled or no longer ``ENABLE ALWAYS``; sorted."""
    text = (
        "SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid"
        " JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND t.tgenabled = 'A'"
    )
    found = {name for (name,) in conn.execute(text, (layout.facts,))}
    wanted = {f"{table}_no_{what}" for table in FACT_TABLES for what in ("change", "truncate")}
    return sorted(wanted - found)


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
