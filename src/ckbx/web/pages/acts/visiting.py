"""缺勤家访: the form of a visit before there is a case, filled in on a phone at the door."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ckbx.application import home_visits
from ckbx.domain.case.codes import Met, RoundOutcome
from ckbx.domain.child import home_visit
from ckbx.domain.child.home_visit import Visit
from ckbx.domain.child.return_codes import Whereabouts
from ckbx.web.pages.acts.child_act import ChildAct, Do, Of, on_day
from ckbx.web.pages.cases.fields import Field, checks, day, files, note, radios, select
from ckbx.web.pages.cases.filled import Filled
from ckbx.web.permissions import Permission
from ckbx.web.render import chinese_day

HOME_VISIT: Final = "home-visit"
_PLACES: Final = [(each.value, each.label) for each in Whereabouts]


def _fields(of: Of) -> Sequence[Field]:
    return (
        on_day(of, "家访日期"),
        checks("met", "见到谁", Met, hint="可选几项；没有见到人的只选“未见到人”"),
        radios("outcome", "结果", RoundOutcome),
        day("promised", "承诺哪天返校", required=False, empty_if="结果不是“承诺返校”的"),
        select("whereabouts", "学生现在在哪里", _PLACES, required=False, hint="打听到了的选"),
        note("了解到的情况"),
        files("现场照片、签字的家访记录"),
    )


def _visit(filled: Filled, _of: Of) -> Do:
    chosen = filled.text("whereabouts")
    made = Visit(
        on=filled.day("on", "家访日期"),
        met=filled.codes(Met, "met", "见到谁"),
        outcome=filled.code(RoundOutcome, "outcome", "结果"),
        whereabouts=filled.code(Whereabouts, "whereabouts", "学生现在在哪里") if chosen else None,
        promised_on=filled.day_or_none("promised", "承诺哪天返校"),
        note=filled.note(),
        attachments=filled.files(),
    )
    return lambda d: home_visits.record(
        d.office, d.ctx, d.child, made, role=d.role, papers=d.papers
    )


def _withdraw_fields(of: Of) -> Sequence[Field]:
    days = dict.fromkeys(made.on for made in reversed(of.child.visits))
    options = [(day.isoformat(), chinese_day(day)) for day in days]
    return (
        select("day", "哪一天的家访", options, options[0][0] if len(options) == 1 else ""),
        note("为什么撤销", required=True),
    )


def _withdraw(filled: Filled, _of: Of) -> Do:
    filled.needed("day", "哪一天的家访")
    on, reason = filled.day("day", "哪一天的家访"), filled.note()
    return lambda d: home_visits.withdraw(
        d.office, d.ctx, d.child, on, role=d.role, reason=reason, papers=d.papers
    )


VISITING: Final = (
    ChildAct(
        path=HOME_VISIT,
        title="登记缺勤家访",
        about="连续不来、还没有列入疑似辍学的，去过家里就登记；要求家访的待办自动办结",
        permission=Permission.WORK_CASE,
        roles=home_visit.MAY_VISIT,
        who=home_visit.WHO,
        fits=lambda of: home_visit.may_be_visited(of.child, of.today),
        not_now=(
            "该生近一周没有尚未到校的无故或未核缺勤，或已列入疑似辍学；"
            "已列入的请在个案里登记劝返或联系监护人"
        ),
        fields=_fields,
        act=_visit,
    ),
    ChildAct(
        path="home-visit-withdraw",
        title="撤销家访登记",
        about="误登的缺勤家访，写明理由；原来的登记仍看得到，家访的待办照没有去过算",
        permission=Permission.WORK_CASE,
        roles=home_visit.MAY_VISIT,
        who=home_visit.WHO,
        fits=lambda of: bool(of.child.visits),
        not_now="该生没有登记过缺勤家访，或已经撤销",
        fields=_withdraw_fields,
        act=_withdraw,
    ),
)
