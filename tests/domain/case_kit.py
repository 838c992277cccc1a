"""How do tests bring a case to any stage, and take any step there?"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from ckbx.domain.case import (
    attaching,
    closing,
    determination,
    follow_up,
    letters,
    opening,
    persuasion,
    plan,
    returning,
    verification,
)
from ckbx.domain.case.case import Case
from ckbx.domain.case.codes import (
    EvidenceKind,
    FollowUpKind,
    FollowUpResult,
    LetterAnswer,
    Means,
    Measure,
    Met,
    RiskLevel,
    Stage,
)
from ckbx.domain.case.people import Attached, Participant
from ckbx.domain.child import events as e
from ckbx.domain.child import return_events as rt
from ckbx.domain.child.return_codes import Placement, Whereabouts
from ckbx.domain.child.status import Finding, SuspicionSource, TrackingStatus
from ckbx.domain.responsibility.post import Line, Role
from ckbx.domain.shared.event import CommandContext
from tests.dsl import Given, an_id, given
from tests.support.case_county import held

SINCE, TODAY = date(2026, 9, 21), date(2026, 11, 20)
CHILD, NOTE = an_id(7), an_id(8)
S = TrackingStatus
Step = Callable[[Case, CommandContext], None]
ENVELOPE: dict[str, Any] = {
    "originator_id": CHILD,
    "originator_version": 9,
    "actor": "t",
    "command_id": an_id(3),
}


def opened(case: Case, ctx: CommandContext) -> None:
    suspected = e.DropoutSuspected(
        **ENVELOPE,
        occurred_on=SINCE,
        episode=1,
        source=SuspicionSource.ABSENCE,
        first_absent_on=date(2026, 9, 15),
        rule="absence_run_5",
        rule_version=0,
    )
    opening.open_case(case, ctx, suspected, school="s", class_key="s/2023/1")


def verified(finding: Finding) -> Step:
    return lambda c, x: verification.verify(
        c, x, role="principal", on=TODAY, finding=finding, evidence_ref="p"
    )


def determined(case: Case, ctx: CommandContext) -> None:
    confirmed = rt.DropoutConfirmed(
        **ENVELOPE,
        occurred_on=TODAY,
        episode=1,
        unexplained_days=20,
        rounds=2,
        whereabouts=Whereabouts.UNKNOWN,
        rule_version=0,
    )
    determination.determine(case, ctx, confirmed)


def returned(case: Case, ctx: CommandContext) -> None:
    back = rt.PersuadedBack(
        **ENVELOPE,
        occurred_on=TODAY,
        episode=1,
        placement=Placement.ORIGINAL_CLASS,
        class_key="s/2023/1",
        grade=4,
    )
    returning.bring_back(case, ctx, back)


def confirmed(case: Case, ctx: CommandContext) -> None:
    days = [TODAY - timedelta(days=n) for n in (2, 1, 0)]
    returning.confirm_return(case, ctx, role="principal", attended=days, needed=3)


def settled(case: Case, ctx: CommandContext) -> None:
    follow_up.settle(case, ctx, on=TODAY)


def concluded(how: TrackingStatus = S.ENROLLED, finding: Finding | None = Finding.A) -> Step:
    return lambda c, x: opening.conclude(c, x, on=TODAY, how=how, because="e:1", finding=finding)


def closed(
    evidence: EvidenceKind = EvidenceKind.RETURN,
    *,
    role: str = "bureau_officer",
    ref: str = "p",
    status: TrackingStatus = S.ENROLLED,
) -> Step:
    return lambda c, x: closing.close(
        c, x, role=role, on=TODAY, evidence=evidence, evidence_ref=ref, status=status
    )


def withdrawn(case: Case, ctx: CommandContext) -> None:
    opening.withdraw(case, ctx, on=SINCE)


def relapsed(case: Case, ctx: CommandContext) -> None:
    opening.relapse(case, ctx, on=TODAY, next_case=an_id(44))


BACK: list[Step] = [opened, verified(Finding.K), determined, returned]
REACHED: dict[Stage, list[Step]] = {
    Stage.OPEN: [opened],
    Stage.VERIFIED: [opened, verified(Finding.B)],
    Stage.PERSUADING: [opened, verified(Finding.K)],
    Stage.DETERMINED: [opened, verified(Finding.K), determined],
    Stage.RETURNED: BACK,
    Stage.CONSOLIDATING: [*BACK, confirmed],
    Stage.SETTLED: [*BACK, confirmed, settled],
    Stage.CONCLUDED: [opened, verified(Finding.A), concluded()],
    Stage.CLOSED: [*BACK, confirmed, settled, closed()],
    Stage.WITHDRAWN: [opened, withdrawn],
    Stage.RELAPSED: [*BACK, confirmed, relapsed],
}


def teacher(account: str = "li") -> Step:
    return lambda c, x: plan.name_teacher(
        c, x, role="principal", account=account, holder=NOTE, post=NOTE, first_day=TODAY
    )


def letter(case: Case, ctx: CommandContext, **changes: Any) -> None:
    values: dict[str, Any] = {
        "role": "bureau_officer",
        "on": TODAY,
        "document": "函1",
        "region": "522601",
        "reply_by": TODAY,
        "addressee": NOTE,
    }
    letters.send_letter(case, ctx, **(values | changes))


def answered(number: int = 1, on: date = TODAY) -> Step:
    return lambda c, x: letters.answer_letter(
        c, x, role="bureau_officer", on=on, number=number, answer=LetterAnswer.NOT_THERE
    )


def a_round(role: str = "principal", **changes: Any) -> Step:
    return lambda c, x: persuasion.persuade(
        c, x, held(**({"on": TODAY} | changes)), role=role, persons=2
    )


def reported(case: Case, ctx: CommandContext, **changes: Any) -> None:
    values: dict[str, Any] = {"role": "principal", "on": TODAY, "document": "报1", "note": NOTE}
    persuasion.report(case, ctx, **(values | changes))


def liaison(**changes: Any) -> Step:
    values: dict[str, Any] = {
        "role": "liaison",
        "on": TODAY,
        "met": (Met.FATHER,),
        "participants": [Participant(line=Line.GOVERNMENT, role=Role.LIAISON, account="w")],
    }
    return lambda c, x: letters.visit(c, x, **(values | changes))


PHOTO = Attached(file=an_id(9), digest="d", format="jpg", size=3)
BEFORE: dict[str, list[Step]] = {
    "release_teacher": [teacher()],
    "answer_letter": [letter],
    "report": [a_round()],
}
TAKEN: dict[str, Step] = {
    "name_teacher": teacher("wang"),
    "release_teacher": lambda c, x: plan.release_teacher(c, x, role="principal", last_day=TODAY),
    "record_cause": lambda c, x: plan.record_cause(
        c, x, role="case_teacher", on=TODAY, cause="04", ref=NOTE, primary=True
    ),
    "assess_risk": lambda c, x: plan.assess_risk(
        c, x, role="case_teacher", on=TODAY, level=RiskLevel.ORANGE
    ),
    "make_plan": lambda c, x: plan.make_plan(
        c, x, role="case_teacher", on=TODAY, plan=NOTE, measures=[Measure.STUDY]
    ),
    "give_support": lambda c, x: plan.give_support(
        c, x, role="village_officer", on=TODAY, measure=Measure.FUNDING
    ),
    "contact": lambda c, x: plan.contact(
        c, x, role="class_teacher", on=TODAY, means=Means.CALL, met=[Met.MOTHER]
    ),
    "persuade": a_round(hour="18:00"),
    "report": reported,
    "verify": verified(Finding.K),
    "determine": determined,
    "bring_back": returned,
    "confirm_return": confirmed,
    "follow_up": lambda c, x: follow_up.follow_up(
        c,
        x,
        role="case_teacher",
        on=TODAY,
        kind=FollowUpKind.VISIT,
        result=FollowUpResult.STEADY,
    ),
    "settle": settled,
    "close": lambda c, x: closed(
        EvidenceKind.RETURN if c.stage is Stage.SETTLED else EvidenceKind.CLEARED
    )(c, x),
    "reopen": lambda c, x: closing.reopen(c, x, role="bureau_officer", on=TODAY, reason=NOTE),
    "send_letter": letter,
    "answer_letter": answered(),
    "visit": liaison(),
    "attach": lambda c, x: attaching.attach(
        c, x, role="registrar", on=TODAY, fact=1, attachments=[PHOTO]
    ),
}
_WORKING = {"open", "verified", "persuading", "determined", "returned", "consolidating"}
_AWAY = {"open", "verified", "persuading", "determined"}
ALLOWED: dict[str, set[str]] = {
    **dict.fromkeys(
        (
            "name_teacher",
            "release_teacher",
            "record_cause",
            "assess_risk",
            "make_plan",
            "give_support",
            "contact",
            "send_letter",
            "visit",
        ),
        _WORKING,
    ),
    **dict.fromkeys(("persuade", "report", "bring_back"), _AWAY),
    "verify": {"open", "verified", "persuading"},
    "determine": {"persuading"},
    "confirm_return": {"returned"},
    "follow_up": {"returned", "consolidating"},
    "settle": {"consolidating"},
    "close": {"settled", "concluded"},
    "reopen": {"closed"},
    **{key: {*_WORKING, "settled", "concluded"} for key in ("answer_letter", "attach")},
}


def a_case(stage: Stage, *prepared: Step) -> Given[Case]:
    """A case at a stage; what a step needs besides was done while it was open."""
    first, *rest = REACHED[stage]
    return given(Case(an_id(1)), TODAY).after(first, *prepared, *rest)
