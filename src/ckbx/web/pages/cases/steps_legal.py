"""依法控辍四步: the forms of issuing a paper and of serving it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

import msgspec

from ckbx.application.legal import Decide, LegalView
from ckbx.domain.case.case import Case
from ckbx.domain.legal import papers, service
from ckbx.domain.legal.codes import PAPERS, PaperKind, Recipient, ServiceMode
from ckbx.domain.legal.legal_steps import Paper
from ckbx.domain.legal.opening import Subject
from ckbx.domain.legal.terms import FINES, Draft, sets_term
from ckbx.domain.legal.turn import check_open
from ckbx.domain.shared.errors import CkbxError
from ckbx.web.pages.cases.fields import (
    KEPT,
    Field,
    Kind,
    Options,
    day,
    proof_fields,
    radios,
    select,
    text,
)
from ckbx.web.pages.cases.filled import Filled
from ckbx.web.pages.cases.step_forms import LEGAL, PEOPLE, Here, StepForm
from ckbx.web.pages.cases.steps_work import today, who
from ckbx.web.pages.known_places import place_fields, region_field

ISSUE, SERVE = "legal-issue", "legal-serve"
SERVED_AT: Final = ("送到哪里", "送到县外哪里")
ISSUER: Final = "出具机关"
COURT_AT: Final = "法院所在地"
_NOTE: Final = "note:"
_NOBODY: Final = "邮寄、公告的"


def choices(view: LegalView, role: str, on: date) -> Sequence[tuple[str, str, str]]:
    """The papers of this role (value, words, why not now), those whose turn it is in front.

    A pledge is none: it is the guardian's, and recorded with the paper that it answers.
    """
    kinds = (kind for kind in PaperKind if kind is not PaperKind.PLEDGE)
    mine = [kind for kind in kinds if role in PAPERS[kind].roles]
    found = [(kind.value, kind.label, _why_not(view, kind, on)) for kind in mine]
    return sorted(found, key=lambda each: bool(each[2]))


def turn_of(view: LegalView, on: date) -> Iterator[PaperKind]:
    """The papers that may be issued on a day, those of the court too."""
    return (kind for kind in PaperKind if not _why_not(view, kind, on))


def _why_not(view: LegalView, kind: PaperKind, on: date) -> str:
    """What a paper waits for; empty where it may be issued."""
    try:
        check_open(view.state, kind, view.law, on)
    except CkbxError as refused:
        return str(refused)
    return ""


def open_kinds(view: LegalView, role: str, on: date) -> Options:
    """The papers this role may issue on a day."""
    return [(k.value, k.label) for k in turn_of(view, on) if role in PAPERS[k].roles]


def unserved(view: LegalView, role: str, _on: date | None = None) -> Options:
    """The papers that wait to be served by this role."""
    return [
        named(p)
        for p in view.state.valid()
        if p.service is None and role in PAPERS[p.kind].roles and not PAPERS[p.kind].filed
    ]


def named(paper: Paper) -> tuple[str, str]:
    """A paper as it is chosen: its number, and what stands on it."""
    return str(paper.number), f"第 {paper.number} 份 {paper.kind.label}（{paper.document}）"


def _issue_fields(here: Here) -> Sequence[Field]:
    if not here.chosen:
        return ()
    kind = PaperKind(here.chosen)
    return (
        Field(name="paper", label="哪种文书", kind=Kind.HIDDEN, start=(kind.value,)),
        today(here, "文书日期"),
        text("document", "文号"),
        _issuer(here, kind),
        *_term(kind),
        *_fine(kind),
    )


def _issuer(here: Here, kind: PaperKind) -> Field:
    """The body that issued a paper: one of the viewer's, or where the court sits."""
    if PAPERS[kind].by_court:
        field = region_field(here.known, "issuer", COURT_AT)
        return msgspec.structs.replace(field, start=(here.known.words(here.known.county),))
    if here.issuers:
        return select("issuer", ISSUER, here.issuers, here.issuers[0][0])
    return text("issuer", f"{ISSUER}的代码", hint="学校标识码 10 位，村 12 位，乡镇 9 位，县 6 位")


def _term(kind: PaperKind) -> Iterator[Field]:
    """The term, by its last day or by days, of a paper that sets one."""
    if sets_term(kind):
        hint = "最后一天、送达后几天只填一样"
        yield day("due_on", "期限：最后一天", hint=hint, required=False, empty_if="填了下面天数的")
        yield _number("due_days", "期限：送达后几天", required=False, empty_if="填了最后一天的")


