"""依法控辍四步: what the guardian does (承诺、履行、逾期) and what the law gives (听证、复议、诉讼)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from ckbx.application.legal import Decide, LegalView
from ckbx.domain.case.case import Case
from ckbx.domain.legal import answers, remedies
from ckbx.domain.legal.codes import (
    ANSWER_ROLES,
    GOVERNMENT_ROLES,
    PAPERS,
    AppealKind,
    AppealOutcome,
    Obeyed,
    PaperKind,
    StatementKind,
)
from ckbx.domain.legal.legal_steps import Paper
from ckbx.domain.legal.periods import term_end
from ckbx.web.pages.cases.fields import Field, Kind, Options, day, note, proof_fields, radios, text
from ckbx.web.pages.cases.filled import Filled
from ckbx.web.pages.cases.step_forms import LEGAL, Here, StepForm
from ckbx.web.pages.cases.steps_legal import named
from ckbx.web.pages.cases.steps_papers import number, paper, proof, ref
from ckbx.web.pages.cases.steps_work import today
from ckbx.web.render import short_day

_FINES: Final = (PaperKind.FINE_DECISION, PaperKind.REMINDER)
_ON: Final = frozenset({LEGAL})


def _of(view: LegalView, *kinds: PaperKind) -> list[Paper]:
    return [p for p in view.state.valid(*kinds) if p.service is not None]


def promisable(view: LegalView, role: str, _on: date) -> Options:
    """The served papers whose term a promise may move."""
    return [
        named(p)
        for p in _of(view)
        if role in ANSWER_ROLES
        and not view.state.is_back
        and PAPERS[p.kind].due
        and p.kind is not PaperKind.FINE_NOTICE
        and not PAPERS[p.kind].by_court
        and p.promised_on is None
    ]


def obeyable(view: LegalView, role: str, _on: date) -> Options:
    """The papers that may be obeyed: by the child's return, by the fine that is still owed."""
    state, fines = view.state, role in GOVERNMENT_ROLES
    if role not in ANSWER_ROLES:
        return []
    owed = state.fine_paid_on is None and fines
    kinds = () if not state.is_back else _FINES
    if state.is_back and not owed:
        return []
    return [named(p) for p in reversed(state.valid(*kinds)) if not PAPERS[p.kind].filed]


def obeyed(view: LegalView, role: str, _on: date) -> Options:
    """What was recorded as obeyed and may be put aside."""
    state = view.state
    if role not in ANSWER_ROLES:
        return []
    paid = state.fine_paid_on is not None
    able = [Obeyed.SCHOOL] if state.is_back else []
    able += [Obeyed.FINE] if paid else []
    able += [Obeyed.ALL] if paid and state.is_back else []
    return [(each.value, each.label) for each in able]


def lapsed(view: LegalView, role: str, on: date) -> Options:
    """The served papers whose term has passed without compliance, not recorded yet."""
    found = []
    for each in _of(view):
        if each.lapse_noted or not PAPERS[each.kind].due or role not in ANSWER_ROLES:
            continue
        end = term_end(each, view.law)
        if end is not None and end < on and view.state.back_since(end) is None:
            value, words = named(each)
            found.append((value, f"{short_day(end)}到期：{words}"))
    return found


def told(view: LegalView, role: str, _on: date) -> Options:
    """The 告知书 to which the guardian may still answer."""
    if role not in GOVERNMENT_ROLES or view.state.newest(PaperKind.FINE_DECISION) is not None:
        return []
    return [named(p) for p in _of(view, PaperKind.FINE_NOTICE)]


def to_be_heard(view: LegalView, role: str, _on: date) -> Options:
    """The 告知书 about which a hearing was asked for and not held."""
    return [
        named(p)
        for p in _of(view, PaperKind.FINE_NOTICE)
        if role in GOVERNMENT_ROLES and p.hearing_asked_on and p.hearing_held_on is None
    ]


def contestable(view: LegalView, role: str, _on: date) -> Options:
    """The decisions against which no appeal is pending."""
    return [
        named(p)
        for p in _of(view, PaperKind.FINE_DECISION)
        if role in GOVERNMENT_ROLES and view.state.pending_appeal(p.number) is None
    ]


def contested(view: LegalView, role: str, _on: date) -> Options:
    """The decisions against which an appeal is pending."""
    return [
        named(p)
        for p in _of(view, PaperKind.FINE_DECISION)
        if role in GOVERNMENT_ROLES and view.state.pending_appeal(p.number) is not None
    ]


