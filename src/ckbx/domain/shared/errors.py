"""One root for every refusal: a stable code, ids, a Chinese sentence that says what to do."""

from __future__ import annotations

from typing import Any, ClassVar


class CkbxError(Exception):
    """Root of all errors a person may see.

    A subclass sets ``code`` (stable, ``snake_case``) and ``message`` (Chinese, with
    ``{placeholders}`` for its ids). ``exit_code`` is the command line's.
    """

    code: ClassVar[str] = "error"
    message: ClassVar[str] = "操作失败"
    exit_code: ClassVar[int] = 1

    def __init__(self, **ids: Any) -> None:
        self.ids = ids
        super().__init__(self.message.format(**ids))

    def __reduce__(self) -> tuple[Any, ...]:
        """Told from one process to another as it is; its class is not called again."""
        return _told_again, (type(self), self.args), self.__dict__

    def as_dict(self) -> dict[str, Any]:
        """Machine form: code, Chinese detail, ids."""
        return {"code": self.code, "detail": str(self), **{k: str(v) for k, v in self.ids.items()}}


def _told_again(of: type[CkbxError], args: tuple[Any, ...]) -> CkbxError:
    error = of.__new__(of)
    error.args = args
    return error


class RuleRefusal(CkbxError):
    """A rule of the domain refuses the command (exit code 5)."""

    exit_code = 5


class InputRefused(CkbxError):
    """What was handed in cannot be accepted as it stands (exit code 3)."""

    exit_code = 3


class ConcurrencyConflict(CkbxError):
    """Somebody else changed what the decision rested on; reload and decide again."""

    code = "conflict"
    message = "数据刚被其他人修改，请刷新后重试"
    exit_code = 5


class StoreUnavailable(CkbxError):
    """The store cannot be reached, is damaged, or is newer than the program (exit code 6)."""

    code = "store_unavailable"
    message = "无法使用数据库：{why}"
    exit_code = 6
