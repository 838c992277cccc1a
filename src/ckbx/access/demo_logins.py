"""Which accounts of the demo county may a visitor sign in with?

The list lies beside the keys of the demo store and nowhere else: a real store has none.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from ckbx.vault.key_files import read_private

FILE: Final = "demo-logins.json"
_MOST: Final = 100_000


class DemoLogin(msgspec.Struct, frozen=True, kw_only=True):
    """An account to look around with: the role in Chinese, and what there is to see."""

    role: str
    account: str
    password: str
    sees: str


class _Noted(msgspec.Struct, frozen=True, kw_only=True):
    logins: list[DemoLogin]


def read_demo_logins(folder: Path) -> tuple[DemoLogin, ...]:
    """The demo's accounts; none where the secret folder has no such list.

    Raises SecretExposed when others may read it.
    """
    path = folder / FILE
    if not path.exists():
        return ()
    return tuple(msgspec.json.decode(read_private(path, _MOST), type=_Noted).logins)


def demo_logins_bytes(logins: list[DemoLogin]) -> bytes:
    """The content of the list."""
    return msgspec.json.format(msgspec.json.encode(_Noted(logins=logins)), indent=1)
