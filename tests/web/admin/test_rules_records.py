"""What a try-out found is read and adopted in every process, and after a restart."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from ckbx.access.run_records import KEPT, SILENT, RunRecord
from ckbx.store import Store
from ckbx.web import runs
from ckbx.web.app import make_app
from tests.web.admin.conftest import command
from tests.web.admin.files import wait
from tests.web.admin.test_import_records import later, words
from tests.web.admin.test_rules_pages import try_out, versions
from tests.web.signing import COOKIE, signed_in, token_for, visitor

ON_BOTH = "own_store"
OTHERS = "/rules/tries/of-another-process"


def record(step: str, state: str, said: str) -> RunRecord:
    return RunRecord(
        id="of-another-process",
        account="bureau",
        area="rules",
        kind="pack",
        step=step,
        state=state,
        said=said,
    )


@pytest.fixture(autouse=True)
def told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything that a try-out says of itself is written down."""
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


def test_another_process_says_the_same_of_a_try_out(
    officer: TestClient, elsewhere: TestClient, own_store: Store
) -> None:
    where = try_out(officer, own_store)
    here = words(wait(officer, where))
    assert "逐名" in here
    assert words(elsewhere.get(where).text) == here
    assert f'href="{where}"' in elsewhere.get("/rules").text


def test_another_process_adopts_what_was_tried_and_once(
    officer: TestClient, elsewhere: TestClient, own_store: Store
) -> None:
    where = try_out(officer, own_store)
    wait(officer, where)
    begins = own_store.office.today().isoformat()
    form = {"command": command(), "effective": begins, "sure": "yes"}
    adopting = elsewhere.post(f"{where}/adopt", data=form)
    assert adopting.status_code == 303
    at = adopting.headers["location"]
    assert "已采用第1版" in words(wait(elsewhere, at))
    assert "已采用第1版" in words(officer.get(at).text)
    assert officer.post(f"{where}/adopt", data=form).headers["location"] == at
    assert versions(own_store) == [0, 1]
    for client in (officer, elsewhere):
        assert "不能作准" in client.get(where).text


def test_of_children_nothing_but_inner_ids_is_written_down(
    officer: TestClient, own_store: Store
) -> None:
    where = try_out(officer, own_store)
    page = wait(officer, where)
    with own_store.engine.connect() as connection:
        stored = repr(connection.execute(text("SELECT * FROM access_runs")).fetchall())
    assert '"warn_run":2' in stored
    assert "改.toml" not in stored
    names = set(re.findall(r"<bdi>([^<]+)</bdi>", page.partition("逐名")[2]))
    assert len(names) > 5
    assert not [name for name in names if name in stored]


@pytest.mark.parametrize(("step", "doing"), [("try", "试算"), ("adopt", "采用")])
def test_a_try_out_of_another_process_is_watched_and_its_end_by_silence_is_said(
    elsewhere: TestClient, own_store: Store, step: str, doing: str
) -> None:
    own_store.gate.runs.put(record(step, "running", "重算点名"))
    page = elsewhere.get(OTHERS).text
    assert f"正在{doing}重算点名" in words(page)
    assert "http-equiv" in page
    assert elsewhere.post(f"{OTHERS}/adopt", data={}).status_code == 303
    later(own_store, SILENT + 1)
    broken = elsewhere.get(OTHERS).text
    assert f"{doing}中断了" in words(broken)
    assert "http-equiv" not in broken
    assert f"{doing}：中断" in words(elsewhere.get("/rules").text)
    assert versions(own_store) == [0]


@pytest.mark.parametrize(
    ("state", "said", "shown"),
    [("refused", "出错了，请再试", "出错了"), ("done", '{"older": 1}', "请重新试算")],
)
def test_what_was_refused_or_cannot_be_read_any_more_is_said(
    elsewhere: TestClient, own_store: Store, state: str, said: str, shown: str
) -> None:
    own_store.gate.runs.put(record("try", state, said))
    assert shown in elsewhere.get(OTHERS).text
    assert shown in elsewhere.get("/rules").text


def test_a_try_out_is_its_owners_alone_and_is_forgotten_after_a_week(
    officer: TestClient, elsewhere: TestClient, own_store: Store
) -> None:
    where = try_out(officer, own_store)
    wait(officer, where)
    with signed_in(own_store, "registrar3152697003") as other:
        assert other.get(where).status_code == 403
    assert own_store.gate.runs.find(where.rpartition("/")[2], "admin", "rules") is None
    later(own_store, KEPT + 1)
    elsewhere.cookies.set(COOKIE, token_for(own_store, "bureau"), domain="127.0.0.1")
    assert elsewhere.get(where).status_code == 404
