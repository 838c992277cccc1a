"""What the 延缓入学申请表 says: the child's last application for 缓学."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from ckbx.application.leave_filing import applications_of
from ckbx.application.office import Office
from ckbx.domain.child.events import ChildRegistered
from ckbx.domain.leave import events as ev
from ckbx.domain.leave.application import LeaveApplication
from ckbx.domain.leave.codes import LeaveKind, Proof
from ckbx.ledgers.leave_words import refs_of
from ckbx.ledgers.paper_case import day_text
from ckbx.ledgers.placement_rows import COMMITTEE

PAPER: Final = "deferral_application"


def facts_of_deferral(office: Office, name: str, child: UUID) -> list[Any]:
    """The facts of the last application for 缓学, when the paper is about one."""
    if name != PAPER:
        return []
    found = [each for each in applications_of(office, child) if each.kind is LeaveKind.DEFERRAL]
    return list(office.log.load([found[-1].id])[found[-1].id]) if found else []


def refs_of_facts(facts: list[Any]) -> list[str]:
    """The notes the paper needs."""
    return sorted({f"note:{ref}" for event in facts for ref in refs_of(event).values()})


def deferral_values(
    facts: list[Any], notes: Mapping[UUID, str], cohort: int | None
) -> dict[str, Any]:
    """The placeholders of the form; ``cohort``: the year in which the child is of age."""
    values = {"应入学时间": f"{cohort}年9月" if cohort else ""}
    if not facts:
        return values
    application = LeaveApplication(facts[0].originator_id).replay(facts)
    granted = application.granted
    first = granted.effective_from if granted else application.wanted_from
    last = granted.until if granted else application.wanted_until
    for event in facts:
        if isinstance(event, ev.LeaveApplied):
            values["延缓原因"] = notes.get(event.reason_ref, "")
        elif isinstance(event, ev.HospitalPaperGiven) and application.proof is Proof.HOSPITAL:
            paper = notes.get(event.paper_ref, "")
            hospital = notes.get(event.hospital_ref, "")
            values["证明单位"] = f"{hospital}（{event.document}）{paper}"
        elif isinstance(event, ev.CommitteeOpinionGiven):
            values["证明单位"] = f"{COMMITTEE}（{event.document}）"
    if first or last:
        values["延缓期限"] = f"{day_text(first)}至{day_text(last)}"
    return values


def cohort_of(registered: list[Any]) -> int | None:
    """The year in whose autumn a child is of age, from its own facts."""
    known = (event.cohort for event in registered if isinstance(event, ChildRegistered))
    return next(known, None)
