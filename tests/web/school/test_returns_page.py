"""返校待确认: the days the page counts are those that the confirmation is judged by."""

from __future__ import annotations

import re
from datetime import date
from uuid import UUID

import pytest

from ckbx.application import cases
from ckbx.domain.case.errors import ReturnNotYetAttended
from ckbx.domain.child.return_codes import Placement
from ckbx.domain.responsibility.post import Role
from ckbx.store import Store
from projections import suspected
from projections.scope import Scope
from projections.suspected import SuspectedRow
from tests.web.signing import signed_in
from tests.web.test_pages import text_of

PRINCIPAL = Role.PRINCIPAL.value


def doubted(store: Store, student_no: str) -> SuspectedRow:
    child = store.vault.find("student_no", student_no)
    with store.answers.reading() as reading:
        position = reading.position(suspected.PROJECTION.name)
        at = {"as_of": store.office.today(), "position": position}
        rows = suspected.suspected(reading, Scope.county(), **at)  # type: ignore[arg-type]
    return next(row for row in rows if row.child == child)


def bring_back(store: Store, row: SuspectedRow, on: date) -> UUID:
    assert row.case_id is not None
    assert row.class_key is not None
    act = cases.bring_back(
        role=PRINCIPAL, on=on, placement=Placement.ORIGINAL_CLASS, class_key=row.class_key
    )
    context = store.office.context("principal", role=PRINCIPAL)
    cases.work_on(store.office, context, row.case_id, act)
    store.catch_up()
    return row.case_id


def confirm(store: Store, case: UUID) -> None:
    context = store.office.context("principal", role=PRINCIPAL)
    cases.work_on(store.office, context, case, cases.confirm_return(role=PRINCIPAL))
    store.catch_up()


def line_of(html: str, case: UUID) -> str:
    rows = re.findall(r"<tr>.*?</tr>", html, re.DOTALL)
    return next((text_of(row) for row in rows if f"/cases/{case}" in row), "")


def test_a_return_is_ripe_on_the_page_when_it_may_be_confirmed(
    own_store: Store, cast: dict[str, list[str]]
) -> None:
    there, away = doubted(own_store, cast["attending"][0]), doubted(own_store, cast["open"][0])
    since = next(fact for fact in (there.attending_since,) if fact)
    ripe = bring_back(own_store, there, since)
    unripe = bring_back(own_store, away, own_store.office.today())
    with signed_in(own_store, "bureau") as client:
        html = client.get("/returns").text
        assert "可以确认" in line_of(html, ripe)
        said = re.search(r"(\d)/(\d)天还差(\d)天", line_of(html, unripe))
        assert said is not None
        with pytest.raises(ReturnNotYetAttended) as refused:
            confirm(own_store, unripe)
        assert refused.value.ids["days"] == int(said[1])
        assert refused.value.ids["needed"] == int(said[2])
        confirm(own_store, ripe)
        assert line_of(client.get("/returns").text, ripe) == ""


def test_only_the_own_schools_returns_are_listed(
    own_store: Store, cast: dict[str, list[str]]
) -> None:
    row = doubted(own_store, cast["open"][0])
    case = bring_back(own_store, row, own_store.office.today())
    schools = {"2152697002": 0, "2152697005": 1, "3152697001": 2, "3152697002": 3, "3152697003": 4}
    for code, number in schools.items():
        with signed_in(own_store, f"principal{number}") as client:
            listed = bool(line_of(client.get("/returns").text, case))
        assert listed == (code == row.school_code)
