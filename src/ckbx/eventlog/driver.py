"""How is a statement whose text is ready run on a connection of SQLAlchemy, at little cost?"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


def driver_rows(connection: Connection, statement: str, values: Any) -> list[tuple[Any, ...]]:
    """All rows, run and returned by the driver itself (SQLAlchemy's own way costs ten times as
    much as a row by its key).

    Begins no transaction of SQLAlchemy's: on SQLite the statement is one by itself where none
    was begun. Raises SQLAlchemy's DBAPIError, in which no value is quoted; a connection that was
    lost is given up, as SQLAlchemy does.
    """
    dialect = connection.dialect
    driver: Any = connection.connection.driver_connection
    try:
        found: list[tuple[Any, ...]] = driver.execute(statement, values).fetchall()
    except dialect.loaded_dbapi.Error as error:
        known, lost = dialect.loaded_dbapi.Error, dialect.is_disconnect(error, driver, None)
        if lost:
            connection.invalidate(error)
        raise DBAPIError.instance(
            statement,
            None,
            error,
            known,
            hide_parameters=True,
            connection_invalidated=lost,
            dialect=dialect,
        ) from error
    return found
