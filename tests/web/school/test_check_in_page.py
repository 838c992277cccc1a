"""开学报到 on a page: the same children as the clock's run finds, and one tap for one that came."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from ckbx.demo.chain import grade_account, teacher_account
from ckbx.domain.child.child import Child
from ckbx.store import Store
from projections import roster
from projections.movements import LEAVES
from projections.scope import Scope
from tests.demo import making
from tests.support.counting import counted
from tests.web.school.test_boards import children_of
from tests.web.signing import signed_in
from tests.web.test_alerts_page import standing
from tests.web.test_pages import SCHOOL, good

EVENING = datetime(2026, 9, 1, 19, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
OTHER = "3152697001"
OWN = f"{SCHOOL}/2018/1"
"""A class with a teacher, whose children simply have not come."""


@pytest.fixture(scope="module")
def opening_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The county on the evening of its first school day, after the close."""
    folder = tmp_path_factory.mktemp("opening")
    making.make(folder, EVENING)
    return folder


@pytest.fixture
def opening(opening_folder: Path, tmp_path: Path) -> Iterator[Store]:
    """A copy that a test may write to."""
    shutil.copytree(opening_folder, tmp_path / "copy")
    store = making.opened(tmp_path / "copy", EVENING)
    yield store
    store.close()


def unseen(html: str) -> set[UUID]:
    """Those a page calls 未报到."""
    found = re.findall(
        r'/children/([0-9a-f-]{36})"[^ ]*</a> <span class="tag tag-red">未报到', html
    )
    return set(map(UUID, found))


def class_of(store: Store, child: UUID) -> str:
    with store.answers.reading() as reading:
        position = reading.position(roster.NAME)
        at = {"as_of": store.office.today(), "position": position}
        place = roster.place_of(reading, Scope.county(), [child], **at)[child]  # type: ignore[arg-type]
    return place.class_key or ""


def tap(store: Store, account: str, child: UUID | str) -> int:
    with signed_in(store, account) as client:
        return client.post("/check-in", data={"child": str(child)}).status_code


def checked_in(store: Store, child: UUID) -> dict[str, int]:
    return Child(child).replay(store.log.load([child])[child]).checked_in


def test_the_page_misses_whom_the_clock_misses(opening: Store) -> None:
    told = [row for row in standing(opening) if row.kind == "not_checked_in"]
    expected = {row.child for row in told if row.raised_on == EVENING.date()}
    assert expected
    found = set()
    with signed_in(opening, "bureau") as client:
        for code in re.findall(r'<option value="(\d{10})"', client.get("/check-in").text):
            page = client.get(f"/check-in?school={code}")
            assert "今天是开学第1个教学日" in good(page)
            found |= unseen(page.text)
    assert found == expected


def test_one_tap_of_the_principal_checks_a_child_in(opening: Store) -> None:
    with signed_in(opening, "principal4") as client:
        before = unseen(client.get("/check-in").text)
        child = next(each for each in before if class_of(opening, each) == OWN)
        answer = client.post("/check-in", data={"child": str(child)})
        assert answer.status_code == 303
        assert unseen(client.get(answer.headers["location"]).text) == before - {child}
        assert client.post("/check-in", data={"child": str(child)}).status_code == 303
    facts = opening.log.load([child])[child]
    came = [each for each in facts if type(each).__name__ == "CheckedIn"]
    assert [(each.actor, each.occurred_on.isoformat()) for each in came] == [
        ("principal4", "2026-09-01")
    ]


def test_a_teacher_sees_and_checks_in_the_own_class_alone(opening: Store) -> None:
    with signed_in(opening, "principal4") as client:
        missing = unseen(client.get("/check-in").text)
    child = next(each for each in missing if class_of(opening, each) == OWN)
    stranger = next(each for each in missing if class_of(opening, each) != OWN)
    account = teacher_account(OWN)
    with signed_in(opening, account) as client:
        html = client.get("/check-in").text
        assert {class_of(opening, each) for each in children_of(html)} == {OWN}
        assert client.get(f"/check-in?school={OTHER}").status_code == 404
    assert tap(opening, account, stranger) == 404
    assert not checked_in(opening, stranger)
    assert tap(opening, account, child) == 303
    assert checked_in(opening, child)


def test_a_grade_leader_sees_the_grade_and_a_village_nothing(opening: Store) -> None:
    with signed_in(opening, grade_account(SCHOOL, 7)) as client:
        found = children_of(client.get("/check-in").text)
    assert {class_of(opening, each) for each in found} == {f"{SCHOOL}/2020/1"}
    child = next(iter(found))
    assert tap(opening, "village12", child) == 403
    assert tap(opening, "principal0", child) == 404
    assert tap(opening, "principal0", "nothing") == 404
    assert not checked_in(opening, child)


def test_the_database_is_asked_as_often_for_many_missing_children_as_for_few(
    opening: Store,
) -> None:
    asked: dict[int, int] = {}
    with signed_in(opening, "bureau") as client:
        for code in re.findall(r'<option value="(\d{10})"', client.get("/check-in").text):
            page = client.get(f"/check-in?school={code}").text
            with counted(opening) as said:
                client.get(f"/check-in?school={code}")
            asked[len(children_of(page))] = len(said)
    some = {missing: times for missing, times in asked.items() if missing}
    assert max(some) >= 4 * min(some), asked
    assert some[max(some)] <= some[min(some)] + 2, asked


def test_beside_openings_the_page_says_when_the_next_one_is(store: Store) -> None:
    with signed_in(store, "principal4") as client:
        page = client.get("/check-in")
    text = good(page)
    assert "现在不是开学报到的时候" in text
    assert "下次开学：2027年3月1日星期一" in text
    assert "<button" not in page.text.split('id="main"')[1]


def test_of_who_is_missing_only_those_who_were_ever_on_leave_are_read_whole(
    opening: Store,
) -> None:
    with signed_in(opening, "principal4") as client:
        missing = unseen(client.get("/check-in").text)
        with reads_of(opening) as read:
            assert unseen(client.get("/check-in").text) == missing
    assert missing - read
    for child in missing & read:
        facts = opening.log.load([child])[child]
        assert any(type(each) in LEAVES for each in facts)


@contextmanager
def reads_of(store: Store) -> Iterator[set[UUID]]:
    """The streams that the log is asked for."""
    read: set[UUID] = set()
    load = store.log.load

    def loaded(streams: Sequence[UUID], *more: Any) -> Any:
        listed = list(streams)
        read.update(listed)
        return load(listed, *more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store.log, "load", loaded)
        yield read
