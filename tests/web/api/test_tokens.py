"""Who asks: a program by its token, which opens the interface and nothing else."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import pytest

from ckbx.clock import FixedClock
from ckbx.store import Store
from tests.web.api.asking import BASE, good, of, program, refused, token_of
from tests.web.signing import signed_in

ON_BOTH = "own_store"


def test_whoever_bears_no_token_is_told_to_and_never_sent_to_a_page(store: Store) -> None:
    with program(store, None) as client:
        for path in ("/me", "/ledgers", "/alerts", "/cases"):
            answer = client.get(BASE + path)
            refused(answer, 401, "unauthorized")
            assert answer.headers["www-authenticate"] == 'Bearer realm="ckbx"'
        refused(client.post(BASE + "/alerts/x/acknowledge", json={}), 401)


@pytest.mark.parametrize("said", ["Bearer x", "Bearer ", "Basic dTpw", "bearer", "Bearer ckbx_é"])
def test_a_token_that_is_none_is_no_token(store: Store, said: str) -> None:
    with program(store, None) as client:
        answer = client.get(f"{BASE}/me", headers={b"Authorization": said.encode()})
        refused(answer, 401, "invalid_token")
        assert 'error="invalid_token"' in answer.headers["www-authenticate"]


def test_a_token_stands_for_its_account_cut_to_its_permissions(own_store: Store) -> None:
    with of(own_store, "bureau", "see_cases") as client:
        me = good(client.get(f"{BASE}/me"))
        assert (me["account"], me["permissions"]) == ("bureau", ["see_cases"])
        assert me["token"]["name"] == "测试程序"
        good(client.get(f"{BASE}/cases"))
        said = refused(client.get(f"{BASE}/indicators"), 403, "forbidden")["detail"]
        assert said.startswith("令牌不能查看学校情况")
        names = [row["ledger"] for row in good(client.get(f"{BASE}/ledgers"))["rows"]]
        assert "suspected" in names
        assert "roster" not in names
        refused(client.get(f"{BASE}/ledgers/roster"), 404)


def test_a_token_gives_nothing_that_the_account_has_not(own_store: Store) -> None:
    with of(own_store, "town0") as client:
        assert "see_schools" not in good(client.get(f"{BASE}/me"))["permissions"]
        refused(client.get(f"{BASE}/indicators"), 403)


def test_a_token_is_over_at_its_end_and_when_it_is_revoked(own_store: Store) -> None:
    first, second = token_of(own_store, "bureau"), token_of(own_store, "bureau", days=1)
    with program(own_store, first) as one, program(own_store, second) as other:
        good(other.get(f"{BASE}/me"))
        cast("FixedClock", own_store.clock).at += timedelta(days=1)
        refused(other.get(f"{BASE}/me"), 401, "invalid_token")
        good(one.get(f"{BASE}/me"))
        own_store.gate.tokens.revoke_all("bureau", by="cli:root")
        refused(one.get(f"{BASE}/me"), 401, "invalid_token")


def test_a_token_opens_no_page_and_signs_nobody_in(own_store: Store) -> None:
    with of(own_store, "bureau") as client:
        assert client.get("/overview").status_code == 303
        assert client.get("/account").status_code == 303
        assert "set-cookie" not in client.get(f"{BASE}/me").headers


def test_a_session_asks_too_but_only_from_own_pages(own_store: Store) -> None:
    with signed_in(own_store, "bureau") as browser:
        assert good(browser.get(f"{BASE}/me"))["token"] is None
        path = f"{BASE}/alerts/8c5f0d3e-3b1a-4c58-9a2f-1d2f6a7b8c9d/acknowledge"
        other = {"Sec-Fetch-Site": "cross-site"}
        refused(browser.post(path, json={}, headers=other), 403, "cross_site")
        refused(browser.post(path, json={}), 404)


def test_no_answer_is_open_to_other_sites_or_kept(own_store: Store) -> None:
    with of(own_store, "bureau") as client:
        answer = client.get(f"{BASE}/me", headers={"Origin": "https://evil.example"})
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
