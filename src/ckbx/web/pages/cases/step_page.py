"""One step on a case: its form, and what becomes of it when it is handed in."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from ckbx.application.case_papers import Papers
from ckbx.application.case_people import chain_of
from ckbx.application.cases import work_on
from ckbx.domain.case.case import Case
from ckbx.domain.case.errors import CaseChangedMeanwhile
from ckbx.domain.case.steps import STEPS, check_role, check_stage
from ckbx.domain.shared.errors import CkbxError, StoreUnavailable
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Posted
from ckbx.web.pages.cases.filled import Filled
from ckbx.web.pages.cases.forms_shown import shown
from ckbx.web.pages.cases.in_hand import InHand, here, in_hand, subjects
from ckbx.web.pages.cases.page import head
from ckbx.web.pages.cases.step_forms import StepForm
from ckbx.web.pages.cases.steps import offered, role_for
from ckbx.web.pages.overview import base

SEEN: Final = "seen"


def step_page(desk: WebDesk, form: StepForm, case_id: str) -> Response:
    """The form of a step. Raises NotThere."""
    return _page(desk, form, case_id)


def take_step(desk: WebDesk, form: StepForm, case_id: str, posted: Posted) -> Response:
    """Carry a step out in the viewer's role over this child; refused, the form comes again as
    typed. Raises NotThere.
    """
    with desk.look("web:case", "办理个案") as look:
        hand = in_hand(desk, look, case_id)
    if not hand.roles:
        raise NotThere
    role = role_for(form, hand.case, hand.roles) or hand.roles[0]
    ctx = desk.context(posted.command, role=role)
    papers = Papers(desk.store.vault)
    chain = chain_of(desk.store.office, ctx, hand.case)
    filled = Filled(posted, papers, chain, role=role, today=desk.today)
    act = form.act(filled, hand.case)
    if not filled.fine:
        return _page(desk, form, case_id, posted)
    try:
        done = work_on(desk.store.office, ctx, hand.case.id, act, seen=_seen(posted), papers=papers)
    except StoreUnavailable:
        raise
    except CkbxError as refused:
        return _page(desk, form, case_id, posted, refused)
    return desk.done(f"/cases/{hand.case.id}?done={form.path}", done.position)


def _seen(posted: Posted) -> int | None:
    found = posted.text(SEEN)
    return int(found) if found.isascii() and found.isdecimal() and len(found) < 9 else None


def _page(
    desk: WebDesk,
    form: StepForm,
    case_id: str,
    posted: Posted | None = None,
    refused: CkbxError | None = None,
) -> Response:
    with desk.look("web:case_step", f"办理个案：{form.title}") as look:
        hand = in_hand(desk, look, case_id)
        people = look.people([hand.case.child, *subjects(hand, form, desk.today)])
        between = refused.between if isinstance(refused, CaseChangedMeanwhile) else ()
        draft = posted.draft("" if between else refused or "") if posted else None
        form_shown = shown(
            form,
            here(desk, look, hand, form, people),
            hand.seen,
            draft,
            between=between,
            again=len(posted.files("file")) if posted else 0,
        )
        refusal = _not_now(form, hand.case, hand) if posted is None else ""
        return desk.html(
            "case_step.html",
            422 if posted else 200,
            **base(desk, look, form.title),
            **head(look, hand, people[hand.case.child], role_for(form, hand.case, hand.roles)),
            form=form_shown,
            not_now=refusal,
        )


def _not_now(form: StepForm, case: Case, hand: InHand) -> str:
    """Why the step cannot be taken now, by the domain's own sentence; empty where it can."""
    if form in offered(case, hand.roles):
        return ""
    if form.step not in STEPS:
        return "现在不能按核查结论排除：请先核查并登记结论"
    try:
        check_role(form.step, role_for(form, case, hand.roles) or (hand.roles or ["-"])[0])
        check_stage(case, form.step)
    except CkbxError as refused:
        return str(refused)
    return "这一步现在没有可以办的"
