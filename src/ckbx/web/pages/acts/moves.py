"""转学 in two steps, 县外转入, a new enrolment, a suspicion entered by a person: the forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ckbx.application import child_status, transfers
from ckbx.application.transfers import Who
from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child import movement_events as mv
from ckbx.domain.child.movements import Arrival
from ckbx.domain.child.offices import MAY_DECIDE
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.child.transitions import BY_EVENT
from ckbx.domain.shared.event import DomainEvent
from ckbx.web.pages.acts.child_act import (
    ChildAct,
    Do,
    Of,
    on_day,
    proof,
)
from ckbx.web.pages.cases.basis import Basis
from ckbx.web.pages.cases.fields import Field, day, proof_fields, select, text
from ckbx.web.pages.cases.filled import Filled
from ckbx.web.pages.known_places import NAMED, region_field, school_fields
from ckbx.web.permissions import Permission
from ckbx.web.render import chinese_day

_SCHOOL_NAMED: Final = "写全称，如“榕江县第一小学”；不写的，页面和台账上没有学校名称"


def may_follow(of: Of, event: type[DomainEvent]) -> bool:
    """Whether a fact may follow on the child's status (its absence aside)."""
    return of.status in BY_EVENT[event].from_


def _name_field(name: str, label: str) -> Field:
    """The name of a school beyond the county, which the county has nowhere else."""
    return Field(name=name, label=label, hint=_SCHOOL_NAMED, most=60, required=False)


def _start_fields(of: Of) -> Sequence[Field]:
    return (
        on_day(of, "转出日期"),
        *school_fields(of.known, "to", "转入学校", of.child.school),
        _name_field("to_name", "县外学校的名称"),
        text("document", "转学手续的文号"),
    )


def _start(filled: Filled, _of: Of) -> Do:
    on, to = filled.day("on", "转出日期"), filled.school("to", "转入学校")
    number, name = filled.document(), filled.text("to_name")
    return lambda d: transfers.start(
        d.office,
        d.ctx,
        Who(child=d.child),
        role=d.role,
        on=on,
        receiving_school=to,
        document=number,
        receiving_name=name,
    )


def _confirm_fields(of: Of) -> Sequence[Field]:
    classes = (select("class_key", "编入班级", of.classes),) if of.classes else ()
    return (
        on_day(of, "到校日期"),
        *classes,
        *proof_fields("接收证明", "接收证明的照片、扫描件"),
    )


def _confirm(filled: Filled, of: Of) -> Do:
    on, key, evidence = filled.day("on", "到校日期"), filled.text("class_key"), proof(filled)
    if of.classes and not key:
        filled.refuse("class_key", "请选编入的班级")
    return lambda d: transfers.confirm(
        d.office,
        d.ctx,
        Who(child=d.child),
        role=d.role,
        on=on,
        receiving_school=of.receiver,
        evidence_ref=evidence,
        class_key=key or None,
        papers=d.papers,
    )


def _transfer(of: Of) -> Sequence[Basis]:
    """From where to where, since when, and until when it has to be confirmed."""
    if of.moving is None:
        return ()
    row = of.moving.row
    found = [
        Basis("从哪里转出", " ".join(filter(None, (of.moving.from_name, of.moving.class_name)))),
        Basis("转到哪里", of.moving.to_name),
        Basis("转出日期", chinese_day(row.started_on)),
        Basis("转学文号", row.document),
    ]
    if row.confirm_by is None:
        return found
    late = ("已逾期", "red") if row.confirm_by < of.today else ()
    return [*found, Basis("最晚哪天确认", chinese_day(row.confirm_by), *late)]


def _cancel_fields(of: Of) -> Sequence[Field]:
    return (on_day(of, "取消日期"),)


def _cancel(filled: Filled, _of: Of) -> Do:
    on = filled.day("on", "取消日期")
    return lambda d: transfers.cancel(d.office, d.ctx, d.child, role=d.role, on=on)


def _arrive_fields(of: Of) -> Sequence[Field]:
    return (
        on_day(of, "转入日期"),
        region_field(of.known, "region", "从哪里来", hint=f"原就读地；{NAMED}"),
        Field(
            name="school",
            label="原学校的标识码",
            hint="知道的写；10 位数字，如 2152260012；转学证明、学籍系统里都有",
            inputmode="numeric",
            most=10,
            required=False,
        ),
        _name_field("school_name", "原学校的名称"),
        text("document", "转学手续的文号"),
        *proof_fields("转学证明或学籍转接单", "证明的照片、扫描件"),
    )


