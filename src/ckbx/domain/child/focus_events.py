"""Facts about a child before there is a case: on the focus list, and who was reached for it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ckbx.domain.child.focus_codes import FocusReason
from ckbx.domain.shared.event import DomainEvent


class FocusListed(DomainEvent, frozen=True, kw_only=True):
    """重点关注: on the list from ``occurred_on``. ``decided_by`` is a role; ``note_ref`` names
    the words kept in the vault.
    """

    TOPIC = "ckbx.child.FocusListed"
    TITLE = "列入重点关注"
    reason: FocusReason
    decided_by: str
    note_ref: UUID | None = None


class FocusEnded(DomainEvent, frozen=True, kw_only=True):
    """Off the focus list: ``occurred_on`` is the first day on which it is not on it."""

    TOPIC = "ckbx.child.FocusEnded"
    TITLE = "移出重点关注"
    decided_by: str
    note_ref: UUID | None = None


class GuardianTried(DomainEvent, frozen=True, kw_only=True):
    """Somebody tried to reach the guardian about the unexplained absence of ``absent_on``, on
    ``occurred_on``: ``reached``, or nobody was. ``tried_by`` is a role.
    """

    TOPIC = "ckbx.child.GuardianTried"
    TITLE = "缺勤联系监护人"
    absent_on: date
    reached: bool
    tried_by: str
