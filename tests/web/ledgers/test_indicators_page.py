"""Every indicator stands with its own name, counting rule, numerator and denominator."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from starlette.testclient import TestClient

from ckbx.domain.responsibility.post import Role
from ckbx.ledgers.catalogue import INDICATORS
from ckbx.ledgers.filling import Desk
from ckbx.ledgers.question import Question
from ckbx.store import Store
from ckbx.vault import Access
from ckbx.web.pages.ledgers.indicators import FORMULAS
from projections.scope import Scope
from tests.web.samples import Cast


def test_each_has_its_name_its_rule_and_both_numbers(
    county: Store, clients: Mapping[str, TestClient]
) -> None:
    text = clients[Role.BUREAU_OFFICER].get("/indicators").text
    desk = Desk(county.answers, county.log, county.vault, county.clock)
    asked = Question(scope=Scope.county(), as_of=county.office.today())
    rows = desk.fill(INDICATORS, asked, Access(actor="t", view="t", purpose="t")).rows
    assert len(rows) > 15
    for row in rows:
        assert f">{row['name']}<" in text
        assert f'口径 <data value="{row["caliber"]}">2026.1 版</data>' in text
        assert FORMULAS[row["indicator"]] in text
        for number in (row["numerator"], row["denominator"]):
            shown = "—" if number is None else f"{number:,}"
            assert f'<td class="num">{shown}</td>' in text
        if row["value"] is not None:
            assert f"{row['value']:.2f}" in text
    assert "无数据" in text


def test_a_school_is_the_own_one_and_another_is_not_there(
    cast_of: Cast, clients: Mapping[str, TestClient]
) -> None:
    own, other = (
        getattr(cast_of.samples(Role.PRINCIPAL), whose)["school"] for whose in ("mine", "others")
    )
    client = clients[Role.PRINCIPAL]
    assert f'value="{own}" selected' in client.get("/indicators").text
    assert client.get(f"/indicators?school={own}").status_code == 200
    assert client.get(f"/indicators?school={other}").status_code == 404


@pytest.mark.parametrize(("name", "offered"), [("roll_call_completeness", 0), ("transfers", 1)])
def test_what_is_closed_is_offered_where_a_ledger_has_any(
    clients: Mapping[str, TestClient], name: str, offered: int
) -> None:
    page = clients[Role.BUREAU_OFFICER].get(f"/ledgers/{name}").text
    assert page.count('type="checkbox" name="all"') == offered
    assert "无作用" not in page


@pytest.mark.parametrize("address", ["/indicators", "/ledgers/indicators", "/ledgers/school"])
def test_who_leads_a_grade_is_shown_no_figures_of_a_part_of_a_school(
    clients: Mapping[str, TestClient], address: str
) -> None:
    assert clients[Role.GRADE_LEADER].get(address).status_code == 404


@pytest.mark.parametrize("query", ["as_of=2026-13-01", "known_at=gestern", "as_of=1999-01-01"])
def test_a_day_that_is_none_is_said_to_be_so(clients: Mapping[str, TestClient], query: str) -> None:
    for path in ("/indicators", "/ledgers/roster"):
        assert clients[Role.BUREAU_OFFICER].get(f"{path}?{query}").status_code == 422
