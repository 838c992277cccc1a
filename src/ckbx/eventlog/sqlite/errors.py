"""Which refusal does a person get for what SQLite answered?"""

from __future__ import annotations

import sqlite3

from ckbx.domain.shared.errors import CkbxError, ConcurrencyConflict, StoreUnavailable
from ckbx.eventlog.refusals import RowRefused


def closed() -> StoreUnavailable:
    """The log was closed; whoever still asks gets this."""
    return StoreUnavailable(why="事件库已经关闭，请重新打开")


def unavailable(error: sqlite3.Error) -> StoreUnavailable:
    """The Chinese sentence for what the database answered."""
    name = getattr(error, "sqlite_errorname", None) or ""
    for prefix, why in _SENTENCES:
        if name.startswith(prefix):
            return StoreUnavailable(why=f"{why}（{name}）")
    return StoreUnavailable(why=f"数据库返回错误 {name or type(error).__name__}：{error}")


_STEP = "正在写的这一步没有保存，已经写完的各步（如导入的前几批）仍然有效"
_SENTENCES = (
    ("SQLITE_FULL", f"磁盘已满，{_STEP}；请清理磁盘后重新运行同一命令，它会接着做"),
    ("SQLITE_BUSY", f"数据库正被其他程序占用，{_STEP}；请稍后重新运行同一命令"),
    ("SQLITE_LOCKED", f"数据库正被其他程序占用，{_STEP}；请稍后重新运行同一命令"),
    ("SQLITE_READONLY", f"数据库文件只读，{_STEP}；请检查文件权限"),
    ("SQLITE_IOERR", f"读写磁盘出错，{_STEP}；请检查磁盘后重试"),
    ("SQLITE_CANTOPEN", "打不开数据库文件；请检查路径、权限和磁盘"),
    ("SQLITE_CORRUPT", "数据库文件已损坏；请停止使用并从备份恢复"),
    ("SQLITE_NOTADB", "文件不是 SQLite 数据库，或已损坏；请检查 CKBX_DATABASE_URL"),
    ("SQLITE_PERM", "没有访问数据库文件的权限；请检查文件权限"),
    ("SQLITE_AUTH", "不允许的数据库操作"),
)


def refusal_of(error: Exception) -> CkbxError:
    """The error a caller gets for what went wrong before COMMIT."""
    if isinstance(error, CkbxError):
        return error
    if isinstance(error, sqlite3.IntegrityError):
        name = getattr(error, "sqlite_errorname", "")
        if name in ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY"):
            refusal: CkbxError = ConcurrencyConflict(why=str(error))
        elif name == "SQLITE_CONSTRAINT_TRIGGER" and "已经" in str(error):
            refusal = ConcurrencyConflict(why=str(error))
        else:
            refusal = RowRefused(why=str(error))
    elif isinstance(error, (sqlite3.InterfaceError, sqlite3.ProgrammingError)) or not isinstance(
        error, sqlite3.Error
    ):
        refusal = RowRefused(why=str(error))
    else:
        refusal = unavailable(error)
    refusal.__cause__ = error
    return refusal
