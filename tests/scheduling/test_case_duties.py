"""What the clock tells about the deadlines of a case: who, on which day, and until when."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from ckbx.application import cases
from ckbx.application.unit import Unit
from ckbx.domain.alert.events import AlertRaised
from ckbx.domain.case import letters
from ckbx.domain.case.case import Case
from ckbx.domain.case.codes import LetterAnswer, RoundOutcome
from ckbx.domain.case.deadlines import Deadline
from ckbx.domain.child import departures
from ckbx.domain.child.child import Child
from ckbx.domain.child.status import Finding, SuspicionSource, TrackingStatus
from ckbx.domain.responsibility.post import Line, Role, Scope, ScopeKind
from ckbx.domain.rules.rule_ids import RULES
from ckbx.scheduling import case_duties
from ckbx.scheduling.case_rules import CASE_RULES
from ckbx.scheduling.gather import gather
from ckbx.scheduling.run_due import run_due
from tests.scheduling.due_kit import AUTUMN, A, AlertState, U, World, alerts
from tests.support.case_county import (
    CaseCounty,
    a_round,
    back,
    case_county,
    determined,
    looked_after,
    verify,
)
from tests.support.county import COUNTY, SCHOOL, opened

ONE_DAY = timedelta(days=1)


@pytest.fixture
def county(store_url: str, tmp_path: Path) -> Iterator[CaseCounty]:
    with case_county(store_url, tmp_path) as made:
        yield made


def instant(day: date, hour: int = 12) -> datetime:
    """An hour UTC of a local day: 20:00 there."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def due(county: CaseCounty, day: date) -> None:
    county.on(day + ONE_DAY)
    run_due(county.store, instant(day))


def told(county: CaseCounty, *, withdrawn: bool = False) -> dict[str, tuple[date, str]]:
    """Rule: day and state of the alerts about cases."""
    found = [a for a in alerts(county.store).values() if a.rule in CASE_RULES]
    return {a.rule: (a.day, a.state) for a in found if withdrawn or a.state != "withdrawn"}


def states(county: CaseCounty) -> set[AlertState]:
    found = alerts(county.store).values()
    return {a for a in found if a.rule in CASE_RULES and a.state != "withdrawn"}


def to(county: CaseCounty, rule: str) -> tuple[str, ...]:
    (found,) = {a.to for a in alerts(county.store).values() if a.rule == rule}
    return found


def after(county: CaseCounty, day: date, n: int) -> date:
    """The n-th school day after one."""
    return county.days[county.days.index(day) + n]


def suspected(county: CaseCounty) -> date:
    county.away(*range(5))
    return county.days[4]


def test_a_check_is_told_on_its_last_day_and_rises_when_it_was_missed(county: CaseCounty) -> None:
    last = after(county, suspected(county), 5)
    due(county, last - ONE_DAY)
    assert "verification_5" not in told(county)
    due(county, last)
    assert told(county)["verification_5"] == (last, "open")
    assert not {"verification_5_up", "verification_5_copy"} & told(county).keys()
    due(county, last + ONE_DAY)
    assert {told(county)[f"verification_5_{how}"] for how in ("up", "copy")} == {
        (last + ONE_DAY, "open")
    }
    assert to(county, "verification_5") == ("head",)
    assert to(county, "verification_5_up") == ("bureau",)


def test_a_check_made_in_time_is_told_to_nobody(county: CaseCounty) -> None:
    on = suspected(county)
    county.do(verify(Finding.K, on))
    due(county, after(county, on, 9))
    assert not [rule for rule in told(county) if rule.startswith("verification")]


def test_a_check_made_late_closes_what_was_told_on_the_day_it_was_made(county: CaseCounty) -> None:
    late = after(county, suspected(county), 7)
    due(county, late)
    county.on(late)
    county.do(verify(Finding.K, late))
    run_due(county.store, instant(late))
    found = {told(county)[f"verification_5{how}"][1] for how in ("", "_up", "_copy")}
    assert found == {"closed"}


def test_what_a_correction_takes_back_was_never_due(county: CaseCounty) -> None:
    on = suspected(county)
    due(county, after(county, on, 8))
    assert {"verification_5_up", "persuasion_school_copy"} <= told(county).keys()
    county.report(county.days[2], [])
    due(county, after(county, on, 9))
    assert told(county) == {}
    assert {state for _, state in told(county, withdrawn=True).values()} == {"withdrawn"}


