"""Steps on a case that programs hand in: 联系、劝返、回访."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Annotated
from uuid import UUID

from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from ckbx.application.case_papers import Papers
from ckbx.application.cases import Act, persuade, take_step
from ckbx.application.unit import Unit
from ckbx.domain.case import follow_up, plan
from ckbx.domain.case.case import Case
from ckbx.domain.case.codes import (
    FollowUpKind,
    FollowUpResult,
    Means,
    Met,
    Place,
    RoundOutcome,
    Tier,
)
from ckbx.domain.case.persuasion import RoundHeld
from ckbx.domain.case.steps import STEPS
from ckbx.domain.responsibility.post import Role
from ckbx.web.api.cases import InHand
from ckbx.web.api.commands import Written, carry_out
from ckbx.web.api.participants import Person, participants
from ckbx.web.api.routing import ApiRoutes, CommandId
from ckbx.web.api.types import Body, Day, Loose, Words, words
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat
from projections.case_file import CaseFile

_HOUR = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
Metted = Annotated[
    list[Annotated[Met, Loose]],
    Field(min_length=1, max_length=len(Met), description="见到谁：" + words(Met)),
]


class Step(Body):
    """What every step says."""

    on: Day = Field(description="办理的日期，不晚于今天")
    note: Words | None = None
    seen: int | None = Field(
        None, ge=1, le=1_000_000, description="读到的个案 version；其间被改过则 409，不记录"
    )


class Contact(Step):
    """登记联系监护人。"""

    means: Annotated[Means, Loose] = Field(description=words(Means))
    met: Metted


class FollowUp(Step):
    """登记巩固期的一次回访。"""

    kind: Annotated[FollowUpKind, Loose] = Field(description=words(FollowUpKind))
    result: Annotated[FollowUpResult, Loose] = Field(description=words(FollowUpResult))


class Round(Step):
    """登记一次劝返。"""

    hour: str = Field(pattern=_HOUR, description="几点（当地时间）", examples=["16:30"])
    tier: Annotated[Tier, Loose] = Field(description=words(Tier))
    place: Annotated[Place, Loose] = Field(description=words(Place))
    means: Annotated[Means, Loose] = Field(description=words(Means))
    people: list[Person] = Field(min_length=1, max_length=20, description="参加的人")
    met: Metted
    outcome: Annotated[RoundOutcome, Loose] = Field(description=words(RoundOutcome))
    promised_on: Day | None = Field(None, description="承诺返校的日期")


def add(routes: Routes) -> None:
    """What is added to a case."""
    api = ApiRoutes(routes, "办理个案")
    work = Permission.WORK_CASE

    @api.post("/cases/{case_id}/contacts", work, Written, summary="登记联系监护人")
    def contact(
        seat: Seat, request: Request, hand: InHand, command: CommandId, body: Contact
    ) -> Response:
        def make(papers: Papers, role: str) -> Act:
            note = papers.note(body.note)
            return lambda w: plan.contact(
                w.case, w.ctx, role=role, on=body.on, means=body.means, met=body.met, note=note
            )

        return _take(seat, request, hand, command, body, "contact", make)

    @api.post("/cases/{case_id}/follow-ups", work, Written, summary="登记回访")
    def followed(
        seat: Seat, request: Request, hand: InHand, command: CommandId, body: FollowUp
    ) -> Response:
        def make(papers: Papers, role: str) -> Act:
            note = papers.note(body.note)
            return lambda w: follow_up.follow_up(
                w.case, w.ctx, role=role, on=body.on, kind=body.kind, result=body.result, note=note
            )

        return _take(seat, request, hand, command, body, "follow_up", make)

    @api.post("/cases/{case_id}/rounds", work, Written, summary="登记一次劝返")
    def held(
        seat: Seat, request: Request, hand: InHand, command: CommandId, body: Round
    ) -> Response:
        def make(papers: Papers, role: str) -> Act:
            took_part = participants(seat, hand.case, papers, body.people, body.on)
            made = RoundHeld(
                on=body.on,
                hour=body.hour,
                tier=body.tier,
                place=body.place,
                means=body.means,
                participants=took_part,
                met=body.met,
                outcome=body.outcome,
                promised_on=body.promised_on,
                words=papers.note(body.note),
            )
            return persuade(made, role=role)

        return _take(seat, request, hand, command, body, "persuade", make)


def _take(
    desk: WebDesk,
    request: Request,
    hand: CaseFile,
    command: UUID,
    body: Step,
    step: str,
    make: Callable[[Papers, str], Act],
) -> Response:
    role = acting_in(_roles(desk, hand), step)
    papers = Papers(desk.store.vault)
    act = make(papers, role)
    office, case_id = desk.store.office, hand.case.id

    def decide(unit: Unit) -> int:
        take_step(office, unit, case_id, act, seen=body.seen, papers=papers)
        return unit.get(case_id, Case).version

    return carry_out(desk, request, command, body, decide, role=role)


def _roles(desk: WebDesk, hand: CaseFile) -> list[str]:
    """The roles in which the viewer works on the child, the nearest first. Raises NotThere."""
    place = hand.place
    found = desk.viewer.roles_over(
        desk.permission,
        school=place.school,
        villages=(place.village, place.residence),
        class_key=place.class_key,
        child=place.child,
    )
    if not found:
        raise NotThere
    return found


def acting_in(roles: Iterable[str], step: str) -> str:
    """The nearest of the viewer's roles that takes the step; where none does, the rule says so."""
    held, allowed = list(roles), STEPS[step].roles
    return next((role for role in held if Role(role) in allowed), held[0])