def _promise_fields(here: Here) -> Sequence[Field]:
    return (
        today(here, "作出承诺的日期"),
        paper(here, promisable),
        day(
            "promised_on",
            "承诺哪天以前返校",
            hint="每份最多延后一次，天数有上限；期限已经过了的，登记承诺也不再延后",
        ),
        text("document", "承诺书编号", required=False),
        *proof_fields("承诺书", "承诺书的照片"),
    )


def _promise(filled: Filled, _case: Case) -> Decide:
    on, which = filled.day("on", "作出承诺的日期"), number(filled)
    until, document = (
        filled.day("promised_on", "承诺哪天以前返校"),
        filled.document() or None,
    )
    evidence = proof(filled)
    return lambda steps, ctx, law: answers.promise(
        steps,
        ctx,
        which,
        on=on,
        promised_on=until,
        evidence_ref=evidence,
        role=filled.role,
        law=law,
        document=document,
    )


def _comply_fields(here: Here) -> Sequence[Field]:
    state = here.law.state if here.law else None
    fined = bool(state and state.valid(*_FINES)) and here.role in GOVERNMENT_ROLES
    able = list(Obeyed) if fined else [Obeyed.SCHOOL]
    if state and state.is_back:
        able = [Obeyed.FINE]
    elif state and state.fine_paid_on is not None:
        able = [Obeyed.SCHOOL]
    return (
        today(here, "履行日期"),
        paper(here, obeyable, "履行的是哪份文书"),
        radios("scope", "履行了什么", able, able[0] if len(able) == 1 else None),
        *proof_fields("返校或缴款凭据", "凭据的照片"),
    )


def _comply(filled: Filled, _case: Case) -> Decide:
    on, which = filled.day("on", "履行日期"), number(filled)
    scope, evidence = filled.code(Obeyed, "scope", "履行了什么"), proof(filled)
    return lambda steps, ctx, _law: answers.comply(
        steps, ctx, which, on=on, scope=scope, evidence_ref=evidence, role=filled.role
    )


def _cease_fields(here: Here) -> Sequence[Field]:
    able = here.choices(obeyed)
    return (
        today(here, "再次离校的日期"),
        Field(
            name="scope",
            label="哪一项",
            kind=Kind.RADIOS,
            options=able,
            start=(able[0][0],) if able else (),
        ),
        Field(
            name="mistake",
            label="是不是登记错了",
            kind=Kind.CHECKS,
            options=(("yes", "原来登记错了，其实没有履行"),),
            hint="孩子回来过、后来又离校的不要勾",
            required=False,
        ),
        note("情况说明", required=True),
    )


def _cease(filled: Filled, _case: Case) -> Decide:
    on, scope = filled.day("on", "再次离校的日期"), filled.code(Obeyed, "scope", "哪一项")
    filled.needed("note", "情况说明")
    mistake, words = filled.flag("mistake"), ref(filled.note())
    return lambda steps, ctx, _law: answers.cease(
        steps, ctx, on=on, text_ref=words, role=filled.role, scope=scope, mistake=mistake
    )


def _lapse_fields(here: Here) -> Sequence[Field]:
    return (paper(here, lapsed),)


def _lapse(filled: Filled, _case: Case) -> Decide:
    which = number(filled)
    return lambda steps, ctx, law: answers.note_lapse(steps, ctx, which, role=filled.role, law=law)


def _statement_fields(here: Here) -> Sequence[Field]:
    return (
        today(here, "收到日期"),
        paper(here, told),
        radios("answer", "监护人怎么答复", StatementKind),
        *proof_fields("笔录或书面材料", "笔录、书面材料的照片"),
    )


def _statement(filled: Filled, _case: Case) -> Decide:
    on, which = filled.day("on", "收到日期"), number(filled)
    answer, words = filled.code(StatementKind, "answer", "监护人怎么答复"), proof(filled)
    return lambda steps, ctx, _law: remedies.receive_statement(
        steps, ctx, which, on=on, answer=answer, text_ref=words, role=filled.role
    )


def _hearing_fields(here: Here) -> Sequence[Field]:
    return (
        today(here, "听证日期"),
        paper(here, to_be_heard),
        *proof_fields("听证笔录", "听证笔录的照片、扫描件"),
    )


def _hearing(filled: Filled, _case: Case) -> Decide:
    on, which, words = filled.day("on", "听证日期"), number(filled), proof(filled)
    return lambda steps, ctx, _law: remedies.hold_hearing(
        steps, ctx, which, on=on, evidence_ref=words, role=filled.role
    )


