"""run-due: what the clock owes by an instant, once, made up when missed, taken back when gone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID

import pytest

from ckbx.application.decisions import decide_on_child
from ckbx.application.unit import Unit
from ckbx.clock import FixedClock
from ckbx.domain.attendance.marks import Reason
from ckbx.domain.child import departures, leaves
from ckbx.domain.child.child import Child
from ckbx.domain.child.leaves import LeaveDecision
from ckbx.domain.child.status import SuspicionSource, TrackingStatus
from ckbx.domain.responsibility.post import Line, Role, Scope, ScopeKind
from ckbx.domain.responsibility.register import PostRegister, posts_stream
from ckbx.domain.school.batch import ImportBatch
from ckbx.scheduling.gather import gather
from ckbx.scheduling.run_due import run_due
from ckbx.store import Store
from tests.support.county import COUNTY, SCHOOL, SmallCounty, opened

KEY, OTHER = f"{SCHOOL}/2026/1", f"{SCHOOL}/2026/2"
DAYS = [date(2026, 9, d) for d in (1, 2, 3, 4, 7, 8, 9)]
U = Reason.UNEXPLAINED


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[Store]:
    with opened(store_url, tmp_path / "secrets") as found:
        yield found


def local(day: date, hour: int = 20) -> datetime:
    """A local hour of a day as a UTC instant (Asia/Shanghai is eight hours ahead)."""
    return datetime(day.year, day.month, day.day, hour - 8, 30, tzinfo=UTC)


def alerts(store: Store) -> Counter[tuple[str, str]]:
    """Alerts by kind and state, folded from their own streams."""
    states: dict[UUID, tuple[str, str]] = {}
    names = {"Raised": "open", "Reopened": "open", "Withdrawn": "withdrawn", "Closed": "closed"}
    for recorded in store.log.read(0, 100_000):
        name = type(recorded.event).__name__
        if name.startswith("Alert") and name != "AlertAcknowledged":
            kind = recorded.event.kind
            states[recorded.event.originator_id] = (kind, names[name.removeprefix("Alert")])
    return Counter(states.values())


def test_a_class_that_did_not_report_is_silent_after_the_deadline_only(store: Store) -> None:
    county = SmallCounty(store.office, classes=2)
    county.hand_in(KEY, DAYS[0])
    run_due(store, local(DAYS[0], 9))
    assert alerts(store)["roll_call_silent", "open"] == 0
    run_due(store, local(DAYS[0], 11))
    assert alerts(store)["roll_call_silent", "open"] == 1
    county.hand_in(KEY, DAYS[1])
    county.hand_in(OTHER, DAYS[1])
    run_due(store, local(DAYS[1]))
    assert alerts(store)["roll_call_silent", "open"] == 2


def test_running_again_changes_nothing(store: Store) -> None:
    SmallCounty(store.office, classes=3)
    assert not run_due(store, local(DAYS[4])).nothing
    head = store.log.head()
    assert run_due(store, local(DAYS[4])).nothing
    assert store.log.head() == head


def test_what_was_missed_is_made_up_and_equals_daily_runs(store: Store, tmp_path: Path) -> None:
    SmallCounty(store.office, classes=2)
    for day in DAYS:
        run_due(store, local(day))
    daily = alerts(store)
    with opened(f"sqlite:///{tmp_path / 'late.db'}", tmp_path / "late") as late:
        SmallCounty(late.office, classes=2)
        run_due(late, local(DAYS[-1]))
        assert alerts(late) == daily


def test_a_late_report_takes_the_silence_back(store: Store) -> None:
    county = SmallCounty(store.office)
    run_due(store, local(DAYS[0]))
    assert alerts(store)["roll_call_silent", "open"] == 2
    county.hand_in(KEY, DAYS[0])
    report = run_due(store, local(DAYS[0]))
    assert report.withdrawn == {"roll_call_silent": 2}
    assert alerts(store)["roll_call_silent", "withdrawn"] == 2


def test_an_alert_goes_to_the_post_responsible_or_the_next_up_and_says_why(store: Store) -> None:
    SmallCounty(store.office)
    posts = [
        (4, "班主任", Scope(ScopeKind.CLASS, KEY), "ct0", date(2026, 9, 1), Role.CLASS_TEACHER),
        (2, "校长", Scope(ScopeKind.SCHOOL, SCHOOL), "head", None, Role.PRINCIPAL),
    ]

    def decide(unit: Unit) -> bytes:
        for level, title, scope, account, last, role in posts:
            stream = posts_stream(COUNTY, scope)
            register = unit.get(stream, lambda id_: PostRegister(id_, COUNTY))
            post = register.establish(
                unit.ctx,
                line=Line.EDUCATION,
                scope=scope,
                title=title,
                level=level,
                role=role,
                since=date(2026, 8, 1),
            )
            register.hold(
                unit.ctx,
                post,
                account=account,
                holder=UUID(int=level),
                first_day=date(2026, 8, 1),
                last_day=last,
            )
        return b"posts"

    store.office.run(store.office.context("test"), decide)
    run_due(store, local(DAYS[1], 11))
    raised = [
        r.event
        for r in store.log.read(0, 1000)
        if type(r.event).__name__ == "AlertRaised" and r.event.rule == "roll_call_silent"
    ]
    assert [(e.occurred_on, e.to) for e in raised] == [(DAYS[0], ["ct0"]), (DAYS[1], ["head"])]
    assert raised[0].via is None
    assert "空岗" in raised[1].via
    assert alerts(store)["post_vacant", "open"] == 1


def absent_all_week(store: Store, reason: Reason = U, days: int = 5) -> tuple[SmallCounty, UUID]:
    county = SmallCounty(store.office)
    child = county.pupils[KEY][0]
    for n, day in enumerate(DAYS[:days]):
        county.hand_in(KEY, day, {child: reason if n else Reason.SICK})
    return county, child


def test_a_child_not_seen_by_day_five_is_suspected_by_the_opening(store: Store) -> None:
    county, child = absent_all_week(store)
    run_due(store, local(DAYS[3]))
    assert Child(child).replay(store.log.load([child])[child]).episode is None
    assert alerts(store)["not_checked_in", "open"] >= 1
    assert run_due(store, local(DAYS[4])).suspected == 1
    found = Child(child).replay(store.log.load([child])[child])
    assert found.episode is not None
    assert found.episode.source is SuspicionSource.OPENING
    assert (found.suspected_on, date.fromordinal(found.episode.first_absent_on)) == (
        DAYS[4],
        DAYS[0],
    )
    assert run_due(store, local(DAYS[4])).nothing
    other = county.pupils[KEY][1]
    assert Child(other).replay(store.log.load([other])[other]).episode is None


def test_silence_never_suspects_a_child(store: Store) -> None:
    SmallCounty(store.office)
    report = run_due(store, local(DAYS[6]))
    assert report.suspected == 0
    assert alerts(store)["not_checked_in", "open"] == 0


def test_a_child_on_leave_in_the_opening_is_not_missing(store: Store) -> None:
    absent_all_week(store, Reason.SICK)
    assert run_due(store, local(DAYS[4])).suspected == 0


def test_a_correction_takes_the_opening_suspicion_back(store: Store) -> None:
    county, child = absent_all_week(store)
    run_due(store, local(DAYS[4]))
    county.hand_in(KEY, DAYS[1])
    run_due(store, local(DAYS[5]))
    found = Child(child).replay(store.log.load([child])[child])
    assert found.base is TrackingStatus.ENROLLED
    assert alerts(store)["dropout_suspected", "withdrawn"] == 1


def grant_leave(store: Store, child: UUID, until: date) -> None:
    decision = LeaveDecision(
        occurred_on=date(2026, 9, 10),
        effective_from=date(2026, 9, 10),
        until=until,
        approver="township",
        approver_role="township_officer",
        document="镇教〔2026〕1号",
        evidence_ref="ref:1",
    )
    ctx = store.office.context("test")
    decide_on_child(store.office, ctx, child, lambda c, x: leaves.suspend(c, x, decision))


def test_a_leave_is_warned_of_thirty_and_ten_days_before_and_noted_when_over(
    store: Store,
) -> None:
    county = SmallCounty(store.office)
    grant_leave(store, county.pupils[KEY][0], date(2026, 11, 1))
    run_due(store, local(date(2026, 10, 1)))
    assert alerts(store)["leave_expiring", "open"] == 0
    run_due(store, local(date(2026, 10, 2)))
    assert alerts(store)["leave_expiring", "open"] == 1
    run_due(store, local(date(2026, 10, 22)))
    assert alerts(store)["leave_expiring", "open"] == 2
    report = run_due(store, local(date(2026, 11, 6)))
    assert report.expired == 1
    assert alerts(store)["leave_expired", "open"] == 4  # two of them unread, up and in copy
    assert run_due(store, local(date(2026, 11, 6))).nothing


def test_an_unconfirmed_transfer_lapses_once(store: Store) -> None:
    county = SmallCounty(store.office)
    child = county.pupils[KEY][0]
    decide_on_child(
        store.office,
        store.office.context("test"),
        child,
        lambda c, x: departures.start_transfer(
            c,
            x,
            on=date(2026, 9, 10),
            receiving_school="外县一中",
            document="转1",
            confirm_by=date(2026, 9, 24),
        ),
    )
    assert run_due(store, local(date(2026, 9, 24))).lapsed == 0
    assert run_due(store, local(date(2026, 9, 25))).lapsed == 1
    assert run_due(store, local(date(2026, 9, 26))).lapsed == 0
    found = Child(child).replay(store.log.load([child])[child])
    assert found.base is TrackingStatus.SUSPECTED
    assert alerts(store)["transfer_unconfirmed", "open"] == 1


def test_the_unknown_year_is_asked_for_in_december(store: Store) -> None:
    SmallCounty(store.office)
    store.clock.at = datetime(2026, 12, 2, tzinfo=UTC)  # type: ignore[attr-defined]
    assert isinstance(store.clock, FixedClock)
    run_due(store, local(date(2026, 12, 1)))
    assert alerts(store)["calendar_year_unknown", "open"] == 1


def test_an_instant_in_the_future_is_cut_to_now(store: Store) -> None:
    SmallCounty(store.office)
    report = run_due(store, local(date(2027, 3, 1)))
    assert report.at == store.clock.now()


# While an import is under way (domain §9)


def importing(
    store: Store, kind: str, *schools: str, end: bool = False, on: date = DAYS[2]
) -> None:
    """A batch of files begins, or is through."""
    stream = ImportBatch.stream(COUNTY, kind)

    def decide(unit: Unit) -> bytes:
        batch = unit.get(stream, ImportBatch)
        if end:
            batch.finish(unit.ctx, batch=kind, applied=1, refused=0)
        else:
            batch.start(
                unit.ctx,
                batch=kind,
                kind=kind,
                digest="",
                rows=1,
                schools=list(schools),
                effective=None,
            )
        return b"batch"

    store.office.run(store.office.context("test", today=on), decide)


@pytest.mark.parametrize("kind", ["rollcalls", "roster"])
def test_no_class_of_an_import_under_way_is_called_silent(store: Store, kind: str) -> None:
    county = SmallCounty(store.office, classes=2)
    importing(store, kind, SCHOOL)
    county.hand_in(KEY, DAYS[0])
    report = run_due(store, local(DAYS[2]))
    assert [each.batch for each in report.importing] == [kind]
    assert not any(name == "roll_call_silent" for name, _ in alerts(store))
    county.hand_in(OTHER, DAYS[0])
    importing(store, kind, SCHOOL, end=True)
    assert run_due(store, local(DAYS[2])).importing == []
    silent = alerts(store)
    assert silent["roll_call_silent", "open"] == 4
    assert silent["roll_call_silent", "withdrawn"] == 0


def test_an_import_holds_back_neither_other_schools_nor_days_after_it_began(store: Store) -> None:
    """One that was broken off and never ended must not silence the county."""
    SmallCounty(store.office, classes=1)
    importing(store, "rollcalls", "2152939973")
    run_due(store, local(DAYS[0]))
    assert alerts(store)["roll_call_silent", "open"] == 2
    importing(store, "roster", SCHOOL, on=DAYS[2])
    run_due(store, local(DAYS[4]))
    assert alerts(store)["roll_call_silent", "open"] == 4


def test_what_was_alerted_before_an_import_is_left_alone_until_it_ends(store: Store) -> None:
    county = SmallCounty(store.office, classes=1)
    run_due(store, local(DAYS[0]))
    importing(store, "rollcalls", SCHOOL)
    county.hand_in(KEY, DAYS[0])
    run_due(store, local(DAYS[0]))
    assert alerts(store)["roll_call_silent", "open"] == 2
    importing(store, "rollcalls", SCHOOL, end=True)
    run_due(store, local(DAYS[0]))
    assert alerts(store)["roll_call_silent", "withdrawn"] == 2


def test_nobody_is_suspected_at_the_opening_while_its_days_come_in(store: Store) -> None:
    absent_all_week(store)
    importing(store, "rollcalls", SCHOOL, on=DAYS[5])
    assert run_due(store, local(DAYS[5])).suspected == 0
    assert alerts(store)["not_checked_in", "open"] == 0
    importing(store, "rollcalls", SCHOOL, end=True)
    assert run_due(store, local(DAYS[5])).suspected == 1


def test_a_vacant_post_is_not_told_while_a_chain_comes_in(store: Store) -> None:
    SmallCounty(store.office)
    importing(store, "chain")
    store.catch_up()
    facts = gather(store.office, store.answers, local(DAYS[2]))
    assert facts.waits("post_vacant", SCHOOL, DAYS[1])
    assert facts.waits("chain_unset", None, DAYS[1])
    assert not facts.waits("roll_call_silent", SCHOOL, DAYS[1])
