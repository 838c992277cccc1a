"""How do the parts of signing in reach their tables?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import date

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from ckbx.clock import Clock, local_day, micros
from ckbx.domain.shared.errors import StoreUnavailable

WriteLock = Callable[[], AbstractContextManager[object]]


class Tables:
    """The engine, the clock, and on SQLite the writer lock that is held around every write."""

    def __init__(self, engine: Engine, clock: Clock, write_lock: WriteLock = nullcontext) -> None:
        self._engine = engine
        self._reader = engine
        if engine.dialect.name == "postgresql":  # BEGIN and ROLLBACK are each a way there and back
            self._reader = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._clock = clock
        self._write_lock = write_lock

    def now(self) -> int:
        """The present instant in microseconds, UTC."""
        return micros(self._clock.now())

    def day(self) -> date:
        """The local day."""
        return local_day(self._clock.now(), self._clock.zone)

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that writes. Raises StoreUnavailable."""
        with _unavailable(), self._write_lock(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection to read by; each select sees what is committed when it is asked. Raises
        StoreUnavailable.
        """
        with _unavailable(), self._reader.connect() as connection:
            yield connection


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except DBAPIError as error:
        if isinstance(error, (IntegrityError, ProgrammingError)):
            raise
        why = f"登录信息读写失败（{type(error.orig).__name__}：{error.orig}），请稍后重试"
        raise StoreUnavailable(why=why) from error
