"""Who opens and hands in which class's roll call: by the posts of the day, and by nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ckbx.domain.class_roll.class_roll import ClassRoll
from tests.support.county import COUNTY, SCHOOL
from tests.web.roll_call.conftest import (
    FAR_PATH,
    MONDAY,
    OTHER_PATH,
    OWN,
    PATH,
    Morning,
)
from tests.web.roll_call.filling import Page, standing
from tests.web.signing import signed_in, visitor


@pytest.mark.parametrize(
    ("account", "path", "status"),
    [
        ("ct1", PATH, 200),
        ("ct1", OTHER_PATH, 404),
        ("ct1", FAR_PATH, 404),
        ("far", PATH, 404),
        ("lead", OTHER_PATH, 200),
        ("lead", FAR_PATH, 404),
        ("head", PATH, 200),
        ("head", FAR_PATH, 404),
        ("reg", PATH, 403),
        ("ct1", f"/roll-calls/{SCHOOL}/2026/9", 404),
        ("head", f"/roll-calls/{SCHOOL}/2026/9", 404),
        ("head", f"/roll-calls/{SCHOOL}/x/1", 404),
        ("head", f"/roll-calls/{SCHOOL}/1999/1", 404),
        ("ct1", f"{OTHER_PATH}/leave", 404),
        ("ct1", f"{PATH}/leave", 200),
    ],
)
def test_a_class_is_opened_by_those_whose_it_is(
    morning: Morning, account: str, path: str, status: int
) -> None:
    answer = signed_in(morning.store, account).get(path)
    assert answer.status_code == status
    if status != 200:
        assert not any(name in answer.text for name in morning.names.values())


@pytest.mark.parametrize("what", ["", "/slips", "/slips/end", "/substitute"])
def test_nothing_is_handed_in_for_the_class_of_another(morning: Morning, what: str) -> None:
    mine = Page(morning, "ct1")
    registrar = signed_in(morning.store, "reg")
    before = morning.store.log.head()
    assert mine.client.post(OTHER_PATH + what, data=mine.fields({})).status_code == 404
    assert registrar.post(PATH + what, data={}).status_code == 403
    assert morning.store.log.head() == before


def test_whoever_is_not_signed_in_is_asked_to(morning: Morning) -> None:
    client = visitor(morning.store)
    assert client.get(PATH).headers["location"].startswith("/signin?next=")
    answer = client.post(PATH, data={}, headers={"Accept": "application/json"})
    assert answer.status_code == 401


def test_a_page_filled_in_by_another_account_is_not_sent_under_this_name(morning: Morning) -> None:
    fields = Page(morning, "ct1").fields({})
    answer = signed_in(morning.store, "head").post(PATH, data=fields)
    assert answer.status_code == 409
    assert "ct1" in answer.text
    assert standing(morning, OWN) is None


def test_the_grades_leader_and_the_principal_hand_in_too(morning: Morning) -> None:
    assert Page(morning, "lead").send({}).status_code == 303
    assert Page(morning, "head", OTHER_PATH).send({}).status_code == 303
    stream = ClassRoll.stream(COUNTY, OWN, "2026-1")
    (event,) = morning.store.log.load([stream])[stream]
    assert (event.actor, getattr(event, "submitted_by", "")) == ("lead", "lead")


def test_whoever_has_one_class_is_sent_straight_to_it(morning: Morning) -> None:
    answer = signed_in(morning.store, "ct1").get("/roll-calls")
    assert answer.headers["location"] == PATH
    listed = signed_in(morning.store, "ct1").get("/roll-calls?list=1").text
    assert PATH in listed
    assert OTHER_PATH not in listed


def test_a_principal_sees_every_class_of_the_school(morning: Morning) -> None:
    Page(morning, "ct1").send({})
    listed = signed_in(morning.store, "head").get("/roll-calls").text
    assert PATH in listed
    assert OTHER_PATH in listed
    assert FAR_PATH not in listed
    assert listed.index(OTHER_PATH) < listed.index(PATH), "who still has to report is in front"


def test_the_substitute_of_a_day_has_the_class_that_day(morning: Morning) -> None:
    client = signed_in(morning.store, "ct1")
    fields = {"account": "ct2", "day": MONDAY.isoformat()}
    assert client.post(f"{PATH}/substitute", data=fields).status_code == 303
    assert Page(morning, "ct2").send({}).status_code == 303
    again = {"account": "lead", "day": (MONDAY + timedelta(days=1)).isoformat()}
    refused = signed_in(morning.store, "ct2").post(f"{PATH}/substitute", data=again)
    assert refused.status_code == 422, "who stands in for a day gives nothing on"
    assert (
        signed_in(morning.store, "head").post(f"{PATH}/substitute", data=again).status_code == 303
    )


def test_only_somebody_of_the_school_stands_in(morning: Morning) -> None:
    client = signed_in(morning.store, "ct1")
    fields = {"account": "far", "day": MONDAY.isoformat()}
    assert client.post(f"{PATH}/substitute", data=fields).status_code == 422


@pytest.mark.parametrize(("account", "status"), [("ct1", 404), ("lead", 404), ("head", 303)])
def test_a_school_is_closed_by_whoever_leads_it(
    morning: Morning, account: str, status: int
) -> None:
    client = signed_in(morning.store, account)
    answer = client.post(f"/roll-calls/{SCHOOL}/closure", data={"cause": "大雪、道路结冰"})
    assert answer.status_code == status
    shown = signed_in(morning.store, "ct1").get(PATH).text
    assert ("待县教育局确认" in shown) is (status == 303)
