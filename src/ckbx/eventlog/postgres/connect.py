"""How is a PostgreSQL store reached, and what do its errors mean for the person waiting?

Every session of the program gets the same settings, whoever opens it: names resolve over the
schemas ``facts, vault, answers``, waiting is bounded, and a commit is durable.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ckbx.domain.shared.errors import CkbxError, ConcurrencyConflict, StoreUnavailable
from ckbx.eventlog.sqlite.write import RowRefused

CONNECT_SECONDS: Final = 4
LOCK_MILLISECONDS: Final = 4_000
IDLE_MILLISECONDS: Final = 8_000
FACTS: Final = ("events", "commands")
# A row of these is there because another command told of the same person meanwhile.
ONCE_A_PERSON: Final = (
    "vault_keys",
    "vault_lookup",
    "vault_numbers",
    "vault_search",
    "vault_erased",
)


class Layout(msgspec.Struct, frozen=True):
    """Names of one store's schemas; a prefix lets many counties share one database."""

    prefix: str = ""

    @property
    def facts(self) -> str:
        return f"{self.prefix}facts"

    @property
    def vault(self) -> str:
        return f"{self.prefix}vault"

    @property
    def answers(self) -> str:
        return f"{self.prefix}answers"

    @property
    def search_path(self) -> str:
        """The schemas in which a table name without schema is looked up."""
        return f"{self.facts},{self.vault},{self.answers}"

    def lock_key(self, purpose: str) -> int:
        """The 64-bit key of an advisory lock of this store (locks are per database)."""
        digest = hashlib.sha256(f"ckbx/{purpose}/{self.facts}".encode()).digest()
        return int.from_bytes(digest[:8], "big", signed=True)


DEFAULT_LAYOUT: Final = Layout()


def libpq_url(url: str) -> str:
    """A SQLAlchemy-style URL as libpq understands it."""
    for scheme in ("postgresql+psycopg://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql://" + url.removeprefix(scheme)
    return url


def session_options(layout: Layout = DEFAULT_LAYOUT) -> str:
    """The libpq ``options`` of every session: for SQLAlchemy ``connect_args={"options": …}``.

    Seeing that every statement of the log is a look-up by an index, a plan made while the
    tables were still small must not keep scanning them when they have grown.
    """
    settings: Mapping[str, object] = {
        "search_path": layout.search_path,
        "synchronous_commit": "on",
        "lock_timeout": LOCK_MILLISECONDS,
        "idle_in_transaction_session_timeout": IDLE_MILLISECONDS,
        "client_min_messages": "warning",
        "timezone": "UTC",
    }
    return " ".join(f"-c {name}={value}" for name, value in settings.items())


def log_options(layout: Layout) -> str:
    """The options of the log's own connections (stable plans, no just-in-time compiling)."""
    own = "-c enable_seqscan=off -c plan_cache_mode=force_generic_plan -c jit=off"
    return f"{session_options(layout)} {own}"


def conninfo(url: str, options: str) -> str:
    """Connection text with the session options put before those that the URL itself names.

    Raises StoreUnavailable when the URL cannot be read.
    """
    try:
        given = conninfo_to_dict(libpq_url(url))
    except psycopg.ProgrammingError as error:
        raise StoreUnavailable(why="数据库地址无法解读，请检查 CKBX_DATABASE_URL") from error
    merged = f"{options} {given.pop('options', '')}".strip()
    defaults = {
        "application_name": "ckbx",
        "connect_timeout": str(CONNECT_SECONDS),
        "keepalives_idle": "10",
        "keepalives_interval": "3",
        "keepalives_count": "3",
        "tcp_user_timeout": "8000",
    }
    return make_conninfo("", **{**defaults, **given, "options": merged})


def connect(url: str, options: str) -> psycopg.Connection[Any]:
    """An autocommit connection. Raises psycopg's errors as they are."""
    return psycopg.connect(conninfo(url, options), autocommit=True)


def is_lost(error: BaseException) -> bool:
    """Whether the connection or the server went away, so that another try may succeed."""
    if isinstance(error, errors.AdminShutdown | errors.CrashShutdown | errors.CannotConnectNow):
        return True
    if isinstance(error, errors.IdleInTransactionSessionTimeout | errors.IdleSessionTimeout):
        return True
    plain = psycopg.OperationalError, psycopg.InterfaceError
    return isinstance(error, plain) and getattr(error, "sqlstate", None) in (None, "08006", "08003")


def is_out_of_order(error: BaseException) -> bool:
    """Whether the store refused an event that would not stand after the last one."""
    return isinstance(error, errors.CheckViolation) and (
        error.diag.constraint_name == "events_in_order"
    )


_WHY: Final[Sequence[tuple[type[psycopg.Error], str]]] = (
    (
        errors.LockNotAvailable,
        "写入队列被占用太久，请稍后重试；若一直如此请让管理员运行 ckbx doctor",
    ),
    (
        errors.DiskFull,
        "数据库磁盘已满，正在写的这一步没有保存，已经写完的各步仍然有效；请腾出空间后重新运行同一命令",
    ),
    (errors.OutOfMemory, "数据库内存不足，没有写入任何内容；请稍后重试"),
    (errors.TooManyConnections, "数据库连接数已满，请稍后重试"),
    (errors.ReadOnlySqlTransaction, "连到的是只读副本，请把 CKBX_DATABASE_URL 指向主库"),
    (errors.InsufficientPrivilege, "数据库账号权限不足，请用 CKBX_OWNER_URL 运行 ckbx init"),
    (errors.UndefinedTable, "库中还没有建表，请先运行 ckbx init"),
    (errors.InvalidSchemaName, "库中还没有建表，请先运行 ckbx init"),
    (errors.InvalidCatalogName, "数据库不存在，请先建库再运行 ckbx init"),
    (errors.InvalidPassword, "数据库口令不对，请检查 CKBX_DATABASE_URL"),
)


def as_ckbx(error: Exception) -> CkbxError:
    """The error a person sees for an error of the database."""
    if isinstance(error, CkbxError):
        return error
    if isinstance(error, errors.UniqueViolation) and (
        error.diag.table_name in FACTS + ONCE_A_PERSON
    ):
        return ConcurrencyConflict()
    if is_out_of_order(error):
        why = "新事件的位点排在最后一条之前（多半是恢复备份后序列落后），没有写入；"
        return StoreUnavailable(why=why + "请让管理员运行 ckbx init")
    # The last one: a value too large for the index it stands in.
    if isinstance(error, errors.DataError | errors.IntegrityError | errors.ProgramLimitExceeded):
        found = error.diag  # its texts may quote a value; the names in it never do
        place = f"{found.table_name or '?'}.{found.constraint_name or found.column_name or '?'}"
        return RowRefused(why=f"{place}（{error.sqlstate}）")
    for kind, why in _WHY:
        if isinstance(error, kind):
            return StoreUnavailable(why=why)
    if is_lost(error) or isinstance(error, TimeoutError):
        return StoreUnavailable(why="连不上数据库，请稍后用同一请求重试")
    code = getattr(error, "sqlstate", None) or type(error).__name__
    return StoreUnavailable(why=f"数据库报错 {code}，没有写入；请让管理员查看数据库日志")
