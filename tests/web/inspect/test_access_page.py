"""Who looked at whom, when and why; and to ask is recorded like any look."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from ckbx.application.accounts import name_holder, open_account
from ckbx.clock import from_micros
from ckbx.store import Store
from ckbx.vault import Access
from ckbx.web.app import inner_app
from ckbx.web.permissions import GIVES, INSPECTOR, Permission
from ckbx.web.routes import declared
from tests.web.inspect.conftest import SCHOOL
from tests.web.ledgers.kit import places
from tests.web.samples import Cast
from tests.web.signing import signed_in

ON_BOTH = "county"

_WHO = re.compile(r'href="/inspect/access\?child=([0-9a-f-]{36})"')


def _look(store: Store, actor: str, child: UUID, purpose: str) -> None:
    store.vault.read([child], ("identity",), Access(actor=actor, view="test", purpose=purpose))


def test_a_look_is_found_by_account_by_child_and_by_day(
    county: Store, inspector: TestClient
) -> None:
    child, other = sorted(places(county))[:2]
    _look(county, "somebody", child, "甲用途")
    _look(county, "somebody", other, "乙用途")
    by_account = inspector.get("/inspect/access?account=somebody").text
    assert "甲用途" in by_account
    assert "乙用途" in by_account
    by_child = inspector.get(f"/inspect/access?child={child}").text
    assert "甲用途" in by_child
    assert "乙用途" not in by_child
    today = county.office.today()
    assert "甲用途" in inspector.get(f"/inspect/access?day={today}&account=somebody").text
    assert "甲用途" not in inspector.get("/inspect/access?day=2026-03-03&account=somebody").text


def test_asking_is_itself_recorded(county: Store, inspector: TestClient) -> None:
    child = min(places(county))
    _look(county, "somebody", child, "丙用途")
    before = county.vault.access_records(limit=10**6)[-1].id
    inspector.get(f"/inspect/access?child={child}")
    (record,) = county.vault.access_records(after=before)
    assert (record.actor, record.view) == ("inspector", "web:inspect:access")
    assert child in record.subjects
    assert "web:inspect:access" in inspector.get("/inspect/access?account=inspector").text


def test_older_pages_lead_on_and_show_each_look_once(county: Store, inspector: TestClient) -> None:
    child = max(places(county))
    for number in range(120):
        _look(county, "busy", child, f"第{number}次查看")
    address, seen = "/inspect/access?account=busy", []
    for _ in range(5):
        text = inspector.get(address).text
        seen += re.findall(r"第(\d+)次查看", text)
        found = re.search(r'rel="next" href="([^"]+)"', text)
        if found is None:
            break
        address = html.unescape(found[1])
    assert seen == [str(number) for number in reversed(range(120))]


def test_an_inspector_of_one_school_sees_looks_at_its_children_alone(
    county: Store, of_one: TestClient
) -> None:
    where = places(county)
    own = next(c for c, place in where.items() if place.school == SCHOOL)
    other = next(c for c, place in where.items() if place.school not in (SCHOOL, None))
    look = Access(actor="anybody", view="test", purpose="两校一起看")
    county.vault.read([own, other], ("identity",), look)
    _look(county, "anybody", other, "只看外校")
    text = of_one.get("/inspect/access?account=anybody").text
    assert "两校一起看" in text
    assert "只看外校" not in text
    assert {UUID(found) for found in _WHO.findall(text)} == {own}
    assert "等 2 人" not in text
    assert of_one.get(f"/inspect/access?child={other}").status_code == 404


@pytest.mark.parametrize("child", ["nobody", "522697201805060017"])
def test_what_is_no_internal_id_is_not_there(inspector: TestClient, child: str) -> None:
    assert inspector.get(f"/inspect/access?child={child}").status_code == 404


def test_opening_the_form_of_a_deed_does_not_read_as_the_deed(
    county: Store, inspector: TestClient
) -> None:
    child = next(c for c, place in places(county).items() if place.school == SCHOOL)
    with signed_in(county, "bureau") as bureau:
        assert bureau.get(f"/children/{child}/death").status_code == 200
    (record,) = county.vault.access_asked(actor="bureau", subject=child, limit=1)
    assert record.purpose == "打开“登记死亡”办理页"
    text = inspector.get(f"/inspect/access?child={child}&account=bureau").text
    assert "<bdi>打开“登记死亡”办理页</bdi>" in text
    assert "学籍事项办理页" in text
    at = from_micros(record.at).astimezone(county.clock.zone)
    assert f"{at:%H:%M:%S}</th>" in text


def test_who_looked_is_told_by_name_and_where_no_post_names_it_by_the_role_granted(
    county: Store, inspector: TestClient
) -> None:
    child = min(places(county))
    for account in ("principal4", "inspector", "nobody-known"):
        _look(county, account, child, "核对")
    told = {}
    for account in ("principal4", "inspector", "nobody-known"):
        text = inspector.get(f"/inspect/access?child={child}&account={account}").text
        found = re.search(r'data-label="账号" class="wide"><a [^>]*><bdi>([^<]+)</bdi>', text)
        told[account] = found[1] if found else ""
    assert re.fullmatch(r"[\u4e00-\u9fff]{2,4}（principal4）", told["principal4"])
    assert told["inspector"] == "督导（inspector）"
    assert told["nobody-known"] == "nobody-known"


def test_an_account_without_a_post_is_told_by_the_name_that_was_given_to_it(
    own_store: Store,
) -> None:
    office, vault = own_store.office, own_store.vault
    name_holder(office, vault, office.context("test"), "inspector", "龙督学")
    own_store.catch_up()
    child = min(places(own_store))
    _look(own_store, "inspector", child, "核对")
    with signed_in(own_store, "inspector") as client:
        text = client.get(f"/inspect/access?child={child}&account=inspector").text
    assert "<bdi>龙督学（inspector）</bdi>" in text


def test_looks_are_found_by_name_and_of_two_of_one_name_both(own_store: Store) -> None:
    child, other = sorted(places(own_store))[:2]
    office, vault = own_store.office, own_store.vault
    with signed_in(own_store, "inspector") as inspector:
        _look(own_store, "principal4", child, "核对")
        text = inspector.get(f"/inspect/access?child={child}&account=principal4").text
        name = html.unescape(re.findall(r"<bdi>([^<（]+)（principal4）</bdi>", text)[0])
        open_account(office, own_store.gate, office.context("test"), "namesake")
        name_holder(office, vault, office.context("test"), "namesake", name)
        own_store.catch_up()
        _look(own_store, "namesake", other, "核对")
        _look(own_store, "inspector", other, "核对")
        found = inspector.post("/inspect/access", data={"account": name})
        where = found.headers["location"]
        shown = inspector.get(where).text
    assert found.status_code == 303
    assert name not in unquote(where), "a name stands in no address"
    who = set(re.findall(r'data-label="账号" class="wide"><a [^>]*><bdi>([^<]+)</bdi>', shown))
    assert who == {f"{name}（principal4）", f"{name}（namesake）"}


def test_a_name_that_nobody_has_is_said_and_stays_in_the_field(inspector: TestClient) -> None:
    page = inspector.post("/inspect/access", data={"account": "查无此人 principal4"})
    assert page.status_code == 422
    assert "没有账号登记为“查无此人”" in page.text
    assert 'value="查无此人 principal4"' in page.text


def test_accounts_are_asked_for_as_they_are_typed(inspector: TestClient) -> None:
    for typed in ("principal4", "cli:王工 principal4", ""):
        found = inspector.post("/inspect/access", data={"account": typed, "day": "2026-11-20"})
        assert found.status_code == 303
        asked = parse_qs(urlsplit(found.headers["location"]).query)
        assert asked.get("account", [""]) == [typed]
        assert asked["day"] == ["2026-11-20"]


# What an inspector may not do


def test_the_last_day_of_the_grant_stands_on_every_page(
    inspector: TestClient, of_one: TestClient
) -> None:
    for path in ("", "/compare", "/reports", "/sample?number=385162", "/access"):
        assert (
            "督导授权：全县，只读，到 <b>2027年1月21日</b>" in inspector.get(f"/inspect{path}").text
        )
        text = of_one.get(f"/inspect{path}").text
        assert "到 <b>2026年11月27日</b>（含当天），还有 5 天" in text
        assert "grant-soon" in text


def test_nothing_an_inspector_sends_adds_a_fact(own_store: Store) -> None:
    app, _ = inner_app(own_store)
    samples = Cast(own_store).samples(INSPECTOR)
    given = GIVES[INSPECTOR] | {Permission.ACCOUNT}
    posts = [each for each in declared(app) if each[0] == "POST" and each[2] in given]
    assert posts
    with signed_in(own_store, "inspector") as client:
        head = own_store.log.head()
        for _, path, _ in posts:
            if path.startswith(("/account", "/sign")):  # the own account, not the county's facts
                continue
            form = {"why": "核对", "form": "csv", "who": "yx"}
            assert client.post(samples.own(path), data=form).status_code in (200, 303, 404, 422), (
                path
            )
        assert own_store.log.head() == head
