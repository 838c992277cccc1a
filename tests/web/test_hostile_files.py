"""Names that would do harm are text in everything that is read or taken away: every GET of the
route table in every role that may ask it, every ledger in every form, every paper.
"""

from __future__ import annotations

import io
import logging
import re
import shutil
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest
from fastapi.routing import APIRoute

from ckbx.demo.make import Made
from ckbx.domain.responsibility.post import Role
from ckbx.ledgers.catalogue import LEDGERS
from ckbx.web.app import inner_app, make_app
from ckbx.web.pages.cases.files import TYPES
from ckbx.web.pages.cases.papers import CASE_PAPERS
from ckbx.web.pages.ledgers.files import FORMS
from ckbx.web.permissions import GIVES, Permission
from ckbx.web.routes import declared, permission_of
from tests.demo import making
from tests.web.every_page import QUERIES, County
from tests.web.hostile import FORGED, NAME, NOTE, plant
from tests.web.inert import LOOKS, wrong_with
from tests.web.test_every_get import asks_of

READY = "/readyz"
"""It answers 503 where nobody does the standing work, or the store is slow at the moment."""
FIELDS: Final = (
    "account", "password", "why", "note", "names", "reason", "name", "school", "child", "kind",
    "code", "secret", "text", "title", "on", "file", "next", "approver", "command", "form",
)  # fmt: skip


@pytest.fixture(scope="module")
def county(
    demo_folder: tuple[Path, Made], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[County]:
    """A county of its own, full of hostile names."""
    folder = tmp_path_factory.mktemp("hostile") / "county"
    shutil.copytree(demo_folder[0], folder)
    store = making.opened(folder)
    found = County(store, make_app(store))
    plant(found)
    yield found
    found.close()
    store.close()


@pytest.mark.parametrize("role", GIVES)
def test_every_get_of_every_role_is_inert(county: County, role: str) -> None:
    wrong, seen = [], Counter[str]()
    app, _ = inner_app(county.store)
    for method, path, permission in declared(app):
        if method != "GET" or not _given(role, permission):
            continue
        held = county.cast.samples(role)
        mine = [address for who, address in county.more.get(path, []) if who == role]
        for address in mine or [held.own(path + QUERIES.get(path, ""))]:
            answer = county.client(role).get(address)
            if answer.status_code != 200:
                continue
            kind = answer.headers["content-type"]
            seen[kind.partition(";")[0]] += 1
            wrong += [(path, said) for said in wrong_with(kind, answer.content)]
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert wrong == []
    assert seen["text/html"] > 3, seen
    if role == Role.BUREAU_OFFICER:
        assert {"text/csv", "application/json", "application/toml"} <= set(seen), seen


@pytest.mark.parametrize("form", FORMS)
def test_every_ledger_is_inert_in_every_form(county: County, form: str) -> None:
    officer, named = county.client(Role.BUREAU_OFFICER), 0
    for name in LEDGERS:
        asked = {"why": NOTE, "all": "1", "form": form}
        answer = officer.post(f"/ledgers/{name}/file", data=asked)
        if answer.status_code == 404:  # not for anybody to take away
            continue
        assert answer.headers["content-type"] == FORMS[form].media, name
        assert wrong_with(FORMS[form].media, answer.content) == [], name
        named += b"onload" in answer.content or form != "csv"
    assert named >= 5


def test_a_class_that_its_teacher_takes_away_is_inert(county: County) -> None:
    teacher = county.client(Role.CLASS_TEACHER)
    for form in FORMS:
        asked = {"why": NOTE, "all": "1", "form": form}
        answer = teacher.post("/ledgers/roster/class-file", data=asked)
        assert answer.headers["content-type"] == FORMS[form].media
        assert wrong_with(FORMS[form].media, answer.content) == []


def test_every_paper_is_inert_and_shows_what_was_typed(county: County) -> None:
    principal, shown = county.client(Role.PRINCIPAL), 0
    case = county.address(Role.PRINCIPAL, "/cases/{case_id}")
    for name, _ in CASE_PAPERS:
        for form in ("pdf", "docx"):
            answer = principal.get(f"{case}/papers/{name}.{form}")
            media = TYPES[form]
            assert (answer.status_code, answer.headers["content-type"]) == (200, media), name
            assert wrong_with(media, answer.content) == [], (name, form)
            if form == "docx":
                with zipfile.ZipFile(io.BytesIO(answer.content)) as parts:
                    shown += "{{7*7}}" in parts.read("word/document.xml").decode()
    assert shown >= 5


def test_nothing_typed_at_any_address_forges_a_line_of_the_log(
    county: County, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    broke, asked = [], 0
    app, _ = inner_app(county.store)
    typed = quote(NOTE, safe="")
    for route in app.routes:
        permission = permission_of(route)
        if not isinstance(route, APIRoute) or permission is None or route.path == "/signout":
            continue
        role = next((each for each in GIVES if _given(each, permission)), Role.BUREAU_OFFICER)
        client, (method, *_) = county.client(role), sorted(route.methods or ())
        own = county.cast.samples(role).own(route.path)
        parts = re.sub(r"{\w+(?::\w+)?}", typed, route.path)
        query = "&".join(f"{name}={typed}" for name in asks_of(route.dependant))
        fields: dict[str, Any] = {"data": dict.fromkeys(FIELDS, NOTE)}
        more = fields if method == "POST" else {}
        for address in (f"{own}?{query}", parts):
            answer = client.request(method, address, **more)
            asked += 1
            if answer.status_code >= 500 and route.path != READY:
                broke.append((method, address, answer.status_code))
    assert broke == []
    assert [line for line in caplog.text.splitlines() if line.startswith(FORGED)] == []
    assert asked > 200


def test_control_what_is_not_inert_is_found() -> None:
    office = [each for each in LOOKS if each.startswith("application/vnd")]
    assert wrong_with("text/html; charset=utf-8", f"<p>{NAME}</p>".encode())
    assert wrong_with("text/csv", b"a,=1+1\n")
    assert wrong_with("application/pdf", b"<</S /JavaScript /JS (x)>>")
    assert wrong_with("application/x-unheard-of", b"")
    for kind in office:
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w") as parts:
            parts.writestr("xl/a.xml", "<c><f>1+1</f></c>")
        assert wrong_with(kind, made.getvalue()), kind
    letter = io.BytesIO()
    with zipfile.ZipFile(letter, "w") as parts:
        parts.writestr("a.xml", '<a xmlns:w="w"><w:instrText> DDEAUTO </w:instrText></a>')
    assert wrong_with(TYPES["docx"], letter.getvalue()) == ["a.xml"]


def _given(role: str, permission: Permission) -> bool:
    return permission in (Permission.PUBLIC, Permission.ACCOUNT) or permission in GIVES[role]
