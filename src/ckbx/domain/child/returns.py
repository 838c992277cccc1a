"""辍学 confirmed, 劝返复学, the end of the 巩固期, and that somebody has acted at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from ckbx.domain.attendance.marks import Reason
from ckbx.domain.child import return_events as rt
from ckbx.domain.child.child import Child
from ckbx.domain.child.enrolment import check_day, check_transition
from ckbx.domain.child.return_codes import Placement, Whereabouts
from ckbx.domain.child.return_errors import (
    AbsentOnReturnDay,
    BeforeEpisode,
    CauseNotRecorded,
    ConsolidationNotOver,
    ConsolidationUndated,
    LeaveToCome,
    OnlyCountyDecides,
    OnlyPrincipalDecides,
    PlacementContradicts,
    RoundsTooFew,
    UnexplainedTooFew,
)
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import split_class_key

COUNTY, PRINCIPAL = "bureau_officer", "principal"


class DropoutGround(msgspec.Struct, frozen=True, kw_only=True):
    """On what the county confirms: what there is, and what the rule pack asks for.

    ``unexplained``: unexplained school days since ``first_absent_on``, from the roll calls.
    """

    unexplained: int
    rounds: int
    cause_recorded: bool
    dropout_days: int
    dropout_rounds: int
    rule_version: int
    evidence: Sequence[str] = ()


def act_on(child: Child, ctx: CommandContext, episode: int) -> None:
    """A person acts on an episode; recorded once, and only while it is open."""
    found = child.episode
    if found is not None and found.number == episode and not found.acted:
        child.trigger_event(rt.EpisodeActedOn, ctx, occurred_on=ctx.today, episode=episode)


def confirm_dropout(
    child: Child,
    ctx: CommandContext,
    *,
    on: date,
    role: str,
    ground: DropoutGround,
    whereabouts: Whereabouts,
) -> None:
    """认定辍学 (the county). Raises the refusals named here and TransitionRefused."""
    check_day(child, ctx, on)
    check_transition(child, rt.DropoutConfirmed, on)
    episode = child.episode
    if role != COUNTY or episode is None:
        raise OnlyCountyDecides(action="认定辍学")
    if child.leave is not None and child.leave.effective_from > on.toordinal():
        begins = date.fromordinal(child.leave.effective_from)
        raise LeaveToCome(child=child.id, kind=child.leave.status.label, day=begins)
    if ground.unexplained < ground.dropout_days:
        raise UnexplainedTooFew(
            needed=ground.dropout_days,
            days=ground.unexplained,
            since=date.fromordinal(episode.first_absent_on),
        )
    if ground.rounds < ground.dropout_rounds:
        raise RoundsTooFew(needed=ground.dropout_rounds, rounds=ground.rounds)
    if not ground.cause_recorded:
        raise CauseNotRecorded
    child.trigger_event(
        rt.DropoutConfirmed,
        ctx,
        occurred_on=on,
        episode=episode.number,
        unexplained_days=ground.unexplained,
        rounds=ground.rounds,
        whereabouts=whereabouts,
        rule_version=ground.rule_version,
        evidence=list(ground.evidence),
    )


def persuade_back(
    child: Child,
    ctx: CommandContext,
    *,
    on: date,
    role: str,
    placement: Placement,
    class_key: str,
    grade: int,
) -> None:
    """劝返复学 (the principal): seen in a class again from ``on``.

    A leave to come is no more. Raises the refusals named here and TransitionRefused.
    """
    check_day(child, ctx, on)
    check_transition(child, rt.PersuadedBack, on)
    episode = child.episode
    if role != PRINCIPAL or episode is None:
        raise OnlyPrincipalDecides(action="劝返复学")
    confirmed = episode.confirmed_on
    began, what = (confirmed, "认定辍学的日期") if confirmed else (episode.suspected_on, "疑似日期")
    if on < began:
        raise BeforeEpisode(day=on, what=what, began=began)
    said = child.said.get(on.toordinal())
    if said is not None and isinstance(said[1], Reason):
        raise AbsentOnReturnDay(day=on)
    _check_placement(child, placement, class_key)
    child.trigger_event(
        rt.PersuadedBack,
        ctx,
        occurred_on=on,
        episode=episode.number,
        placement=placement,
        class_key=class_key,
        grade=grade,
        after_dropout=confirmed is not None,
    )


def _check_placement(child: Child, placement: Placement, class_key: str) -> None:
    same = class_key == child.class_key
    here = split_class_key(class_key)[0] == child.school
    why = ""
    if placement is Placement.ORIGINAL_CLASS and not same:
        why = "不是该生原来的班级"
    if placement in (Placement.OTHER_CLASS, Placement.SEPARATE_CLASS) and same:
        why = "就是该生原来的班级"
    if placement is Placement.OTHER_SCHOOL and here:
        why = "仍是本校的班级"
    if placement is not Placement.OTHER_SCHOOL and child.school is not None and not here:
        why = "是另一所学校的班级"
    if why:
        raise PlacementContradicts(placement=placement.label, why=why)


def settle_return(
    child: Child, ctx: CommandContext, *, on: date, role: str, until: date | None
) -> None:
    """End the 巩固期 (the county) after its last day ``until`` (None: the calendar does not
    say yet). Raises the refusals named here and TransitionRefused.
    """
    check_day(child, ctx, on)
    check_transition(child, rt.ReturnSettled, on)
    if role != COUNTY or child.back is None:
        raise OnlyCountyDecides(action="办结巩固期")
    check_over(on, until)
    child.trigger_event(rt.ReturnSettled, ctx, occurred_on=on, episode=child.back.episode)


def check_over(on: date, until: date | None) -> None:
    """Refuse to end a 巩固期 early: ConsolidationUndated, ConsolidationNotOver."""
    if until is None:
        raise ConsolidationUndated
    if on <= until:
        raise ConsolidationNotOver(until=until)
