"""季度复核 on its page: drawn by a seed, looked at, recorded; the inspector sees all and does nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote_plus

import msgspec
import pytest
from starlette.testclient import TestClient

from ckbx.access import uploads
from ckbx.application import rechecks
from ckbx.domain.recheck.events import Pick
from ckbx.domain.recheck.recheck import Recheck
from ckbx.domain.recheck.sampling import Quarter
from ckbx.domain.responsibility.post import Role
from ckbx.ledgers.recheck_population import population
from ckbx.store import Store
from projections import cases
from projections.scope import Scope
from tests.web.cases.visiting import JPEG
from tests.web.signing import signed_in
from tests.web.test_pages import text_of

QUARTER = Quarter(2026, 4)
PAGE = f"/rechecks?quarter={QUARTER.key}"
SEED = "shaizi-385162"


@pytest.fixture
def bureau(own_store: Store) -> Iterator[TestClient]:
    with signed_in(own_store, "bureau") as client:
        yield client


@pytest.fixture
def inspector(own_store: Store) -> Iterator[TestClient]:
    with signed_in(own_store, "inspector") as client:
        yield client


def recheck(store: Store) -> Recheck:
    found = Recheck(Recheck.stream(store.office.county, QUARTER))
    return found.replay(store.log.load([found.id]).get(found.id, []))


def form(page: str) -> dict[str, str]:
    """The hidden fields of the last form of a page."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))


def drawn(client: TestClient, seed: str = SEED) -> Any:
    fields = {**form(client.get(PAGE).text), "quarter": QUARTER.key, "seed": seed}
    return client.post("/rechecks", data=fields, follow_redirects=False)


def items(page: str) -> list[str]:
    return re.findall(r'href="(/rechecks/item\?[^"]+)"', page)


def test_a_quarter_is_drawn_by_a_seed_and_listed(bureau: TestClient, own_store: Store) -> None:
    assert "还没有抽样" in bureau.get(PAGE).text
    assert drawn(bureau).status_code == 303
    page = bureau.get(PAGE).text
    (made,) = recheck(own_store).draws
    assert len(items(page)) == len(made.picks) > 0
    assert f"<code>{SEED}</code>" in page
    assert "待复核" in page
    assert "□ 相符" in page


def test_the_same_seed_draws_nothing_new_and_another_is_another_draw(
    bureau: TestClient, own_store: Store
) -> None:
    drawn(bureau)
    assert drawn(bureau).status_code == 303
    assert len(recheck(own_store).draws) == 1
    drawn(bureau, "another-1")
    assert [each.seed for each in recheck(own_store).draws] == [SEED, "another-1"]
    assert "第 2 次抽样" in bureau.get(PAGE).text


def test_a_seed_that_cannot_be_used_stays_in_its_field(
    bureau: TestClient, own_store: Store
) -> None:
    answer = drawn(bureau, "中文种子")
    assert answer.status_code == 422
    assert "种子不能用" in answer.text
    assert 'value="中文种子"' in answer.text
    assert recheck(own_store).draws == []


def test_a_result_is_recorded_with_its_evidence_and_the_next_one_takes_its_place(
    bureau: TestClient, own_store: Store
) -> None:
    drawn(bureau)
    address = items(bureau.get(PAGE).text)[0].replace("&amp;", "&")
    page = bureau.get(address)
    assert page.status_code == 200
    today = own_store.office.today().isoformat()
    sent = {**form(page.text), "result": "disagrees", "on": today, "evidence": "入户未见本人"}
    answer = bureau.post("/rechecks/item", data=sent, follow_redirects=False)
    assert answer.status_code == 303
    said = text_of(bureau.get(PAGE).text)
    assert "不符1件" in said
    assert "入户未见本人" in said
    assert re.search(r"日[\u4e00-\u9fff]{2,4}（bureau）", said), "who looked, by name"
    again = {**form(bureau.get(address).text), "result": "agrees", "on": today}
    file = {"file": ("照片.jpg", JPEG, "image/jpeg")}
    answer = bureau.post("/rechecks/item", data=again, files=file, follow_redirects=False)
    assert answer.status_code == 303
    shown = bureau.get(PAGE).text
    assert "此前 1 次" in shown
    assert "有附件" in shown
    (results,) = recheck(own_store).results.values()
    assert [each.agrees for each in results] == [False, True]
    events = [found.event for found in own_store.log.read(0, 10**6)]
    assert "入户未见本人" not in repr(events)


