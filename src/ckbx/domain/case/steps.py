"""Which step may be taken at which stage, and by whom? The matrix of the case."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from ckbx.domain.case.case import Case
from ckbx.domain.case.codes import AWAY, WORKING, Stage
from ckbx.domain.case.errors import CaseDayRefused, RoleRefused, StageRefuses
from ckbx.domain.responsibility.post import Role
from ckbx.domain.shared.event import CommandContext

_R, _S = Role, Stage
SCHOOL_STAFF = (_R.CASE_TEACHER, _R.CLASS_TEACHER, _R.GRADE_LEADER, _R.PRINCIPAL)
LOCAL = (_R.VILLAGE_OFFICER, _R.LIAISON, _R.TOWNSHIP_OFFICER)
COUNTY = (_R.BUREAU_OFFICER,)
WORKERS = (*SCHOOL_STAFF, *LOCAL, *COUNTY)
ROLE_TITLES = {
    _R.CASE_TEACHER: "帮扶教师",
    _R.CLASS_TEACHER: "班主任",
    _R.GRADE_LEADER: "年级领导",
    _R.PRINCIPAL: "校长",
    _R.VILLAGE_OFFICER: "村（社区）责任人",
    _R.LIAISON: "联络员",
    _R.TOWNSHIP_OFFICER: "乡镇责任人",
    _R.BUREAU_OFFICER: "县教育局控辍保学专干",
    _R.REGISTRAR: "学籍管理员",
}


class Step(NamedTuple):
    """A step: its stages, who may take it, what people call it."""

    name: str
    action: str
    stages: frozenset[Stage]
    roles: tuple[Role, ...]


_TABLE = (
    Step("name_teacher", "确定帮扶教师", WORKING, (_R.PRINCIPAL, *COUNTY)),
    Step("release_teacher", "登记帮扶教师离任", WORKING, (_R.PRINCIPAL, *COUNTY)),
    Step("record_cause", "登记辍学原因", WORKING, WORKERS),
    Step("assess_risk", "评定风险等级", WORKING, (*SCHOOL_STAFF, *COUNTY)),
    Step("make_plan", "制定一生一策", WORKING, (*SCHOOL_STAFF, *COUNTY)),
    Step("give_support", "登记帮扶措施", WORKING, WORKERS),
    Step("contact", "登记联系监护人", WORKING, WORKERS),
    Step("persuade", "登记劝返", AWAY, WORKERS),
    Step("report", "提交书面报告", AWAY, (_R.PRINCIPAL,)),
    Step(
        "verify",
        "登记核查结论",
        frozenset({_S.OPEN, _S.VERIFIED, _S.PERSUADING}),
        (*WORKERS, _R.REGISTRAR),
    ),
    Step("determine", "认定辍学", frozenset({_S.PERSUADING}), COUNTY),
    Step("bring_back", "办理劝返复学", AWAY, (_R.PRINCIPAL,)),
    Step("confirm_return", "确认返校", frozenset({_S.RETURNED}), (_R.PRINCIPAL,)),
    Step("follow_up", "登记回访", frozenset({_S.RETURNED, _S.CONSOLIDATING}), WORKERS),
    Step("settle", "办结巩固期", frozenset({_S.CONSOLIDATING}), COUNTY),
    Step(
        "close",
        "销号",
        frozenset({_S.SETTLED, _S.CONCLUDED}),
        (_R.PRINCIPAL, *COUNTY),
    ),
    Step("reopen", "撤销销号", frozenset({_S.CLOSED}), COUNTY),
    Step("send_letter", "发函", WORKING, (_R.PRINCIPAL, _R.REGISTRAR, *COUNTY)),
    Step(
        "answer_letter",
        "登记复函",
        WORKING | {_S.SETTLED, _S.CONCLUDED},
        (_R.PRINCIPAL, _R.REGISTRAR, *COUNTY),
    ),
    Step("visit", "登记走访", WORKING, LOCAL),
    Step(
        "attach",
        "补充附件",
        WORKING | {_S.SETTLED, _S.CONCLUDED},
        (*WORKERS, _R.REGISTRAR),
    ),
)
STEPS = {step.name: step for step in _TABLE}
_INSTEAD = {
    _S.OPEN: "请先由学校、村（社区）或乡镇核查并登记结论",
    _S.VERIFIED: "请先按核查结论由校长或县教育局作出决定；情况有变的请重新核查",
    _S.PERSUADING: "请先劝返；满足条件的由县教育局认定辍学，返校的由校长办理劝返复学",
    _S.DETERMINED: "请继续劝返，返校的由校长办理劝返复学",
    _S.RETURNED: "请先由校长按点名确认返校",
    _S.CONSOLIDATING: "请继续回访，期满后由县教育局办结巩固期",
    _S.SETTLED: "请由县教育局销号",
    _S.CONCLUDED: "请由县教育局销号，在校有学籍、在校无学籍、信息错误的校长也可以销",
    _S.CLOSED: "确有错误的请由县教育局撤销销号",
    _S.WITHDRAWN: "再次缺勤会另立新案",
    _S.RELAPSED: "请在新的个案中办理",
}


def titles(roles: Iterable[Role]) -> str:
    """Who may, in Chinese."""
    return "、".join(ROLE_TITLES[role] for role in roles)


def check(case: Case, ctx: CommandContext, name: str, *, role: str, on: date) -> None:
    """Refuse a step at the wrong stage, by the wrong person or on an impossible day.

    Raises StageRefuses, RoleRefused, CaseDayRefused.
    """
    check_role(name, role)
    check_stage(case, name)
    if on > ctx.today:
        raise CaseDayRefused(day=on, why=f"还没有到（今天是 {ctx.today}）")
    if on < case.first_absent_on:
        raise CaseDayRefused(day=on, why=f"早于本案首次缺勤的日期 {case.first_absent_on}")


def check_role(name: str, role: str) -> None:
    """Refuse a step by the wrong person: RoleRefused."""
    step = STEPS[name]
    if role not in step.roles:
        raise RoleRefused(action=step.action, who=titles(step.roles))


def check_stage(case: Case, name: str) -> None:
    """Refuse a step at the wrong stage: StageRefuses."""
    step = STEPS[name]
    if case.stage not in step.stages:
        raise StageRefuses(stage=case.stage.label, action=step.action, instead=_INSTEAD[case.stage])
