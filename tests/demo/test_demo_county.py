"""The demo county shows every stage it promises, and comes out the same each time."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from ckbx.application.accounts import grants_on, load_account
from ckbx.application.case_view import look_at_returns
from ckbx.application.legal import look_at_steps
from ckbx.application.unit import Unit
from ckbx.calendar_data import national_holidays
from ckbx.demo.acts import confirm_by
from ckbx.demo.case_script import CASES
from ckbx.demo.county import School, make_county
from ckbx.demo.make import SEED, Made
from ckbx.demo.store import DATABASE, SECRETS, DemoInTheWay, DemoInUse, DemoSize, made_before
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.case.case import Case, case_stream
from ckbx.domain.case.codes import Stage
from ckbx.domain.child.leave_events import TransferStarted
from ckbx.domain.child.status import SuspicionSource, TrackingStatus
from ckbx.domain.legal.codes import PaperKind
from ckbx.domain.legal.events import PaperIssued
from ckbx.leadership import FileLeadership
from ckbx.ledgers.case_files import files_json
from ckbx.store import Store
from projections import (
    alerts,
    applications,
    placements,
    responsibility,
    roll_call_completeness,
    roster,
    school,
    suspected,
    transfers,
)
from projections.kit.reading import Reading
from projections.roll_call_completeness import DayState
from projections.scope import Scope
from projections.transfers import Direction
from tests.demo import making

TODAY = date(2026, 11, 22)
LAST = date(2026, 11, 20)
Status = TrackingStatus


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("county")


@pytest.fixture(scope="module")
def made(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Made:
    return making.made_in(folder, tmp_path_factory)


@pytest.fixture(scope="module")
def store(folder: Path, made: Made) -> Iterator[Store]:
    store = making.opened(folder)
    yield store
    store.close()


@pytest.fixture(scope="module")
def cast(store: Store, made: Made) -> dict[str, list[UUID]]:
    found = {
        role: [store.vault.find("student_no", number) for number in numbers]
        for role, numbers in made.cast.items()
    }
    return {role: [id_ for id_ in ids if id_] for role, ids in found.items()}


Ask = Callable[..., Any]


@pytest.fixture
def ask(store: Store) -> Ask:
    def asked(question: Callable[..., Any], **more: Any) -> Any:
        with store.answers.reading() as reading:
            position = store.answers.latest(store.clock.now()).position
            more = {"as_of": TODAY, "position": position, **more}
            return question(reading, Scope.county(), **more)

    return asked


def counts(store: Store) -> dict[str, Any]:
    """What is the same each time: events by topic, children by status, schools, alerts."""
    topics = Counter(row.topic for row in store.log.read_rows(0, 10**6))
    known = store.answers.latest(store.clock.now())
    with store.answers.reading() as reading:
        at: dict[str, Any] = {"as_of": TODAY, "position": known.position}
        places = roster.children_of(reading, Scope.county(), all_=True, **at)
        rolled = school.roll_up(reading, Scope.county(), instant=known.instant, **at)
        raised = alerts.alerts(reading, Scope.county(), **at)
        open_ = suspected.suspected(reading, Scope.county(), all_=True, **at)
    dated = sorted(
        (str(r.suspected_on), str(r.first_absent_on), r.unexplained_days, r.class_key or "")
        for r in open_
    )
    return {
        "topics": topics,
        "statuses": Counter(place.status for place in places),
        "schools": rolled,
        "alerts": Counter((a.kind, a.state, a.raised_on) for a in raised),
        "suspected": dated,
    }


def test_made_twice_it_is_identical_in_counts(store: Store, tmp_path: Path) -> None:
    making.make(tmp_path)
    again = making.opened(tmp_path)
    try:
        assert counts(again) == counts(store)
    finally:
        again.close()


def test_roll_calls_run_from_the_term_before_to_the_last_school_day(made: Made) -> None:
    assert made.first_day == date(2026, 3, 2)
    assert made.last_day == LAST
    assert made.roll_calls > 3_000
    assert abs(made.pupils - making.STUDENTS) <= 20


def test_a_suspicion_stands_at_every_stage(ask: Ask, cast: dict[str, list[UUID]]) -> None:
    rows = {row.child: row for row in ask(suspected.suspected, all_=True)}
    open_ = [rows[child] for child in cast["open"]]
    assert len(open_) == 5
    assert all(row.status is Status.SUSPECTED and row.attending_since is None for row in open_)
    assert min(row.unexplained_days for row in open_) == 5
    again = [rows[child] for child in cast["attending"]]
    assert sorted(row.attending_since is not None for row in again) == [False, True, True]
    for letter in "ABC":
        (row,) = [rows[child] for child in cast[f"cleared_{letter}"]]
        assert (row.how, row.finding) == ("cleared", letter)
    assert rows[cast["elsewhere"][0]].how == "enrolled_elsewhere"
    assert rows[cast["person"][0]].source is SuspicionSource.PERSON
    assert rows[cast["transfer_lapsed"][0]].source is SuspicionSource.TRANSFER_LAPSED


def test_a_case_stands_at_every_stage_that_people_bring_it_to(
    store: Store, cast: dict[str, list[UUID]]
) -> None:
    def case(role: str) -> Case:
        (child,) = cast[role]
        id_ = case_stream(store.log.county, child, 1)
        return Case(id_).replay(store.log.load([id_])[id_])

    stages = {role: case(role).stage for role in CASES}
    assert stages == {
        "case_planned": Stage.OPEN,
        "case_one_round": Stage.PERSUADING,
        "case_two_rounds": Stage.PERSUADING,
        "case_determined": Stage.DETERMINED,
        "case_back": Stage.CONSOLIDATING,
        "case_letter": Stage.CONCLUDED,
        "case_closed": Stage.CLOSED,
    }
    letter = case("case_letter")
    assert letter.letters[1].answered is not None
    files = files_json(store.log, letter.id)["rows"]
    assert [row["format"] for row in files] == ["pdf", "jpg"]
    assert case("case_planned").plan is not None
    assert case("case_planned").teacher is not None
    assert [len(case(f"case_{name}").rounds) for name in ("one_round", "two_rounds")] == [1, 2]
    assert len(case("case_back").follow_ups) == 3


def test_a_correction_takes_a_suspicion_back(ask: Ask, cast: dict[str, list[UUID]]) -> None:
    withdrawn = {each.child for each in ask(suspected.withdrawals)}
    assert set(cast["withdrawn"]) <= withdrawn
    rows = {row.child for row in ask(suspected.suspected, all_=True)}
    assert not rows & set(cast["withdrawn"])


def test_before_the_correction_was_known_the_suspicion_stood(
    store: Store, cast: dict[str, list[UUID]]
) -> None:
    child = cast["withdrawn"][0]
    with store.answers.reading() as reading:
        then = datetime(2026, 11, 4, 12, tzinfo=making.SUNDAY.tzinfo)
        known = store.answers.resolve(then)
        at: dict[str, Any] = {"as_of": date(2026, 11, 4), "position": known.position}
        rows = suspected.suspected(reading, Scope.county(), **at)
    assert child in {row.child for row in rows}


def test_transfers_are_to_be_confirmed_within_ten_working_days(store: Store) -> None:
    unit = Unit(store.office.map, store.office.context("tester"))
    calendars = store.office.calendars(unit, None)
    recorded = (found.event for found in store.log.read(0, 10**6))
    transfers = [event for event in recorded if isinstance(event, TransferStarted)]
    assert len(transfers) > 3
    for event in transfers:
        assert event.confirm_by == confirm_by(calendars, event.occurred_on)


def test_offices_work_in_the_holidays_of_schools() -> None:
    calendars = CountyCalendars("522699", national_holidays())
    assert confirm_by(calendars, date(2026, 7, 20)) == date(2026, 8, 3)
    assert confirm_by(calendars, date(2026, 9, 28)) == date(2026, 10, 16)
    assert confirm_by(calendars, date(2026, 12, 25)) is None


def test_leaves_transfers_and_departures_are_there(ask: Ask, cast: dict[str, list[UUID]]) -> None:
    every = [child for children in cast.values() for child in children]

    def places(reading: Reading, scope: Scope, **at: Any) -> Any:
        return roster.place_of(reading, scope, every, **at)

    found = ask(places)

    def statuses(role: str) -> set[Status]:
        return {found[child].status for child in cast[role]}

    assert statuses("leave_expiring") == statuses("leave") == {Status.SUSPENDED}
    assert statuses("leave_expired") == {Status.ABSENT}
    assert statuses("in_transit") == {Status.TRANSFERRING}
    assert statuses("transferred") == {Status.TRANSFERRED}
    assert statuses("elsewhere") == {Status.ENROLLED_ELSEWHERE}
    assert statuses("home_taught") == {Status.HOME_TAUGHT}
    assert statuses("missing") == {Status.MISSING}
    assert statuses("abroad") == {Status.ABROAD}
    moved = {row.child: row.direction for row in ask(transfers.transfers, all_=True)}
    assert moved[cast["arrived"][0]] is Direction.IN
    assert Direction.OUT in moved.values()


def test_nobody_is_lost_between_primary_and_junior_school(ask: Ask) -> None:
    kinds = {alert.kind for alert in ask(alerts.alerts)}
    assert not kinds & {"primary_gap", "arrival_due"}


def test_applications_at_every_stage_and_placements_are_there(
    ask: Ask, cast: dict[str, list[UUID]]
) -> None:
    files = ask(applications.files_on)
    stages = {
        role: [each.stage.value for child in cast[role] for each in files[child].applications]
        for role in ("leave_applied", "leave_papers", "leave_approved", "leave_refused")
    }
    assert stages == {
        "leave_applied": ["applied"],
        "leave_papers": ["applied"],
        "leave_approved": ["approved"],
        "leave_refused": ["refused"],
    }
    placed = {row.place.child: row for row in ask(placements.placements)}
    [included], [taught] = cast["included"], cast["home_taught"]
    assert placed[included].kind == "inclusive"
    assert placed[taught].kind == "home_taught"
    placement = files[taught].placement
    assert placement is not None
    assert len(placement.visits) == 6


def test_alerts_of_every_kind_a_clock_raises_are_there(ask: Ask) -> None:
    kinds = {alert.kind for alert in ask(alerts.alerts)}
    assert kinds >= {
        "absence_warning",
        "dropout_suspected",
        "roll_call_silent",
        "attending_decision_due",
        "leave_expiring",
        "leave_expired",
        "transfer_unconfirmed",
        "post_vacant",
        "long_leave_check",
    }


def test_chains_have_a_vacancy_and_a_handover(ask: Ask) -> None:
    assert len(ask(responsibility.vacant)) == 2
    ledger = ask(responsibility.ledger, all_=True)
    teachers = Counter(row.post for row in ledger if row.title == "班主任")
    assert max(teachers.values()) == 2


def test_silence_closures_and_mismatches_are_there(store: Store, ask: Ask) -> None:
    def roll_up(reading: Reading, scope: Scope, **at: Any) -> Any:
        return school.roll_up(reading, scope, instant=store.clock.now(), **at)

    rolled = ask(roll_up)
    assert sum(row.classes_silent for row in rolled.rows) >= 2
    assert sum(row.silent_class_days for row in rolled.rows) > 5
    topics = Counter(row.topic for row in store.log.read_rows(0, 10**6))
    assert topics["ckbx.calendar.ClosureDeclared"] >= 4
    with sqlite3.connect(f"file:{store.settings.sqlite_path}?mode=ro", uri=True) as conn:
        days = "SELECT count(*) FROM roll_call_completeness_days WHERE expected <> roll"
        assert conn.execute(days).fetchone()[0] >= 2


def test_facts_were_recorded_on_the_days_they_speak_of(store: Store) -> None:
    rows = store.log.read_rows(0, 10**6)
    stamps = [row.recorded_at for row in rows]
    assert stamps == sorted(stamps)
    sheets = [r for r in store.log.read(0, 10**6) if r.event.TOPIC.endswith("RollCallSubmitted")]
    zone = store.clock.zone
    lags = [
        (datetime.fromtimestamp(r.recorded_at / 1e6, zone).date() - r.event.occurred_on).days
        for r in sheets
    ]
    assert min(lags) == 0
    assert sum(lag == 0 for lag in lags) > 0.98 * len(lags)


def test_no_name_and_no_number_stands_in_any_fact(store: Store) -> None:
    county = make_county(making.STUDENTS, 2026, Random(SEED), two_years=True)
    stored = b"\n".join(bytes(row.state) for row in store.log.read_rows(0, 10**6))
    for pupil in county.pupils:
        assert pupil.id_number.encode() not in stored
        assert pupil.phone.encode() not in stored
        assert pupil.name.encode() not in stored


def test_what_was_made_is_used_again_until_another_size_is_asked_for(
    folder: Path, made: Made
) -> None:
    settings = making.settings_in(folder)
    assert made_before(settings, making.STUDENTS) == made
    assert made_before(settings, making.STUDENTS + 1) is None


def test_a_demo_that_is_being_served_is_not_made_anew(folder: Path, made: Made) -> None:
    leader = FileLeadership(folder / DATABASE)
    assert leader.try_lead()
    try:
        with pytest.raises(DemoInUse):
            making.make(folder)
    finally:
        leader.give_up()
    assert made_before(making.settings_in(folder), making.STUDENTS) == made


def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    theirs = tmp_path / DATABASE
    theirs.write_bytes(b"theirs")
    with pytest.raises(DemoInTheWay):
        making.make(tmp_path)
    assert theirs.read_bytes() == b"theirs"
    assert not (tmp_path / SECRETS).exists()


@pytest.mark.parametrize("students", [0, 149, 20_001])
def test_a_size_that_makes_no_county_is_refused(tmp_path: Path, students: int) -> None:
    with pytest.raises(DemoSize):
        making.make(tmp_path, students=students)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("day", "lessons_today"), [(19, False), (21, True)], ids=["Thursday", "Saturday"]
)
def test_a_demo_made_in_the_morning_shows_a_morning(
    tmp_path: Path, day: int, lessons_today: bool
) -> None:
    morning = datetime(2026, 11, day, 8, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    made = making.make(tmp_path, morning, lessons_today=lessons_today)
    assert made.last_day == morning.date()
    store = making.opened(tmp_path, morning)
    try:
        with store.answers.reading() as look:
            days = roll_call_completeness.class_days(
                look,
                Scope.county(),
                as_of=morning.date(),
                position=store.log.head(),
                instant=morning,
            )
    finally:
        store.close()
    states = {day.state for day in days}
    assert DayState.REPORTED in states
    assert DayState.WAITING in states
    assert DayState.SILENT not in states


def test_a_visitor_signs_in_with_one_account_a_role(store: Store, folder: Path) -> None:
    logins = store.demo_logins
    assert store.is_demo
    roles = {login.role for login in logins}
    assert len(logins) == len(roles) == len({login.account for login in logins}) == 11
    assert {"班主任", "帮扶教师", "校长", "督导", "学籍管理员", "系统管理员"} < roles
    for login in logins:
        entry = store.gate.sign_in(login.account, login.password)
        assert (entry.must_change, entry.factor) == (False, "none")
    kept = making.settings_in(folder).secret_dir / "demo-logins.json"
    assert kept.stat().st_mode & 0o777 == 0o600


def test_the_accounts_for_visitors_have_something_to_do(store: Store) -> None:
    own = {login.role: login.account for login in store.demo_logins}
    at: dict[str, Any] = {"as_of": TODAY, "position": store.log.head()}
    with store.answers.reading() as reading:
        raised = alerts.alerts(reading, Scope.county(), open_only=True, **at)
    told = {account for alert in raised for account in alert.to}
    busy = ("班主任", "帮扶教师", "包年级学校领导", "校长", "县教育局控辍保学专干", "乡镇责任人")
    assert [role for role in busy if own[role] not in told] == []


def test_the_accounts_for_visitors_stay_those_that_pages_are_tested_with(store: Store) -> None:
    offered = [login.account for login in store.demo_logins]
    assert offered == [
        "ct303181",
        "ct302181",
        "g3039",
        "principal4",
        "leader4",
        "bureau",
        "town3",
        "village13",
        "registrar3152697003",
        "inspector",
        "admin",
    ]


def test_something_lies_waiting_for_the_principal_the_leader_and_the_township(
    store: Store, made: Made, cast: dict[str, list[UUID]]
) -> None:
    own = {login.role: login.account for login in store.demo_logins}
    waits = {own[role] for role in ("校长", "包学校局领导", "乡镇责任人")}
    assert set(made.waits.values()) == waits
    assert set(made.waits) == {"principal", "bureau_leader", "township_officer"}

    (child,) = cast["case_returned"]
    (view,) = look_at_returns(store.office, [case_stream(store.log.county, child, 1)], TODAY)
    assert view.ready
    assert made.waits["principal"] == f"principal{school_number(view.case.school)}"

    (child,) = cast["case_ordered"]
    steps = look_at_steps(store.office, case_stream(store.log.county, child, 1), TODAY).state
    (order,) = steps.unserved(TODAY)
    assert order.kind is PaperKind.ORDER_TO_ATTEND
    assert (steps.papers[1].kind, steps.papers[1].service is not None) == (
        PaperKind.PERSUASION_NOTICE,
        True,
    )
    issued = [e for e in store.log.load([steps.id])[steps.id] if isinstance(e, PaperIssued)]
    assert made.waits["township_officer"] == f"town{int(issued[-1].issuer[-3:]) - 100}"

    unit = Unit(store.office.map, store.office.context("test"))
    waiting = store.office.calendars(unit, view.case.school).awaiting_county(view.case.school or "")
    assert list(waiting) == [LAST]


def test_the_return_can_be_confirmed_whatever_the_county_says_of_the_closure(
    store: Store, cast: dict[str, list[UUID]]
) -> None:
    (child,) = cast["case_returned"]
    (view,) = look_at_returns(store.office, [case_stream(store.log.county, child, 1)], TODAY)
    assert LAST not in view.attended


def school_number(code: str | None) -> int:
    return [school.code for school in small_schools()].index(str(code))


def small_schools() -> tuple[School, ...]:
    return make_county(making.STUDENTS, 2026, Random(SEED), two_years=False).schools


def test_the_inspector_of_the_demo_is_approved_by_somebody_until_a_day(store: Store) -> None:
    account = load_account(store.office, "inspector")
    (grant,) = grants_on(account, TODAY)
    assert grant.role == "inspector"
    assert grant.last_day is not None
    assert grant.approved_by.startswith("leader")
