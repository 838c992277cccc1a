"""Facts about children who came from outside the county, or of whom nobody knows where they are."""

from __future__ import annotations

from datetime import date
from typing import Any

from ckbx.domain.shared.event import DomainEvent


class TransferredIn(DomainEvent, frozen=True, kw_only=True):
    """转入 from outside the county (domain §3): where the child of this enrolment came from.

    ``from_region``: 6, 9 or 12 digits; ``from_school``: its 标识码 where it is known;
    ``from_name``: what it is called, where that is known. Changes no status: the enrolment itself
    is ``Enrolled``.
    """

    TOPIC = "ckbx.child.TransferredIn"
    VERSION = 2
    TITLE = "县外转入"
    from_region: str
    from_school: str | None = None
    school: str
    document: str
    evidence_ref: str
    from_name: str = ""

    @staticmethod
    def upcast_v1_v2(data: dict[str, Any]) -> dict[str, Any]:
        """Before, nobody was asked for the name: what the empty name says now."""
        return data


class MissingRechecked(DomainEvent, frozen=True, kw_only=True):
    """失联, looked for again and not found (domain §3: re-checked every term). Changes no
    status; ``review_by`` is the last day of the next check.
    """

    TOPIC = "ckbx.child.MissingRechecked"
    TITLE = "失联复核"
    evidence_ref: str
    document: str | None = None
    review_by: date
