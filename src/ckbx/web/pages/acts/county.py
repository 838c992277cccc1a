"""死亡、出国（境）、失联、户籍问题、外地就读: what the county decides on its evidence."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from ckbx.application import child_status
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child import movement_events as mv
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
from ckbx.web.pages.cases.fields import Field, day, proof_fields, text
from ckbx.web.pages.cases.filled import Filled
from ckbx.web.pages.known_places import region_field
from ckbx.web.permissions import Permission

_DAY: Final = "日期"
_ABROAD: Final = "出国（境）日期"
_DEATH: Final = "死亡日期"
_NEXT: Final = "不填的，下学期开学后复核；每学期一次"


def _fields(
    evidence: str, *, again: bool, where: bool, on: str = _DAY
) -> Callable[[Of], Sequence[Field]]:
    def fields(of: Of) -> Sequence[Field]:
        when = on_day(of, on) if on == _DAY else day("on", on)  # what happened is seldom of today
        found = [when, text("document", "证明或决定的文号", required=False)]
        if where:
            found.append(region_field(of.known, "region", "在哪里就读", required=False))
        found += proof_fields(evidence, "证明的照片、扫描件")
        if again:
            found.append(day("review_on", "下次复核日期", hint=_NEXT, required=False))
        return found

    return fields


def _end(
    event: type[DomainEvent], *, again: bool = False, label: str = _DAY
) -> Callable[[Filled, Of], Do]:
    def act(filled: Filled, _of: Of) -> Do:
        on, number = filled.day("on", label), filled.document() or None
        evidence = proof(filled)
        review = filled.day_or_none("review_on", "下次复核日期") if again else None
        return lambda d: child_status.end(
            d.office,
            d.ctx,
            d.child,
            event,
            role=d.role,
            on=on,
            evidence_ref=evidence,
            document=number,
            review_by=review,
            papers=d.papers,
        )

    return act


def _looked_up(step: Callable[..., None]) -> Callable[[Filled, Of], Do]:
    def act(filled: Filled, _of: Of) -> Do:
        on, number, evidence = filled.day(), filled.document() or None, proof(filled)
        review = filled.day_or_none("review_on", "下次复核日期")
        region = filled.region("region", "在哪里就读", needed=False) or None
        return lambda d: step(
            d.office,
            d.ctx,
            d.child,
            role=d.role,
            on=on,
            evidence_ref=evidence,
            document=number,
            region=region,
            review_by=review,
            papers=d.papers,
        )

    return act


def _decision(path: str, event: type[DomainEvent], **more: Any) -> ChildAct:
    """A decision of the county that gives the child a status."""
    able = BY_EVENT[event].from_
    return ChildAct(
        path=path,
        permission=Permission.DECIDE_COUNTY,
        roles=MAY_DECIDE[event],
        who="县教育局",
        **{
            "fits": lambda of: of.status in able,
            "not_now": "该生现在的就学状态不能这样办；已终结的、在休缓免学中的，先办理入学或复学",
            **more,
        },
    )


_ELSEWHERE: Final = "就读证明、学籍查询结果或函的回复"
_FOUND_ANEW: Final = (TrackingStatus.MISSING, TrackingStatus.ENROLLED_ELSEWHERE)
COUNTY_ACTS: Final = (
    _decision(
        "elsewhere",
        lv.StudyElsewhereVerified,
        title="核实外地就读",
        about="孩子在外地学校就读；每学期复核一次",
        fields=_fields(_ELSEWHERE, again=True, where=True),
        act=_looked_up(child_status.verify_elsewhere),
        places=True,
        fits=lambda of: (
            of.status in BY_EVENT[lv.StudyElsewhereVerified].from_
            and of.status is not TrackingStatus.ENROLLED_ELSEWHERE
        ),
    ),
    _decision(
        "missing",
        lv.WentMissing,
        title="登记失联",
        about="每学期复核一次，没有复核会提醒并上报",
        fields=_fields("公安报案回执", again=True, where=False),
        act=_end(lv.WentMissing, again=True),
    ),
    _decision(
        "still-away",
        mv.MissingRechecked,
        title="复核失联、外地就读",
        about="情况没有变的，凭新的材料登记；找到了、回来了的，办理重新入学",
        fields=_fields("公安回复、查找记录或就读证明", again=True, where=True),
        act=_looked_up(child_status.recheck),
        places=True,
        fits=lambda of: of.status in _FOUND_ANEW,
        not_now="该生不是失联，也不是在外地就读，没有要复核的",
    ),
    _decision(
        "abroad",
        lv.WentAbroad,
        title="登记出国（境）",
        about="凭出境证件",
        fields=_fields("出境证件", again=False, where=False, on=_ABROAD),
        act=_end(lv.WentAbroad, label=_ABROAD),
    ),
    _decision(
        "deregister",
        lv.Deregistered,
        title="按户籍问题销号",
        about="凭派出所或村、社区的证明",
        fields=_fields("派出所或村、社区的证明", again=False, where=False),
        act=_end(lv.Deregistered),
    ),
    _decision(
        "death",
        lv.DeathRecorded,
        title="登记死亡",
        about="凭死亡证明或户籍注销证明",
        fields=_fields("死亡证明或户籍注销证明", again=False, where=False, on=_DEATH),
        act=_end(lv.DeathRecorded, label=_DEATH),
    ),
)
