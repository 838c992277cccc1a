"""What comes next, what is missing, who must act, and by when? Pure; for pages and alerts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from enum import StrEnum

import msgspec

from ckbx.domain.calendar.errors import CalendarRefusal
from ckbx.domain.legal.codes import (
    COUNTY_ROLES,
    EXECUTION,
    GOVERNMENT_ROLES,
    ORDERS,
    PAPERS,
    RULINGS,
    SKIP_REASONS,
    STEP_TITLES,
    VERDICTS,
    PaperKind,
)
from ckbx.domain.legal.errors import LegalRefusal, PaperStands, StepPassed
from ckbx.domain.legal.grounds import defects, ground_of, skip_ground
from ckbx.domain.legal.legal_steps import LegalSteps, Paper
from ckbx.domain.legal.periods import Law, term_end
from ckbx.domain.legal.terms import serve_by
from ckbx.domain.legal.turn import check_open

_K = PaperKind
_PATH = (
    _K.PERSUASION_NOTICE,
    _K.ORDER_TO_ATTEND,
    _K.FINE_NOTICE,
    _K.FINE_DECISION,
    _K.REMINDER,
    _K.ENFORCEMENT_APPLICATION,
    _K.COMPLAINT,
)


class Action(StrEnum):
    """What is to be done."""

    REPAIR = "repair"
    SERVE = "serve"
    HEAR = "hold_hearing"
    APPEAL = "record_appeal_result"
    WAIT = "wait"
    ISSUE = "issue"
    SKIP = "skip"
    COURT = "await_court"
    FOLLOW = "follow_return"


_ORDER = tuple(Action)
_TITLES = {
    Action.REPAIR: "前提已变，须撤销或更正",
    Action.SERVE: "送达",
    Action.HEAR: "举行听证",
    Action.APPEAL: "登记复议、诉讼结果",
    Action.WAIT: "等待期满",
    Action.ISSUE: "出具",
    Action.SKIP: "批准跳过",
    Action.COURT: "等法院文书",
    Action.FOLLOW: "已履行，跟踪返校",
}


class Missing(msgspec.Struct, frozen=True):
    """What is missing: the stable code of the refusal and its Chinese sentence."""

    code: str
    text: str


class NextStep(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do. ``who``: role codes; ``opens_on``: the first day it may be done.

    ``due_on``: the last day for it (None: the law sets none). While ``missing`` names
    something, it cannot be done yet.
    """

    action: Action
    step: int
    who: tuple[str, ...]
    kind: PaperKind | None = None
    paper: int | None = None
    opens_on: date | None = None
    due_on: date | None = None
    missing: tuple[Missing, ...] = ()

    @property
    def title(self) -> str:
        """The Chinese line shown to people."""
        what = self.kind.label if self.kind else STEP_TITLES.get(self.step, "")
        return f"{_TITLES[self.action]}：{what}"

    def is_open(self, day: date) -> bool:
        """Whether it can be done on a day."""
        early = self.opens_on is not None and day < self.opens_on
        late = self.due_on is not None and day > self.due_on
        return not (early or late or self.missing)


def next_step(state: LegalSteps, law: Law, day: date) -> NextStep | None:
    """The first thing to do; None when nothing is left but what the court does of itself."""
    steps = next_steps(state, law, day)
    return steps[0] if steps else None


def next_steps(state: LegalSteps, law: Law, day: date) -> list[NextStep]:
    """Everything that may or must be done, the main way first, what lacks something last."""
    try:
        found = list(_steps(state, law, day))
    except CalendarRefusal as refusal:
        missing = (Missing(refusal.code, str(refusal)),)
        return [NextStep(action=Action.WAIT, step=0, who=("bureau_officer",), missing=missing)]
    found.sort(key=_first)
    return found


def _first(step: NextStep) -> tuple[bool, int, date, int]:
    """What can be done, in the order of ``Action``; what has a last day before what has none."""
    place = _PATH.index(step.kind) if step.kind in _PATH else 0
    return bool(step.missing), _ORDER.index(step.action), step.due_on or date.max, place


