"""By which statements does ``ckbx init`` make the vault's tables and their guards?

Every statement may be run again. On PostgreSQL the owner runs them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from sqlalchemy import Dialect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from ckbx.vault.tables import metadata

_FROZEN = ("vault_access", "vault_erased", "vault_purges", "vault_keyring")
_APPEND = ("vault_rows", "vault_lookup", "vault_numbers", "vault_search")
_PERSONAL = ("vault_keys", "vault_rows", "vault_lookup", "vault_numbers", "vault_search")
_KEY = {
    "vault_access": "id",
    "vault_purges": "id",
    "vault_rows": "seq",
    "vault_erased": "subject",
    "vault_keyring": "key_id",
    "vault_keys": "subject",
}
_KEY_FIXED = ("subject", "kind", "created_at")
_SAID = {
    "no_update": "个人信息库只能追加，不能修改",
    "fixed": "个人信息库只能追加，不能修改",
    "no_delete": "个人信息库的记录不能删除",
    "no_truncate": "个人信息库的记录不能删除",
    "no_replace": "个人信息库已经有这一行，不能覆盖",
    "erased": "该对象的个人信息已经依法删除，不能再写入",
    "kept": "个人信息只能通过依法删除清除",
    "once": "这个号码刚刚已经登记给一名学生",
}
_RAISE = (
    "RAISE EXCEPTION USING MESSAGE = TG_ARGV[0], ERRCODE = 'restrict_violation',"
    " TABLE = TG_TABLE_NAME, CONSTRAINT = TG_NAME;"
)
_RAISE_TAKEN = _RAISE.replace("restrict_violation", "unique_violation")
_GONE = "EXISTS (SELECT 1 FROM vault_erased WHERE subject = NEW.subject)"
_MAY_GO = "EXISTS (SELECT 1 FROM vault_erased WHERE subject = OLD.subject)"
_LAST = "(SELECT standing FROM vault_numbers WHERE mark = NEW.mark ORDER BY turn DESC LIMIT 1)"
_LATER = "EXISTS (SELECT 1 FROM vault_numbers WHERE mark = NEW.mark AND turn >= NEW.turn)"
_TAKEN = f"({_LATER} OR (NEW.standing = 'held' AND {_LAST} IN ('held', 'erased')))"
_TRIGGER = re.compile(r"CREATE TRIGGER IF NOT EXISTS (\w+)")
_ROLE = re.compile(r"[a-z_][a-z0-9_]*")


def sqlite_ddl() -> list[str]:
    """The statements for SQLite: tables, indexes, triggers against change and replacement."""
    return list(_sqlite_ddl())


@cache
def _sqlite_ddl() -> tuple[str, ...]:
    done = _tables(sqlite.dialect())
    for table in (*_FROZEN, *_APPEND):
        done.append(_sqlite_guard(table, "no_update", f"UPDATE ON {table}"))
    for table in _FROZEN:
        done.append(_sqlite_guard(table, "no_delete", f"DELETE ON {table}"))
    for table, key in _KEY.items():
        taken = f"EXISTS (SELECT 1 FROM {table} WHERE {key} = NEW.{key})"  # noqa: S608 - own names
        done.append(_sqlite_guard(table, "no_replace", f"INSERT ON {table} WHEN {taken}"))
    fixed = ", ".join(_KEY_FIXED)
    done.append(_sqlite_guard("vault_keys", "fixed", f"UPDATE OF {fixed} ON vault_keys"))
    for table in _PERSONAL:
        done.append(_sqlite_guard(table, "erased", f"INSERT ON {table} WHEN {_GONE}"))
        done.append(_sqlite_guard(table, "kept", f"DELETE ON {table} WHEN NOT {_MAY_GO}"))
    done.append(_sqlite_guard("vault_numbers", "once", f"INSERT ON vault_numbers WHEN {_TAKEN}"))
    return tuple(done)


def missing_guards(names: Iterable[str]) -> list[str]:
    """Which of the vault's triggers are not among these names of SQLite's, sorted."""
    wanted = {found[1] for ddl in sqlite_ddl() if (found := _TRIGGER.match(ddl))}
    return sorted(wanted.difference(names))


def postgres_ddl(app_role: str | None = None) -> list[str]:
    """The statements for PostgreSQL, in the schema that ``search_path`` names first.

    With ``app_role`` :func:`postgres_grants` stand at the end.
    """
    done = _tables(postgresql.dialect())  # type: ignore[no-untyped-call]
    done += [
        _pg_function("vault_refuse", _RAISE),
        _pg_function("vault_refuse_erased", f"IF {_GONE} THEN {_RAISE} END IF; RETURN NEW;"),
        _pg_function("vault_refuse_taken", f"IF {_TAKEN} THEN {_RAISE_TAKEN} END IF; RETURN NEW;"),
        _pg_function("vault_refuse_kept", f"IF NOT {_MAY_GO} THEN {_RAISE} END IF; RETURN OLD;"),
    ]
    for table in (*_FROZEN, *_APPEND):
        done += _pg_guard(table, "no_update", "BEFORE UPDATE", "STATEMENT", "vault_refuse")
    for table in (*_FROZEN, *_PERSONAL):
        done += _pg_guard(table, "no_truncate", "BEFORE TRUNCATE", "STATEMENT", "vault_refuse")
    for table in _FROZEN:
        done += _pg_guard(table, "no_delete", "BEFORE DELETE", "STATEMENT", "vault_refuse")
    fixed = ", ".join(_KEY_FIXED)
    event = f"BEFORE UPDATE OF {fixed}"
    done += _pg_guard("vault_keys", "fixed", event, "STATEMENT", "vault_refuse")
    for table in _PERSONAL:
        done += _pg_guard(table, "erased", "BEFORE INSERT", "ROW", "vault_refuse_erased")
        done += _pg_guard(table, "kept", "BEFORE DELETE", "ROW", "vault_refuse_kept")
    done += _pg_guard("vault_numbers", "once", "BEFORE INSERT", "ROW", "vault_refuse_taken")
    return done + (postgres_grants(app_role) if app_role else [])


def postgres_grants(app_role: str) -> list[str]:
    """What a running program needs, and no UPDATE or DELETE on access records.

    To be run last: what wider grants gave on these tables is taken back. The role is a
    plain lower-case name.
    """
    if not _ROLE.fullmatch(app_role):
        msg = f"not a plain role name: {app_role}"
        raise ValueError(msg)
    every = ", ".join(table.name for table in metadata.sorted_tables)
    return [
        f"REVOKE ALL ON {every} FROM {app_role}",
        f"GRANT SELECT, INSERT ON {every} TO {app_role}",
        f"GRANT DELETE ON {', '.join(_PERSONAL)} TO {app_role}",
        f"GRANT UPDATE (wrapped, key_id) ON vault_keys TO {app_role}",
    ]


def _tables(dialect: Dialect) -> list[str]:
    done: list[str] = []
    for table in metadata.sorted_tables:
        done.append(_text(CreateTable(table, if_not_exists=True), dialect))
        done += [_text(CreateIndex(i, if_not_exists=True), dialect) for i in table.indexes]
    return done


def _text(statement: Any, dialect: Dialect) -> str:
    return str(statement.compile(dialect=dialect)).strip()


def _sqlite_guard(table: str, name: str, when: str) -> str:
    trigger = f"{table}_{name}"
    return (
        f"CREATE TRIGGER IF NOT EXISTS {trigger} BEFORE {when} "
        f"BEGIN SELECT RAISE(ABORT, '{_SAID[name]}（{trigger}）'); END"
    )


def _pg_function(name: str, body: str) -> str:
    head = f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
    return f"{head} SET search_path FROM CURRENT AS $$ BEGIN {body} END $$"


def _pg_guard(table: str, name: str, event: str, each: str, function: str) -> list[str]:
    trigger = f"{table}_{name}"
    said = f"{_SAID[name]}（{trigger}）"
    runs = f"FOR EACH {each} EXECUTE FUNCTION {function}('{said}')"
    return [
        f"CREATE OR REPLACE TRIGGER {trigger} {event} ON {table} {runs}",
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}",
    ]
