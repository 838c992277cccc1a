"""规则 pages: what is adopted is what was tried, and a try-out writes nothing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from ckbx.application.rule_adoption import adopt_rules
from ckbx.domain.rules.rule_book import RuleBook
from ckbx.domain.rules.rule_pack import RULE_FIELDS
from ckbx.store import Store
from tests.web.admin.conftest import command
from tests.web.admin.files import wait
from tests.web.signing import signed_in


@pytest.fixture
def officer(own_store: Store) -> Iterator[TestClient]:
    with signed_in(own_store, "bureau") as client:
        yield client


def versions(store: Store) -> list[int]:
    book = RuleBook.of(store.log.county)
    book.replay(store.log.load([book.id]).get(book.id, []))
    return [rules.version for rules in book.adopted]


def try_out(client: TestClient, store: Store, text: str = "warn_run = 2\n") -> str:
    today = store.office.today()
    form = {
        "command": command(),
        "first": (today - timedelta(days=60)).isoformat(),
        "last": today.isoformat(),
    }
    files = {"file": ("改.toml", text.encode(), "text/plain")}
    response = client.post("/rules", data=form, files=files)
    assert response.status_code == 303, response.text
    return str(response.headers["location"])


def test_every_rule_stands_there_in_words_with_its_source(officer: TestClient) -> None:
    page = officer.get("/rules").text
    for field in RULE_FIELDS.values():
        assert field.title in page
        assert field.source in page
    for name, field in RULE_FIELDS.items():
        row = f'<th scope="row">{field.title} <small class="text-quiet rule-key"><code>{name}<'
        assert row in page, "the name of the file stands small beside the words"


def test_the_rules_are_taken_away_as_a_file_that_changes_nothing(
    officer: TestClient, own_store: Store
) -> None:
    text = officer.get("/rules/rules.toml").text
    assert set(tomllib.loads(text)) == set(RULE_FIELDS)
    assert "相同" in wait(officer, try_out(officer, own_store, text))


def test_a_try_out_says_how_many_and_who_and_writes_nothing(
    officer: TestClient, own_store: Store
) -> None:
    head = own_store.log.head()
    page = wait(officer, try_out(officer, own_store))
    assert own_store.log.head() == head
    assert "预警" in page
    assert "/children/" in page
    assert "多 " in page


def test_what_was_tried_is_adopted_after_it_is_confirmed(
    officer: TestClient, own_store: Store
) -> None:
    where = try_out(officer, own_store)
    wait(officer, where)
    begins = (own_store.office.today() + timedelta(days=7)).isoformat()
    unsure = officer.post(f"{where}/adopt", data={"effective": begins})
    assert unsure.status_code == 422
    assert f'value="{begins}"' in unsure.text
    past = {"effective": "2026-01-01", "sure": "yes"}
    assert officer.post(f"{where}/adopt", data=past).status_code == 422
    assert versions(own_store) == [0]
    form = {"command": command(), "effective": begins, "sure": "yes"}
    adopting = officer.post(f"{where}/adopt", data=form)
    assert adopting.status_code == 303
    assert "已采用第 1 版" in wait(officer, adopting.headers["location"])
    assert versions(own_store) == [0, 1]
    again = officer.post(f"{where}/adopt", data=form)
    assert again.headers["location"] == adopting.headers["location"], "pressed twice"
    assert versions(own_store) == [0, 1]
    assert "不能作准" in officer.get(where).text
    own_store.catch_up()
    by = re.search(r"<bdi>([^<]+)</bdi> 采用", officer.get("/rules").text)
    assert by
    assert re.fullmatch(r"[\u4e00-\u9fff]{2,4}（bureau）", by[1])


def test_a_try_out_of_before_another_adoption_is_no_ground(
    officer: TestClient, own_store: Store
) -> None:
    where = try_out(officer, own_store)
    wait(officer, where)
    begins = own_store.office.today() + timedelta(days=1)
    adopt_rules(own_store.office, own_store.office.context("test"), {"warn_run": 4}, begins)
    form = {"effective": begins.isoformat(), "sure": "yes"}
    page = officer.post(f"{where}/adopt", data=form)
    assert page.status_code == 422
    assert "重新试算" in page.text
    assert versions(own_store) == [0, 1]


@pytest.mark.parametrize("text", ["warn_run = 99", "nonsense", "no_such = 1", ""])
def test_a_file_that_is_no_pack_is_refused(
    officer: TestClient, own_store: Store, text: str
) -> None:
    form = {"first": "2026-10-01", "last": "2026-11-20"}
    files = {"file": ("改.toml", text.encode(), "text/plain")}
    page = officer.post("/rules", data=form, files=files)
    assert page.status_code == 422
    assert 'value="2026-10-01"' in page.text


@pytest.mark.parametrize("account", ["admin", "registrar3152697003", "inspector"])
def test_others_open_no_rules(own_store: Store, account: str) -> None:
    with signed_in(own_store, account) as client:
        assert client.get("/rules").status_code == 403


def test_a_try_out_that_was_not_begun_is_not_there(officer: TestClient) -> None:
    assert officer.get("/rules/tries/not-mine").status_code == 404
    assert officer.post("/rules/tries/not-mine/adopt", data={}).status_code == 404
