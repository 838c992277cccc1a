"""A small demo county with its pages, made once; and the pages served on a real port."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from anyio.from_thread import start_blocking_portal
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from ckbx.demo.make import Made
from ckbx.store import Store
from ckbx.web.server import address_of, listen
from tests.demo import making
from tests.support.postgres import PgServer
from tests.support.routes import remember_routes
from tests.web.demo_stores import PgDemo, county_copy, make_pg_demo, parametrized
from tests.web.signing import app_of, signed_in

OFFICER = "bureau"


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    parametrized(metafunc)


@pytest.fixture(scope="session", autouse=True)
def handlers_read_once() -> Iterator[None]:
    """A running program makes one app; tests make hundreds, all of the same handlers."""
    with pytest.MonkeyPatch.context() as patch:
        remember_routes(patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def one_loop_for_all_requests() -> Iterator[None]:
    """A running program has one event loop, with threads that stay; without this, a client
    makes both anew for each request.
    """
    with start_blocking_portal() as portal, pytest.MonkeyPatch.context() as patch:
        patch.setattr(TestClient, "portal", portal)
        yield


@pytest.fixture(scope="session")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Made]:
    """The made county's folder; nobody writes to it but the access log."""
    folder = tmp_path_factory.mktemp("web-county")
    return folder, making.made_in(folder, tmp_path_factory)


@pytest.fixture(scope="session")
def cast(demo_folder: tuple[Path, Made]) -> dict[str, list[str]]:
    """学籍号 by role in the story."""
    return demo_folder[1].cast


@pytest.fixture(scope="session")
def store(demo_folder: tuple[Path, Made]) -> Iterator[Store]:
    """The county on the Sunday after its last school day."""
    store = making.opened(demo_folder[0])
    yield store
    store.close()


@pytest.fixture(scope="session")
def pg_demo(
    pg_server: PgServer,
    demo_folder: tuple[Path, Made],
    tmp_path_factory: pytest.TempPathFactory,
) -> PgDemo:
    """The same county on PostgreSQL; tests take copies."""
    demo = make_pg_demo(pg_server, tmp_path_factory.mktemp("pg-county") / "secrets")
    assert demo.made == demo_folder[1], "one county on both"
    return demo


@pytest.fixture
def own_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """A copy that a test may write to."""
    with county_copy(request, tmp_path / "copy") as store:
        yield store


@pytest.fixture(scope="session")
def client(store: Store) -> Iterator[TestClient]:
    """The pages without a network, as the bureau's officer sees them."""
    with signed_in(store, OFFICER) as client:
        yield client


@pytest.fixture(scope="session")
def site(store: Store) -> Iterator[str]:
    """The pages on a real port of this machine; the address without the last slash."""
    yield from served(store)


def served(store: Store) -> Iterator[str]:
    """Serve a store's pages while the caller uses the address."""
    yield from serving(app_of(store))


def serving(app: ASGIApp) -> Iterator[str]:
    """Serve an app while the caller uses the address."""
    bound = listen("127.0.0.1", 0)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    try:
        yield address_of(bound).rstrip("/")
    finally:
        server.should_exit = True
        thread.join(20)
        assert not thread.is_alive()


@pytest.fixture
def own_site(own_store: Store) -> Iterator[str]:
    """The pages of the copy, on a port of their own."""
    yield from served(own_store)


@pytest.fixture(scope="session")
def child(store: Store, cast: dict[str, list[str]]) -> str:
    """The internal id of a child that is suspected and attends again."""
    return str(store.vault.find("student_no", cast["attending"][0]))
