"""The forms of what is found and decided: 核查, 排除, 认定, 返校, 办结, 销号."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from ckbx.application import cases
from ckbx.application.cases import Act, Work
from ckbx.domain.case import attaching, closing, verification
from ckbx.domain.case.case import Case
from ckbx.domain.case.closing import EVIDENCE_OF
from ckbx.domain.case.codes import EvidenceKind, Stage
from ckbx.domain.case.people import Attached
from ckbx.domain.case.verification import EVIDENCE
from ckbx.domain.child.return_codes import Placement, Whereabouts
from ckbx.domain.child.status import Finding
from ckbx.web.pages.cases.fields import (
    Field,
    Kind,
    Options,
    note,
    proof_fields,
    radios,
    select,
)
from ckbx.web.pages.cases.filled import Filled
from ckbx.web.pages.cases.step_forms import CLASSES, Here, StepForm, may_clear
from ckbx.web.pages.cases.steps_work import today


def findings(of: Sequence[Finding]) -> Options:
    """Findings with the evidence of each."""
    return [(f.value, f"{f.value} {f.label}（凭{EVIDENCE[f]}）") for f in of]


def _finding(of: Sequence[Finding], start: Finding | None = None) -> Field:
    return Field(
        name="finding",
        label="核查结论",
        kind=Kind.RADIOS,
        options=findings(of),
        start=(start.value,) if start else (),
    )


_WHEREABOUTS: Final = sorted(Whereabouts, key=lambda each: each is Whereabouts.OTHER)
"""其他 stands last."""
_EVIDENCE: Final = ("佐证是什么材料", "佐证的照片、扫描件")


def _verify_fields(here: Here) -> Sequence[Field]:
    return (
        today(here, "核查日期"),
        _finding(tuple(Finding), here.case.finding),
        *proof_fields(*_EVIDENCE),
        note("核查情况"),
    )


def _verify(filled: Filled, _case: Case) -> Act:
    on, found = filled.day(), filled.code(Finding, "finding", "核查结论")
    ref, attached, words = filled.note("evidence"), filled.files(), filled.note()
    return lambda work: verification.verify(
        work.case,
        work.ctx,
        role=filled.role,
        on=on,
        finding=found,
        evidence_ref=str(ref) if ref else "",
        note=words,
        attachments=attached,
    )


def _clear_fields(here: Here) -> Sequence[Field]:
    able = may_clear(here.case)
    start = able[0] if len(able) == 1 else None
    return today(here), _finding(able, start), *proof_fields(*_EVIDENCE)


def _clear(filled: Filled, _case: Case) -> Act:
    on, found = filled.day(), filled.code(Finding, "finding", "核查结论")
    words, attached = filled.note("evidence"), filled.files()

    def act(work: Work) -> None:
        _attach(work, filled.role, on, attached)
        ref = _ref(words, attached)
        cases.clear(role=filled.role, on=on, finding=found, evidence_ref=ref)(work)

    return act


def _attach(work: Work, role: str, on: date, attached: Sequence[Attached]) -> None:
    """Files of a decision stand in the case, where people look for them."""
    if attached:
        attaching.attach(work.case, work.ctx, role=role, on=on, fact=None, attachments=attached)


def _ref(words: UUID | None, attached: Sequence[Attached]) -> str:
    """What a decision rests on: the words said about it, else the file."""
    return str(words) if words else str(attached[0].file) if attached else ""


def _determine_fields(here: Here) -> Sequence[Field]:
    return today(here, "认定日期"), radios("whereabouts", "孩子现在的去向", _WHEREABOUTS)


def _determine(filled: Filled, _case: Case) -> Act:
    on, where = filled.day(), filled.code(Whereabouts, "whereabouts", "孩子现在的去向")
    return cases.determine(role=filled.role, on=on, whereabouts=where)


def _return_fields(here: Here) -> Sequence[Field]:
    return (
        today(here, "返校日期", "回到课堂的第一天；已经到校几天的，填那一天"),
        radios("placement", "安置", Placement, Placement.ORIGINAL_CLASS),
        select("class_key", "班级", here.classes, here.own_class),
    )


def _return(filled: Filled, _case: Case) -> Act:
    on, how = filled.day(), filled.code(Placement, "placement", "安置")
    key = filled.needed("class_key", "班级")
    return cases.bring_back(role=filled.role, on=on, placement=how, class_key=key)


def _confirm(filled: Filled, _case: Case) -> Act:
    return cases.confirm_return(role=filled.role)


def _settle_fields(here: Here) -> Sequence[Field]:
    return today(here, "办结日期"), note("缺访缘由", name="reason", empty_if="没有缺访的")


def _settle(filled: Filled, _case: Case) -> Act:
    on, ref = filled.day(), filled.note("reason")
    return cases.settle(role=filled.role, on=on, reason=ref)


def _wanted(case: Case) -> str:
    """The evidence on which this case is closed, as far as the case says."""
    if case.stage is Stage.SETTLED:
        return EvidenceKind.RETURN.value
    found = EVIDENCE_OF.get(case.concluded.how) if case.concluded else None
    return found.value if found else ""


def _close_fields(here: Here) -> Sequence[Field]:
    kinds = [(each.value, each.label) for each in EvidenceKind]
    shared = (today(here, "销号日期"), select("kind", "销号依据", kinds, _wanted(here.case)))
    if here.case.stage is Stage.SETTLED:
        return *shared, note()
    return *shared, *proof_fields("依据的材料", "材料的照片、扫描件"), note()


def _close(filled: Filled, _case: Case) -> Act:
    on, kind = filled.day(), filled.code(EvidenceKind, "kind", "销号依据")
    words, attached, more = filled.note("evidence"), filled.files(), filled.note()

    def act(work: Work) -> None:
        _attach(work, filled.role, on, attached)
        ref = _ref(words, attached)
        cases.close(role=filled.role, on=on, evidence=kind, evidence_ref=ref, note=more)(work)

    return act


def _reopen_fields(here: Here) -> Sequence[Field]:
    return today(here), note("为什么撤销", name="reason", required=True)


def _reopen(filled: Filled, _case: Case) -> Act:
    on, ref = filled.day(), filled.note("reason")
    return lambda work: closing.reopen(work.case, work.ctx, role=filled.role, on=on, reason=ref)


OUTCOME: Final = (
    StepForm(
        path="verify",
        step="verify",
        title="登记核查结论",
        about="5 个教学日内；K 是真辍学，接着劝返",
        fields=_verify_fields,
        act=_verify,
    ),
    StepForm(
        path="clear",
        step="clear",
        title="按核查结论排除疑似",
        about=(
            "结论是 A、B、C 的由校长或县教育局认定，是 G 的只由县教育局认定；"
            "还没有登记核查的，在这里一并写明结论和佐证"
        ),
        fields=_clear_fields,
        act=_clear,
    ),
    StepForm(
        path="determine",
        step="determine",
        title="认定辍学",
        about="核查结论是 K（真辍学）、原因已登记、缺勤日数和劝返次数都够才能认定；日数从点名里数",
        fields=_determine_fields,
        act=_determine,
    ),
    StepForm(
        path="return",
        step="bring_back",
        title="办理劝返复学",
        about="当天点名到了再办",
        fields=_return_fields,
        act=_return,
        needs=frozenset({CLASSES}),
    ),
    StepForm(
        path="confirm",
        step="confirm_return",
        title="确认返校",
        about="连续到校的天数从点名里数，不由人填；够了才能确认",
        fields=lambda _: (),
        act=_confirm,
    ),
    StepForm(
        path="settle",
        step="settle",
        title="办结巩固期",
        about="巩固期满以后才能办结；回访有缺的写明缘由",
        fields=_settle_fields,
        act=_settle,
    ),
    StepForm(
        path="close",
        step="close",
        title="销号",
        about="依据要与了结的方式相符；复学稳定的凭返校确认，不必另附",
        not_now="校长只销在校有学籍、在校无学籍、信息错误的个案，这个个案由县教育局销号",
        fields=_close_fields,
        act=_close,
    ),
    StepForm(
        path="reopen",
        step="reopen",
        title="撤销销号",
        about="个案回到销号以前的阶段",
        fields=_reopen_fields,
        act=_reopen,
    ),
)
