"""What an inspector reads of children who have to be named 到校, before and after the day is
judged.
"""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from ckbx.application import closures
from ckbx.application.accounts import grant_role, open_accounts
from ckbx.domain.account.codes import GrantedRole
from ckbx.domain.responsibility.post import Scope, ScopeKind
from tests.support.county import COUNTY, SCHOOL
from tests.web.roll_call.conftest import MONDAY, OWN, Morning
from tests.web.roll_call.filling import Page
from tests.web.roll_call.test_filling import moved_here
from tests.web.signing import signed_in

YET = "没有确认到校（这一天还没有判定）"
JUDGED = "没有确认到校，按未核计"


@pytest.fixture
def inspector(morning: Morning) -> TestClient:
    store = morning.store
    open_accounts(store.office, store.gate, store.office.context("test"), ["i1", "head"])
    grant_role(
        store.office,
        store.gate,
        store.office.context("test"),
        "i1",
        GrantedRole.INSPECTOR,
        Scope(ScopeKind.COUNTY, COUNTY),
        first_day=MONDAY,
        last_day=MONDAY + timedelta(days=5),
        approved_by="head",
    )
    return signed_in(store, "i1")


def page(morning: Morning, inspector: TestClient) -> str:
    morning.store.catch_up()
    return inspector.get(f"/inspect/class?class={OWN}&day={MONDAY}").text


def said(text: str, child: UUID) -> str:
    (row,) = re.findall(rf"<tr>(?:(?!<tr>).)*/children/{child}.*?</tr>", text, re.DOTALL)
    return re.sub(r"<[^>]+>", "", row.split('data-label="那天报的">')[1]).strip()


def test_after_half_a_day_a_child_nobody_named_is_not_said_to_be_there(
    morning: Morning, inspector: TestClient
) -> None:
    one, two, three = moved_here(morning, 3)
    half = Page(morning, "ct1", query="?session=am")
    assert half.send({two: "sick"}, seen=[str(one)]).status_code == 303
    text = page(morning, inspector)
    assert said(text, three) == YET
    assert said(text, one) == "上午到校"
    assert said(text, two) == "上午病假"
    assert said(text, morning.children[0]) == "上午到校", "not one of those to be named"
    assert "1 人没有确认到校" in text, "beside the sheet that stands"
    assert JUDGED not in text


def test_once_the_day_is_whole_it_is_said_how_it_counts(
    morning: Morning, inspector: TestClient
) -> None:
    one, two = moved_here(morning, 2)
    assert Page(morning, "ct1").send({}, seen=[str(one)]).status_code == 303
    text = page(morning, inspector)
    assert said(text, two) == JUDGED
    assert said(text, one) == "到校"
    assert "1 人没有确认到校" in text, "beside the sheet that stands"
    assert YET not in text


def test_the_half_that_lists_a_child_says_nothing_of_the_other_half(
    morning: Morning, inspector: TestClient
) -> None:
    one, two = moved_here(morning, 2)
    Page(morning, "ct1", query="?session=am").send({one: "sick"})
    Page(morning, "ct1", query="?session=pm").send({})
    text = page(morning, inspector)
    assert said(text, one) == "上午病假，下午没有确认到校"
    assert said(text, two) == JUDGED


def test_a_child_named_in_the_afternoon_is_no_longer_in_doubt(
    morning: Morning, inspector: TestClient
) -> None:
    (one,) = moved_here(morning, 1)
    Page(morning, "ct1", query="?session=am").send({})
    assert said(page(morning, inspector), one) == YET
    Page(morning, "ct1", query="?session=pm").send({}, seen=[str(one)])
    text = page(morning, inspector)
    assert said(text, one) == "上午到校，下午到校"
    assert "没有确认到校" not in text


def test_a_day_that_was_no_school_day_after_all_counts_for_nobody(
    morning: Morning, inspector: TestClient
) -> None:
    """Given a whole day reported, and the closure of that day confirmed by the county later."""
    one, two = moved_here(morning, 2)
    store, office = morning.store, morning.store.office
    assert Page(morning, "ct1").send({}, seen=[str(one)]).status_code == 303
    closures.report(office, office.context("head"), store.vault, school=SCHOOL, why="大雪封路")
    assert said(page(morning, inspector), two) == JUDGED, "until the county says so"
    county = office.context("bureau")
    closures.answer(office, county, store.vault, school=SCHOOL, day=MONDAY, agrees=True)
    text = page(morning, inspector)
    assert said(text, two) == "没有确认到校（停课，这一天不计）"
    assert said(text, one) == "到校"
    assert "停课，这一天不计</span>" in text, "beside what was reported"
    assert YET not in text
    assert JUDGED not in text


def test_a_child_that_joined_after_the_sheet_is_not_said_to_have_been_there(
    morning: Morning, inspector: TestClient
) -> None:
    Page(morning, "ct1").send({})
    (one,) = moved_here(morning, 1)
    text = page(morning, inspector)
    assert said(text, one).startswith("没有确认到校")


def test_who_called_the_roll_is_named_with_the_account(
    morning: Morning, inspector: TestClient
) -> None:
    Page(morning, "ct1").send({})
    text = re.sub(r"<[^>]+>", "", page(morning, inspector))
    assert "提交人 ct1老师（ct1）" in text