def _steps(state: LegalSteps, law: Law, day: date) -> Iterator[NextStep]:
    broken = defects(state, law)
    for number, why in broken.items():
        yield _about(Action.REPAIR, state.papers[number], missing=(Missing(why.code, str(why)),))
    yield from _open_papers(state, law, day)
    if state.back_since(day) is not None:
        last = state.newest() or None
        step = last.step if last else 1
        yield NextStep(action=Action.FOLLOW, step=step, who=GOVERNMENT_ROLES)
    if broken:
        return
    for kind in _PATH:
        yield from _issue(state, kind, law, day)
    yield from _skips(state, law, day)


def _open_papers(state: LegalSteps, law: Law, day: date) -> Iterator[NextStep]:
    """What the papers that stand ask for."""
    last = max((p.step for p in state.valid()), default=0)
    back = state.back_since(day) is not None
    for paper in state.valid():
        info = PAPERS[paper.kind]
        if paper.kind == _K.ENFORCEMENT_GRANTED and not back:
            yield _about(Action.COURT, paper)
        if info.filed:
            if not _answered(state, paper):
                yield _about(Action.COURT, paper)
            continue
        if paper.service is None:
            if paper.step == last and not back:
                pack = law.rules_on(paper.issued_on).pack
                yield _about(Action.SERVE, paper, due_on=serve_by(paper, pack))
            continue
        if paper.hearing_asked_on is not None and paper.hearing_held_on is None:
            yield _about(Action.HEAR, paper)
        if state.pending_appeal(paper.number) is not None:
            yield _about(Action.APPEAL, paper)
        end = term_end(paper, law) if info.due else None
        if end is not None and day <= end and not back:
            yield _about(Action.WAIT, paper, opens_on=end + timedelta(days=1))


def _about(
    action: Action,
    paper: Paper,
    *,
    opens_on: date | None = None,
    due_on: date | None = None,
    missing: tuple[Missing, ...] = (),
) -> NextStep:
    return NextStep(
        action=action,
        step=paper.step,
        who=PAPERS[paper.kind].roles,
        kind=paper.kind,
        paper=paper.number,
        opens_on=opens_on,
        due_on=due_on,
        missing=missing,
    )


def _answered(state: LegalSteps, filed: Paper) -> bool:
    wanted = VERDICTS if filed.kind == _K.COMPLAINT else (*RULINGS, *EXECUTION)
    return any(p.number > filed.number for p in state.valid(*wanted))


def _issue(state: LegalSteps, kind: PaperKind, law: Law, day: date) -> Iterator[NextStep]:
    """The paper, if it is the turn of its step: what it rests on stands, perhaps not lapsed."""
    if kind == _K.PERSUASION_NOTICE and (state.valid(kind) or 1 in state.skips):
        return
    if kind == _K.ORDER_TO_ATTEND and state.valid(*ORDERS):
        return
    ground = ground_of(state, kind, law, day)
    if ground.refusal is not None:
        return
    missing: tuple[Missing, ...] = ()
    try:
        check_open(state, kind, law, max(day, ground.opens_on or day))
    except (PaperStands, StepPassed):
        return
    except LegalRefusal as refusal:
        missing = (Missing(refusal.code, str(refusal)),)
    yield NextStep(
        action=Action.ISSUE,
        step=kind.step,
        who=PAPERS[kind].roles,
        kind=kind,
        opens_on=ground.opens_on,
        due_on=ground.closes_on,
        missing=missing,
    )


def _skips(state: LegalSteps, law: Law, day: date) -> Iterator[NextStep]:
    """The step whose turn it is may be left out by the county."""
    if state.back_since(day) is not None:
        return
    reached = max((p.step for p in state.valid()), default=0)
    done = max(reached, *state.skips, 0) if state.skips else reached
    last = state.newest()
    for step in SKIP_REASONS:
        served = last is not None and last.step == step and last.service is not None
        if step < done or (step == done and (step in state.skips or served)):
            continue
        ground = skip_ground(state, step, law)
        if ground.refusal is not None:
            continue
        yield NextStep(action=Action.SKIP, step=step, who=COUNTY_ROLES, opens_on=ground.opens_on)
