"""Who may decide that a child moves, ends, or is looked for again (domain §3)?

The role comes from the session, never from a payload; the matrix of transitions says in words
who decides.
"""

from __future__ import annotations

from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child import movement_events as mv
from ckbx.domain.child.movement_errors import NotTheirsToDecide
from ckbx.domain.child.transitions import BY_EVENT
from ckbx.domain.responsibility.post import Role
from ckbx.domain.shared.event import DomainEvent

_COUNTY = frozenset({Role.BUREAU_OFFICER})
_SCHOOL = frozenset({Role.REGISTRAR, Role.PRINCIPAL, *_COUNTY})
MAY_DECIDE: dict[type[DomainEvent], frozenset[Role]] = {
    e.Enrolled: _SCHOOL,
    e.DropoutSuspected: frozenset({Role.PRINCIPAL, *_COUNTY}),
    lv.TransferStarted: _SCHOOL,
    lv.TransferConfirmed: _SCHOOL,
    lv.TransferCancelled: _SCHOOL,
    mv.TransferredIn: _SCHOOL,
    lv.StudyElsewhereVerified: _COUNTY,
    lv.DeathRecorded: _COUNTY,
    lv.WentAbroad: _COUNTY,
    lv.WentMissing: _COUNTY,
    lv.Deregistered: _COUNTY,
    mv.MissingRechecked: _COUNTY,
}


def check_office(event: type[DomainEvent], role: str) -> None:
    """Refuse a decision that is another's: NotTheirsToDecide."""
    if role not in MAY_DECIDE[event]:
        row = BY_EVENT[event]
        who = "校长或县教育局" if event is e.DropoutSuspected else row.decided_by
        raise NotTheirsToDecide(action=row.action, who=who)
