"""The forms of the work with a child: contact, 劝返, plan, cause, risk, support, 回访."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast
from uuid import UUID

from ckbx.application import cases
from ckbx.application.cases import Act
from ckbx.domain.case import follow_up, persuasion, plan
from ckbx.domain.case.case import Case
from ckbx.domain.case.codes import (
    CAUSE_CODES,
    FollowUpKind,
    FollowUpResult,
    Means,
    Measure,
    Met,
    Place,
    RiskLevel,
    RoundOutcome,
    Tier,
)
from ckbx.domain.case.persuasion import RoundHeld
from ckbx.domain.responsibility.post import Role
from ckbx.web.pages.cases.fields import (
    PHOTOGRAPHED,
    WRITTEN,
    Field,
    Kind,
    checks,
    day,
    files,
    note,
    radios,
    select,
    text,
)
from ckbx.web.pages.cases.filled import Filled
from ckbx.web.pages.cases.step_forms import PEOPLE, Here, StepForm

_TIERS: Final = {
    "persuade_village": Tier.SCHOOL_VILLAGE,
    "persuade_township": Tier.TOWNSHIP,
}
_TIER_OF_ROLE: Final = {
    Role.VILLAGE_OFFICER: Tier.SCHOOL_VILLAGE,
    Role.LIAISON: Tier.SCHOOL_VILLAGE,
    Role.TOWNSHIP_OFFICER: Tier.TOWNSHIP,
}
_PLACES: Final = [(each.value, each.label) for each in Place]
_MEANS: Final = [(each.value, each.label) for each in Means]
_PRIMARY, _SECONDARY = "primary", "secondary"


def today(here: Here, label: str = "日期", hint: str = "") -> Field:
    """The day it was done: today unless another is picked."""
    return day("on", label, here.today.isoformat(), hint=hint)


def who(here: Here, label: str, hint: str) -> Field:
    """Who took part: the viewer is ticked."""
    mine = (here.account,) if here.account in dict(here.people) else ()
    return Field(
        name="who", label=label, kind=Kind.PEOPLE, options=here.people, start=mine, hint=hint
    )


def met() -> Field:
    """Who was met."""
    return checks("met", "见到谁", Met, hint="可选几项；没有见到人的只选“未见到人”")


def _contact_fields(here: Here) -> Sequence[Field]:
    return (
        today(here),
        radios("means", "怎样联系的", Means, Means.CALL),
        met(),
        note("了解到的情况"),
    )


def _contact(filled: Filled, _case: Case) -> Act:
    on, means = filled.day(), filled.code(Means, "means", "怎样联系的")
    seen, ref = filled.codes(Met, "met", "见到谁"), filled.note()
    return lambda work: plan.contact(
        work.case, work.ctx, role=filled.role, on=on, means=means, met=seen, note=ref
    )


def _tier(here: Here) -> Tier:
    """That of the deadline it is for, else that of who went."""
    by_role = {role.value: tier for role, tier in _TIER_OF_ROLE.items()}
    return _TIERS.get(here.cause, by_role.get(here.nearest, Tier.SCHOOL))


def _round_fields(here: Here) -> Sequence[Field]:
    return (
        today(here),
        Field(name="hour", label="几点", kind=Kind.TIME, hint="24 小时制，如 19:00", most=5),
        who(here, "谁去的", "至少两人；没有账号的在下面写姓名和身份"),
        radios("tier", "层级", Tier, _tier(here)),
        select("means", "方式", _MEANS, Means.VISIT.value),
        select("place", "地点", _PLACES, Place.HOME.value),
        met(),
        radios("outcome", "结果", RoundOutcome),
        day("promised", "承诺哪天返校", required=False, empty_if="结果不是“承诺返校”的"),
        note("谈话情况、家长原话"),
        files("现场照片、签字的家访记录"),
    )


def _round(filled: Filled, _case: Case) -> Act:
    on = filled.day()
    held = RoundHeld(
        on=on,
        hour=filled.needed("hour", "几点"),
        tier=filled.code(Tier, "tier", "层级"),
        place=filled.code(Place, "place", "地点"),
        means=filled.code(Means, "means", "方式"),
        participants=filled.people(on),
        met=filled.codes(Met, "met", "见到谁"),
        outcome=filled.code(RoundOutcome, "outcome", "结果"),
        promised_on=filled.day_or_none("promised", "承诺哪天返校"),
        words=filled.note(),
        attachments=filled.files(),
    )
    if filled.text("tier") and filled.text("outcome"):
        for name, refused in persuasion.mistakes(held, filled.rules(on).persuade_persons):
            filled.refuse(name, str(refused))
    return cases.persuade(held, role=filled.role)


def _plan_fields(here: Here) -> Sequence[Field]:
    return (
        today(here),
        note("方案内容", name="words", required=True),
        checks("measures", "帮扶措施", Measure, hint="至少一项"),
        day("review", "复核日期", required=False),
    )


def _plan(filled: Filled, _case: Case) -> Act:
    on, ref = filled.day(), filled.note("words")
    chosen = filled.codes(Measure, "measures", "帮扶措施")
    review = filled.day_or_none("review", "复核日期")
    return lambda work: plan.make_plan(
        work.case,
        work.ctx,
        role=filled.role,
        on=on,
        plan=ref,
        measures=chosen,
        review_on=review,
    )


def _cause_fields(here: Here) -> Sequence[Field]:
    options = [(code, f"{code} {name}") for code, name in CAUSE_CODES.items()]
    return (
        today(here),
        select("cause", "原因", options, hint="按个人信息保密，经过里只写登记过"),
        Field(
            name="rank",
            label="主次",
            kind=Kind.RADIOS,
            options=((_PRIMARY, "主要原因"), (_SECONDARY, "次要原因")),
            start=(_PRIMARY,),
        ),
    )


def _cause(filled: Filled, _case: Case) -> Act:
    on, code = filled.day(), filled.needed("cause", "原因")
    primary = filled.text("rank") != _SECONDARY
    known = code in CAUSE_CODES
    if code and not known:
        filled.refuse("cause", "请从列出的原因中选")
    ref = filled.keep(code) if known else cast("UUID", None)
    return lambda work: plan.record_cause(
        work.case, work.ctx, role=filled.role, on=on, cause=code, ref=ref, primary=primary
    )


def _risk_fields(here: Here) -> Sequence[Field]:
    return today(here), radios("level", "风险等级", RiskLevel, here.case.risk), note("依据")


def _risk(filled: Filled, _case: Case) -> Act:
    on, level = filled.day(), filled.code(RiskLevel, "level", "风险等级")
    ref = filled.note()
    return lambda work: plan.assess_risk(
        work.case, work.ctx, role=filled.role, on=on, level=level, note=ref
    )


def _support_fields(here: Here) -> Sequence[Field]:
    return today(here), radios("measure", "哪项措施", Measure), note("落实情况"), files()


def _support(filled: Filled, _case: Case) -> Act:
    on, measure = filled.day(), filled.code(Measure, "measure", "哪项措施")
    ref, attached = filled.note(), filled.files()
    return lambda work: plan.give_support(
        work.case,
        work.ctx,
        role=filled.role,
        on=on,
        measure=measure,
        note=ref,
        attachments=attached,
    )


def _follow_fields(here: Here) -> Sequence[Field]:
    return (
        today(here),
        radios("kind", "怎样回访的", FollowUpKind, FollowUpKind.VISIT),
        radios("result", "情况", FollowUpResult),
        note(),
    )


def _follow(filled: Filled, _case: Case) -> Act:
    on, kind = filled.day(), filled.code(FollowUpKind, "kind", "怎样回访的")
    result, ref = filled.code(FollowUpResult, "result", "情况"), filled.note()
    return lambda work: follow_up.follow_up(
        work.case, work.ctx, role=filled.role, on=on, kind=kind, result=result, note=ref
    )


def _report_fields(here: Here) -> Sequence[Field]:
    return (
        today(here, "报告日期"),
        text("document", "文号"),
        note("报告内容", name="evidence", empty_if=PHOTOGRAPHED),
        files("报告扫描件", empty_if=WRITTEN),
    )


def _report(filled: Filled, _case: Case) -> Act:
    on, number = filled.day(), filled.document()
    ref, attached = filled.note("evidence"), filled.files()
    return lambda work: persuasion.report(
        work.case,
        work.ctx,
        role=filled.role,
        on=on,
        document=number,
        note=ref,
        attachments=attached,
    )


WORK: Final = (
    StepForm(
        path="visit",
        step="persuade",
        title="登记劝返（家访）",
        about="至少两人，写明几点、见到谁、结果怎样",
        fields=_round_fields,
        act=_round,
        needs=frozenset({PEOPLE}),
    ),
    StepForm(
        path="contact",
        step="contact",
        title="登记联系监护人",
        about="打电话、上门了解情况；不算劝返次数",
        fields=_contact_fields,
        act=_contact,
    ),
    StepForm(
        path="follow-up",
        step="follow_up",
        title="登记回访",
        about="返校后先每周、以后每月一次，每周到几个月按本县规则",
        fields=_follow_fields,
        act=_follow,
    ),
    StepForm(
        path="plan",
        step="make_plan",
        title="制定一生一策",
        about="再办一次是新的一版",
        fields=_plan_fields,
        act=_plan,
    ),
    StepForm(
        path="support",
        step="give_support",
        title="登记帮扶措施",
        about="已经落实的一项措施",
        fields=_support_fields,
        act=_support,
    ),
    StepForm(
        path="cause",
        step="record_cause",
        title="登记辍学原因",
        about="认定辍学以前须有原因",
        fields=_cause_fields,
        act=_cause,
    ),
    StepForm(
        path="risk",
        step="assess_risk",
        title="评定风险等级",
        about="由轻到重：蓝、黄、橙、红",
        fields=_risk_fields,
        act=_risk,
    ),
    StepForm(
        path="report",
        step="report",
        title="提交书面报告",
        about="学校劝返没有结果，24 小时内书面报告乡镇和县教育局",
        fields=_report_fields,
        act=_report,
    ),
)
