"""The transition matrix of domain §3: which event may follow which status, and who decides."""

from __future__ import annotations

from typing import NamedTuple

from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child import movement_events as mv
from ckbx.domain.child import return_events as rt
from ckbx.domain.child.status import TERMINAL, TrackingStatus
from ckbx.domain.shared.event import DomainEvent

_S = TrackingStatus
_IN_SCHOOL = frozenset({_S.ENROLLED, _S.ABSENT})
_COUNTY_CAN_END = frozenset(
    {
        _S.SUSPECTED,
        _S.DROPPED_OUT,
        _S.PERSUADED_BACK,
        _S.MISSING,
        *_IN_SCHOOL,
        _S.NOT_ENROLLED,
    }
)


class Transition(NamedTuple):
    """One row of the matrix. ``to`` is None where the status stays."""

    event: type[DomainEvent]
    from_: frozenset[TrackingStatus]
    to: TrackingStatus | None
    decided_by: str
    action: str


def _row(
    event: type[DomainEvent],
    from_: frozenset[TrackingStatus] | set[TrackingStatus],
    to: TrackingStatus | None,
    decided_by: str,
    action: str,
) -> Transition:
    return Transition(event, frozenset(from_), to, decided_by, action)


_LEAVE_AFTERWARDS = {_S.SUSPECTED, _S.DROPPED_OUT}

TRANSITIONS: tuple[Transition, ...] = (
    _row(
        e.Enrolled,
        {
            _S.NOT_ENROLLED,
            _S.DEFERRED,
            _S.EXEMPTED,
            _S.HOME_TAUGHT,
            _S.TRANSFERRED,
            _S.ABROAD,
            _S.MISSING,
            _S.GRADUATED,
            _S.ENROLLED_ELSEWHERE,
        },
        _S.ENROLLED,
        "学校",
        "办理入学",
    ),
    _row(
        e.DropoutSuspected,
        {_S.ENROLLED, _S.ABSENT, _S.NOT_ENROLLED, _S.TRANSFERRING},
        _S.SUSPECTED,
        "规则、人工或比对",
        "列为疑似辍学",
    ),
    _row(e.SuspicionWithdrawn, {_S.SUSPECTED}, _S.ENROLLED, "规则", "撤销疑似辍学"),
    _row(e.SuspicionCleared, {_S.SUSPECTED}, _S.ENROLLED, "校长(A–C)或县(G)", "排除疑似辍学"),
    _row(rt.DropoutConfirmed, {_S.SUSPECTED}, _S.DROPPED_OUT, "县教育局", "认定辍学"),
    _row(
        rt.PersuadedBack,
        {_S.SUSPECTED, _S.DROPPED_OUT},
        _S.PERSUADED_BACK,
        "校长，告知县和乡镇",
        "办理劝返复学",
    ),
    _row(rt.ReturnSettled, {_S.PERSUADED_BACK}, _S.ENROLLED, "县教育局", "办结巩固期"),
    _row(rt.Relapsed, {_S.PERSUADED_BACK}, _S.SUSPECTED, "规则", "列为复辍"),
    _row(
        lv.SuspensionGranted,
        {*_IN_SCHOOL, _S.PERSUADED_BACK, *_LEAVE_AFTERWARDS},
        _S.SUSPENDED,
        "乡镇或县教育局",
        "办理休学",
    ),
    _row(
        lv.DeferralGranted,
        {_S.NOT_ENROLLED, *_LEAVE_AFTERWARDS},
        _S.DEFERRED,
        "乡镇或县教育局",
        "办理缓学",
    ),
    _row(
        lv.ExemptionGranted,
        {_S.NOT_ENROLLED, *_IN_SCHOOL, *_LEAVE_AFTERWARDS},
        _S.EXEMPTED,
        "乡镇或县教育局",
        "办理免学",
    ),
    _row(
        lv.HomeTeachingArranged,
        {_S.NOT_ENROLLED, *_IN_SCHOOL, *_LEAVE_AFTERWARDS},
        _S.HOME_TAUGHT,
        "县教育局（经专家委员会）",
        "安排送教上门",
    ),
    _row(
        lv.LeaveExtended,
        {_S.SUSPENDED, _S.DEFERRED, _S.EXEMPTED, _S.HOME_TAUGHT},
        None,
        "乡镇或县教育局",
        "延长期限",
    ),
    _row(lv.StudyResumed, {_S.SUSPENDED}, _S.ENROLLED, "学校，报县备案", "办理复学"),
    _row(
        lv.StudyElsewhereVerified,
        {_S.NOT_ENROLLED, _S.SUSPECTED, _S.ENROLLED, _S.ENROLLED_ELSEWHERE},
        _S.ENROLLED_ELSEWHERE,
        "县教育局",
        "核实外地就读",
    ),
    _row(
        lv.TransferStarted,
        {*_IN_SCHOOL, _S.SUSPECTED, _S.DROPPED_OUT},
        _S.TRANSFERRING,
        "学校",
        "办理转出",
    ),
    _row(lv.TransferConfirmed, {_S.TRANSFERRING}, _S.TRANSFERRED, "转入学校", "确认转入"),
    _row(lv.TransferCancelled, {_S.TRANSFERRING}, _S.ENROLLED, "学校", "取消转出"),
    _row(lv.TransferLapsed, {_S.TRANSFERRING}, _S.SUSPECTED, "时钟", "转出逾期"),
    _row(lv.DeathRecorded, _COUNTY_CAN_END, _S.DECEASED, "县教育局", "登记死亡"),
    _row(lv.WentAbroad, _COUNTY_CAN_END, _S.ABROAD, "县教育局", "登记出国（境）"),
    _row(
        lv.WentMissing,
        {_S.NOT_ENROLLED, *_IN_SCHOOL, _S.SUSPECTED, _S.DROPPED_OUT, _S.PERSUADED_BACK},
        _S.MISSING,
        "县教育局",
        "登记失联",
    ),
    _row(mv.MissingRechecked, {_S.MISSING}, None, "县教育局", "复核失联"),
    _row(
        mv.TransferredIn,
        {*_IN_SCHOOL, _S.SUSPECTED, _S.PERSUADED_BACK},
        None,
        "转入学校",
        "登记县外转入",
    ),
    _row(lv.Deregistered, _COUNTY_CAN_END, _S.DEREGISTERED, "县教育局", "按户籍问题销号"),
    _row(
        lv.Graduated,
        {*_IN_SCHOOL, _S.PERSUADED_BACK, _S.SUSPECTED},
        _S.GRADUATED,
        "学校",
        "办理毕业",
    ),
)

BY_EVENT = {row.event: row for row in TRANSITIONS}


def instead(status: TrackingStatus) -> str:
    """What a person refused from this status should do, and who can."""
    if status in TERMINAL:
        return "已是终结状态，如有误请由县教育局登记更正或重新办理入学"
    if status is _S.SUSPECTED:
        return "请先由校长或县教育局处理这条疑似辍学"
    if status is _S.DROPPED_OUT:
        return "请按辍学个案办理劝返复学"
    if status is _S.PERSUADED_BACK:
        return "请先由县教育局在巩固期满后办结"
    if status in (_S.SUSPENDED, _S.DEFERRED, _S.EXEMPTED, _S.HOME_TAUGHT):
        return "请先办理复学或入学"
    if status is _S.TRANSFERRING:
        return "请先确认或取消转出"
    if status is _S.NOT_ENROLLED:
        return "请先由学校办理入学"
    return "请核对该生的就学状态"
