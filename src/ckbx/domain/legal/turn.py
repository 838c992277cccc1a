"""Is it the turn of a paper? What stands in its way, what it rests on, what lacks a ground."""

from __future__ import annotations

from datetime import date

from ckbx.domain.legal import errors
from ckbx.domain.legal.codes import ORDERS, PAPERS, RULINGS, VERDICTS, PaperKind
from ckbx.domain.legal.grounds import defects, ground_of, outside
from ckbx.domain.legal.legal_steps import LegalSteps, Paper
from ckbx.domain.legal.periods import Law, term_end
from ckbx.domain.legal.terms import FINES
from ckbx.domain.legal.words import who

_K = PaperKind


def check_open(state: LegalSteps, kind: PaperKind, law: Law, on: date) -> None:
    """Refuse a paper that may not be issued on a day, naming what is missing.

    The order of the refusals: what stands in its way, what it rests on, when that lapses,
    and whether the papers before it still have a ground of their own.
    """
    if kind in FINES and not law.fine_basis:
        raise errors.FineBasisMissing
    ground = ground_of(state, kind, law, on)
    if ground.refusal is not None:
        raise ground.refusal
    _check_passed(state, kind)
    _check_stands(state, kind, law, on)
    refusal = outside(ground, kind, on)
    if refusal is not None:
        raise refusal
    if PAPERS[kind].by_court:
        return
    for number, why in defects(state, law).items():
        paper = state.papers[number]
        raise errors.GroundGone(
            paper=paper.kind.label, document=paper.document, why=why, who=who(paper.kind)
        )


def _check_passed(state: LegalSteps, kind: PaperKind) -> None:
    reached = max((p.step for p in state.valid()), default=0)
    if kind.step < reached:
        raise errors.StepPassed(step=reached, paper=kind.label)


def _check_stands(state: LegalSteps, kind: PaperKind, law: Law, on: date) -> None:
    standing = _standing(state, kind, law, on)
    if standing is not None:
        raise errors.PaperStands(
            paper=standing.kind.label, document=standing.document, who=who(standing.kind)
        )


def _standing(state: LegalSteps, kind: PaperKind, law: Law, on: date) -> Paper | None:
    """The paper beside which there may be no other of this kind."""
    match kind:
        case _K.ORDER_TO_ATTEND | _K.ORDER_TO_RETURN:
            order = state.newest(*ORDERS)
            if order is None:
                return None
            end = term_end(order, law)
            return order if end is None or on <= end else None
        case _K.ENFORCEMENT_GRANTED | _K.ENFORCEMENT_DENIED:
            return state.newest(*RULINGS)
        case _K.MEDIATION | _K.JUDGEMENT:
            return state.newest(*VERDICTS)
        case _K.ENFORCEMENT_APPLICATION:
            applied, sued = state.newest(kind), state.newest(_K.COMPLAINT)
            return applied if applied and (not sued or applied.number > sued.number) else None
        case _K.FINE_NOTICE | _K.FINE_DECISION | _K.REMINDER | _K.COMPLAINT:
            return state.newest(kind)
    return None