def _fine(kind: PaperKind) -> Iterator[Field]:
    """The fine, of a paper that names one, and its last day, of the one that sets it."""
    if kind in FINES:
        yield _number("amount", "罚款（元）")
    if kind is PaperKind.FINE_DECISION:
        yield day("pay_by", "缴款最后一天")


def _number(name: str, label: str, *, required: bool = True, empty_if: str = "") -> Field:
    return Field(
        name=name,
        label=label,
        required=required,
        inputmode="numeric",
        most=6,
        empty_if=empty_if,
    )


def _issue(filled: Filled, case: Case) -> Decide:
    kind = filled.code(PaperKind, "paper", "哪种文书")
    court = PAPERS[kind].by_court
    draft = Draft(
        kind=kind,
        on=filled.day("on", "文书日期"),
        document=filled.document(),
        issuer=filled.region("issuer", COURT_AT) if court else filled.needed("issuer", ISSUER),
        due_on=filled.day_or_none("due_on", "期限"),
        due_days=filled.number("due_days", "送达后几天"),
        amount=filled.number("amount", "罚款"),
        pay_by=filled.day_or_none("pay_by", "缴款最后一天"),
    )
    of = Subject(case.id, case.child)
    return lambda steps, ctx, law: papers.issue(steps, ctx, draft, role=filled.role, law=law, of=of)


def _serve_fields(here: Here) -> Sequence[Field]:
    start = here.unserved[0][0] if len(here.unserved) == 1 else ""
    return (
        today(here, "送达日期"),
        select("paper", "哪份文书", here.unserved, start),
        radios(
            "mode",
            "送达方式",
            ServiceMode,
            ServiceMode.DIRECT,
            hint="拒收的选留置送达，送达人和见证人共两名以上",
        ),
        select(
            "recipient", "谁收下（拒收的，对谁送达）", codes_of(), required=False, empty_if=_NOBODY
        ),
        Field(
            name="taker", label="收件人姓名", hint=KEPT, required=False, most=40, empty_if=_NOBODY
        ),
        who(here, "送达人", "第二步起直接送达须两人；没有账号的写在下面"),
        Field(
            name="witness",
            label="见证人姓名",
            hint=KEPT,
            required=False,
            most=40,
            empty_if="没有见证人的",
        ),
        *place_fields(here.known, "place", *SERVED_AT, here.homes),
        *proof_fields("送达回证", "送达回证的照片、扫描件"),
    )


def codes_of() -> Options:
    """Who took a paper."""
    return [(each.value, each.label) for each in Recipient]


def _serve(filled: Filled, _case: Case) -> Decide:
    on, how = filled.day("on", "送达日期"), filled.code(ServiceMode, "mode", "送达方式")
    filled.needed("paper", "哪份文书")
    number = filled.number("paper", "哪份文书") or 0
    taker, witness = filled.note("taker"), filled.note("witness")
    words, attached = filled.note("evidence"), filled.files()
    proof = words or (attached[0].file if attached else None)
    people = filled.people(on)
    given = filled.text("recipient")
    delivery = service.Delivery(
        mode=how,
        on=on,
        place=filled.place("place", *SERVED_AT),
        evidence_ref=f"{_NOTE}{proof}" if proof else "",
        received_on=on if how is ServiceMode.POSTED else None,
        recipient=filled.code(Recipient, "recipient", "谁收下") if given else None,
        recipient_ref=f"{_NOTE}{taker}" if taker else None,
        servers=tuple(p.account or f"{_NOTE}{p.person}" for p in people),
        witnesses=(f"{_NOTE}{witness}",) if witness else (),
        refused=how is ServiceMode.LEFT,
    )
    filled.attached = attached
    return lambda steps, ctx, law: service.serve(
        steps, ctx, number, delivery, role=filled.role, law=law
    )


LEGAL_FORMS: Final = (
    StepForm(
        path=ISSUE,
        step=ISSUE,
        title="出具法律文书",
        about="前一步没做完、期限不合的会说缺什么；文书先打印盖章，再在这里登记",
        fields=_issue_fields,
        act=_issue,
        needs=frozenset({LEGAL}),
        ready=open_kinds,
        choices=choices,
    ),
    StepForm(
        path=SERVE,
        step=SERVE,
        title="登记送达",
        about="凭送达回证登记；没有送成的登记“送达不成”，登记有误的用“更正送达”",
        fields=_serve_fields,
        act=_serve,
        needs=frozenset({LEGAL, PEOPLE}),
        ready=unserved,
        not_now="没有等您送达的文书",
    ),
)