def test_each_tier_of_persuasion_has_its_line_and_the_other_gets_the_copy(
    county: CaseCounty,
) -> None:
    on = suspected(county)
    county.do(a_round(on))
    due(county, on + timedelta(days=30))
    found = told(county)
    assert "persuasion_school" not in found
    assert found["persuasion_village"] == (after(county, on, 7), "open")
    assert found["persuasion_township"] == (on + timedelta(days=15), "open")
    assert to(county, "persuasion_village_copy") == ("head",)
    assert to(county, "persuasion_township_copy") == ("bureau",)
    assert found["written_report_24h"] == (on + ONE_DAY, "open")


def test_a_determination_is_told_to_the_county_when_it_can_be_made(county: CaseCounty) -> None:
    suspected(county)
    county.persuaded_out()
    county.away(*range(5, 20))
    on = county.days[19]
    due(county, on - ONE_DAY)
    assert "dropout_determination_20" not in told(county)
    due(county, on)
    assert told(county)["dropout_determination_20"] == (on, "open")
    assert to(county, "dropout_determination_20") == ("bureau",)
    county.do(determined(on), actor="bureau")
    due(county, on)
    assert told(county)["dropout_determination_20"] == (on, "closed")


def test_a_letter_without_a_reply_is_told_on_the_day_it_should_have_come(
    county: CaseCounty,
) -> None:
    on = suspected(county)
    by = on + timedelta(days=14)
    for ref in "ab":
        letter = letter_to(county, on, by, ref)
        county.do(letter)
    due(county, by)
    assert told(county)["letter_reply"] == (by, "open")
    county.do(answered(by, 1))
    due(county, by)
    assert told(county)["letter_reply"] == (by, "open")
    county.do(answered(by, 2))
    due(county, by)
    assert told(county)["letter_reply"] == (by, "closed")


def letter_to(county: CaseCounty, on: date, by: date, document: str) -> cases.Act:
    ref = county.papers().note("某县教育局")
    assert ref is not None
    return lambda work: letters.send_letter(
        work.case,
        work.ctx,
        role="principal",
        on=on,
        document=document,
        region="522622",
        reply_by=by,
        addressee=ref,
    )


def answered(on: date, number: int) -> cases.Act:
    return lambda work: letters.answer_letter(
        work.case,
        work.ctx,
        role="principal",
        on=on,
        number=number,
        answer=LetterAnswer.NOT_THERE,
    )


def test_a_return_and_the_weeks_after_it_are_told_when_nobody_looks(county: CaseCounty) -> None:
    on = suspected(county)
    county.on(county.days[5])
    county.do(back(county.days[5]))
    county.there(5, 6)
    week = county.days[5] + timedelta(days=7)
    due(county, week + ONE_DAY)
    found = told(county)
    assert found["return_confirm_3"] == (after(county, county.days[5], 3), "open")
    assert found["follow_up_weekly"] == (week, "open")
    assert found["follow_up_weekly_up"] == (week + ONE_DAY, "open")
    assert to(county, "follow_up_weekly") == ("ct1",)
    assert to(county, "follow_up_weekly_up") == ("head",)
    assert found["follow_up_daily_up"] == (county.days[7] + ONE_DAY, "open")
    county.on(week + ONE_DAY)
    county.do(looked_after(week + ONE_DAY))
    due(county, week + ONE_DAY)
    assert told(county)["follow_up_weekly"] == (week, "closed")
    assert on < week


def daily(county: CaseCounty) -> set[tuple[str, date, str]]:
    """What was told of the daily follow-up, but for what was taken back."""
    found = (a for a in states(county) if a.rule.startswith("follow_up_daily"))
    return {(a.rule, a.day, a.state) for a in found}


def test_while_a_class_is_silent_its_returned_child_is_told_of_once(county: CaseCounty) -> None:
    suspected(county)
    county.on(county.days[5])
    county.do(back(county.days[5]))
    county.there(5, 6)
    due(county, county.days[9])
    once = ("follow_up_daily_up", county.days[7] + ONE_DAY)
    assert daily(county) == {(*once, "open")}
    assert to(county, "follow_up_daily_up") == ("head",)
    silent = {a.day for a in alerts(county.store).values() if a.rule == "roll_call_silent"}
    assert {county.days[7], county.days[8]} <= silent  # the class is told of every day
    county.there(8)
    due(county, county.days[10])
    assert daily(county) == {
        (*once, "open"),
        ("follow_up_daily_up", county.days[9] + ONE_DAY, "open"),
    }
    county.there(7, 9)
    due(county, county.days[10])
    assert daily(county) == set()


