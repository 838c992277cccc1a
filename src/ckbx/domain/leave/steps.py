"""Which step may be taken at which stage of an application, and by whom?"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from ckbx.domain.case.steps import ROLE_TITLES
from ckbx.domain.leave.application import LeaveApplication
from ckbx.domain.leave.codes import LeaveKind, Stage
from ckbx.domain.leave.errors import (
    ApplicationStageRefuses,
    ApplicationUnknown,
    LeaveDayRefused,
    LeaveDocumentMissing,
    LeaveRoleRefused,
    NumberInDocument,
)
from ckbx.domain.responsibility.post import Role
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.personal import holds_number

_R, _S = Role, Stage
RECEIVE = (
    _R.CLASS_TEACHER,
    _R.PRINCIPAL,
    _R.REGISTRAR,
    _R.VILLAGE_OFFICER,
    _R.TOWNSHIP_OFFICER,
    _R.BUREAU_OFFICER,
)
GOVERNMENT = (_R.TOWNSHIP_OFFICER, _R.BUREAU_OFFICER)
COUNTY = (_R.BUREAU_OFFICER,)


class Step(NamedTuple):
    """A step: its stages, who may take it, what people call it."""

    name: str
    action: str
    stages: frozenset[Stage]
    roles: tuple[Role, ...]


_OPEN, _GRANTED = frozenset({_S.APPLIED}), frozenset({_S.APPROVED})
_TABLE = (
    Step("opinion", "签署学校意见", _OPEN, (_R.PRINCIPAL, *COUNTY)),
    Step("hospital", "登记医院证明", _OPEN, RECEIVE),
    Step("committee", "登记专家委员会意见", _OPEN, COUNTY),
    Step("approve", "批准", _OPEN, GOVERNMENT),
    Step("refuse", "作出不予批准的决定", _OPEN, GOVERNMENT),
    Step("withdraw", "撤回", _OPEN, RECEIVE),
    Step("extend", "延长期限", _GRANTED, GOVERNMENT),
    Step("review", "复核", _GRANTED, GOVERNMENT),
    Step("end", "办理复学或入学", _GRANTED, (_R.PRINCIPAL, _R.REGISTRAR)),
)
STEPS = {step.name: step for step in _TABLE}
_INSTEAD = {
    _S.APPLIED: "请先由乡镇或县教育局决定",
    _S.APPROVED: "需要改变的请由学校办理复学，或由监护人另行申请",
    _S.REFUSED: "情况有变的请由监护人重新申请",
    _S.WITHDRAWN: "仍需要的请由监护人重新申请",
    _S.ENDED: "再需要的请由监护人重新申请",
}


def titles(roles: Iterable[Role]) -> str:
    """Who may, in Chinese."""
    return "、".join(ROLE_TITLES[role] for role in roles)


def check(
    application: LeaveApplication, ctx: CommandContext, name: str, *, role: str, on: date
) -> None:
    """Refuse a step by the wrong person, at the wrong stage or on an impossible day.

    Raises ApplicationUnknown, LeaveRoleRefused, ApplicationStageRefuses, LeaveDayRefused.
    """
    check_role(name, role, application.kind)
    check_stage(application, name)
    check_day(ctx, on, application.applied_on)


def check_role(name: str, role: str, kind: LeaveKind | None = None) -> None:
    """Refuse a step by the wrong person: LeaveRoleRefused."""
    step = STEPS[name]
    roles = step.roles
    if kind is LeaveKind.HOME_TEACHING and roles == GOVERNMENT:
        roles = COUNTY
    if role not in roles:
        raise LeaveRoleRefused(action=step.action + _what(step, kind), who=titles(roles))


def _what(step: Step, kind: LeaveKind | None) -> str:
    return kind.label if kind is not None and step.name == "approve" else ""


def check_stage(application: LeaveApplication, name: str) -> None:
    """Refuse a step at the wrong stage: ApplicationUnknown, ApplicationStageRefuses."""
    if not application.exists:
        raise ApplicationUnknown
    step, stage = STEPS[name], application.stage
    if stage not in step.stages:
        raise ApplicationStageRefuses(
            kind=application.kind.label,
            stage=stage.label,
            action=step.action,
            instead=_INSTEAD[stage],
        )


def check_day(ctx: CommandContext, on: date, since: date) -> None:
    """Refuse a day to come or before the application: LeaveDayRefused."""
    if on > ctx.today:
        raise LeaveDayRefused(day=on, why=f"还没有到（今天是 {ctx.today}）")
    if on < since:
        raise LeaveDayRefused(day=on, why=f"早于申请日期 {since}")


def check_document(text: str, *, action: str, what: str, who: str) -> None:
    """Refuse a paper without its number, or one that names a person by a number.

    Raises LeaveDocumentMissing, NumberInDocument.
    """
    if not text.strip():
        raise LeaveDocumentMissing(action=action, what=what, who=who)
    if holds_number(text):
        raise NumberInDocument(what=what)
