"""A password holds neither the name nor the birthday of its person, and nobody learns them."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from ckbx.access.errors import PasswordRefused, SignInRefused
from ckbx.eventlog.ports import RECORDED_AT
from ckbx.vault import Identity
from tests.access.conftest import PASSWORD, Door

BORN = date(1988, 3, 17)
HOLDING = [
    "我是潘光明 forever",
    "panguangming-2026",
    "Pan.Guang.Ming.77",
    "blue 19880317 bird",
    "880317 blue bird",
    "blue bird 1988-03-17",
    "blue bird 17042X yes",
]


@pytest.fixture
def person(door: Door) -> str:
    """The code of an account whose person is known."""
    known = Identity(name="潘光明", birth_date=BORN, id_number="52260119880317042X")
    _file(door, known)
    return door.open("teacher1")


def _file(door: Door, known: Identity) -> None:
    engine = door.store.engine
    mark = "%s" if engine.dialect.name == "postgresql" else "?"
    writes = door.store.vault.prepare(
        uuid4(), "staff", identity=known, lookups={"account": "teacher1"}
    )
    with engine.begin() as connection:
        for write in writes:
            sql = f"INSERT INTO {write.table} ({','.join(write.columns)})"
            sql += f" VALUES ({','.join([mark] * len(write.columns))})"
            for row in write.rows:
                values = tuple(1 if value is RECORDED_AT else value for value in row)
                connection.exec_driver_sql(sql, values)


@pytest.mark.parametrize("password", HOLDING)
def test_name_and_birthday_are_refused_and_the_code_stays(
    door: Door, person: str, password: str
) -> None:
    with pytest.raises(PasswordRefused, match="姓名"):
        door.gate.use_code("teacher1", person, password)
    door.gate.use_code("teacher1", person, PASSWORD)
    with pytest.raises(PasswordRefused, match="生日"):
        door.gate.change_password("teacher1", PASSWORD, password)
    assert door.gate.check_password("teacher1", PASSWORD), "the old one stays"


def test_the_right_code_costs_no_try(door: Door, person: str) -> None:
    for _ in range(8):
        with pytest.raises(PasswordRefused):
            door.gate.use_code("teacher1", person, HOLDING[0])
    door.gate.use_code("teacher1", person, PASSWORD)


def test_who_has_no_code_learns_nothing_about_the_person(door: Door, person: str) -> None:
    assert person
    with pytest.raises(SignInRefused):
        door.gate.use_code("teacher1", "WRONG-CODE", HOLDING[0])
    assert not [r for r in door.store.vault.access_records() if r.view == "password"]


def test_to_look_the_name_up_is_recorded(door: Door, person: str) -> None:
    door.gate.use_code("teacher1", person, PASSWORD)
    (record,) = [r for r in door.store.vault.access_records() if r.view == "password"]
    assert record.actor == "teacher1"


def test_an_account_whose_person_is_not_known_sets_any_good_password(door: Door) -> None:
    assert door.person("stranger") == "stranger"
