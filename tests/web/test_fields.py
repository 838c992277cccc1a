"""Which personal values of a child reach which role, on pages, in answers, in files?

One child is given values that stand nowhere else; every address a role may read is asked for
that child, and what is found is compared with the table.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from uuid import UUID

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from ckbx.demo.make import Made
from ckbx.domain.responsibility.post import Role
from ckbx.eventlog.ports import RECORDED_AT
from ckbx.store import Store
from ckbx.vault import Contact, Guardian, Identity
from ckbx.vault.people import Mark, Marks
from ckbx.web.app import inner_app
from ckbx.web.pages.ledgers.sight import SHOWN
from ckbx.web.permissions import ADMINISTRATOR, GIVES, INSPECTOR, Permission
from ckbx.web.routes import permission_of
from tests.demo import making
from tests.web.every_page import QUERIES
from tests.web.samples import Cast, Samples
from tests.web.signing import signed_in

PLANTED: Final = {
    "name": "哨名甲",
    "id_number": "532328201209019996",
    "ethnic": "哨族",
    "former_name": "哨曾用名",
    "phone": "13911112222",
    "household_address": "哨户籍地址一号",
    "home_address": "哨住处二号",
    "email": "sentinel@child.example",
    "guardian_name": "哨监护人",
    "guardian_phone": "13933334444",
    "guardian_id_number": "532328198009019997",
    "guardian_workplace": "哨工作单位",
    "poverty": "哨困难标记",
    "disability": "哨残疾标记",
}
NEVER: Final = frozenset(
    {"id_number", "guardian_id_number", "guardian_workplace", "email", "former_name", "ethnic"}
)
"""Reach nobody by an address: a whole number stands in files of those who may export alone."""
FLAGS: Final = frozenset({"poverty", "disability"})
PAGES: Final = frozenset(PLANTED) - NEVER - FLAGS
ASKED: Final = (
    Role.CLASS_TEACHER,
    Role.CASE_TEACHER,
    Role.GRADE_LEADER,
    Role.PRINCIPAL,
    Role.REGISTRAR,
    Role.BUREAU_OFFICER,
    Role.TOWNSHIP_OFFICER,
    Role.VILLAGE_OFFICER,
    INSPECTOR,
    ADMINISTRATOR,
)
LEADING: Final = frozenset(role for role, given in GIVES.items() if Permission.SEE_SCHOOLS in given)


def allowed(role: str) -> frozenset[str]:
    """The table: what may reach a role at most, wherever it looks."""
    if Permission.SEE_CHILDREN not in GIVES[role]:
        return frozenset()
    return PAGES | (FLAGS if role in LEADING else frozenset())


@pytest.fixture(scope="module")
def cast_of(
    demo_folder: tuple[Path, Made], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Cast]:
    folder = tmp_path_factory.mktemp("fields") / "county"
    shutil.copytree(demo_folder[0], folder)
    store = making.opened(folder)
    yield Cast(store)
    store.close()


def plant(store: Store, child: UUID) -> None:
    """Write the values of a child, as an import would."""
    p = PLANTED
    guardian = Guardian(
        name=p["guardian_name"],
        relation="父亲",
        phone=p["guardian_phone"],
        id_number=p["guardian_id_number"],
        workplace=p["guardian_workplace"],
    )
    writes = store.vault.prepare(
        child,
        "child",
        identity=Identity(
            name=p["name"],
            id_type="1",
            id_number=p["id_number"],
            student_no="G" + p["id_number"],
            ethnic=p["ethnic"],
            former_name=p["former_name"],
        ),
        contact=Contact(
            household_address=p["household_address"],
            home_address=p["home_address"],
            phone=p["phone"],
            email=p["email"],
            guardians=(guardian,),
        ),
        marks=Marks(entries=(Mark(code=p["poverty"]), Mark(code=p["disability"]))),
    )
    now = int(store.clock.now().timestamp() * 1_000_000)
    with store.vault._engine.begin() as connection:
        for write in writes:
            signs = ",".join("?" * len(write.columns))
            sql = f"INSERT INTO {write.table} ({','.join(write.columns)}) VALUES ({signs})"
            rows = [tuple(now if v is RECORDED_AT else v for v in row) for row in write.rows]
            connection.exec_driver_sql(sql, rows)


def found_in(text: str) -> set[str]:
    return {field for field, value in PLANTED.items() if value in text}


def addresses(store: Store, role: str, held: Samples) -> Iterator[str]:
    """Everything a role may read, of its own child where the address names one."""
    app, _ = inner_app(store)
    for route in app.routes:
        permission = permission_of(route)
        if not isinstance(route, APIRoute) or permission not in GIVES[role]:
            continue
        if "GET" not in (route.methods or ()):
            continue
        if "{name}" in route.path and "/ledgers/" in route.path:
            for name in SHOWN:
                more = "?limit=1000" if route.path.startswith("/api/") else ""
                yield held.own(route.path.replace("{name}", name)) + more
        else:
            yield held.own(route.path + QUERIES.get(route.path, ""))


def seen_by(client: TestClient, store: Store, role: str, held: Samples) -> dict[str, set[str]]:
    """The planted fields by address."""
    shown = {}
    for address in addresses(store, role, held):
        answer = client.get(address)
        if answer.status_code == 200 and (fields := found_in(answer.text)):
            shown[address] = fields
    return shown


@pytest.mark.parametrize("role", ASKED)
def test_a_role_is_shown_what_the_table_gives_it_and_no_more(cast_of: Cast, role: str) -> None:
    store, held = cast_of.store, cast_of.samples(role)
    child = held.mine.get("child_id")
    if child:
        plant(store, UUID(child))
    with signed_in(store, cast_of.account(role)) as client:
        shown = seen_by(client, store, role, held)
    more = {address: fields - allowed(role) for address, fields in shown.items()}
    assert {address: fields for address, fields in more.items() if fields} == {}
    if child:
        assert "name" in set().union(*shown.values()), "the control: the child was looked at"
    if role in LEADING and child:
        assert set().union(*shown.values()) >= FLAGS


@pytest.mark.parametrize("role", [Role.CLASS_TEACHER, Role.PRINCIPAL])
def test_a_file_has_flags_for_those_who_lead_alone(cast_of: Cast, role: str) -> None:
    store, held = cast_of.store, cast_of.samples(role)
    plant(store, UUID(held.mine["child_id"]))
    leads = role in LEADING
    way = "file" if leads else "class-file"
    with signed_in(store, cast_of.account(role)) as client:
        answer = client.post(f"/ledgers/roster/{way}", data={"form": "csv", "why": "核对"})
    assert answer.status_code == 200
    found = found_in(answer.text)
    assert "name" in found
    assert (found & FLAGS == FLAGS) is leads
    assert found & FLAGS == (FLAGS if leads else frozenset())
