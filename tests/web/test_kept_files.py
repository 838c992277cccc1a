"""How long may a browser keep what it was given, and is it packed on the way?"""

from __future__ import annotations

import hashlib

import pytest
from starlette.testclient import TestClient

from ckbx.web.assets import STATIC, asset


def test_a_file_under_the_mark_of_its_content_is_kept_for_ever(client: TestClient) -> None:
    answer = client.get(asset("ckbx.css"))
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_so_is_one_whose_address_another_process_made(client: TestClient) -> None:
    file = STATIC / "css" / "rollcall.css"
    mark = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    answer = client.get(f"/static/css/rollcall.css?v={mark}")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(
    "path",
    ["/static/ckbx.css", "/static/ckbx.css?v=", "/static/ckbx.css?v=000000000000"],
)
def test_under_any_other_mark_it_is_asked_for_again(client: TestClient, path: str) -> None:
    asset("ckbx.css")
    assert client.get(path).headers["Cache-Control"] == "no-cache"


def test_a_file_that_is_not_there_is_not_kept(client: TestClient) -> None:
    mark = asset("ckbx.css").partition("?")[2]
    assert client.get(f"/static/no.css?{mark}").headers["Cache-Control"] == "no-cache"


def test_a_page_is_kept_by_nobody_and_packed(client: TestClient) -> None:
    answer = client.get("/overview")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Encoding"] == "gzip"
    plain = client.get("/overview", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
