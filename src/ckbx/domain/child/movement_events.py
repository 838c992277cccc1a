"""Facts about children who came from outside the county, or of whom nobody knows where they are."""

from __future__ import annotations

from datetime import date

from ckbx.domain.shared.event import DomainEvent


class TransferredIn(DomainEvent, frozen=True, kw_only=True):
    """转入 from outside the county (domain §3): where the child of this enrolment came from.

    ``from_region``: 6, 9 or 12 digits; ``from_school``: its 标识码 where it is known. Changes
    no status: the enrolment itself is ``Enrolled``.
    """

    TOPIC = "ckbx.child.TransferredIn"
    TITLE = "县外转入"
    from_region: str
    from_school: str | None = None
    school: str
    document: str
    evidence_ref: str


class MissingRechecked(DomainEvent, frozen=True, kw_only=True):
    """失联, looked for again and not found (domain §3: re-checked every term). Changes no
    status; ``review_by`` is the last day of the next check.
    """

    TOPIC = "ckbx.child.MissingRechecked"
    TITLE = "失联复核"
    evidence_ref: str
    document: str | None = None
    review_by: date
