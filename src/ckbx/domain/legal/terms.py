"""A paper as it was signed: its term, its fine, and their bounds."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec

from ckbx.domain.legal import errors
from ckbx.domain.legal.codes import PAPERS, PaperKind
from ckbx.domain.legal.legal_steps import LegalSteps, Paper
from ckbx.domain.rules.rule_pack import RulePack

_K = PaperKind
FINES = (_K.FINE_NOTICE, _K.FINE_DECISION)
_LONGEST_TERM = 365
_TERMED = ("notice", "short", "open")


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A paper as it was signed. ``issuer``: the digits of the body (a court: its region)."""

    kind: PaperKind
    on: date
    document: str
    issuer: str
    due_on: date | None = None
    due_days: int | None = None
    amount: int | None = None
    pay_by: date | None = None
    file_ref: str | None = None


def sets_term(kind: PaperKind) -> bool:
    """Whether a paper sets a term of its own: a last day, or days from its service."""
    return PAPERS[kind].due in _TERMED


def term_bounds(kind: PaperKind, pack: RulePack) -> tuple[int, int] | None:
    """Fewest and most calendar days a paper may give; None: it sets no term of its own."""
    match PAPERS[kind].due:
        case "notice":
            return pack.notice_min, pack.notice_max
        case "short":
            return 1, pack.notice_max
        case "open":
            return 0, _LONGEST_TERM
    return None


def serve_by(paper: Paper, pack: RulePack) -> date | None:
    """The last day on which a service leaves the guardian the shortest term; None: no such day."""
    bounds = term_bounds(paper.kind, pack)
    if bounds is None or paper.due_on is None:
        return None
    return paper.due_on - timedelta(days=bounds[0])


def check_term(draft: Draft, pack: RulePack) -> None:
    """The term is of the kind the paper sets, and within its bounds."""
    label, bounds = draft.kind.label, term_bounds(draft.kind, pack)
    given = [value for value in (draft.due_on, draft.due_days) if value is not None]
    if bounds is None:
        if given:
            raise errors.DeadlineNotAllowed(paper=label)
        return
    if len(given) != 1:
        raise errors.DeadlineMissing(paper=label)
    days = draft.due_days
    if draft.due_on is not None:
        days = (draft.due_on - draft.on).days
    if days is None or not bounds[0] <= days <= bounds[1]:
        raise errors.DeadlineOutOfBounds(paper=label, low=bounds[0], high=bounds[1], days=days)


def check_fine(state: LegalSteps, draft: Draft) -> None:
    """A fine names its amount and its last day, and is no heavier than was told."""
    label = draft.kind.label
    if draft.kind not in FINES:
        if draft.amount is not None or draft.pay_by is not None:
            raise errors.AmountNotAllowed(paper=label)
        return
    if draft.amount is None or draft.amount < 1:
        raise errors.AmountMissing(paper=label)
    if draft.kind == _K.FINE_NOTICE:
        if draft.pay_by is not None:
            raise errors.DeadlineNotAllowed(paper=label)
        return
    if draft.pay_by is None or not 0 <= (draft.pay_by - draft.on).days <= _LONGEST_TERM:
        raise errors.DeadlineMissing(paper=f"{label}的缴款")
    notice = state.newest(_K.FINE_NOTICE)
    if notice is not None and draft.amount > (notice.amount or 0):
        raise errors.FineHeavier(amount=draft.amount, told=notice.amount)
