"""Who signed in, from where, and who tried to? An append-only log."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Connection, bindparam, func, insert, or_, select

from ckbx.access.tables import sign_ins
from ckbx.clock import from_micros

LONGEST = 64
LONGEST_DEVICE = 200
_s = sign_ins.c


class Outcome(StrEnum):
    """How a try ended."""

    OK = "ok"
    CODE_OK = "code_ok"
    FACTOR_OK = "factor_ok"
    WRONG = "wrong"
    CODE_WRONG = "code_wrong"
    FACTOR_WRONG = "factor_wrong"
    DISABLED = "disabled"
    UNKNOWN = "unknown"
    TOO_MANY = "too_many"
    UNIFIED_OK = "unified_ok"
    UNIFIED_UNKNOWN = "unified_unknown"
    UNIFIED_WRONG = "unified_wrong"
    LINKED = "linked"
    UNLINKED = "unlinked"
    TOKEN_MADE = "token_made"
    TOKEN_REVOKED = "token_revoked"

    @property
    def label(self) -> str:
        """The Chinese words shown to people."""
        return _LABELS[self]


_LABELS = {
    Outcome.OK: "登录",
    Outcome.CODE_OK: "用一次性口令设置密码",
    Outcome.FACTOR_OK: "动态口令通过",
    Outcome.WRONG: "密码不对",
    Outcome.CODE_WRONG: "一次性口令不对或已过期",
    Outcome.FACTOR_WRONG: "动态口令不对",
    Outcome.DISABLED: "账号已停用",
    Outcome.UNKNOWN: "没有这个账号",
    Outcome.TOO_MANY: "试的次数太多",
    Outcome.UNIFIED_OK: "用统一身份认证登录",
    Outcome.UNIFIED_UNKNOWN: "统一身份认证通过，没有关联账号",
    Outcome.UNIFIED_WRONG: "统一身份认证没有通过核对",
    Outcome.LINKED: "关联了统一身份",
    Outcome.UNLINKED: "解除了统一身份的关联",
    Outcome.TOKEN_MADE: "给程序发了令牌",
    Outcome.TOKEN_REVOKED: "撤销了程序的令牌",
}


_CAME = (Outcome.OK, Outcome.CODE_OK, Outcome.UNIFIED_OK)
_KNOWN = (
    select(_s.id)
    .where(
        _s.account == bindparam("account"),
        _s.at >= bindparam("since"),
        _s.address == bindparam("address"),
        or_(*(_s.outcome == came.value for came in _CAME)),
    )
    .limit(1)
)
"""Made once: it is asked before every try."""


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the log; ``account`` is empty where none of that name was opened."""

    id: int
    at: datetime
    account: str
    address: str
    device: str
    outcome: Outcome


class Whence(NamedTuple):
    """From where somebody tries: network address and device, as the web layer knows them."""

    address: str = ""
    device: str = ""


def write_sign_in(
    connection: Connection, at: int, account: str, whence: Whence, outcome: Outcome
) -> None:
    """Append one line."""
    values = {
        "at": at,
        "account": account,
        "address": whence.address[:LONGEST],
        "device": whence.device[:LONGEST_DEVICE],
        "outcome": str(outcome),
    }
    connection.execute(insert(sign_ins).values(values))


def is_known_address(connection: Connection, account: str, address: str, since: int) -> bool:
    """Whether the account signed in from there since an instant."""
    asked = {"account": account, "since": since, "address": address[:LONGEST]}
    return connection.execute(_KNOWN, asked).first() is not None


def read_last(connection: Connection) -> dict[str, datetime]:
    """When each account came in last, of those that ever did."""
    came = tuple(each.value for each in (*_CAME, Outcome.FACTOR_OK))
    asked = select(_s.account, func.max(_s.at)).where(_s.outcome.in_(came))
    return {name: from_micros(at) for name, at in connection.execute(asked.group_by(_s.account))}


def read_sign_ins(
    connection: Connection, account: str | None, before: int | None, limit: int
) -> list[SignIn]:
    """Lines, the newest first, of one account or of all."""
    asked = select(sign_ins).order_by(_s.id.desc()).limit(limit)
    if account is not None:
        asked = asked.where(_s.account == account)
    if before is not None:
        asked = asked.where(_s.id < before)
    return [_line(row) for row in connection.execute(asked)]


def _line(row: Any) -> SignIn:
    return SignIn(
        id=row.id,
        at=from_micros(row.at),
        account=row.account,
        address=row.address,
        device=row.device,
        outcome=Outcome(row.outcome),
    )
