"""What belongs to others in the fields of own forms: every form that a role is shown, with ids of
others, and with fields that nobody asked for, changes nothing of theirs and acts as nobody else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid4

import pytest
from starlette.testclient import TestClient

from ckbx.domain.responsibility.post import Role
from ckbx.store import Store
from projections import cases, roster
from projections.scope import Scope
from tests.web.samples import Cast
from tests.web.signing import signed_in

ROLES: Final = (
    Role.CLASS_TEACHER,
    Role.PRINCIPAL,
    Role.REGISTRAR,
    Role.TOWNSHIP_OFFICER,
    Role.VILLAGE_OFFICER,
)
MOST_PAGES: Final = 150
ALIKE: Final = 2
"""So many pages of one kind are looked at."""
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_NAMES: Final = re.compile("school|child|class|account|person|holder|post|case|alert|ack|of|close")
Fields = dict[str, str]


class Sent(NamedTuple):
    """A form as it is handed in."""

    action: str
    fields: Fields


class Reader(HTMLParser):
    """The links of a page, and its forms with what a person might have typed."""

    def __init__(self, day: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Sent] = []
        self._typed = {"date": day, "time": "10:00", "number": "1"}
        self._into: Fields | None = None
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            self.links.append(given["href"].partition("#")[0])
        elif tag == "form":
            post = given.get("method", "").lower() == "post"
            self._into = {} if post else None
            if self._into is not None:
                self.forms.append(Sent(given.get("action", ""), self._into))
        elif self._into is not None:
            self._field(self._into, tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._into = None

    def _field(self, into: Fields, tag: str, given: Mapping[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            into[self._select] = into.get(self._select) or given.get("value", "")
        elif name and kind != "file" and tag in ("input", "textarea", "button"):
            into.setdefault(name, given.get("value") or self._typed.get(kind, "试"))


class Others:
    """What there is that a role does not see."""

    def __init__(self, county: Cast, role: str) -> None:
        self.parts = county.samples(role).others
        self.of_class = "/".join(self.parts[part] for part in ("school", "entry", "number"))
        with county.store.answers.reading() as reading:
            scope = county.scope(reading, role)
        self.streams = _streams(county, Scope.county()) - _streams(county, scope)
        self.named = ("case_id", "alert_id", "child")

    def in_place_of(self, name: str, value: str) -> list[str]:
        """What is put into a field instead."""
        if _ID.fullmatch(value):
            return [self.parts[part] for part in self.named if part in self.parts]
        if re.fullmatch(r"\d{10}", value):
            return [self.parts["school"]]
        if re.match(r"\d{10}/", value):
            return [self.of_class]
        return [self.parts["child"], self.parts["school"], "bureau"] if _NAMES.search(name) else []


def _streams(county: Cast, scope: Scope) -> set[UUID]:
    """Children and cases that a scope sees."""
    with county.store.answers.reading() as reading:
        at: dict[str, Any] = {"as_of": county.today, "position": reading.position(roster.NAME)}
        children = {place.child for place in roster.children_of(reading, scope, **at)}
        return children | {each.case.id for each in cases.cases_on(reading, scope, **at)}


def forms_of(client: TestClient, day: str) -> list[Sent]:
    """The forms on the pages to which the start page leads, one of each kind."""
    found: dict[tuple[str, ...], Sent] = {}
    wanted, seen, alike = ["/"], set[str](), dict[str, int]()
    while wanted and len(seen) < MOST_PAGES:
        address = wanted.pop(0)
        kind = re.sub(r"\d+", "0", _ID.sub("0", address.partition("?")[0]))
        alike[kind] = alike.get(kind, 0) + 1
        if address in seen or not address.startswith("/") or alike[kind] > ALIKE:
            continue
        seen.add(address)
        answer = client.get(address)
        wanted += [answer.headers["location"]] if answer.status_code == 303 else []
        page = Reader(day)
        if answer.headers.get("content-type", "").startswith("text/html"):
            page.feed(answer.text)
        wanted += page.links
        for form in page.forms:
            sent = Sent(form.action or address, form.fields)
            name = re.sub(r"\d+", "0", _ID.sub("0", sent.action))
            found.setdefault((name, *sorted(sent.fields)), sent)
    return [sent for sent in found.values() if "/signout" not in sent.action]


def tries(sent: Sent, others: Others) -> Iterator[Sent]:
    """The form as it is, with what nobody asked for, and with each of its fields of others."""
    asked_for_nothing = {
        "role": Role.BUREAU_OFFICER.value, "acted_as": Role.BUREAU_OFFICER.value,
        "actor": "bureau", "account": "bureau", "by": "bureau", "submitted_by": "bureau",
        "scope": "county", "class_key": others.of_class, **others.parts,
    }  # fmt: skip
    yield sent
    yield Sent(sent.action, {**asked_for_nothing, **sent.fields})
    for name, value in sent.fields.items():
        if name != "command":
            for other in others.in_place_of(name, value):
                yield Sent(sent.action, {**sent.fields, name: other})
        for id_ in _ID.findall(name):
            renamed = name.replace(id_, others.parts["child"])
            yield Sent(sent.action, {**sent.fields, renamed: value})


def facts_since(store: Store, head: int) -> list[Any]:
    positions = range(head + 1, int(store.log.head()) + 1)
    return [each.event for each in store.log.at_positions(list(positions))]


@pytest.mark.long
@pytest.mark.parametrize("role", ROLES)
def test_a_form_with_what_is_of_others_changes_nothing_of_theirs(
    own_store: Store, role: str
) -> None:
    county = Cast(own_store)
    account, others = county.account(role), Others(county, role)
    wrong, recorded = [], 0
    with signed_in(own_store, account) as client:
        forms = forms_of(client, str(county.today))
        for sent in (each for form in forms for each in tries(form, others)):
            head = int(own_store.log.head())
            fields = {**sent.fields, "command": str(uuid4())}
            status = client.post(sent.action, data=fields).status_code
            facts = facts_since(own_store, head)
            recorded += bool(facts)
            strange = [
                type(fact).__name__
                for fact in facts
                if fact.originator_id in others.streams
                or not (fact.actor == account or fact.actor.startswith("system:"))
                or getattr(fact, "acted_as", None) == Role.BUREAU_OFFICER
            ]
            if strange or status >= 500:
                wrong.append((sent, status, strange))
    assert wrong == []
    assert len(forms) > 5
    assert recorded > 1


def test_control_what_is_of_others_is_known(own_store: Store) -> None:
    others = Others(Cast(own_store), Role.PRINCIPAL)
    assert UUID(others.parts["child"]) in others.streams
    assert UUID(others.parts["case_id"]) in others.streams
    assert others.in_place_of("school", "3152697003") == [others.parts["school"]]
