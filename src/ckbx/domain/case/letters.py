"""函 to schools and authorities outside the county, their answers, and visits at home."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from ckbx.domain.case import work_events as wk
from ckbx.domain.case.case import Case
from ckbx.domain.case.codes import LetterAnswer, Met
from ckbx.domain.case.errors import (
    CaseDayRefused,
    DocumentMissing,
    LetterAlreadyAnswered,
    LetterUnknown,
    WordsMissing,
)
from ckbx.domain.case.people import Attached, Participant
from ckbx.domain.case.persuasion import check_met, check_people
from ckbx.domain.case.steps import check
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.identifiers import parse_region_code


def send_letter(
    case: Case,
    ctx: CommandContext,
    *,
    role: str,
    on: date,
    document: str,
    region: str,
    reply_by: date,
    addressee: UUID | None,
) -> None:
    """发函. ``region``: the 6, 9 or 12 digits of where it goes; ``addressee`` in the vault.

    Raises DocumentMissing, WordsMissing, CaseDayRefused, RegionCodeMalformed.
    """
    check(case, ctx, "send_letter", role=role, on=on)
    if not document:
        raise DocumentMissing(action="发函", who="发函人")
    if addressee is None:
        raise WordsMissing(action="发函", what="收函单位", who="发函人")
    if reply_by < on:
        raise CaseDayRefused(day=reply_by, why=f"早于发函日期 {on}")
    case.trigger_event(
        wk.LetterSent,
        ctx,
        occurred_on=on,
        number=len(case.letters) + 1,
        document=document,
        region=parse_region_code(region),
        reply_by=reply_by,
        addressee_ref=addressee,
    )


def answer_letter(
    case: Case,
    ctx: CommandContext,
    *,
    role: str,
    on: date,
    number: int,
    answer: LetterAnswer,
    document: str | None = None,
    note: UUID | None = None,
    attachments: Sequence[Attached] = (),
) -> None:
    """复函. Raises LetterUnknown, LetterAlreadyAnswered, CaseDayRefused."""
    check(case, ctx, "answer_letter", role=role, on=on)
    letter = case.letters.get(number)
    if letter is None:
        raise LetterUnknown(number=number)
    if letter.answered is not None:
        raise LetterAlreadyAnswered(number=number, day=letter.answered.on)
    if on < letter.sent.on:
        raise CaseDayRefused(day=on, why=f"早于发函日期 {letter.sent.on}")
    case.trigger_event(
        wk.LetterAnswered,
        ctx,
        occurred_on=on,
        number=number,
        answer=answer,
        document=document,
        note_ref=note,
        attachments=list(attachments),
    )


def visit(
    case: Case,
    ctx: CommandContext,
    *,
    role: str,
    on: date,
    participants: Sequence[Participant],
    met: Sequence[Met],
    note: UUID | None = None,
    attachments: Sequence[Attached] = (),
) -> None:
    """联络员走访. Raises NobodySaidMet, ParticipantUnnamed, WordsMissing."""
    check(case, ctx, "visit", role=role, on=on)
    check_met(met)
    if not check_people(participants):
        raise WordsMissing(action="登记走访", what="走访人", who="联络员")
    case.trigger_event(
        wk.LiaisonVisited,
        ctx,
        occurred_on=on,
        participants=list(participants),
        met=list(met),
        note_ref=note,
        attachments=list(attachments),
    )
