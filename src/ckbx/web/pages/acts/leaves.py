"""休学、缓学、免学、送教上门: applied for, with papers and opinions, decided, and ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from ckbx.application import leave_course, leave_filing, leave_granting, leave_papers
from ckbx.domain.case.people import Attached
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.leave import applying, deciding
from ckbx.domain.leave.applying import Asked
from ckbx.domain.leave.codes import LeaveKind, Proof, Stage
from ckbx.domain.leave.conditions import Approval
from ckbx.domain.leave.steps import RECEIVE, STEPS, titles
from ckbx.domain.placement.codes import PlacementKind
from ckbx.web.pages.acts.child_act import ChildAct, Do, Of, on_day
from ckbx.web.pages.cases.basis import Basis
from ckbx.web.pages.cases.fields import (
    KEPT,
    Field,
    day,
    files,
    note,
    proof_fields,
    radios,
    select,
    text,
)
from ckbx.web.pages.cases.filled import Filled
from ckbx.web.permissions import Permission
from ckbx.web.render import chinese_day, short_day

_NONE: Final = "该生没有待决定的申请"
_GRANTED: Final = "该生没有已批准的休学、缓学、免学或送教上门"


def _carried(act: Callable[..., Any]) -> Do:
    """A step on the last application of a child."""
    return lambda d: leave_filing.work_on(
        d.office, d.ctx, d.child, act, seen=d.seen, papers=d.papers
    )


def _stage(*stages: Stage) -> Callable[[Of], bool]:
    return lambda of: of.application is not None and of.application.stage in stages


def _version(of: Of) -> int:
    return of.application.version if of.application else 0


def _paper(filled: Filled) -> tuple[UUID | None, list[Attached]]:
    words, attached = filled.note("evidence"), filled.files()
    return words or (attached[0].file if attached else None), attached


def _number(name: str, label: str, hint: str = "") -> Field:
    return Field(name=name, label=label, hint=hint, required=False, inputmode="numeric", most=3)


def _apply_fields(of: Of) -> Sequence[Field]:
    return (
        on_day(of, "申请日期"),
        radios("kind", "申请什么", LeaveKind),
        radios("proof", "凭什么证明", Proof, hint="送教上门只能凭专家委员会意见"),
        Field(name="applicant", label="申请人（监护人）姓名", hint=KEPT, most=40),
        note("申请理由", name="reason", required=True),
        day("first", "希望从哪一天起", required=False),
        day("until", "希望到哪一天止", required=False),
        files("申请书、病历的照片"),
    )


def _apply(filled: Filled, _of: Of) -> Do:
    on = filled.day("on", "申请日期")
    kind = filled.code(LeaveKind, "kind", "申请什么")
    proved = filled.code(Proof, "proof", "凭什么证明")
    filled.needed("applicant", "申请人姓名")
    filled.needed("reason", "申请理由")
    asked = Asked(
        on=on,
        kind=kind,
        proof=proved,
        applicant=filled.note("applicant"),
        reason=filled.note("reason"),
        wanted_from=filled.day_or_none("first", "希望从哪一天起"),
        wanted_until=filled.day_or_none("until", "希望到哪一天止"),
        attachments=filled.files(),
    )
    return _carried(leave_papers.apply(asked, role=filled.role))


_AGREES: Final = (("yes", "同意"), ("no", "不同意"))


def _opinion_fields(of: Of) -> Sequence[Field]:
    return (
        on_day(of),
        select("agrees", "学校意见", _AGREES),
        note("理由", empty_if="同意的"),
    )


def _opinion(filled: Filled, _of: Of) -> Do:
    on, agrees = filled.day(), filled.needed("agrees", "学校意见") == "yes"
    words, role = filled.note(), filled.role
    return _carried(
        lambda f: applying.give_opinion(
            f.application, f.ctx, role=role, on=on, agrees=agrees, opinion=words
        )
    )


def _hospital_fields(of: Of) -> Sequence[Field]:
    return (
        on_day(of, "证明日期"),
        Field(name="hospital", label="哪家医院", hint=f"{KEPT}；免学的须由县指定的医院出具"),
        text("document", "证明上的编号"),
        *proof_fields("证明写了什么", "证明的照片、扫描件", what="写明诊断和建议"),
    )


def _hospital(filled: Filled, _of: Of) -> Do:
    on, name = filled.day("on", "证明日期"), filled.needed("hospital", "哪家医院")
    paper, attached = _paper(filled)
    return _carried(
        leave_papers.give_hospital_paper(
            role=filled.role,
            on=on,
            document=filled.document(),
            hospital=name,
            hospital_ref=filled.note("hospital"),
            paper=paper,
            attachments=attached,
        )
    )


def _committee_fields(of: Of) -> Sequence[Field]:
    return (
        on_day(of, "意见日期"),
        radios("advises", "建议怎样安置", PlacementKind),
        text("document", "意见书的文号"),
        *proof_fields("意见的内容", "意见书的照片、扫描件", what="写明意见的要点"),
    )


def _committee(filled: Filled, _of: Of) -> Do:
    on, role = filled.day("on", "意见日期"), filled.role
    advises = filled.code(PlacementKind, "advises", "建议怎样安置")
    document, (words, attached) = filled.document(), _paper(filled)
    return _carried(
        lambda f: applying.give_committee_opinion(
            f.application,
            f.ctx,
            role=role,
            on=on,
            document=document,
            advises=advises,
            opinion=words,
            attachments=attached,
        )
    )


def _withdraw_fields(of: Of) -> Sequence[Field]:
    return on_day(of, "撤回日期"), note("为什么撤回")


def _withdraw(filled: Filled, _of: Of) -> Do:
    on, words, role = filled.day("on", "撤回日期"), filled.note(), filled.role
    return _carried(
        lambda f: applying.withdraw(f.application, f.ctx, role=role, on=on, reason=words)
    )


def _approve_fields(of: Of) -> Sequence[Field]:
    app = of.application
    begins = (app.wanted_from if app else None) or of.today
    ends = app.wanted_until if app else None
    taught = app is not None and app.kind is LeaveKind.HOME_TEACHING
    more = (
        _number("visits", "每月送教几次"),
        _number("lessons", "每次几课时"),
        text("plan_no", "一人一案编号", hint="默认同文号", required=False),
        select("teacher", "责任教师", of.people, required=False),
        note("一人一案的内容", name="plan"),
    )
    return (
        on_day(of, "批准日期"),
        text("document", "批准文号"),
        day("first", "从哪一天起", begins.isoformat()),
        day(
            "until",
            "最后一天",
            ends.isoformat() if ends else "",
            hint="免学、送教上门可只写复核日期",
            required=False,
        ),
        day("review_on", "哪一天复核", required=False),
        *(more if taught else ()),
    )


def _approve(filled: Filled, _of: Of) -> Do:
    on, teacher = filled.day("on", "批准日期"), filled.text("teacher")
    if teacher:
        filled.holder(teacher, on, "teacher")
    given = Approval(
        on=on,
        document=filled.document(),
        effective_from=filled.day("first", "从哪一天起"),
        until=filled.day_or_none("until", "最后一天"),
        review_on=filled.day_or_none("review_on", "哪一天复核"),
        visits_per_month=filled.number("visits", "每月送教几次"),
        lessons_per_visit=filled.number("lessons", "每次几课时"),
    )
    return _carried(
        leave_granting.approve(
            given,
            role=filled.role,
            plan_no=filled.text("plan_no") or None,
            teacher=teacher or None,
            plan=filled.note("plan"),
        )
    )


def _refuse_fields(of: Of) -> Sequence[Field]:
    return (
        on_day(of, "决定日期"),
        text("document", "决定的文号", required=False),
        note("不予批准的理由", name="reason", required=True),
    )


def _refuse(filled: Filled, _of: Of) -> Do:
    on, role = filled.day("on", "决定日期"), filled.role
    words, document = filled.note("reason"), filled.document() or None
    return _carried(
        lambda f: deciding.refuse(
            f.application, f.ctx, role=role, on=on, reason=words, document=document
        )
    )


def _applied(of: Of) -> Sequence[Basis]:
    """The application that waits: for what, since when, and the papers it has and lacks."""
    app = of.application
    if app is None or not app.is_open:
        return ()
    wanted = " 至 ".join(chinese_day(d) for d in (app.wanted_from, app.wanted_until) if d)
    opinion, hospital, committee = app.opinion, app.hospital, app.committee
    agrees = "同意" if opinion and opinion.agrees else "不同意"
    lacks = ("", "还没有", "yellow")
    found = [
        Basis("申请", app.kind.label),
        Basis("申请日期", chinese_day(app.applied_on)),
        Basis("要求的起止", wanted or "没有写"),
        Basis("学校意见", *((f"{agrees}，{short_day(opinion.on)}",) if opinion else lacks)),
    ]
    if hospital is not None or app.proof is Proof.HOSPITAL:
        found.append(Basis("医院证明", *((hospital.document,) if hospital else lacks)))
    if committee is not None or app.proof is Proof.COMMITTEE:
        said = f"{committee.advises.label}，{committee.document}" if committee else ""
        found.append(Basis("专家委员会意见", *((said,) if said else lacks)))
    return found


def _standing(of: Of) -> Sequence[Basis]:
    """The leave that holds: from when to when as extended, and by which approval."""
    leave, app = of.child.leave, of.application
    if leave is None:
        return ()
    last, granted = date.fromordinal(leave.until), app.granted if app else None
    over = ("已期满", "orange") if last < of.today else ()
    found = [
        Basis("这次是", leave.status.label),
        Basis("从哪一天起", chinese_day(date.fromordinal(leave.effective_from))),
        Basis("最后一天", chinese_day(last), *over),
    ]
    if granted is not None and granted.until == last:
        found.append(Basis("批准", f"{granted.document}，{chinese_day(granted.on)}"))
        if granted.review_on is not None:
            found.append(Basis("哪一天复核", chinese_day(granted.review_on)))
    return found


def _extend_fields(of: Of) -> Sequence[Field]:
    return (
        on_day(of, "批准日期"),
        day("until", "新的最后一天"),
        text("document", "批准文号"),
        day("review_on", "哪一天复核", required=False),
        *proof_fields("新的证明", "新证明的照片、扫描件"),
    )


def _extend(filled: Filled, _of: Of) -> Do:
    paper, attached = _paper(filled)
    return _carried(
        leave_course.extend(
            role=filled.role,
            on=filled.day("on", "批准日期"),
            until=filled.day("until", "新的最后一天"),
            document=filled.document(),
            paper=paper,
            review_on=filled.day_or_none("review_on", "哪一天复核"),
            attachments=attached,
        )
    )


def _review_fields(of: Of) -> Sequence[Field]:
    return (
        on_day(of, "复核日期"),
        note("理由是否仍在", required=True),
        day("review_on", "下次哪一天复核", required=False),
    )


def _review(filled: Filled, _of: Of) -> Do:
    on, role = filled.day("on", "复核日期"), filled.role
    words, again = filled.note(), filled.day_or_none("review_on", "下次哪一天复核")
    return _carried(
        lambda f: deciding.review(
            f.application, f.ctx, f.child, role=role, on=on, note=words, review_on=again
        )
    )


def _resume_fields(of: Of) -> Sequence[Field]:
    return (
        on_day(of, "复学日期"),
        select("class_key", "编入班级", of.classes),
        *proof_fields("康复证明", "康复证明的照片", nor="、不是因病休学的"),
    )


def _resume(filled: Filled, _of: Of) -> Do:
    on, key = filled.day("on", "复学日期"), filled.needed("class_key", "编入班级")
    paper, _attached = _paper(filled)
    return _carried(leave_course.resume(role=filled.role, on=on, class_key=key, paper=paper))


def _step(path: str, name: str, title: str, about: str, **more: Any) -> ChildAct:
    """A step on the last application."""
    step = STEPS[name]
    stages = tuple(step.stages)
    return ChildAct(
        path=path,
        title=title,
        about=about,
        permission=Permission.WORK_CASE,
        roles=step.roles,
        who=titles(step.roles),
        seen=_version,
        **{
            "fits": _stage(*stages),
            "not_now": _NONE if Stage.APPLIED in stages else _GRANTED,
            **more,
        },
    )


_LEARNING: Final = (
    TrackingStatus.TRANSFERRED,
    TrackingStatus.GRADUATED,
    TrackingStatus.DECEASED,
    TrackingStatus.DEREGISTERED,
    TrackingStatus.ABROAD,
)
RESUME: Final = _step(
    "leave-resume",
    "end",
    "办理复学",
    "休学的复学，缓学、免学、送教上门的入学；期满不满都在这里办，因病休学的须附康复证明",
    fields=_resume_fields,
    act=_resume,
    basis=_standing,
    classes=True,
    fits=lambda of: of.child.leave is not None,
)
LEAVES: Final = (
    ChildAct(
        path="leave",
        title="登记休缓免学申请",
        about="监护人申请休学、缓学、免学、送教上门；受理不等于批准，由乡镇或县教育局决定",
        permission=Permission.WORK_CASE,
        roles=RECEIVE,
        who=titles(RECEIVE),
        fits=lambda of: (
            not (of.application and of.application.is_open)
            and of.child.leave is None
            and of.status not in _LEARNING
        ),
        not_now="该生已有待决定的申请，或已在休学、缓学、免学、送教上门中",
        fields=_apply_fields,
        act=_apply,
        seen=_version,
    ),
    _step(
        "leave-opinion",
        "opinion",
        "签署学校意见",
        "学校提意见，不决定",
        fields=_opinion_fields,
        act=_opinion,
        basis=_applied,
    ),
    _step(
        "leave-hospital",
        "hospital",
        "登记医院证明",
        "免学的须由县指定的医院出具",
        fields=_hospital_fields,
        act=_hospital,
        basis=_applied,
    ),
    _step(
        "leave-committee",
        "committee",
        "登记专家委员会意见",
        "县残疾人教育专家委员会对这次申请的意见",
        fields=_committee_fields,
        act=_committee,
        basis=_applied,
    ),
    _step(
        "leave-approve",
        "approve",
        "批准申请",
        "缺材料的会说缺什么；批准以后，该生的状态、点名和个案随之办理",
        fields=_approve_fields,
        act=_approve,
        basis=_applied,
        people=True,
    ),
    _step(
        "leave-refuse",
        "refuse",
        "不予批准",
        "须写明理由",
        fields=_refuse_fields,
        act=_refuse,
        basis=_applied,
    ),
    _step(
        "leave-withdraw",
        "withdraw",
        "撤回申请",
        "监护人撤回还没有决定的申请",
        fields=_withdraw_fields,
        act=_withdraw,
        basis=_applied,
    ),
    _step(
        "leave-extend",
        "extend",
        "批准延期",
        "须附新的证明",
        fields=_extend_fields,
        act=_extend,
        basis=_standing,
        fits=lambda of: of.child.leave is not None,
    ),
    _step(
        "leave-review",
        "review",
        "登记复核",
        "理由是否仍在，下次哪天复核",
        fields=_review_fields,
        act=_review,
        basis=_standing,
    ),
    RESUME,
)
