"""依法控辍四步: the forms of issuing a paper and of serving it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from typing import Final

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

ISSUE, SERVE = "legal-issue", "legal-serve"
_NOTE: Final = "note:"
_NOBODY: Final = "邮寄、公告的"


def kinds(view: LegalView, role: str, on: date) -> Options:
    """The papers this role may issue, those whose turn it is in front."""
    turn = set(turn_of(view, on))
    mine = [kind for kind in PaperKind if role in PAPERS[kind].roles]
    first = [(k.value, f"{k.label}（现在可出）") for k in mine if k in turn]
    return [*first, *((k.value, k.label) for k in mine if k not in turn)]


def turn_of(view: LegalView, on: date) -> Iterator[PaperKind]:
    """The papers that may be issued on a day, those of the court too."""
    for kind in PaperKind:
        try:
            check_open(view.state, kind, view.law, on)
        except CkbxError:
            continue
        yield kind


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


def place_code(here: Here) -> Field:
    """Where a paper was taken to."""
    return Field(
        name="place",
        label="地点的区划代码",
        start=(here.place,) if here.place else (),
        hint="6、9 或 12 位",
        inputmode="numeric",
        most=12,
    )


def _issue_fields(here: Here) -> Sequence[Field]:
    start = here.papers[0][0] if here.papers else ""
    mine = {kind for kind, _ in here.papers}
    turn = {each.value for each in turn_of(here.law, here.today)} & mine if here.law else set()
    kinds = turn or mine
    return (
        today(here, "文书日期"),
        select("paper", "哪种文书", here.papers, start),
        text("document", "文号"),
        Field(
            name="issuer",
            label="出具机关代码",
            start=(here.issuer,) if here.issuer else (),
            hint="学校标识码或区划代码；法院文书写法院所在地的 6 位代码",
            inputmode="numeric",
            most=12,
        ),
        *_term(kinds),
        *_fine(kinds),
    )


def _term(kinds: Collection[str]) -> Iterator[Field]:
    """The term, by its last day or by days: of the papers that set one, one of the two."""
    termed = [kind.label for kind in PaperKind if kind in kinds and sets_term(kind)]
    if not termed:
        return
    some = len(termed) < len(kinds)
    hint = f"{'、'.join(termed)}要定期限：最后一天、送达后几天只填一样"
    hint += "；其他文书不填" if some else ""
    nor = "、其他文书" if some else ""
    last, days = "期限：最后一天", "期限：送达后几天"
    yield day("due_on", last, hint=hint, required=False, empty_if=f"填了下面天数的{nor}")
    yield _number("due_days", days, empty_if=f"填了最后一天的{nor}")


def _fine(kinds: Collection[str]) -> Iterator[Field]:
    """The fine, of the papers that name one, and its last day, of the one that sets it."""
    hint, required, empty_if = _only(kinds, FINES)
    if hint:
        yield _number("amount", "罚款（元）", hint, required=required, empty_if=empty_if)
    hint, required, empty_if = _only(kinds, [PaperKind.FINE_DECISION])
    if hint:
        yield day("pay_by", "缴款最后一天", hint=hint, required=required, empty_if=empty_if)


def _only(kinds: Collection[str], of: Collection[PaperKind]) -> tuple[str, bool, str]:
    """Of a field that some papers need and others may not have: its hint (empty: none of the
    papers to choose from needs it), whether all of them do, else when it may stay empty.
    """
    needing = [kind.label for kind in of if kind in kinds]
    if not needing:
        return "", False, ""
    said = f"{'、'.join(needing)}要填"
    if len(needing) == len(kinds):
        return said, True, ""
    return f"{said}；其他文书不填", False, "其他文书"


def _number(
    name: str, label: str, hint: str = "", *, required: bool = False, empty_if: str = ""
) -> Field:
    return Field(
        name=name,
        label=label,
        hint=hint,
        required=required,
        inputmode="numeric",
        most=6,
        empty_if=empty_if,
    )


def _issue(filled: Filled, case: Case) -> Decide:
    draft = Draft(
        kind=filled.code(PaperKind, "paper", "哪种文书"),
        on=filled.day("on", "文书日期"),
        document=filled.document(),
        issuer=filled.needed("issuer", "出具机关代码"),
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
        place_code(here),
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
        place=filled.needed("place", "地点的区划代码"),
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