def test_a_returned_child_left_off_the_roll_is_told_of_each_day(county: CaseCounty) -> None:
    """The class reports, so nobody is told of a silence: this child alone is unseen."""
    suspected(county)
    county.on(county.days[5])
    county.do(back(county.days[5]))
    county.there(5, 6)
    county.store.catch_up()
    facts = gather(county.store.office, county.store.answers, instant(county.days[7]))
    (case,) = facts.cases
    unseen = msgspec.structs.replace(case, told=[])
    rules = {duty.rule for duty in case_duties._of_case(facts, unseen)}
    assert {"follow_up_daily", "follow_up_daily_up", "follow_up_daily_copy"} <= rules


def test_a_case_concluded_late_leaves_what_was_missed_and_owes_nothing_more(
    county: CaseCounty,
) -> None:
    on = suspected(county)
    late = after(county, on, 6)
    county.on(late)
    county.decide(
        lambda child, ctx: departures.clear_suspicion(
            child, ctx, on=late, finding=Finding.A, evidence_ref="p", role="principal"
        )
    )
    due(county, after(county, on, 20))
    assert {state for _, state in told(county).values()} == {"closed"}
    assert told(county)["verification_5_up"][0] == after(county, on, 5) + ONE_DAY
    assert "persuasion_village" not in told(county)


def storied(county: CaseCounty) -> None:
    """Something of every deadline, kept, missed and taken back."""
    on = suspected(county)
    county.do(a_round(on, outcome=RoundOutcome.REFUSED))
    county.do(letter_to(county, on, on + timedelta(days=10), "甲"))
    county.away(*range(5, 12))
    county.do(verify(Finding.K, county.days[11]))
    county.do(a_round(county.days[11]))
    county.away(*range(12, 20))
    county.on(county.days[22])
    county.do(back(county.days[22]))
    county.there(22, 24, 25)
    county.away(27, 28)
    county.there(33)
    county.do(looked_after(county.days[33]))
    county.on(county.days[70])


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> set[AlertState]:
    folder = tmp_path_factory.mktemp("alone")
    with case_county(f"sqlite:///{folder / 'alone.db'}", folder) as made:
        storied(made)
        run_due(made.store, instant(made.days[69]))
        return states(made)


def test_the_story_has_deadlines_of_every_kind_that_a_case_can_miss(
    alone: set[AlertState],
) -> None:
    papers = {rule for rule in CASE_RULES if RULES[rule].kind == "legal_step_due"}
    papers |= {"follow_up_daily", "follow_up_daily_copy"}  # its class was silent
    rest = {
        f"{rule}{how}"
        for rule in ("finding_10", "attending_decision_3", "follow_up_monthly", "persuasion_school")
        for how in ("", "_up", "_copy")
    } | {"dropout_determination_20_up", "dropout_determination_20_copy"}
    assert {a.rule for a in alone} >= CASE_RULES - papers - rest


@pytest.mark.parametrize("seed", range(2))
def test_runs_of_any_day_in_any_order_leave_the_alerts_of_the_last_alone(
    county: CaseCounty, alone: set[AlertState], seed: int
) -> None:
    storied(county)
    order = random.Random(seed)
    for n in order.choices(range(70), k=6):
        run_due(county.store, instant(county.days[n]))
    run_due(county.store, instant(county.days[69]))
    assert states(county) == alone
    for n in order.choices(range(70), k=3):
        assert run_due(county.store, instant(county.days[n])).nothing
    assert states(county) == alone
    assert county.store.projector.check("watch").equal


def test_runs_day_by_day_leave_what_one_late_run_leaves(county: CaseCounty, tmp_path: Path) -> None:
    def live(of: CaseCounty, *, daily: bool) -> set[AlertState]:
        on = suspected(of)
        for n in range(5, 30):
            of.report(of.days[n], [of.child])
            if n == 11:
                of.do(verify(Finding.K, of.days[n]))
            if n in (12, 15):
                of.do(a_round(of.days[n]))
            if daily:
                run_due(of.store, instant(of.days[n], 5))
        due(of, of.days[29])
        assert on == of.days[4]
        return states(of)

    often = live(county, daily=True)
    with case_county(f"sqlite:///{tmp_path / 'late.db'}", tmp_path / "late") as other:
        assert live(other, daily=False) == often
    assert "dropout_determination_20_up" in {a.rule for a in often}


