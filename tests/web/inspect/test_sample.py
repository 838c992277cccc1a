"""A sample nobody could foresee and everybody can draw again."""

from __future__ import annotations

import hashlib
import hmac
import random
import re

import pytest
from starlette.testclient import TestClient

from ckbx.application.accounts import open_accounts
from ckbx.ledgers.inspection_sample import ITEMS, SampleNumberRefused, drawn, seed_of
from ckbx.store import Store
from tests.web.inspect.conftest import OTHER_SCHOOL
from tests.web.ledgers.kit import children_in, places
from tests.web.signing import signed_in

_AGAIN = re.compile(r'href="(/inspect/sample\?[^"]+)"')
_ORDER = re.compile(r'href="/children/([0-9a-f-]{36})"')


def _again(text: str) -> str:
    found = _AGAIN.search(text)
    assert found
    return found[1].replace("&amp;", "&")


def test_the_rank_is_what_the_page_says_it_is() -> None:
    rows = [{"child_id": f"child-{n}"} for n in range(50)]
    ranks = {
        f"child-{n}": hmac.new(
            b"385162/8779", f"ckbx-inspect-1/roster/child-{n}".encode(), hashlib.sha256
        ).hexdigest()
        for n in range(50)
    }
    expected = sorted(ranks, key=ranks.__getitem__)[:5]
    found = drawn(seed_of("385162", 8779), "roster", rows, 5)
    assert [row["child_id"] for _, row in found] == expected
    assert [rank for rank, _ in found] == [ranks[each] for each in expected]


def test_the_order_of_the_rows_has_no_part_in_it() -> None:
    rows = [{"child_id": f"child-{n}"} for n in range(200)]
    mixed = random.Random(7).sample(rows, len(rows))
    assert drawn("abcd/1", "roster", rows, 20) == drawn("abcd/1", "roster", mixed, 20)
    assert drawn("abcd/1", "roster", rows, 20) != drawn("abcd/2", "roster", rows, 20)


def test_every_row_is_drawn_about_equally_often() -> None:
    rows = [{"child_id": f"child-{n}"} for n in range(20)]
    times = dict.fromkeys((row["child_id"] for row in rows), 0)
    for position in range(2_000):
        for _, row in drawn(f"abcd/{position}", "roster", rows, 5):
            times[row["child_id"]] += 1
    assert all(400 < count < 600 for count in times.values())


@pytest.mark.parametrize("number", ["", "abc", "a" * 33, "12 34", "52269720180506001X", "数字数字"])
def test_a_number_that_cannot_be_used_is_refused_and_not_an_id_number(number: str) -> None:
    with pytest.raises(SampleNumberRefused) as caught:
        seed_of(number, 1)
    assert "52269720180506001X" not in str(caught.value)


@pytest.mark.parametrize("ledger", ITEMS)
def test_the_address_of_a_sample_draws_it_again_when_more_was_recorded(
    own_store: Store, ledger: str
) -> None:
    with signed_in(own_store, "inspector") as client:
        first = client.get(f"/inspect/sample?ledger={ledger}&number=385162&size=10")
        assert first.status_code == 200
        open_accounts(own_store.office, own_store.gate, own_store.office.context("test"), ["new1"])
        own_store.catch_up()
        again = client.get(_again(first.text))
        assert _ORDER.findall(again.text) == _ORDER.findall(first.text)
        fresh = client.get(f"/inspect/sample?ledger={ledger}&number=385162&size=10").text
        assert _again(fresh) != _again(first.text)


def test_a_sample_is_drawn_at_the_position_its_seed_names(own_store: Store) -> None:
    """Also while the answers have not yet folded what was recorded last."""
    open_accounts(own_store.office, own_store.gate, own_store.office.context("test"), ["new2"])
    with signed_in(own_store, "inspector") as client:
        text = client.get("/inspect/sample?number=385162&size=5").text
        seed = re.search(r"<code>385162/(\d+)</code>", text)
        assert seed
        assert f"<span>记录位置 {int(seed[1]):,}</span>" in text
        head = own_store.log.head()
        assert int(seed[1]) < head
        ahead = client.get(f"/inspect/sample?number=385162&head={head}").text
        assert f"<span>记录位置 {head:,}</span>" in ahead, "an address of a later one is waited for"
        assert _ORDER.findall(client.get(_again(text)).text) == _ORDER.findall(text)


def test_of_one_school_only_its_children_are_drawn(
    county: Store, inspector: TestClient, of_one: TestClient
) -> None:
    where = places(county)
    text = inspector.get(f"/inspect/sample?number=385162&size=15&school={OTHER_SCHOOL}").text
    assert len(children_in(text)) == 15
    assert {where[child].school for child in children_in(text)} == {OTHER_SCHOOL}
    own = of_one.get("/inspect/sample?number=385162&size=100").text
    assert {where[child].school for child in children_in(own)} == {"3152697003"}
    address = f"/inspect/sample?number=385162&school={OTHER_SCHOOL}"
    assert of_one.get(address).status_code == 404


def test_only_the_drawn_children_are_in_the_access_record(
    county: Store, inspector: TestClient
) -> None:
    before = county.vault.access_records(limit=10**6)[-1].id
    text = inspector.get("/inspect/sample?number=385162&size=7").text
    (record,) = county.vault.access_records(after=before)
    assert set(record.subjects) == children_in(text)
    assert len(record.subjects) == 7


def test_the_list_says_how_it_was_drawn_and_has_room_to_fill_in(inspector: TestClient) -> None:
    text = inspector.get("/inspect/sample?number=385162&size=7").text
    assert "<code>385162/" in text
    assert "ckbx-inspect-1" in text
    assert text.count("□ 相符") == 7


@pytest.mark.parametrize("query", ["number=abc", "number="])
def test_a_number_refused_stays_in_the_form(inspector: TestClient, query: str) -> None:
    response = inspector.get(f"/inspect/sample?size=13&{query}")
    assert response.status_code == 422
    assert 'name="size" value="13"' in response.text


@pytest.mark.parametrize("query", ["head=99999999", "ledger=school", "ledger=nothing"])
def test_what_cannot_be_drawn_from_is_not_there(inspector: TestClient, query: str) -> None:
    assert inspector.get(f"/inspect/sample?number=385162&{query}").status_code == 404
