"""县汇总 on a page: signed by the county's officer with the own password, naming who has not."""

from __future__ import annotations

import re
from html import unescape

import pytest
from starlette.testclient import TestClient

from ckbx.application.reports import sign_school
from ckbx.domain.report.months import read_month
from ckbx.domain.report.report import CountySummary
from ckbx.ledgers import monthly_drafts
from ckbx.ledgers.filling import Desk
from ckbx.ledgers.question import Question
from ckbx.store import Store
from ckbx.vault import Access
from projections.scope import Scope
from tests.web.signing import signed_in, token_for
from tests.web.test_pages import SCHOOL, good

OFFICER, PASSWORD, MONTH = "bureau", "a long word of my own", "2026-10"


@pytest.fixture
def officer(own_store: Store) -> TestClient:
    """The officer's browser; the account has a password of its own."""
    token_for(own_store, OFFICER)
    code = own_store.gate.issue_codes([OFFICER])[OFFICER]
    own_store.gate.use_code(OFFICER, code, PASSWORD)
    return signed_in(own_store, OFFICER)


def sign_for(store: Store, school: str) -> None:
    """The principal signs what the records say of the month."""
    month = read_month(MONTH)
    desk = Desk(store.answers, store.log, store.vault, store.clock)
    question = Question(scope=Scope.schools([school]), as_of=month.last_day)
    with desk.look(question, Access(actor="t", view="t", purpose="t"), ("reports",)) as look:
        draft = monthly_drafts.draft_of(look, month, school, month.last_day)
    ctx = store.office.context("principal4")
    sign_school(store.office, ctx, draft, school=school, role="principal")
    store.catch_up()


def versions(store: Store) -> list[int]:
    """Of each version, how many schools it names as not signed."""
    summary = CountySummary(CountySummary.stream(store.office.county, read_month(MONTH)))
    summary.replay(store.log.load([summary.id]).get(summary.id, []))
    return [len(each.unsigned) for each in summary.versions]


def asked(client: TestClient, **more: str) -> dict[str, str]:
    page = client.get(f"/county-reports/sign?month={MONTH}")
    assert page.status_code == 200
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.text)
    return {name: unescape(value) for name, value in fields} | {"password": PASSWORD} | more


def test_a_sum_of_nothing_is_not_signed(officer: TestClient, own_store: Store) -> None:
    page = officer.get("/county-reports?month=2026-08")
    assert "还没有一所学校签这个月的月报" in good(page)
    assert 'href="/county-reports/sign' not in page.text
    answer = officer.post("/county-reports/sign", data=asked(officer, month="2026-08"))
    assert answer.status_code == 422
    assert len(versions(own_store)) == 1


def test_the_own_password_seals_the_sum_and_names_who_has_not_signed(
    officer: TestClient, own_store: Store
) -> None:
    assert "不用再签" in good(officer.get(f"/county-reports?month={MONTH}"))
    assert "不用再签" in good(officer.get(f"/county-reports/sign?month={MONTH}"))
    sign_for(own_store, SCHOOL)
    text = good(officer.get(f"/county-reports?month={MONTH}"))
    assert "第1版以后有变化" in text
    fields = asked(officer)
    assert officer.post("/county-reports/sign", data=fields | {"password": "x"}).status_code == 422
    assert len(versions(own_store)) == 1
    answer = officer.post("/county-reports/sign", data=fields)
    assert answer.status_code == 303
    _, unsigned = versions(own_store)
    assert unsigned > 0
    text = good(officer.get(answer.headers["location"]))
    assert "已签字封存：县汇总第2版" in text
    assert re.search(rf"日\w+（{OFFICER}）签，{unsigned}所学校未签", text), "the name, too"
    assert "不用再签" in text
    version = officer.get(f"/county-reports?month={MONTH}&version=1")
    assert "第1版（已签字封存）" in good(version)
    assert officer.post("/county-reports/sign", data=fields).status_code == 303
    assert len(versions(own_store)) == 2


def test_a_sum_that_moved_is_shown_anew(officer: TestClient, own_store: Store) -> None:
    sign_for(own_store, SCHOOL)
    answer = officer.post("/county-reports/sign", data=asked(officer, digest="0" * 64))
    assert answer.status_code == 422
    assert "没有签。" in answer.text
    assert len(versions(own_store)) == 1


def test_a_month_that_is_not_over_is_not_signed(officer: TestClient) -> None:
    text = good(officer.get("/county-reports?month=2026-11"))
    assert "还没有结束" in text


def test_no_principal_signs_for_the_county(own_store: Store) -> None:
    with signed_in(own_store, "principal4") as client:
        assert client.get("/county-reports").status_code == 403
        assert client.post("/county-reports/sign", data={"month": MONTH}).status_code == 403
