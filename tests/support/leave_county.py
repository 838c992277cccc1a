"""Steps on applications and placements, for domain tests: a child, and what people do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from ckbx.domain.child import enrolment
from ckbx.domain.child.child import Child
from ckbx.domain.child.leaves import suspend
from ckbx.domain.leave import applying, deciding, extending, granting
from ckbx.domain.leave.application import LeaveApplication
from ckbx.domain.leave.applying import Asked
from ckbx.domain.leave.codes import LeaveKind, Proof, Stage
from ckbx.domain.leave.conditions import Approval
from ckbx.domain.placement.codes import PlacementKind
from ckbx.domain.shared.event import CommandContext
from tests.dsl import Given, an_id, context, given

BEGAN, APPLIED, TODAY = date(2026, 9, 1), date(2026, 11, 2), date(2026, 11, 20)
UNTIL = date(2027, 6, 30)
NOTE, HOSPITAL = an_id(8), "县人民医院"
Step = Callable[[LeaveApplication, CommandContext], Any]
K, P = LeaveKind, Proof


def a_child(*, enrolled: bool = True) -> Child:
    """A child, at school unless said otherwise."""
    child, ctx = Child(an_id(7)), context(BEGAN)
    enrolment.register(child, ctx, on=BEGAN, sex="f", cohort=2026, village=None, residence=None)
    if enrolled:
        key = {"school": "s", "class_key": "s/2026/1", "grade": 1}
        enrolment.enrol(child, ctx, on=BEGAN, **key)  # type: ignore[arg-type]
    return child


def applied(
    kind: LeaveKind = K.SUSPENSION,
    proof: Proof = P.HOSPITAL,
    child: Child | None = None,
    *,
    role: str = "principal",
    before: LeaveApplication | None = None,
    **changes: Any,
) -> Step:
    """The guardian applied."""
    values: dict[str, Any] = {
        "on": APPLIED,
        "kind": kind,
        "proof": proof,
        "applicant": NOTE,
        "reason": NOTE,
    }
    asked = Asked(**(values | changes))
    who = child or a_child(enrolled=kind is not K.DEFERRAL)
    return lambda a, x: applying.apply(a, x, who, asked, number=1, before=before, role=role)


def opinion(*, role: str = "principal", agrees: bool = True, **changes: Any) -> Step:
    values: dict[str, Any] = {"on": TODAY, "opinion": NOTE}
    return lambda a, x: applying.give_opinion(a, x, role=role, agrees=agrees, **(values | changes))


def hospital(*, role: str = "registrar", named: bool = False, **changes: Any) -> Step:
    values: dict[str, Any] = {"on": TODAY, "document": "诊2026-1", "hospital": NOTE, "paper": NOTE}
    return lambda a, x: applying.give_hospital_paper(
        a, x, role=role, named=named, attachments=[], **(values | changes)
    )


def committee(
    advises: PlacementKind = PlacementKind.HOME_TAUGHT,
    *,
    role: str = "bureau_officer",
    **changes: Any,
) -> Step:
    values: dict[str, Any] = {"on": TODAY, "document": "评1", "opinion": NOTE, "advises": advises}
    return lambda a, x: applying.give_committee_opinion(a, x, role=role, **(values | changes))


def approved(
    child: Child | None = None,
    *,
    role: str = "bureau_officer",
    basis: str | None = "县政规1号",
    assessed: Any = None,
    **changes: Any,
) -> Step:
    """Township or county approved: what is decided, and that it was."""
    values: dict[str, Any] = {
        "on": TODAY,
        "document": "县教1号",
        "effective_from": TODAY,
        "until": UNTIL,
        "visits_per_month": 4,
        "lessons_per_visit": 2,
    }
    given_ = Approval(**(values | changes))

    def step(a: LeaveApplication, x: CommandContext) -> None:
        who = child or a_child(enrolled=a.kind is not K.DEFERRAL)
        decided = granting.decide(
            a,
            x,
            who,
            given_,
            role=role,
            legal_basis=basis,
            assessed=assessed,
            hospitals=[HOSPITAL],
        )
        deciding.approved(a, x, given_, decided, decision=f"{a.child}:9")

    return step


def refused(*, role: str = "township_officer", **changes: Any) -> Step:
    values: dict[str, Any] = {"on": TODAY, "reason": NOTE}
    return lambda a, x: deciding.refuse(a, x, role=role, **(values | changes))


def withdrawn(*, role: str = "principal", **changes: Any) -> Step:
    values: dict[str, Any] = {"on": TODAY, "reason": NOTE}
    return lambda a, x: applying.withdraw(a, x, role=role, **(values | changes))


def prolonged(*, role: str = "township_officer", **changes: Any) -> Step:
    values: dict[str, Any] = {
        "on": TODAY,
        "until": date(2027, 7, 31),
        "review_on": None,
        "document": "延1",
    }
    said = values | changes
    paper = said.pop("paper", NOTE)

    def step(a: LeaveApplication, x: CommandContext) -> None:
        ref = extending.check_extension(a, x, role=role, paper=paper, **said)
        extending.prolonged(a, x, role=role, paper=ref, decision="c:1", **said)

    return step


def reviewed(child: Child | None = None, *, role: str = "bureau_officer", **changes: Any) -> Step:
    values: dict[str, Any] = {"on": TODAY, "note": NOTE, "review_on": date(2027, 3, 1)}

    def step(a: LeaveApplication, x: CommandContext) -> None:
        deciding.review(a, x, child or on_leave(), role=role, **(values | changes))

    return step


def on_leave() -> Child:
    """A child that is suspended until the end of the school year."""
    from ckbx.domain.child.leaves import LeaveDecision

    child = a_child()
    decision = LeaveDecision(
        occurred_on=TODAY,
        effective_from=TODAY,
        until=UNTIL,
        approver="t",
        approver_role="township_officer",
        document="d",
        evidence_ref="e",
    )
    suspend(child, context(TODAY), decision)
    return child


def ended(a: LeaveApplication, x: CommandContext) -> None:
    deciding.ended(a, x, on=TODAY, decision="c:2", paper=NOTE)


READY: list[Step] = [applied(), opinion(), hospital()]
REACHED: dict[Stage, list[Step]] = {
    Stage.APPLIED: READY,
    Stage.APPROVED: [*READY, approved()],
    Stage.REFUSED: [*READY, refused()],
    Stage.WITHDRAWN: [*READY, withdrawn()],
    Stage.ENDED: [*READY, approved(), ended],
}


def an_application(*steps: Step) -> Given[LeaveApplication]:
    """An application that these steps made what it is."""
    return given(LeaveApplication(an_id(1)), TODAY).after(*steps)
