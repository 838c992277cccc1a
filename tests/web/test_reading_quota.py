"""An account that opens children one by one is noticed, and stopped far above a normal day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from ckbx.clock import FixedClock
from ckbx.store import Store
from ckbx.vault import Access
from ckbx.web import reading_quota
from ckbx.web.reading_quota import ALARM, ALARM_AT, STOP_AT, STOPPED, TooManyReads, count_look
from tests.web.ledgers.kit import places
from tests.web.signing import signed_in

ON_BOTH = "own_store"


@pytest.fixture(autouse=True)
def an_hour_later(own_store: Store) -> None:
    """What others looked at in the county before it was copied no longer counts."""
    clock = own_store.clock
    assert isinstance(clock, FixedClock)
    clock.at += timedelta(hours=1, seconds=1)


@pytest.fixture
def officer(own_store: Store) -> Iterator[TestClient]:
    with signed_in(own_store, "bureau") as client:
        yield client


@pytest.fixture
def children(own_store: Store) -> list[UUID]:
    return sorted(places(own_store))


@pytest.fixture
def low(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measures that a test reaches: alarm from the third child on, stop from the fifth."""
    monkeypatch.setattr(reading_quota, "ALARM_AT", 3)
    monkeypatch.setattr(reading_quota, "STOP_AT", 5)


def opened(client: TestClient, child: UUID) -> int:
    return client.get(f"/children/{child}").status_code


def alarms(store: Store) -> list[tuple[str, str, int]]:
    records = store.vault.access_asked(views=reading_quota.ALARMS, limit=100)
    return [(r.view, r.actor, len(r.subjects)) for r in reversed(records)]


@pytest.mark.usefixtures("low")
def test_an_account_that_opens_many_is_told_of_once_and_then_stopped(
    own_store: Store, officer: TestClient, children: list[UUID]
) -> None:
    assert [opened(officer, each) for each in children[:3]] == [200] * 3
    assert alarms(own_store) == []
    assert [opened(officer, each) for each in children[3:5]] == [200] * 2
    assert alarms(own_store) == [(ALARM, "bureau", 3)]
    stopped = officer.get(f"/children/{children[5]}")
    assert stopped.status_code == 429
    assert "一小时内已逐个查看了 5 名学生" in stopped.text
    assert "请过一小时再看" in stopped.text
    assert opened(officer, children[6]) == 429
    assert alarms(own_store) == [(ALARM, "bureau", 3), (STOPPED, "bureau", 5)]
    assert officer.get("/ledgers/roster").status_code == 200, "lists go on"


@pytest.mark.usefixtures("low")
def test_it_holds_for_another_process_and_for_programs_and_ends_after_an_hour(
    own_store: Store, officer: TestClient, children: list[UUID]
) -> None:
    assert [opened(officer, each) for each in children[:5]] == [200] * 5
    with signed_in(own_store, "bureau") as again:
        refused = again.get(f"/api/v1/children/{children[7]}")
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_reads")
    clock = own_store.clock
    assert isinstance(clock, FixedClock)
    clock.at += timedelta(hours=1, seconds=1)
    with signed_in(own_store, "bureau") as later:
        assert opened(later, children[7]) == 200


@pytest.mark.usefixtures("low")
def test_the_same_children_over_and_over_count_once(
    own_store: Store, officer: TestClient, children: list[UUID]
) -> None:
    for _ in range(4):
        assert [opened(officer, each) for each in children[:2]] == [200] * 2
    assert alarms(own_store) == []


@pytest.mark.usefixtures("low")
def test_the_inspector_sees_the_alarm(
    own_store: Store, officer: TestClient, children: list[UUID], caplog: pytest.LogCaptureFixture
) -> None:
    with signed_in(own_store, "inspector") as inspector:
        assert "没有报警" in inspector.get("/inspect/access?alarms=yes").text
        for each in children[:4]:
            opened(officer, each)
        page = inspector.get("/inspect/access?alarms=yes").text
    assert "报警：一小时内逐个查看了 3 名学生" in page
    assert "查看一生一档" not in page, "the alarms alone"
    assert f"reading_alarm {ALARM} bureau 3" in caplog.text


def test_a_class_teachers_day_is_far_below(own_store: Store, children: list[UUID]) -> None:
    """The whole of the largest class there may be, every child opened within the hour."""
    assert 2 * 60 <= ALARM_AT < STOP_AT
    for each in children[:60]:
        own_store.vault.note(Access(actor="ct1", view="web:child", purpose="查看"), [each])
    count_look(own_store, "ct1", "web:child")
    assert alarms(own_store) == []


def test_who_is_stopped_is_told_for_how_long() -> None:
    with pytest.raises(TooManyReads, match="过一小时"):
        raise TooManyReads(count=400)
