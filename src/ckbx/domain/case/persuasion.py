"""劝返: the rounds of school, village and township, and the school's written report."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

import msgspec

from ckbx.domain.case import work_events as wk
from ckbx.domain.case.case import Case
from ckbx.domain.case.codes import FAILED, Means, Met, Place, RoundOutcome, Tier
from ckbx.domain.case.errors import (
    DocumentMissing,
    HourUnreadable,
    MetContradicts,
    NobodySaidMet,
    NoFailedRound,
    ParticipantUnnamed,
    PromiseUndated,
    RoundRepeated,
    TierIncomplete,
    TooFewPersons,
    WordsMissing,
)
from ckbx.domain.case.people import Attached, Participant
from ckbx.domain.case.steps import LOCAL, check
from ckbx.domain.responsibility.post import Line, Role
from ckbx.domain.shared.errors import RuleRefusal
from ckbx.domain.shared.event import CommandContext

_HOUR = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


class RoundHeld(msgspec.Struct, frozen=True, kw_only=True):
    """A persuasion round as entered. ``hour`` is local, HH:MM; ``words``: the guardian's."""

    on: date
    hour: str
    tier: Tier
    place: Place
    means: Means
    participants: Sequence[Participant]
    met: Sequence[Met]
    outcome: RoundOutcome
    promised_on: date | None = None
    words: UUID | None = None
    attachments: Sequence[Attached] = ()


def persuade(case: Case, ctx: CommandContext, held: RoundHeld, *, role: str, persons: int) -> None:
    """Record a round; ``persons``: how many the rule pack asks for.

    Raises TooFewPersons, ParticipantUnnamed, TierIncomplete, NobodySaidMet, MetContradicts,
    PromiseUndated, HourUnreadable, RoundRepeated, and what :func:`check` raises.
    """
    check(case, ctx, "persuade", role=role, on=held.on)
    _check_hour(case, held)
    _check_people(held, persons)
    check_outcome(held.on, held.met, held.outcome, held.promised_on)
    case.trigger_event(
        wk.PersuasionHeld,
        ctx,
        occurred_on=held.on,
        number=len(case.rounds) + 1,
        tier=held.tier,
        hour=held.hour,
        place=held.place,
        means=held.means,
        participants=list(held.participants),
        met=list(held.met),
        outcome=held.outcome,
        promised_on=held.promised_on,
        words_ref=held.words,
        attachments=list(held.attachments),
    )


def mistakes(held: RoundHeld, persons: int) -> Iterator[tuple[str, RuleRefusal]]:
    """All that is wrong with who took part and with what came of it, each with the field of a
    form to which it belongs: whoever types it in is told at once, not one after the other.
    """
    try:
        _check_people(held, persons)
    except RuleRefusal as refused:
        yield "who", refused
    try:
        check_outcome(held.on, held.met, held.outcome, held.promised_on)
    except NobodySaidMet as refused:
        yield "met", refused
    except PromiseUndated as refused:
        yield "promised", refused
    except RuleRefusal as refused:
        yield "outcome", refused


def _check_hour(case: Case, held: RoundHeld) -> None:
    if not _HOUR.fullmatch(held.hour):
        raise HourUnreadable(hour=held.hour)
    for other in case.rounds:
        if (other.on, other.hour) == (held.on, held.hour):
            raise RoundRepeated(day=held.on, hour=held.hour, number=other.number)


def check_people(participants: Sequence[Participant]) -> int:
    """How many different people took part. Raises ParticipantUnnamed."""
    if any(not each.who for each in participants):
        raise ParticipantUnnamed
    return len({each.who for each in participants})


def _check_people(held: RoundHeld, persons: int) -> None:
    given = check_people(held.participants)
    if given < persons:
        raise TooFewPersons(needed=persons, given=given)
    lines = {each.line for each in held.participants}
    roles = {each.role for each in held.participants}
    if held.tier is Tier.TOWNSHIP and Role.TOWNSHIP_OFFICER not in roles:
        raise TierIncomplete(tier=held.tier.label, who="乡镇责任人")
    if held.tier is not Tier.TOWNSHIP and Line.EDUCATION not in lines:
        raise TierIncomplete(tier=held.tier.label, who="学校人员")
    if held.tier is Tier.SCHOOL_VILLAGE and not roles.intersection(LOCAL):
        raise TierIncomplete(tier=held.tier.label, who="村（社区）责任人或联络员")


def check_met(met: Sequence[Met]) -> None:
    """Somebody was met, or it is said that nobody was. Raises NobodySaidMet."""
    if not met or (Met.NOBODY in met and len(met) > 1):
        raise NobodySaidMet


def check_outcome(
    on: date, met: Sequence[Met], outcome: RoundOutcome, promised_on: date | None
) -> None:
    """Whom they met and what came of it agree; a promise has its day, that of the visit or later.

    Raises NobodySaidMet, MetContradicts, PromiseUndated.
    """
    check_met(met)
    nobody = Met.NOBODY in met
    if nobody is not (outcome is RoundOutcome.NOT_MET):
        said = "、".join(each.label for each in met)
        raise MetContradicts(met=said, outcome=outcome.label)
    if outcome is RoundOutcome.PROMISED and (promised_on is None or promised_on < on):
        raise PromiseUndated(day=on)


def report(
    case: Case,
    ctx: CommandContext,
    *,
    role: str,
    on: date,
    document: str,
    note: UUID | None = None,
    attachments: Sequence[Attached] = (),
) -> None:
    """The school's signed report after its own round failed (未成年人保护法 28).

    Raises NoFailedRound, DocumentMissing, WordsMissing.
    """
    check(case, ctx, "report", role=role, on=on)
    if not any(r.outcome in FAILED and r.on <= on for r in case.rounds):
        raise NoFailedRound
    if not document:
        raise DocumentMissing(action="提交书面报告", who="校长")
    if note is None and not attachments:
        raise WordsMissing(action="提交书面报告", what="报告内容或附件", who="校长")
    case.trigger_event(
        wk.WrittenReportMade,
        ctx,
        occurred_on=on,
        document=document,
        note_ref=note,
        attachments=list(attachments),
    )
