"""The tests read once what the handlers of an app ask for: do they still ask for the same?"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest
from fastapi import Depends, FastAPI, routing
from fastapi.dependencies import utils
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from ckbx.store import Store
from ckbx.web.app import inner_app
from tests.support.routes import LISTS, remembering


def asked_for(of: Dependant) -> object:
    """All that FastAPI read from a handler and from what it depends on."""
    params = [
        (name, [repr(p) for p in getattr(of, name)]) for name in LISTS if name[-6:] == "params"
    ]
    names = [
        (name, repr(getattr(of, name))) for name in Dependant.__slots__ if name.endswith("_name")
    ]
    return of.path, of.name, of.scope, params, names, [asked_for(each) for each in of.dependencies]


def handlers(app: FastAPI) -> dict[tuple[str, str], object]:
    routes = [each for each in app.routes if isinstance(each, APIRoute)]
    return {(repr(r.methods), r.path): asked_for(r.dependant) for r in routes}


def test_what_was_read_before_is_what_is_read_anew(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    inner_app(store)
    remembered, _ = inner_app(store)
    monkeypatch.setattr(routing, "get_dependant", inspect.unwrap(utils.get_dependant))
    monkeypatch.setattr(utils, "get_dependant", inspect.unwrap(utils.get_dependant))
    anew, _ = inner_app(store)
    assert len(handlers(anew)) > 200
    assert handlers(remembered) == handlers(anew)


def test_each_app_is_asked_through_its_own_door(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = remembering(inspect.unwrap(utils.get_dependant))
    monkeypatch.setattr(routing, "get_dependant", reader)
    monkeypatch.setattr(utils, "get_dependant", reader)

    def asked(said: str) -> FastAPI:
        def door() -> str:
            return said

        app = FastAPI(dependencies=[Depends(door)])

        @app.get("/")
        def answer(heard: str = Depends(door), more: str = said) -> str:
            return said + heard + more

        return app

    for said in ("one", "two", "one"):
        assert TestClient(asked(said)).get("/").json() == said * 3


def test_control_a_memory_of_paths_alone_would_mix_them_up() -> None:
    def wants(longest: str) -> Callable[..., Any]:
        def handler(name: str = longest) -> str:
            return name

        return handler

    def defaults(reader: Callable[..., Dependant]) -> list[object]:
        read = [reader(path="/", call=wants(word)) for word in ("a", "b")]
        return [each.query_params[0].field_info.default for each in read]

    known: dict[str, Dependant] = {}

    def by_path(*, path: str, call: Callable[..., Any]) -> Dependant:
        return known.setdefault(path, utils.get_dependant(path=path, call=call))

    assert defaults(by_path) == ["a", "a"]
    assert defaults(remembering(inspect.unwrap(utils.get_dependant))) == ["a", "b"]
