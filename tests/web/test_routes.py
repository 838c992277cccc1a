"""What keeps the app from starting, and what is said only where it is served over https."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from ckbx.store import Store
from ckbx.web.app import make_app
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, RouteUndeclared, declared


def test_an_address_without_a_permission_keeps_the_app_from_starting() -> None:
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    Routes(app).get("/fine", Permission.PUBLIC)(lambda: None)
    assert [path for _, path, _ in declared(app)] == ["/fine"]
    app.get("/forgotten")(lambda: None)
    with pytest.raises(RouteUndeclared, match="/forgotten"):
        list(declared(app))


@pytest.mark.parametrize("secure", [True, False])
def test_browsers_are_told_to_keep_to_https_for_a_year_where_it_is_served(
    store: Store, *, secure: bool
) -> None:
    with TestClient(make_app(store, secure=secure), base_url="http://127.0.0.1") as client:
        for path in ("/signin", "/nothing-there", "/static/ckbx.css"):
            said = client.get(path).headers.get("Strict-Transport-Security", "")
            assert ("max-age=31536000" in said) is secure
