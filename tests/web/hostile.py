"""Names and notes that would do harm on a page, in a file or in the log, if they were more than
text; and a county full of them.
"""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

from ckbx.application.unit import Unit
from ckbx.domain.child.child import Child
from ckbx.domain.child.events import IdentityAmended
from ckbx.domain.responsibility.post import Role
from ckbx.domain.school.school import School
from ckbx.store import Store
from ckbx.vault import Identity
from projections import cases, roster
from projections.scope import Scope
from tests.web.admin.conftest import give_password
from tests.web.admin.files import batches, child, hand_in, wait
from tests.web.admin.files import roster as roster_file
from tests.web.admin.test_rules_pages import try_out
from tests.web.cases.visiting import sent_by
from tests.web.every_page import County, form_of

FORGED: Final = "2026-11-22 10:30:00 ERROR ckbx forged"
RAW: Final = '<svg onload="document.title=1">'
NAME: Final = f"王\u202e五\"'>{RAW}&amp;{{{{7*7}}}}"
SCHOOL_NAME: Final = "=cmd|'/C calc'!A0\"><b onclick=alert(1)>桐木乡九年一贯制学校\u2067"
NOTE: Final = f"=cmd|'/C calc'!A0\r\n{FORGED}\r\n</textarea><script>alert(1)</script>{RAW}\u202e"
UNESCAPED: Final = re.compile(r"<svg onload|<b onclick|<script>|</textarea><")
"""What stands on no page as it was typed."""
TAG: Final = "main svg[onload], main [onclick], main script:not([src])"
CALLS: Final = "window.alert = text => console.error('alert ' + text)"
"""So that even a dialog that the browser swallows is heard."""
SCHOOL: Final = "3152697003"


def name_child(store: Store, child_id: UUID, name: str) -> None:
    """A child's name is another from now on."""

    def decide(unit: Unit) -> bytes:
        unit.writes.extend(store.vault.prepare(child_id, "child", identity=Identity(name=name)))
        found = unit.get(child_id, Child)
        found.trigger_event(
            IdentityAmended, unit.ctx, occurred_on=unit.ctx.today, groups=["identity"]
        )
        return b"renamed"

    store.office.run(store.office.context("test"), decide)


def rename(store: Store, student_no: str, name: str) -> str:
    """The child of a 学籍号 gets another name; its internal id."""
    child_id = store.vault.find("student_no", student_no)
    assert child_id is not None
    name_child(store, child_id, name)
    store.catch_up()
    return str(child_id)


def name_school(store: Store, school: str, name: str) -> None:
    """As a roster would name it."""

    def decide(unit: Unit) -> bytes:
        stream = School.stream(store.office.county, school)
        unit.get(stream, School).call(unit.ctx, school=school, name=name)
        return b"named"

    store.office.run(store.office.context("test"), decide)


def plant(county: County) -> None:
    """Every child with a case, a school and a note in a case are called so; a roster and a
    change of rules are being tried, one roster was taken in.
    """
    store = county.store
    sign_report(county)
    with store.answers.reading() as reading:
        at = reading.position(roster.PROJECTION.name)
        known = cases.cases_on(reading, Scope.county(), as_of=county.cast.today, position=at)
    for child_id in {each.case.child for each in known}:
        name_child(store, child_id, NAME)
    name_school(store, SCHOOL, SCHOOL_NAME)
    store.catch_up()
    _note(county)
    _runs(county)


def sign_report(county: County) -> None:
    """The principal's school has a signed report."""
    password = "a long word of my own"
    give_password(county.store, county.cast.account(Role.PRINCIPAL), password)
    client = county.client(Role.PRINCIPAL)
    page = client.get(county.address(Role.PRINCIPAL, "/reports/sign")).text
    answer = client.post("/reports/sign", data=form_of(page) | {"password": password})
    assert answer.status_code == 303, answer.text


def _note(county: County) -> None:
    client = county.client(Role.PRINCIPAL)
    path = county.address(Role.PRINCIPAL, "/cases/{case_id}/contact")
    fields = sent_by(client.get(path).text, path) | {
        "means": ["call"],
        "met": ["mother"],
        "note": [NOTE],
    }
    answer = client.post(path, data=fields)
    assert answer.status_code == 303, answer.text
    county.store.catch_up()


def _runs(county: County) -> None:
    officer = county.client(Role.BUREAU_OFFICER)
    taken = hand_in(officer, "roster", roster_file(child(1), child(2)))
    officer.post(f"{taken}/apply", data={})
    (batch,) = set(batches(wait(officer, taken)))
    run = hand_in(officer, "roster", roster_file(child(3), child(4, 性别=RAW)))
    tried = try_out(officer, county.store)
    wait(officer, tried)
    post = re.findall(r"/chains/[0-9a-f-]{36}", officer.get("/chains").text)[0]
    county.more |= {
        "/imports/{run}": [(Role.BUREAU_OFFICER, run)],
        "/imports/{run}/problems.csv": [(Role.BUREAU_OFFICER, f"{run}/problems.csv")],
        "/imports/batches/{batch}": [(Role.BUREAU_OFFICER, f"/imports/batches/{batch}")],
        "/rules/tries/{run}": [(Role.BUREAU_OFFICER, tried)],
        "/chains/{post}": [(Role.BUREAU_OFFICER, post)],
    }
    county.store.catch_up()
