"""Only the proxy of this machine says for whom it asks; anybody else is who it is."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from ckbx.store import Store
from ckbx.web.app import make_app

STRANGER, PROXY, FORGED = "203.0.113.9", "127.0.0.1", "198.51.100.7"
HEADERS = {
    "X-Forwarded-For": FORGED,
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "Forwarded": f"for={FORGED};proto=https;host=evil.example",
    "X-Real-IP": FORGED,
    "Sec-Fetch-Site": "same-origin",
}
WRONG = {"account": "bureau", "password": "some wrong words"}


def asked_from(store: Store, peer: str) -> TestClient:
    """A browser at an address, before the program as the server runs it (uvicorn's defaults)."""
    inner: Any = make_app(store)
    app: Any = ProxyHeadersMiddleware(inner, trusted_hosts="127.0.0.1")
    return TestClient(
        app,
        base_url="http://127.0.0.1",
        client=(peer, 50_000),
        headers=HEADERS,
        follow_redirects=False,
    )


def test_a_stranger_is_written_down_and_held_up_by_its_own_address(own_store: Store) -> None:
    gate = own_store.gate
    with asked_from(own_store, STRANGER) as client:
        statuses = []
        for number in range(25):
            forged = {"X-Forwarded-For": f"198.51.100.{number}", "Sec-Fetch-Site": "same-origin"}
            wrong = {**WRONG, "account": f"nobody{number}"}
            statuses.append(client.post("/signin", data=wrong, headers=forged).text)
    written = {line.address for line in gate.sign_ins(limit=100) if "198.51" in line.address}
    assert written == set()
    assert STRANGER in {line.address for line in gate.sign_ins(limit=100)}
    assert len(set(map(len, statuses))) > 1, "after twenty it is another sentence"


@pytest.mark.parametrize("path", ["/", "/signin", "/children/8c5f0d3e-3b1a-4c58-9a2f-1d2f6a7b8c9d"])
def test_links_and_ways_on_name_no_forged_host(own_store: Store, path: str) -> None:
    with asked_from(own_store, STRANGER) as client:
        answer = client.get(path)
    assert "evil.example" not in answer.text + str(dict(answer.headers))
    assert "https:" not in answer.headers.get("location", "")
    assert "strict-transport-security" not in answer.headers
    assert "secure" not in answer.headers.get("set-cookie", "").lower()


def test_control_the_proxy_of_this_machine_is_believed(own_store: Store) -> None:
    with asked_from(own_store, PROXY) as client:
        client.post("/signin", data=WRONG)
    assert own_store.gate.sign_ins()[0].address == FORGED
