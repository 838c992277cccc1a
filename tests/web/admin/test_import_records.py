"""What became of an import is known to every process, and after a restart; of its file nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from ckbx.access.run_records import KEPT, SILENT, RunRecord
from ckbx.clock import FixedClock
from ckbx.store import Store
from ckbx.web import runs
from ckbx.web.app import make_app
from tests.imports.intake_store import student_no
from tests.web.admin.files import child, hand_in, roster, wait
from tests.web.signing import COOKIE, signed_in, token_for, visitor

ON_BOTH = "own_store"
BUSY = RunRecord(
    id="of-another-process",
    account="bureau",
    area="imports",
    kind="roster",
    step="apply",
    state="running",
    done=40,
    total=120,
    said="写入",
)


@pytest.fixture(autouse=True)
def told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that an import says of itself is written down, in the midst of its writing."""
    monkeypatch.setattr(runs, "TOLD_SECONDS", 0.0)


@pytest.fixture
def officer(own_store: Store) -> Iterator[TestClient]:
    with signed_in(own_store, "bureau") as client:
        yield client


@pytest.fixture
def elsewhere(own_store: Store) -> Iterator[TestClient]:
    """The officer at another web process, or at this one after it was started anew."""
    with visitor(own_store, make_app(own_store)) as client:
        client.cookies.set(COOKIE, token_for(own_store, "bureau"), domain="127.0.0.1")
        yield client


def words(page: str) -> str:
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", page.partition('id="main"')[2]))


def later(store: Store, microseconds: int) -> None:
    clock = store.clock
    assert isinstance(clock, FixedClock)
    clock.at += timedelta(microseconds=microseconds)


def test_another_process_says_what_was_found_and_what_was_written(
    officer: TestClient, elsewhere: TestClient
) -> None:
    where = hand_in(officer, "roster", roster(child(1), child(2)))
    found = words(elsewhere.get(where).text)
    assert "核对完了：花名册" in found
    assert "新增2" in found
    assert "请重新选文件核对" in found
    assert officer.post(f"{where}/apply", data={}).status_code == 303
    wait(officer, where)
    assert "写入完了：花名册花名册导入完成：1个文件2行，新增2" in words(elsewhere.get(where).text)
    listed = words(elsewhere.get("/imports").text)
    assert "我办的" in listed
    assert "写入花名册：办完" in listed


def test_what_was_refused_is_said_without_its_rows(
    officer: TestClient, elsewhere: TestClient
) -> None:
    where = hand_in(officer, "roster", roster(child(1, 学籍号="G1")))
    assert "没有一行可以导入；有1处不能导入" in words(elsewhere.get(where).text)


def test_nothing_of_a_file_is_written_down(
    officer: TestClient, elsewhere: TestClient, own_store: Store
) -> None:
    where = hand_in(officer, "roster", roster(child(1), child(2, 性别="也许")))
    officer.post(f"{where}/apply", data={"skip": "yes"})
    wait(officer, where)
    hand_in(officer, "roster", b"not a table")
    with own_store.engine.connect() as connection:
        stored = repr(connection.execute(text("SELECT * FROM access_runs")).fetchall())
    assert "花名册导入完成" in stored
    for secret in (student_no(1), "学生1", "家长1", "也许", "名册0"):
        assert secret not in stored


def test_a_run_of_another_process_is_watched_and_its_end_by_silence_is_said(
    elsewhere: TestClient, own_store: Store
) -> None:
    own_store.gate.runs.put(BUSY)
    page = elsewhere.get("/imports/of-another-process").text
    assert "正在写入花名册写入40/120" in words(page)
    assert "http-equiv" in page
    later(own_store, SILENT + 1)
    broken = elsewhere.get("/imports/of-another-process").text
    assert "写入中断了：花名册" in words(broken)
    assert "停下以前办到40/120（写入）" in words(broken)
    assert "重新选同一份文件核对、写入：写过的行不会重复" in words(broken)
    assert "http-equiv" not in broken
    assert "写入花名册：中断" in words(elsewhere.get("/imports").text)
    refused = elsewhere.post("/imports/of-another-process/apply", data={})
    assert "写入中断了" in refused.text


def test_the_file_of_a_broken_import_handed_in_again_repeats_no_row(
    officer: TestClient, own_store: Store
) -> None:
    first = hand_in(officer, "roster", roster(child(1)))
    officer.post(f"{first}/apply", data={})
    wait(officer, first)
    again = hand_in(officer, "roster", roster(child(1), child(2)))
    officer.post(f"{again}/apply", data={})
    page = words(wait(officer, again))
    assert "新增1" in page
    assert "未变1" in page


def test_a_run_is_its_owners_alone(own_store: Store) -> None:
    own_store.gate.runs.put(BUSY)
    with signed_in(own_store, "registrar3152697003") as other:
        assert other.get("/imports/of-another-process").status_code == 404
        assert other.post("/imports/of-another-process/apply", data={}).status_code == 404
        assert "我办的" not in other.get("/imports").text


def test_after_a_week_it_is_forgotten(own_store: Store) -> None:
    records = own_store.gate.runs
    records.put(BUSY)
    later(own_store, KEPT + 1)
    assert records.latest("bureau", "imports") == []
    records.put(RunRecord(id="new", account="a", area="b", kind="c", step="d", state="done"))
    assert records.find(BUSY.id, "bureau", "imports") is None
