"""辍学, 劝返复学, 巩固期 and 复辍 of one child: who decides, what is missing, what the days say."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from ckbx.domain.attendance.marks import Reason
from ckbx.domain.attendance.thresholds import ALWAYS, InForce, Schedule, Thresholds
from ckbx.domain.child import departures, leaves, returns
from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child import return_events as rt
from ckbx.domain.child.relapse import RULE_ALARM, RULE_RELAPSE_COUNT, RULE_RELAPSE_RUN, assess_stay
from ckbx.domain.child.return_codes import Placement, Whereabouts
from ckbx.domain.child.return_errors import (
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
from ckbx.domain.child.returns import DropoutGround
from ckbx.domain.child.status import Finding, SuspicionSource, TrackingStatus
from tests.domain.test_child_transitions import (
    KEY,
    TODAY,
    Step,
    a_child,
    decision,
    dropped_out,
    persuaded_back,
    suspended,
)
from tests.dsl import context
from tests.school import SmallClass, kinds

S = TrackingStatus
OTHER, ELSEWHERE = "2152939972/2026/2", "2152939973/2026/1"


def confirm(role: str = "bureau_officer", **changes: Any) -> Step:
    values: dict[str, Any] = {
        "unexplained": 20,
        "rounds": 2,
        "cause_recorded": True,
        "dropout_days": 20,
        "dropout_rounds": 2,
        "rule_version": 0,
    }
    ground = DropoutGround(**(values | changes))
    return lambda c, x: returns.confirm_dropout(
        c, x, on=TODAY, role=role, ground=ground, whereabouts=Whereabouts.UNKNOWN
    )


def back(
    key: str = KEY,
    placement: Placement = Placement.ORIGINAL_CLASS,
    role: str = "principal",
    on: date = TODAY,
) -> Step:
    return lambda c, x: returns.persuade_back(
        c, x, on=on, role=role, placement=placement, class_key=key, grade=9
    )


def test_only_the_county_confirms_and_it_is_told_what_is_missing() -> None:
    for role in ("principal", "township_officer"):
        a_child(S.SUSPECTED).when(confirm(role)).then_refused(OnlyCountyDecides, "县教育局")
    a_child(S.SUSPECTED).when(confirm(unexplained=19)).then_refused(UnexplainedTooFew, "19", "20")
    a_child(S.SUSPECTED).when(confirm(rounds=1)).then_refused(RoundsTooFew, "现有 1 次")
    bare = confirm(cause_recorded=False)
    a_child(S.SUSPECTED).when(bare).then_refused(CauseNotRecorded, "原因")
    a_child(S.SUSPECTED).when(confirm()).then((rt.DropoutConfirmed, {"unexplained_days": 20}))


def test_a_dropout_is_not_confirmed_while_a_granted_leave_is_to_come() -> None:
    later = decision(effective_from=date(2026, 12, 1))
    waiting = a_child(S.ENROLLED).after(lambda c, x: leaves.suspend(c, x, later), *_suspected())
    waiting.when(confirm()).then_refused(LeaveToCome, "2026-12-01", "休学")


def _suspected() -> list[Step]:
    return [
        lambda c, x: departures.suspect(
            c,
            x,
            on=TODAY,
            source=SuspicionSource.PERSON,
            first_absent_on=TODAY,
            rule="person",
            rule_version=0,
            evidence=[],
        )
    ]


def test_only_the_principal_takes_a_child_back() -> None:
    for role in ("class_teacher", "bureau_officer"):
        a_child(S.DROPPED_OUT).when(back(role=role)).then_refused(OnlyPrincipalDecides, "校长")


def test_a_child_does_not_come_back_before_it_was_gone() -> None:
    early = date(2026, 11, 19)
    a_child(S.DROPPED_OUT).when(back(on=early)).then_refused(BeforeEpisode, "认定辍学")
    a_child(S.SUSPECTED).when(back(on=early)).then_refused(BeforeEpisode, "疑似日期")


@pytest.mark.parametrize(
    ("key", "placement"),
    [
        (OTHER, Placement.ORIGINAL_CLASS),
        (KEY, Placement.OTHER_CLASS),
        (KEY, Placement.SEPARATE_CLASS),
        (OTHER, Placement.OTHER_SCHOOL),
        (ELSEWHERE, Placement.OTHER_CLASS),
        (ELSEWHERE, Placement.VOCATIONAL),
    ],
)
def test_a_placement_that_is_none_is_refused(key: str, placement: Placement) -> None:
    a_child(S.DROPPED_OUT).when(back(key, placement)).then_refused(
        PlacementContradicts, placement.label
    )


@pytest.mark.parametrize(
    ("key", "placement"),
    [
        (KEY, Placement.ORIGINAL_CLASS),
        (KEY, Placement.VOCATIONAL),
        (OTHER, Placement.OTHER_CLASS),
        (OTHER, Placement.SEPARATE_CLASS),
        (ELSEWHERE, Placement.OTHER_SCHOOL),
    ],
)
def test_the_child_is_in_the_class_it_was_placed_in(key: str, placement: Placement) -> None:
    outcome = a_child(S.DROPPED_OUT).when(back(key, placement))
    outcome.then((rt.PersuadedBack, {"after_dropout": True}))
    child = outcome.aggregate
    assert (child.class_key, child.school) == (key, key.split("/", maxsplit=1)[0])


def test_the_consolidation_ends_after_its_last_day_and_by_the_county() -> None:
    def settle(until: date | None, role: str = "bureau_officer") -> Step:
        return lambda c, x: returns.settle_return(c, x, on=TODAY, role=role, until=until)

    a_child(S.PERSUADED_BACK).when(settle(TODAY)).then_refused(ConsolidationNotOver, str(TODAY))
    a_child(S.PERSUADED_BACK).when(settle(None)).then_refused(ConsolidationUndated, "校历")
    past = date(2026, 11, 19)
    a_child(S.PERSUADED_BACK).when(settle(past, "principal")).then_refused(OnlyCountyDecides)
    done = a_child(S.PERSUADED_BACK).when(settle(past))
    done.then((rt.ReturnSettled, {}))
    assert (done.aggregate.back, done.aggregate.base) == (None, S.ENROLLED)


def test_acting_is_recorded_once_and_only_on_an_open_episode() -> None:
    def act(child: Any, ctx: Any) -> None:
        returns.act_on(child, ctx, 1)

    a_child(S.SUSPECTED).when(act).then((rt.EpisodeActedOn, {"episode": 1}))
    a_child(S.SUSPECTED).after(act).when(act).then_nothing()
    a_child(S.ENROLLED).when(act).then_nothing()
    a_child(S.SUSPECTED).when(lambda c, x: returns.act_on(c, x, 2)).then_nothing()


def test_a_leave_ends_the_consolidation() -> None:
    outcome = a_child(S.PERSUADED_BACK).when(suspended)
    outcome.then((lv.SuspensionGranted, {}))
    assert (outcome.aggregate.back, outcome.aggregate.status_on(TODAY)) == (None, S.SUSPENDED)


def test_the_county_clears_a_dropout_only_where_its_ground_fell_away() -> None:
    def clear(role: str) -> Step:
        return lambda c, x: departures.clear_suspicion(
            c, x, on=TODAY, finding=Finding.A, evidence_ref="p", role=role
        )

    def ground_gone(child: Any, ctx: Any) -> None:
        child.trigger_event(e.SuspicionGroundChanged, ctx, occurred_on=TODAY, episode=1)

    a_child(S.DROPPED_OUT).after(ground_gone).when(clear("principal")).then_refused(
        OnlyCountyDecides
    )
    done = a_child(S.DROPPED_OUT).after(ground_gone).when(clear("bureau_officer"))
    assert done.aggregate.status_on(TODAY) is S.ENROLLED


# What the days since a return say

U, P = Reason.UNEXPLAINED, Reason.PERSONAL
EVERY = list(range(100, 160))


def stay(marks: dict[int, Reason], told: list[int] | None = None, rules: Schedule = ALWAYS) -> Any:
    return assess_stay(marks, EVERY if told is None else told, EVERY, 100, rules)


def test_two_days_raise_the_alarm_and_three_are_a_relapse() -> None:
    assert stay({110: U, 111: U}) == ((111,), None)
    alarms, relapse = stay({110: U, 111: U, 112: U})
    assert (alarms, relapse) == ((111,), (112, RULE_RELAPSE_RUN, (110, 111, 112)))


def test_an_attended_day_breaks_the_run_and_an_excused_or_silent_one_does_not() -> None:
    assert stay({110: U, 112: U, 113: U}).relapse is None
    assert stay({110: U, 111: P, 112: U, 113: U}).relapse.day == 113
    silent = [day for day in EVERY if day != 111]
    assert stay({110: U, 112: U, 113: U}, silent).relapse.day == 113


def test_five_days_in_twenty_school_days_are_a_relapse() -> None:
    spread = dict.fromkeys((101, 105, 110, 115, 120), U)
    assert stay(spread).relapse == (120, RULE_RELAPSE_COUNT, (101, 105, 110, 115, 120))
    wider = dict.fromkeys((101, 105, 110, 115, 121), U)
    assert stay(wider).relapse is None


def test_days_before_the_return_do_not_count() -> None:
    assert stay(dict.fromkeys((97, 98, 99, 100, 101), U)) == ((101,), None)


def test_the_numbers_are_those_of_the_day() -> None:
    stricter = Thresholds(relapse_run=2)
    rules = Schedule([InForce(1, Thresholds(), 0), InForce(120, stricter, 1)])
    assert stay({110: U, 111: U}, rules=rules).relapse is None
    assert stay({130: U, 131: U}, rules=rules).relapse.day == 131


def in_class() -> SmallClass:
    """A child of a class that came back from a suspicion on the sixth day."""
    small = SmallClass(3)
    small.pattern(1, "uuuuu.")
    child = small.child(1)
    on = small.day(6)
    returns.persuade_back(
        child,
        context(on),
        on=on,
        role="principal",
        placement=Placement.ORIGINAL_CLASS,
        class_key=child.class_key or "",
        grade=1,
    )
    small.collect()
    return small


def test_a_class_that_reports_on_finds_the_relapse_and_takes_it_back() -> None:
    small = in_class()
    warned = [x.rule for x in small.pattern(1, "uu", 7) if isinstance(x, e.AbsenceWarned)]
    assert RULE_ALARM in warned
    assert small.child(1).base is S.PERSUADED_BACK
    made = small.pattern(1, "u", 9)
    assert [k for k in kinds(made) if k in ("Relapsed", "DropoutSuspected")] == [
        "Relapsed",
        "DropoutSuspected",
    ]
    taken_back = small.hand_in(8, {}, note="ref:1")
    assert "SuspicionWithdrawn" in kinds(taken_back)
    child = small.child(1)
    assert (child.base, child.back is not None) == (S.PERSUADED_BACK, True)


def test_a_relapse_moves_with_its_days() -> None:
    small = in_class()
    small.pattern(1, "uuuu", 7)
    assert small.child(1).suspected_on == small.day(9)
    made = small.hand_in(7, {}, note="ref:1")
    assert "SuspicionRevised" in kinds(made)
    assert small.child(1).suspected_on == small.day(10)


def test_a_child_that_dropped_out_is_off_no_list_by_days_it_was_not_asked_for() -> None:
    outcome = a_child(S.SUSPECTED).after(dropped_out)
    child = outcome.aggregate
    assert child.episode is not None
    assert child.episode.acted
    outcome.when(persuaded_back).then((rt.PersuadedBack, {"episode": 1}))
