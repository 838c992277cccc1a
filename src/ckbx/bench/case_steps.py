"""What people do on the made-up cases: each step with the words it keeps, on a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final
from uuid import uuid4

from ckbx.application import cases
from ckbx.application.case_papers import Papers
from ckbx.application.cases import Act
from ckbx.domain.case import plan, verification
from ckbx.domain.case.codes import Means, Measure, Met, Place, RoundOutcome, Tier
from ckbx.domain.case.people import Participant
from ckbx.domain.case.persuasion import RoundHeld
from ckbx.domain.child.return_codes import Placement
from ckbx.domain.child.status import Finding
from ckbx.domain.responsibility.post import Line, Role

Make = Callable[[Papers, date], Act]
"""A step of a person, with the words it keeps, on a day."""
_WORDS: Final = "家长说孩子在外地亲戚家，愿意再做工作，约定下周由村里陪同再去一次"


def contact(papers: Papers, on: date) -> Act:
    """The family was rung."""
    note = papers.note(_WORDS)
    return lambda work: plan.contact(
        work.case,
        work.ctx,
        role=Role.CLASS_TEACHER,
        on=on,
        means=Means.CALL,
        met=[Met.MOTHER],
        note=note,
    )


def verify(papers: Papers, on: date) -> Act:
    """Checked: dropped out."""
    ref = str(papers.note(_WORDS))
    return lambda work: verification.verify(
        work.case, work.ctx, role=Role.PRINCIPAL, on=on, finding=Finding.K, evidence_ref=ref
    )


def cause(papers: Papers, on: date) -> Act:
    """A cause."""
    ref = papers.note("01") or uuid4()
    return lambda work: plan.record_cause(
        work.case, work.ctx, role=Role.PRINCIPAL, on=on, cause="01", ref=ref, primary=True
    )


def make_plan(papers: Papers, on: date) -> Act:
    """一生一策."""
    words = papers.note(_WORDS)
    return lambda work: plan.make_plan(
        work.case,
        work.ctx,
        role=Role.CLASS_TEACHER,
        on=on,
        plan=words,
        measures=[Measure.STUDY, Measure.FUNDING],
    )


def first_round(papers: Papers, on: date) -> Act:
    """劝返 in the morning."""
    return _persuaded(papers, on, "10:00")


def next_round(papers: Papers, on: date) -> Act:
    """劝返 in the afternoon."""
    return _persuaded(papers, on, "16:00")


def _persuaded(papers: Papers, on: date, hour: str) -> Act:
    held = RoundHeld(
        on=on,
        hour=hour,
        tier=Tier.SCHOOL,
        place=Place.HOME,
        means=Means.VISIT,
        participants=(
            Participant(line=Line.EDUCATION, role=Role.PRINCIPAL, account="head"),
            Participant(line=Line.EDUCATION, role=Role.CLASS_TEACHER, account="bench"),
        ),
        met=(Met.MOTHER,),
        outcome=RoundOutcome.WAVERING,
        words=papers.note(_WORDS),
    )
    return cases.persuade(held, role=Role.PRINCIPAL)


def back(_: Papers, on: date, *, key: str) -> Act:
    """劝返复学."""
    where = Placement.ORIGINAL_CLASS
    return cases.bring_back(role=Role.PRINCIPAL, on=on, placement=where, class_key=key)


COURSE: Final[tuple[Make, ...]] = (contact, verify, cause, first_round, make_plan, next_round)
"""In the order in which they are taken."""
