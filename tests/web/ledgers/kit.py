"""What tests of the ledgers' pages share: rows of every page, and what a role may see by hand."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from urllib.parse import urlsplit
from uuid import UUID

from httpx2 import Response
from starlette.testclient import TestClient

from ckbx.store import Store
from projections import roster
from projections.roster import Place
from projections.scope import Scope

_CHILD = re.compile(r'href="/children/([0-9a-f-]{36})"')
_NEXT = re.compile(r'rel="next" href="([^"]+)"')


def every_page(client: TestClient, address: str, first: Response | None = None) -> Iterator[str]:
    """The texts of all pages of a ledger. ``first``: the answer of the first, where it is there."""
    seen = set()
    while address not in seen:
        seen.add(address)
        response = first or client.get(address)
        first = None
        assert response.status_code == 200, (address, response.status_code)
        yield response.text
        found = _NEXT.search(response.text)
        address = html.unescape(found[1]) if found else address


def children_in(text: str) -> set[UUID]:
    """The children that a page leads to."""
    return {UUID(found) for found in _CHILD.findall(text)}


def children_of(client: TestClient, address: str, first: Response | None = None) -> set[UUID]:
    """Those of all pages."""
    return {child for text in every_page(client, address, first) for child in children_in(text)}


def places(store: Store) -> dict[UUID, Place]:
    """Where every child of the county is today."""
    with store.answers.reading() as reading:
        at = {"as_of": store.office.today(), "position": reading.position(roster.NAME)}
        found = roster.children_of(reading, Scope.county(), all_=True, **at)  # type: ignore[arg-type]
    return {place.child: place for place in found}


def path_of(address: str) -> str:
    """The path of an address, without what was asked."""
    return urlsplit(address).path
