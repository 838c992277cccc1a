"""依法控辍四步: a paper that was not served, was recorded wrongly, is taken back; a step left out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from ckbx.application.legal import Decide, LegalView
from ckbx.domain.case.case import Case
from ckbx.domain.legal import revoking, service, skipping
from ckbx.domain.legal.codes import (
    OF_SERVICE,
    PAPERS,
    SKIP_REASONS,
    STEP_TITLES,
    CorrectionReason,
    ServiceFailure,
    SkipReason,
)
from ckbx.domain.legal.next_step import Action
from ckbx.domain.legal.opening import Subject
from ckbx.web.pages.cases.fields import Field, Options, note, proof_fields, radios, select, text
from ckbx.web.pages.cases.filled import Filled
from ckbx.web.pages.cases.step_forms import APPROVERS, LEGAL, PEOPLE, Here, Ready, StepForm
from ckbx.web.pages.cases.steps_legal import SERVED_AT, named, unserved
from ckbx.web.pages.cases.steps_work import today, who
from ckbx.web.pages.known_places import place_fields

NOTE: Final = "note:"
_ON: Final = frozenset({LEGAL})


def paper(here: Here, ready: Ready, label: str = "哪份文书") -> Field:
    """Which paper; the only one there is stands chosen."""
    able = here.choices(ready)
    return select("paper", label, able, able[0][0] if len(able) == 1 else "")


def number(filled: Filled) -> int:
    """The paper that was chosen."""
    filled.needed("paper", "哪份文书")
    return filled.number("paper", "哪份文书") or 0


def proof(filled: Filled) -> str:
    """The reference of what proves an act; empty where nothing was given."""
    words, attached = filled.note("evidence"), filled.files()
    filled.attached = attached
    return ref(words or (attached[0].file if attached else None))


def ref(note_: UUID | None) -> str:
    """How events name a text in the vault; empty for none."""
    return f"{NOTE}{note_}" if note_ else ""


def served(view: LegalView, role: str, _on: date) -> Options:
    """The papers of this role whose service is recorded."""
    return [
        named(p)
        for p in view.state.valid()
        if p.service is not None and role in PAPERS[p.kind].roles
    ]


def standing(view: LegalView, role: str, _on: date) -> Options:
    """The papers this role may take back."""
    return [named(p) for p in view.state.valid() if role in PAPERS[p.kind].roles]


def left_out(view: LegalView, role: str, on: date) -> Options:
    """The steps this role may leave out on a day."""
    return [
        (str(s.step), f"第 {s.step} 步 {STEP_TITLES[s.step]}")
        for s in view.steps
        if s.action is Action.SKIP and role in s.who and s.is_open(on)
    ]


def _fail_fields(here: Here) -> Sequence[Field]:
    return (
        today(here, "哪天去送的"),
        paper(here, unserved),
        radios("reason", "为什么没有送成", ServiceFailure),
        who(here, "送达人", "谁去送的；没有账号的写在下面"),
        *place_fields(here.known, "place", *SERVED_AT, here.homes),
        *proof_fields("走访记录或退件", "走访记录、退件的照片"),
    )


def _fail(filled: Filled, _case: Case) -> Decide:
    on, which = filled.day("on", "哪天去送的"), number(filled)
    why = filled.code(ServiceFailure, "reason", "为什么没有送成")
    people = filled.people(on)
    servers = tuple(p.account or ref(p.person) for p in people)
    place, evidence = filled.place("place", *SERVED_AT), proof(filled)
    return lambda steps, ctx, _law: service.fail_service(
        steps,
        ctx,
        which,
        on=on,
        reason=why,
        place=place,
        servers=servers,
        evidence_ref=evidence,
        role=filled.role,
    )


def _void_fields(here: Here) -> Sequence[Field]:
    return (
        today(here, "更正日期"),
        paper(here, served),
        radios("reason", "哪里登记错了", OF_SERVICE),
        note("更正的理由", required=True),
    )


def _void(filled: Filled, _case: Case) -> Decide:
    on, which = filled.day("on", "更正日期"), number(filled)
    why = filled.code(CorrectionReason, "reason", "哪里登记错了")
    words = ref(_words(filled, "更正的理由"))
    return lambda steps, ctx, _law: service.void_service(
        steps, ctx, which, on=on, reason=why, text_ref=words, role=filled.role
    )


def _revoke_fields(here: Here) -> Sequence[Field]:
    why = [each for each in CorrectionReason if each is not CorrectionReason.NOT_SERVED]
    return (
        today(here, "撤销日期"),
        paper(here, standing),
        radios("reason", "为什么撤销", why),
        text("document", "撤销决定的文号", required=False, empty_if="没有送达的"),
        note("撤销的理由", required=True),
    )


def _revoke(filled: Filled, _case: Case) -> Decide:
    on, which = filled.day("on", "撤销日期"), number(filled)
    why = filled.code(CorrectionReason, "reason", "为什么撤销")
    document, words = filled.document() or None, ref(_words(filled, "撤销的理由"))
    return lambda steps, ctx, _law: revoking.revoke(
        steps,
        ctx,
        which,
        on=on,
        reason=why,
        text_ref=words,
        role=filled.role,
        document=document,
    )


def _words(filled: Filled, label: str) -> UUID | None:
    filled.needed("note", label)
    return filled.note()


def _skip_fields(here: Here) -> Sequence[Field]:
    steps = here.choices(left_out)
    able = {int(step) for step, _ in steps}
    fits = [r for r in SkipReason if any(r in SKIP_REASONS.get(step, ()) for step in able)]
    return (
        today(here, "批准日期"),
        select("skipped", "跳过哪一步", steps, steps[0][0] if len(steps) == 1 else ""),
        radios("reason", "理由", fits),
        select("approver", "批准人", here.approvers),
        text("document", "批准文件的文号"),
        note("书面理由", required=True),
    )


def _skip(filled: Filled, case: Case) -> Decide:
    filled.needed("skipped", "跳过哪一步")
    decision = skipping.SkipDecision(
        step=filled.number("skipped", "跳过哪一步") or 0,
        on=filled.day("on", "批准日期"),
        reason=filled.code(SkipReason, "reason", "理由"),
        approver=filled.needed("approver", "批准人"),
        document=filled.document(),
        text_ref=ref(_words(filled, "书面理由")),
    )
    of = Subject(case.id, case.child)
    return lambda steps, ctx, law: skipping.skip_step(
        steps, ctx, decision, role=filled.role, law=law, of=of
    )


PAPER_COURSE: Final = (
    StepForm(
        path="legal-fail",
        step="legal-fail",
        title="登记送达不成",
        about="去送了没有送成的，每次登记一次；公告送达以它为前提。人在家但拒收的不在这里登记，请到“登记送达”选“留置送达”",
        fields=_fail_fields,
        act=_fail,
        needs=frozenset({LEGAL, PEOPLE}),
        ready=unserved,
        not_now="没有等您送达的文书",
    ),
    StepForm(
        path="legal-skip",
        step="legal-skip",
        title="批准跳过一步",
        about="只由县教育局凭书面批准登记；跳过的一步不能再补办",
        fields=_skip_fields,
        act=_skip,
        needs=frozenset({LEGAL, APPROVERS}),
        ready=left_out,
        not_now="现在没有可以由您批准跳过的步骤；只有县教育局能批准，且只能跳过轮到的那一步",
    ),
    StepForm(
        path="legal-void",
        step="legal-void",
        title="更正送达",
        about="送达登记错了的，作废这次登记，再重新登记送达；靠它办的后面几步会失去依据",
        fields=_void_fields,
        act=_void,
        needs=_ON,
        ready=served,
        not_now="没有由您更正的送达登记",
    ),
    StepForm(
        path="legal-revoke",
        step="legal-revoke",
        title="撤销文书",
        about="由出具机关撤销；已送达的须有撤销决定的文号",
        fields=_revoke_fields,
        act=_revoke,
        needs=_ON,
        ready=standing,
        not_now="没有可以由您撤销的文书",
    ),
)
