"""Which steps may be taken on a case now, and in which role of the viewer's?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from ckbx.application.legal import LegalView
from ckbx.domain.case.case import Case
from ckbx.domain.case.codes import AWAY, Stage
from ckbx.domain.case.steps import COUNTY, STEPS
from ckbx.domain.child.status import PRINCIPAL_FINDINGS, Finding
from ckbx.domain.responsibility.post import Role
from ckbx.web.pages.cases.in_hand import legal_role
from ckbx.web.pages.cases.step_forms import StepForm, may_clear
from ckbx.web.pages.cases.steps_guardian import GUARDIAN
from ckbx.web.pages.cases.steps_legal import LEGAL_FORMS as PAPER_FORMS
from ckbx.web.pages.cases.steps_letters import LETTERS, unanswered
from ckbx.web.pages.cases.steps_outcome import OUTCOME
from ckbx.web.pages.cases.steps_papers import PAPER_COURSE
from ckbx.web.pages.cases.steps_work import WORK

LEGAL_FORMS: Final = (*PAPER_FORMS, *PAPER_COURSE, *GUARDIAN)
FORMS: Final = {form.path: form for form in (*WORK, *OUTCOME, *LETTERS, *LEGAL_FORMS)}
_CLEAR: Final = "clear"
_PRINCIPAL: Final = (Role.PRINCIPAL,)


def role_for(form: StepForm, case: Case, roles: Sequence[str]) -> str | None:
    """The viewer's role in which the step is taken: the nearest that may. None: in no role."""
    if form.legal:
        return legal_role(roles) or None
    allowed = _allowed(form, case)
    return next((role for role in roles if role in allowed), None)


def offered(case: Case, roles: Sequence[str]) -> list[StepForm]:
    """The steps that may be taken now in one of these roles."""
    return [
        form
        for form in FORMS.values()
        if not form.legal and _stands(form, case) and role_for(form, case, roles) is not None
    ]


def legal_offered(view: LegalView, roles: Sequence[str], today: date) -> list[StepForm]:
    """The forms of the legal steps that may be handed in now in one of these roles."""
    role = legal_role(roles)
    return [form for form in LEGAL_FORMS if form.ready and form.ready(view, role, today)]


def _stands(form: StepForm, case: Case) -> bool:
    """Whether the case is where the step may be taken."""
    if form.step == _CLEAR:
        changed = case.ground_changed is not None and case.stage in AWAY
        checked = case.stage in (Stage.OPEN, Stage.VERIFIED)
        return bool(may_clear(case)) and (changed or checked)
    if form.path == "answer" and not unanswered(case):
        return False
    if form.path == "release" and case.teacher is None:
        return False
    return case.stage in STEPS[form.step].stages


def _allowed(form: StepForm, case: Case) -> Sequence[str]:
    """Who may take it; of clearing and closing the principal only what A, B, C found."""
    if form.step == _CLEAR:
        only_county = set(may_clear(case)) <= {Finding.G}
        return COUNTY if only_county else (*_PRINCIPAL, *COUNTY)
    if form.path == "close":
        found = case.concluded.finding if case.concluded else None
        return STEPS["close"].roles if found in PRINCIPAL_FINDINGS else COUNTY
    return STEPS[form.step].roles
