"""What is the person called who is signed in? For the head of every page, read once and kept.

Whoever looks at the own name looks at nobody else; it is recorded all the same when it is read
from the vault: once a process, and again after the name was changed.
"""

from __future__ import annotations

from typing import Final, NamedTuple
from uuid import UUID

from ckbx.domain.shared.errors import CkbxError
from ckbx.vault import Access, Vault

VIEW: Final = "web:own_name"
_FILED: Final = "account"
"""Under what the vault files staff."""
_MOST: Final = 4_096


class _Known(NamedTuple):
    subject: UUID
    newest: int | None
    name: str


class OwnNames:
    """The names of those who are signed in, by account. No name is kept of who was erased."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._known: dict[str, _Known] = {}

    def of(self, account: str) -> str:
        """The name behind an account; empty where none is known, or it cannot be read now: the
        page says the account instead.
        """
        try:
            known = self._known.get(account)
            if known is None or self._vault.newest(known.subject) != known.newest:
                known = self._read(account)
        except CkbxError:
            return ""
        return known.name if known else ""

    def _read(self, account: str) -> _Known | None:
        self._known.pop(account, None)
        found = self._vault.find_many(_FILED, [account])[account] if account else ()
        if not found:
            return None
        newest = self._vault.newest(found[0])
        access = Access(actor=account, view=VIEW, purpose="页头写本人姓名")
        identity = self._vault.read([found[0]], ["identity"], access)[found[0]].identity
        if len(self._known) >= _MOST:
            self._known.clear()
        known = _Known(found[0], newest, identity.name if identity else "")
        self._known[account] = known
        return known
