"""缺勤家访: somebody of the school went to a child's home before there is a case."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ckbx.domain.case.codes import Met, RoundOutcome
from ckbx.domain.case.people import Attached
from ckbx.domain.child.return_codes import Whereabouts
from ckbx.domain.shared.event import DomainEvent


class HomeVisited(DomainEvent, frozen=True, kw_only=True):
    """The family was visited on ``occurred_on`` about the unexplained absence whose last day was
    ``absent_on``: whom they met, what came of it, the promised day, where the child is as far
    as was learned. ``visited_by`` is a role, the account that of the actor; ``note_ref`` names
    the words kept in the vault.
    """

    TOPIC = "ckbx.child.HomeVisited"
    TITLE = "缺勤家访"
    absent_on: date
    visited_by: str
    met: list[Met]
    outcome: RoundOutcome
    whereabouts: Whereabouts | None = None
    promised_on: date | None = None
    note_ref: UUID | None = None
    attachments: list[Attached] = []


class HomeVisitWithdrawn(DomainEvent, frozen=True, kw_only=True):
    """A visit was recorded by mistake: ``visit`` is the id of the fact, ``visited_on`` its day,
    ``absent_on`` the last day of the absence it was about. ``withdrawn_by`` is a role;
    ``reason_ref`` names the words kept in the vault. Nothing is deleted.
    """

    TOPIC = "ckbx.child.HomeVisitWithdrawn"
    TITLE = "撤销缺勤家访登记"
    visit: str
    visited_on: date
    absent_on: date
    withdrawn_by: str
    reason_ref: UUID