@pytest.mark.parametrize("source", [SuspicionSource.PERSON, SuspicionSource.REGISTER])
def test_a_suspicion_that_a_person_entered_is_told_like_any_other(
    county: CaseCounty, source: SuspicionSource
) -> None:
    day = county.days[3]
    county.on(day)
    county.decide(
        lambda child, ctx: departures.suspect(
            child,
            ctx,
            on=day,
            source=source,
            first_absent_on=day,
            rule="person",
            rule_version=0,
            evidence=[],
        )
    )
    assert county.alerts("dropout_suspected") == ["open"]
    (raised,) = [
        r.event for r in county.store.log.read(0, 100_000) if isinstance(r.event, AlertRaised)
    ]
    unit = Unit(county.office.map, county.office.context("test"))
    work = cases.Work(county.office, unit, unit.get(county.case_id(), Case), county.state())
    due_on = {d.kind: d.due_on for d in cases.deadlines_of(work, day)}["verify"]
    assert (raised.to, raised.due_on) == (["ct1"], due_on)
    later = after(county, day, 5)
    assert (due_on == later) == (source is SuspicionSource.PERSON)
    county.decide(
        lambda child, ctx: departures.clear_suspicion(
            child, ctx, on=day, finding=Finding.A, evidence_ref="p", role="principal"
        )
    )
    assert county.alerts("dropout_suspected") == ["closed"]
    assert county.state().base is TrackingStatus.ENROLLED


def test_what_the_clock_knows_of_deadlines_is_what_the_page_of_the_case_shows(
    county: CaseCounty,
) -> None:
    storied(county)
    store, day = county.store, county.days[69]
    store.catch_up()
    facts = gather(store.office, store.answers, instant(day))
    for case in facts.cases:
        unit = Unit(store.office.map, store.office.context("test", today=day))
        found, child = unit.get(case.facts.case, Case), unit.get(case.child, Child)
        page = cases.deadlines_of(cases.Work(store.office, unit, found, child), day)
        assert [_plain(d) for d in case_duties.deadlines_of(facts, case)] == [
            _plain(d) for d in page
        ]
        forgetful = msgspec.structs.replace(case.facts, rounds=[], follow_ups=[])
        control = msgspec.structs.replace(case, facts=forgetful)
        assert [_plain(d) for d in case_duties.deadlines_of(facts, control)] != [
            _plain(d) for d in page
        ]
    assert len(facts.cases) == 1


def _plain(deadline: Deadline) -> Deadline:
    return msgspec.structs.replace(deadline, evidence=None)


def test_on_the_government_line_it_rises_to_the_township_and_the_school_gets_the_copy(
    store_url: str, tmp_path: Path
) -> None:
    with opened(store_url, tmp_path / "secrets") as store:
        world = World(store, terms=[AUTUMN])
        (child, *_) = world.add(A, on=AUTUMN[2], village=f"{COUNTY}100200")
        village = Scope(ScopeKind.VILLAGE, f"{COUNTY}100200")
        township = Scope(ScopeKind.TOWNSHIP, f"{COUNTY}100")
        gov = Line.GOVERNMENT
        world.post(village, "village", Role.VILLAGE_OFFICER, line=gov)
        world.post(township, "township", Role.TOWNSHIP_OFFICER, line=gov)
        world.post(Scope(ScopeKind.SCHOOL, SCHOOL), "head", Role.PRINCIPAL)
        world.post(Scope(ScopeKind.CLASS, A), "ct1", Role.CLASS_TEACHER)
        world.post(Scope(ScopeKind.COUNTY, COUNTY), "bureau", Role.BUREAU_OFFICER)
        for day in world.days()[:5]:
            world.hand_in(A, day, {child: U})
        world.due(date(2026, 10, 20))
        told_to = {
            a.rule: a.to for a in alerts(store).values() if a.rule.startswith(("pers", "verif"))
        }
    assert told_to == {
        "verification_5": ("head",),
        "verification_5_up": ("bureau",),
        "verification_5_copy": ("township",),
        "persuasion_school": ("head",),
        "persuasion_school_up": ("bureau",),
        "persuasion_school_copy": ("township",),
        "persuasion_village": ("village",),
        "persuasion_village_up": ("township",),
        "persuasion_village_copy": ("head",),
        "persuasion_township": ("township",),
        "persuasion_township_up": ("bureau",),
        "persuasion_township_copy": ("bureau",),
    }


def test_what_the_county_was_told_of_a_dropout_does_not_rise_to_the_county_again(
    county: CaseCounty,
) -> None:
    """依据已变 of a confirmed dropout goes to the county, above which nobody stands."""
    suspected(county)
    county.persuaded_out()
    county.away(*range(5, 20))
    county.do(determined(county.days[19]), actor="bureau")
    for n in range(5):
        county.there(n * 4)
    changed = [a for a in alerts(county.store).values() if a.kind == "suspicion_ground_changed"]
    assert [a.to for a in changed] == [("bureau",)]
    due(county, county.days[29])
    risen = [a for a in alerts(county.store).values() if a.kind == "suspicion_ground_changed"]
    assert risen == changed