def _appeal_fields(here: Here) -> Sequence[Field]:
    return (
        today(here, "受理日期"),
        paper(here, contestable),
        radios("kind", "哪一种", AppealKind),
        text("document", "受理通知书的文号"),
        Field(
            name="late",
            label="过了期限",
            kind=Kind.CHECKS,
            options=(("yes", "已过法定期限，但仍被受理"),),
            required=False,
        ),
    )


def _appeal(filled: Filled, _case: Case) -> Decide:
    on, which = filled.day("on", "受理日期"), number(filled)
    kind = filled.code(AppealKind, "kind", "哪一种")
    document, late = filled.document(), filled.flag("late")
    return lambda steps, ctx, law: remedies.file_appeal(
        steps,
        ctx,
        which,
        on=on,
        kind=kind,
        document=document,
        role=filled.role,
        law=law,
        late=late,
    )


def _result_fields(here: Here) -> Sequence[Field]:
    return (
        today(here, "结果的日期"),
        paper(here, contested),
        radios("outcome", "结果", AppealOutcome, hint="撤销原决定的，这份决定书随之失效"),
        text("document", "复议决定书或裁判文书的文号"),
    )


def _result(filled: Filled, _case: Case) -> Decide:
    on, which = filled.day("on", "结果的日期"), number(filled)
    outcome, document = filled.code(AppealOutcome, "outcome", "结果"), filled.document()
    return lambda steps, ctx, _law: remedies.end_appeal(
        steps, ctx, which, on=on, outcome=outcome, document=document, role=filled.role
    )


GUARDIAN: Final = (
    StepForm(
        path="legal-promise",
        step="legal-promise",
        title="登记监护人承诺",
        about="期限以内签了承诺书的，期限可以延后一次",
        fields=_promise_fields,
        act=_promise,
        needs=_ON,
        ready=promisable,
        not_now="没有可以用承诺延后期限的文书：要先送达，每份只能延后一次",
    ),
    StepForm(
        path="legal-comply",
        step="legal-comply",
        title="登记监护人履行",
        about="孩子送回学校了，或罚款缴清了；缴款由乡镇或县教育局登记",
        fields=_comply_fields,
        act=_comply,
        needs=_ON,
        ready=obeyable,
        not_now="没有等监护人履行的文书，或已经登记过履行",
    ),
    StepForm(
        path="legal-cease",
        step="legal-cease",
        title="登记再次离校",
        about="登记过履行、后来孩子又离校的；或者原来登记错了",
        fields=_cease_fields,
        act=_cease,
        needs=_ON,
        ready=obeyed,
        not_now="没有登记过监护人履行，不用登记再次离校",
    ),
    StepForm(
        path="legal-lapse",
        step="legal-lapse",
        title="登记逾期未履行",
        about="期限过了孩子仍没有送回；日期从文书和送达里算，不由人填",
        fields=_lapse_fields,
        act=_lapse,
        needs=_ON,
        ready=lapsed,
        not_now="没有已经到期、监护人没有履行、又还没登记的文书",
    ),
    StepForm(
        path="legal-statement",
        step="legal-statement",
        title="登记陈述申辩、听证要求",
        about="监护人收到处罚事先告知书后的答复；要求听证的，举行以前不能作出处罚决定",
        fields=_statement_fields,
        act=_statement,
        needs=_ON,
        ready=told,
        not_now="没有可以答复的处罚事先告知书：要先由乡镇或县教育局送达，作出决定以后不再受理",
    ),
    StepForm(
        path="legal-hearing",
        step="legal-hearing",
        title="登记听证",
        about="听证举行以后，凭笔录登记",
        fields=_hearing_fields,
        act=_hearing,
        needs=_ON,
        ready=to_be_heard,
        not_now="没有要求听证而尚未举行的",
    ),
    StepForm(
        path="legal-appeal",
        step="legal-appeal",
        title="登记复议、诉讼",
        about="对处罚决定申请复议或起诉被受理的；有结果以前不能申请强制执行",
        fields=_appeal_fields,
        act=_appeal,
        needs=_ON,
        ready=contestable,
        not_now="没有可以复议、诉讼的处罚决定书，或已有一项没有结果",
    ),
    StepForm(
        path="legal-result",
        step="legal-result",
        title="登记复议、诉讼结果",
        about="凭复议决定书或裁判文书登记",
        fields=_result_fields,
        act=_result,
        needs=_ON,
        ready=contested,
        not_now="没有等结果的复议、诉讼",
    ),
)