def test_what_does_not_agree_leads_to_where_it_is_corrected_and_back(
    bureau: TestClient, own_store: Store
) -> None:
    """Given one of each kind found wrong: a closed case leads to its reopening, a leave to its
    review, and the form there leads back to the re-check.
    """
    with own_store.answers.reading() as reading:
        at = {"as_of": own_store.office.today(), "position": own_store.log.head()}
        case = cases.cases_on(reading, Scope.county(), which=cases.OPEN, **at)[0].case
    found = population(own_store, QUARTER)
    closed = Pick(item=str(case.id), kind="closure", child=case.child)
    found = msgspec.structs.replace(found, closures=[closed])
    context = own_store.office.context("bureau")
    rechecks.draw_sample(
        own_store.office, context, QUARTER, found, seed=SEED, role=Role.BUREAU_OFFICER
    )
    own_store.catch_up()
    (made,) = recheck(own_store).draws
    today, kinds = own_store.office.today().isoformat(), {pick.kind: pick for pick in made.picks}
    assert "closure" in kinds
    assert len(kinds) > 1
    for kind, pick in kinds.items():
        address = f"/rechecks/item?quarter={QUARTER.key}&item={quote_plus(pick.item)}"
        sent = {**form(bureau.get(address).text), "result": "disagrees", "on": today}
        answer = bureau.post("/rechecks/item", data={**sent, "evidence": "入户未见本人"})
        assert "不符的，按" in bureau.get(answer.headers["location"]).text
        where = [f"/cases/{pick.item}/reopen"]
        if kind != "closure":
            where = [f"/children/{pick.child}/leave-review"]
        for path in where:
            assert f'href="{path}"' in bureau.get(PAGE).text
            assert f'href="{path}"' in bureau.get(address).text
            back = f'href="{address.replace("&", "&amp;")}">回到这次复核</a>'
            assert back in bureau.get(path).text


def test_what_agrees_leads_to_no_correction(bureau: TestClient, own_store: Store) -> None:
    drawn(bureau)
    page = bureau.get(PAGE).text
    assert "/reopen" not in page
    assert "/leave-review" not in page


def test_a_result_without_evidence_is_refused_and_what_was_typed_stays(
    bureau: TestClient, own_store: Store
) -> None:
    drawn(bureau)
    address = items(bureau.get(PAGE).text)[0].replace("&amp;", "&")
    today = own_store.office.today().isoformat()
    sent = {**form(bureau.get(address).text), "result": "agrees", "on": today, "note": "看过了"}
    answer = bureau.post("/rechecks/item", data=sent)
    assert answer.status_code == 422
    assert "佐证" in answer.text
    assert "看过了" in answer.text
    assert re.search(r'value="agrees" checked', answer.text)
    assert recheck(own_store).results == {}


@pytest.mark.parametrize(
    "address",
    [
        "/rechecks?quarter=x",
        "/rechecks/item?quarter=2026-Q4&item=00000000-0000-0000-0000-000000000000",
        "/rechecks/item?quarter=2026-Q9&item=x",
    ],
)
def test_what_was_not_drawn_is_not_there(bureau: TestClient, address: str) -> None:
    assert bureau.get(address).status_code == 404


def test_the_inspector_sees_the_draw_and_cannot_draw_or_record(
    bureau: TestClient, inspector: TestClient, own_store: Store
) -> None:
    drawn(bureau)
    page = inspector.get(f"/inspect/rechecks?quarter={QUARTER.key}")
    assert page.status_code == 200
    assert f"<code>{SEED}</code>" in page.text
    assert items(page.text) == []
    assert 'action="/rechecks"' not in page.text
    before = own_store.log.head()
    assert inspector.get(PAGE).status_code == 403
    assert inspector.post("/rechecks", data={"seed": "abcd1"}).status_code == 403
    assert inspector.post("/rechecks/item", data={"item": "x"}).status_code == 403
    assert own_store.log.head() == before


def test_nobody_else_has_the_pages(own_store: Store) -> None:
    for account in ("principal1", "town0", "registrar3152697003"):
        with signed_in(own_store, account) as client:
            assert client.get(PAGE).status_code == 403
            assert client.get("/inspect/rechecks").status_code == 403


def test_a_photo_counts_towards_what_an_account_may_hand_in_on_a_day(
    bureau: TestClient, own_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "FILES_A_DAY", 0)
    drawn(bureau)
    address = items(bureau.get(PAGE).text)[0].replace("&amp;", "&")
    today = own_store.office.today().isoformat()
    sent = {**form(bureau.get(address).text), "result": "agrees", "on": today}
    answer = bureau.post("/rechecks/item", data=sent, files={"file": ("1.jpg", JPEG, "image/jpeg")})
    assert answer.status_code == 422
    assert "今天上传的文件已到限额" in answer.text
