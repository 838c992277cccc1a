"""Which pages are there, and who is shown each? Made from the route table, one county for all."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape
from typing import Final, NamedTuple

from starlette.testclient import TestClient
from starlette.types import ASGIApp

from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.responsibility.post import Role
from ckbx.store import Store
from ckbx.web.app import inner_app
from ckbx.web.front_door import Stage
from ckbx.web.permissions import ADMINISTRATOR, GIVES, INSPECTOR, Permission
from ckbx.web.routes import declared
from projections import roster
from projections.scope import Scope
from tests.web.client import Client
from tests.web.samples import Cast, Samples
from tests.web.signing import COOKIE, token_for

VISITOR: Final = "visitor"
ASKED: Final = (
    Role.BUREAU_OFFICER,
    INSPECTOR,
    Role.PRINCIPAL,
    Role.REGISTRAR,
    Role.TOWNSHIP_OFFICER,
    Role.VILLAGE_OFFICER,
    ADMINISTRATOR,
)
"""Between them they open everything; of a page they share, the longest is looked at."""
WORKING: Final = (Role.BUREAU_OFFICER, Role.PRINCIPAL, Role.VILLAGE_OFFICER)
"""Whose pages of cases lead to every step."""
QUERIES: Final = {
    "/inspect/day": "?school={school}&day={day}",
    "/inspect/class": "?class={school}/{entry}/{number}&day={day}",
    "/inspect/compare": "?ledger=suspected&as_of=2026-11-10&as_of2={day}",
    "/inspect/sample": "?ledger=roster&size=5&number=20261122",
    "/county-reports/sign": "?month=2026-10",
    "/rechecks": "?quarter=2026-Q4",
    "/inspect/rechecks": "?quarter=2026-Q4",
    "/reports/sign": "?month=2026-11",
    "/reports/compare": "?month=2026-11&from=0&to=1",
    "/reports/file.pdf": "?month=2026-11",
    "/transfers/class": "?class_key={school}/{entry}/{number}",
    "/transfers/class-confirm": "?class_key={school}/{entry}/{number}&to={school}",
}
"""What has to be asked for a page to show anything."""
ONLY_FILES: Final = {
    "/cases/{case_id}/files/{file}",
    "/children/{child_id}/files/{file}",
    "/imports/{run}/rows.csv",
}
"""Never a page; the demo has nothing there."""
_STEP: Final = re.compile(r'(?:href|action)="/cases/([0-9a-f-]{36})(/[a-z-]+)"')
_ACT: Final = re.compile(r'href="/children/([0-9a-f-]{36})(/[a-z-]+)"')
_ITEM: Final = re.compile(r'href="(/rechecks/item\?[^"]+)"')
_CHILD: Final = re.compile(r'href="/children/([0-9a-f-]{36})"')
SOME: Final = 3
"""So many children of a status are looked at for what may be decided on one."""
REFUSES: Final = "现在不能办"
"""What a form says that has nothing to be done on."""
DECIDING: Final = (Role.BUREAU_OFFICER, Role.PRINCIPAL)
"""Who may decide something on a child, whatever it is."""


class Shown(NamedTuple):
    """A page: its route, who looks (a role, or how far a sign-in has come), and at what."""

    path: str
    who: str
    address: str


class County:
    """A served county, with a browser for everybody in it."""

    def __init__(self, store: Store, app: ASGIApp) -> None:
        self.store, self.cast = store, Cast(store)
        self._app = app
        self._clients: dict[str, TestClient] = {}
        self._samples: dict[str, Samples] = {}
        self.more: dict[str, list[tuple[str, str]]] = {}

    def token(self, who: str) -> str:
        """The token of a session, as far as it has come; empty for a visitor."""
        if who == VISITOR:
            return ""
        if who in (Stage.FACTOR, Stage.ENROL):
            account = self.cast.account(Role.BUREAU_OFFICER)
            return self.store.gate.sessions.create(
                account, address="127.0.0.1", device="test", data=who.encode()
            )
        return token_for(self.store, self.cast.account(who))

    def client(self, who: str) -> TestClient:
        """A browser without a window."""
        if who not in self._clients:
            client = Client(
                self._app,
                base_url="http://127.0.0.1",
                headers={"Sec-Fetch-Site": "same-origin"},
                follow_redirects=False,
            )
            if who != VISITOR:
                client.cookies.set(COOKIE, self.token(who), domain="127.0.0.1")
            self._clients[who] = client
        return self._clients[who]

    def length(self, who: str, address: str) -> int | None:
        """How long a page is; None where it is none, -1 where it is not for this viewer."""
        answer = self.client(who).get(address)
        if answer.status_code in (403, 404, 422):
            return -1
        page = answer.headers.get("content-type", "").startswith("text/html")
        return len(answer.content) if page and answer.status_code == 200 else None

    def pages(self, only: str | None = None, *, strict: bool = True) -> list[Shown]:
        """Every page as whoever sees most of it has it; ``only``: as that role has it.

        Raises AssertionError for an address that nobody is shown anything at, where ``strict``.
        """
        app, _ = inner_app(self.store)
        found = []
        for method, path, permission in declared(app):
            if method != "GET" or path.startswith("/api/") or path in ONLY_FILES:
                continue
            best = max(self._tried(path, permission, only), default=None)
            if best is None:
                continue
            length, who, address = best
            if length < 0 and strict and only is None:
                msg = f"nobody sees anything at {path}: sample it in tests/web/every_page.py"
                raise AssertionError(msg)
            if length > 0:
                found.append(Shown(path, who, address))
        return found

    def _tried(
        self, path: str, permission: Permission, only: str | None
    ) -> Iterator[tuple[int, str, str]]:
        for who, address in self._candidates(path, permission, only):
            length = self.length(who, address)
            if length is not None:
                yield length, str(who), address

    def _candidates(
        self, path: str, permission: Permission, only: str | None
    ) -> Iterator[tuple[str, str]]:
        if permission is Permission.PUBLIC:
            if only is None:
                yield from ((who, path) for who in (VISITOR, Stage.FACTOR, Stage.ENROL))
            return
        if only is None and path in self.more:
            yield from self.more[path]
            return
        roles: Sequence[str] = ASKED if only is None else [only]
        for role in roles:
            if permission is Permission.ACCOUNT or permission in GIVES[role]:
                yield role, self.address(role, path)

    def address(self, role: str, path: str) -> str:
        """What a role looks at there."""
        if role not in self._samples:
            self._samples[role] = self.cast.samples(role)
        return self._samples[role].own(path + QUERIES.get(path, ""))

    def find_steps(self) -> None:
        """Find a case for each step that somebody may take now: such a page has its form."""
        for role in WORKING:
            listed = self.client(role).get("/cases?all=1").text
            for case in dict.fromkeys(re.findall(r'href="/cases/([0-9a-f-]{36})"', listed)):
                for id_, step in _STEP.findall(self.client(role).get(f"/cases/{case}").text):
                    self.more.setdefault("/cases/{case_id}" + step, [(role, f"/cases/{id_}{step}")])

    def find_acts(self) -> None:
        """Find a child for each decision that somebody may take now: some of each status, those
        that wait for a school, and those that applied for a leave.
        """
        for role in DECIDING:
            pages = ["/transfers", *(f"/children/{child}" for child in self._some_of_each_status())]
            waiting = self.client(role).get("/leaves").text
            pages += [f"/children/{id_}" for id_ in _CHILD.findall(waiting)[:1]]
            for page in pages:
                for id_, act in _ACT.findall(self.client(role).get(page).text):
                    found = (role, f"/children/{id_}{act}")
                    self.more.setdefault("/children/{child_id}" + act, [found])

    def find_rechecks(self) -> None:
        """Draw a quarter, as nobody has: then there is an item whose result can be recorded."""
        path = "/rechecks" + QUERIES["/rechecks"]
        client = self.client(Role.BUREAU_OFFICER)
        fields = {**form_of(client.get(path).text), "seed": "shaizi-385162"}
        assert client.post("/rechecks", data=fields).status_code == 303
        found = _ITEM.search(client.get(path).text)
        assert found
        self.more["/rechecks/item"] = [(Role.BUREAU_OFFICER, unescape(found[1]))]

    def _some_of_each_status(self) -> list[str]:
        with self.store.answers.reading() as reading:
            places = roster.children_of(
                reading,
                Scope.county(),
                as_of=self.store.office.today(),
                position=reading.position(roster.NAME),
                all_=True,
            )
        listed: dict[TrackingStatus, list[str]] = {}
        for place in places:
            listed.setdefault(place.status, []).append(str(place.child))
        return [child for children in listed.values() for child in children[:SOME]]

    def close(self) -> None:
        """All browsers."""
        for client in self._clients.values():
            client.close()


def form_of(html: str) -> dict[str, str]:
    """The hidden fields of a page."""
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html)
    return {name: unescape(value) for name, value in fields}