def _arrive(filled: Filled, _of: Of) -> Do:
    on, region = filled.day("on", "转入日期"), filled.region("region", "从哪里来")
    arrival = Arrival(
        from_region=region,
        from_school=filled.school_code("school", "原学校的标识码", needed=False) or None,
        from_name=filled.text("school_name"),
        document=filled.document(),
        evidence_ref=proof(filled),
    )
    return lambda d: transfers.arrive(
        d.office, d.ctx, d.child, arrival, role=d.role, on=on, papers=d.papers
    )


def _enrol_fields(of: Of) -> Sequence[Field]:
    return on_day(of, "入学日期"), select("class_key", "编入班级", of.classes)


def _enrol(filled: Filled, _of: Of) -> Do:
    on, key = filled.day("on", "入学日期"), filled.needed("class_key", "编入班级")
    return lambda d: child_status.enrol(d.office, d.ctx, d.child, role=d.role, on=on, class_key=key)


def _suspect_fields(of: Of) -> Sequence[Field]:
    return on_day(of), day("since", "从哪一天起不在校", of.today.isoformat())


def _suspect(filled: Filled, _of: Of) -> Do:
    on, since = filled.day(), filled.day("since", "从哪一天起不在校")
    return lambda d: child_status.suspect(
        d.office, d.ctx, d.child, role=d.role, on=on, first_absent_on=since
    )


_SCHOOL: Final = "学籍管理员、校长或县教育局"
_BACK: Final = BY_EVENT[e.Enrolled].from_ - {TrackingStatus.TRANSFERRED}
CONFIRM: Final = ChildAct(
    path="transfer-confirm",
    title="确认转入",
    about="孩子到了转入学校，凭接收证明确认；确认以后原学校才算转出",
    permission=Permission.REGISTER,
    roles=MAY_DECIDE[lv.TransferConfirmed],
    who=_SCHOOL,
    fits=lambda of: of.status is TrackingStatus.TRANSFERRING,
    not_now="这次转学已经确认、取消或逾期，不用再确认",
    fields=_confirm_fields,
    act=_confirm,
    classes=True,
    from_there=True,
    basis=_transfer,
)
MOVES: Final = (
    ChildAct(
        path="transfer",
        title="办理转出",
        about="转入学校确认以前不算转出；逾期没有确认的，孩子按疑似辍学处理",
        permission=Permission.REGISTER,
        roles=MAY_DECIDE[lv.TransferStarted],
        who=_SCHOOL,
        fits=lambda of: may_follow(of, lv.TransferStarted),
        not_now="该生现在不能办转出：不在校，或已在转出途中",
        fields=_start_fields,
        act=_start,
        places=True,
    ),
    CONFIRM,
    ChildAct(
        path="transfer-cancel",
        title="取消转出",
        about="孩子不转走了，仍在原校；转出前是疑似辍学或辍学的照旧",
        permission=Permission.REGISTER,
        roles=MAY_DECIDE[lv.TransferCancelled],
        who=_SCHOOL,
        fits=lambda of: of.status is TrackingStatus.TRANSFERRING,
        not_now="该生没有在途的转出，没有要取消的",
        fields=_cancel_fields,
        act=_cancel,
        moves=True,
        basis=_transfer,
    ),
    ChildAct(
        path="arrive",
        title="登记县外转入",
        about="写明孩子从哪里转来；第一次来本县的，先导入花名册编班",
        permission=Permission.REGISTER,
        roles=MAY_DECIDE[mv.TransferredIn],
        who=_SCHOOL,
        fits=lambda of: may_follow(of, mv.TransferredIn) and not of.child.came_in,
        not_now="该生不在校，或已登记过从哪里转来",
        fields=_arrive_fields,
        act=_arrive,
        places=True,
    ),
    ChildAct(
        path="enrol",
        title="重新入学",
        about="找到了、回国、转回、毕业登记有误的，重新编班入学；休缓免学期满的用“办理复学”",
        permission=Permission.REGISTER,
        roles=MAY_DECIDE[e.Enrolled],
        who=_SCHOOL,
        fits=lambda of: of.status in _BACK and of.child.leave is None,
        not_now=(
            "该生现在的就学状态不能重新入学：疑似辍学、辍学的在个案中办理，休缓免学的用“办理复学”"
        ),
        fields=_enrol_fields,
        act=_enrol,
        classes=True,
    ),
    ChildAct(
        path="suspect",
        title="人工登记疑似辍学",
        about="点名里看不出来的，如小升初没有入学；登记的同时立个案",
        permission=Permission.REGISTER,
        roles=MAY_DECIDE[e.DropoutSuspected],
        who="校长或县教育局",
        fits=lambda of: may_follow(of, e.DropoutSuspected),
        not_now="已是疑似辍学、辍学的，请在个案里接着办；劝返复学巩固期、休缓免学、已转出等的不列为疑似",
        fields=_suspect_fields,
        act=_suspect,
    ),
)
