"""Is a connection that a pool kept still open? Seen at its socket, without asking the server.

A server that ends a session says so and closes: what waits to be read on a connection of which
nobody asked anything is that farewell, or a remark. Only then, and after a long rest (something
on the way may have forgotten the connection), is the server asked.
"""

from __future__ import annotations

import select
import time
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError

RESTED_SECONDS: Final = 30.0
_LEFT_AT: Final = "ckbx_left_at"


def check_before_use(engine: Engine) -> None:
    """Have every pooled connection of a PostgreSQL engine looked at before it is used again; all
    that were opened before one that is gone are opened anew, as ``pool_pre_ping`` does.
    """

    def left(_conn: Any, record: Any) -> None:
        record.info[_LEFT_AT] = time.monotonic()

    def taken(conn: Any, record: Any, _fairy: Any) -> None:
        since = record.info.get(_LEFT_AT)
        if since is None:  # just opened
            return
        rested = time.monotonic() - since >= RESTED_SECONDS
        if (rested or _has_news(conn)) and not _answers(engine, conn):
            raise InvalidatePoolError

    event.listen(engine, "checkin", left)
    event.listen(engine, "checkout", taken)


def _has_news(conn: Any) -> bool:
    """Whether there is something to read that nobody asked for, or the end."""
    poller = select.poll()
    try:
        poller.register(conn.pgconn.socket, select.POLLIN)
    except Exception:  # noqa: BLE001 - closed: there is no socket
        return True
    return bool(poller.poll(0))


def _answers(engine: Engine, conn: Any) -> bool:
    dialect = engine.dialect
    try:
        return dialect.do_ping(conn)
    except dialect.loaded_dbapi.Error:
        return False
