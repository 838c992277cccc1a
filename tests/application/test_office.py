"""Commands carried through on real stores: retried, repeated, together, against each other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ckbx.application.office import Office
from ckbx.domain.attendance.marks import Reason
from ckbx.domain.child.child import Child
from ckbx.domain.class_roll import errors
from ckbx.store import Store
from tests.support.county import SCHOOL, SmallCounty, opened

KEY = f"{SCHOOL}/2026/1"
DAYS = [date(2026, 9, d) for d in (1, 2, 3, 4, 7, 8)]
U = Reason.UNEXPLAINED


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[Store]:
    with opened(store_url, tmp_path / "secrets") as found:
        yield found


def test_the_suspicion_stands_in_the_append_of_the_fifth_day(store: Store) -> None:
    county = SmallCounty(store.office)
    child = county.pupils[KEY][0]
    for day in DAYS[:4]:
        county.hand_in(KEY, day, {child: U})
    before = store.log.head()
    done = county.hand_in(KEY, DAYS[4], {child: U})
    last = store.log.read(before, 100)
    assert {r.event.command_id for r in last} == {last[0].event.command_id}
    assert {r.recorded_at for r in last} == {last[0].recorded_at}
    assert [type(r.event).__name__ for r in last] == [
        "RollCallSubmitted",
        "AbsenceRecorded",
        "AbsenceWarned",
        "DropoutSuspected",
        "AlertRaised",
        "AlertRaised",
        "CaseOpened",
    ]
    assert done.position == last[-1].position


def test_the_same_sheet_again_appends_nothing_also_from_another_process(store: Store) -> None:
    county = SmallCounty(store.office)
    child = county.pupils[KEY][0]
    county.hand_in(KEY, DAYS[0], {child: U})
    head = store.log.head()
    assert county.hand_in(KEY, DAYS[0], {child: U}).replayed
    county.office = Office(store.log, store.clock)
    assert county.hand_in(KEY, DAYS[0], {child: U}).replayed
    assert store.log.head() == head


def test_a_stale_office_decides_again_on_what_the_other_wrote(store: Store) -> None:
    county = SmallCounty(store.office)
    one, two = county.pupils[KEY][:2]
    first, second = store.office, Office(store.log, store.clock)
    for n, day in enumerate(DAYS[:5]):
        county.office = first if n % 2 else second
        county.hand_in(KEY, day, {one: U})
    county.office = first
    county.hand_in(KEY, DAYS[5], {one: U, two: U})
    child = Child(one).replay(store.log.load([one])[one])
    assert child.suspected_on == DAYS[4]
    assert child.version == len(store.log.load([one])[one])


def test_many_clients_at_once_lose_nothing_and_double_nothing(store: Store) -> None:
    county = SmallCounty(store.office, classes=8)
    failures: list[BaseException] = []

    def teacher(key: str) -> None:
        try:
            for day in DAYS:
                county.hand_in(key, day, {county.pupils[key][0]: U})
        except BaseException as error:  # noqa: BLE001 - shown by the assertion below
            failures.append(error)

    threads = [threading.Thread(target=teacher, args=(key,)) for key in county.pupils]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    events = [r.event for r in store.log.read(0, 10_000)]
    names = [type(e).__name__ for e in events]
    assert names.count("RollCallSubmitted") == 8 * 6
    assert names.count("AbsenceRecorded") == 8 * 6
    assert names.count("DropoutSuspected") == 8


def test_a_refused_sheet_leaves_no_trace_and_the_next_one_is_decided_right(store: Store) -> None:
    county = SmallCounty(store.office)
    child = county.pupils[KEY][0]
    head = store.log.head()
    with pytest.raises(errors.NotATeachingDay, match="周末"):
        county.hand_in(KEY, date(2026, 9, 5), {child: U})
    with pytest.raises(errors.FutureDay):
        county.hand_in(KEY, date(2026, 11, 23), {child: U})
    with pytest.raises(errors.OutsideTerms):
        county.hand_in(KEY, date(2026, 8, 31), {child: U})
    assert store.log.head() == head
    county.hand_in(KEY, DAYS[0], {child: U})
    assert store.log.head() > head


def test_history_before_the_first_live_day_is_no_late_entry(store: Store) -> None:
    county = SmallCounty(store.office)
    county.hand_in(KEY, DAYS[0])
    county.hand_in(KEY, date(2026, 11, 20))
    county.hand_in(KEY, DAYS[1])
    kinds = [
        (r.event.occurred_on, r.event.entry)
        for r in store.log.read(0, 1000)
        if type(r.event).__name__ == "RollCallSubmitted"
    ]
    assert kinds == [
        (DAYS[0], "initial"),
        (date(2026, 11, 20), "live"),
        (DAYS[1], "late"),
    ]
