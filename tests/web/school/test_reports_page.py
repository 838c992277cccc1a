"""月报 on a page: signed by the principal with the own password, once for the same figures."""

from __future__ import annotations

import re
from html import unescape
from uuid import uuid4

import pytest
from starlette.testclient import TestClient

from ckbx.application import child_status, transfers
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.report.months import read_month
from ckbx.domain.report.report import SchoolReport
from ckbx.domain.responsibility.post import Role
from ckbx.ledgers.marking import found_in
from ckbx.store import Store
from projections.roster import Place
from tests.web.school.test_place import everybody
from tests.web.signing import signed_in, token_for
from tests.web.test_pages import SCHOOL, good

PRINCIPAL, PASSWORD, MONTH = "principal4", "a long word of my own", "2026-11"
OTHER = "3152697001"


@pytest.fixture
def principal(own_store: Store) -> TestClient:
    """The principal's browser; the account has a password of its own."""
    token_for(own_store, PRINCIPAL)
    code = own_store.gate.issue_codes([PRINCIPAL])[PRINCIPAL]
    own_store.gate.use_code(PRINCIPAL, code, PASSWORD)
    return signed_in(own_store, PRINCIPAL)


def versions(store: Store, school: str = SCHOOL, month: str = MONTH) -> int:
    report = SchoolReport(SchoolReport.stream(store.office.county, school, read_month(month)))
    return len(report.replay(store.log.load([report.id]).get(report.id, [])).versions)


def form_of(html: str) -> dict[str, str]:
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html)
    return {name: unescape(value) for name, value in fields}


def asked(client: TestClient, **more: str) -> dict[str, str]:
    page = client.get(f"/reports/sign?month={MONTH}")
    assert page.status_code == 200
    return form_of(page.text) | {"password": PASSWORD} | more


def beside_of(html: str) -> dict[str, int]:
    """What the page lists as open beside the figures."""
    card = html[html.index("下面的和数字一起封存") :]
    lines = re.findall(r"<li><span>([^<]+)</span><b>(\d+)</b>", card[: card.index("</section>")])
    return {title: int(number) for title, number in lines}


def is_here(place: Place) -> bool:
    return place.status is TrackingStatus.ENROLLED


def test_the_page_shows_the_figures_what_is_open_beside_them_and_who_signs(
    principal: TestClient,
) -> None:
    text = good(principal.get("/reports"))
    assert "2026年11月学校月报" in text
    for word in ("无故缺勤未返校", "未报点名班次", "分母是", "签字期限", "还没有签过的版本"):
        assert word in text


def test_who_is_out_of_reach_or_on_the_way_stands_among_what_is_open(
    principal: TestClient, own_store: Store
) -> None:
    before = beside_of(principal.get("/reports").text)
    gone, going = [p.child for p in everybody(own_store) if p.school == SCHOOL and is_here(p)][:2]
    office, day = own_store.office, own_store.office.today()
    child_status.end(
        office,
        office.context("bureau"),
        gone,
        lv.WentMissing,
        role=Role.BUREAU_OFFICER,
        on=day,
        evidence_ref="报案回执",
    )
    transfers.start(
        office,
        office.context(PRINCIPAL),
        transfers.Who(child=going),
        role=Role.PRINCIPAL,
        on=day,
        receiving_school=OTHER,
        document="转字 1 号",
    )
    own_store.catch_up()
    after = beside_of(principal.get("/reports").text)
    for title in ("转出在途", "失联"):
        assert after.get(title, 0) == before.get(title, 0) + 1, title


def test_the_own_password_seals_what_was_shown(principal: TestClient, own_store: Store) -> None:
    fields = asked(principal)
    answer = principal.post("/reports/sign", data=fields)
    assert answer.status_code == 303
    assert versions(own_store) == 1
    text = good(principal.get(answer.headers["location"]))
    assert "已签字封存：第1版" in text
    assert re.search(rf"日\w+（{PRINCIPAL}）签", text), "the name beside the account"
    assert principal.post("/reports/sign", data=fields).status_code == 303
    assert versions(own_store) == 1


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD + " "])
def test_another_password_seals_nothing_and_is_not_shown_again(
    principal: TestClient, own_store: Store, password: str
) -> None:
    answer = principal.post("/reports/sign", data=asked(principal, password=password))
    assert answer.status_code == 422
    assert "密码不对" in answer.text
    assert f'value="{password or "·"}"' not in answer.text
    assert versions(own_store) == 0


def test_the_same_figures_are_not_signed_twice_and_it_is_said_who_signed(
    principal: TestClient, own_store: Store
) -> None:
    principal.post("/reports/sign", data=asked(principal))
    again = principal.post("/reports/sign", data=asked(principal, command=str(uuid4())))
    assert again.status_code == 422
    assert "第 1 版" in again.text
    assert "要重签须先有更正" in again.text
    assert versions(own_store) == 1
    assert "核对并签字封存" not in principal.get("/reports").text


def test_figures_that_moved_meanwhile_are_shown_again_instead_of_signed(
    principal: TestClient, own_store: Store
) -> None:
    answer = principal.post("/reports/sign", data=asked(principal, digest="0" * 64))
    assert answer.status_code == 422
    assert "记录有了变化" in answer.text
    assert versions(own_store) == 0


def test_a_principal_signs_for_the_own_school_only(principal: TestClient, own_store: Store) -> None:
    answer = principal.post("/reports/sign", data=asked(principal, school=OTHER))
    assert answer.status_code == 404
    for path in ("/reports", "/reports/sign", "/reports/compare", "/reports/file.pdf"):
        assert principal.get(f"{path}?school={OTHER}&month={MONTH}").status_code == 404
    assert versions(own_store) == versions(own_store, OTHER) == 0


@pytest.mark.parametrize("account", ["bureau", "g3036", "leader4", "village12"])
def test_nobody_else_opens_or_signs_a_schools_report(own_store: Store, account: str) -> None:
    with signed_in(own_store, account) as client:
        assert client.get("/reports").status_code == 403
        fields = {"command": str(uuid4()), "school": SCHOOL, "month": MONTH, "password": "x"}
        assert client.post("/reports/sign", data=fields).status_code == 403
    assert versions(own_store) == 0


def test_a_month_that_is_not_due_or_cannot_be_read_is_said_in_words(
    principal: TestClient,
) -> None:
    for month in ("2026-12", "2026-13", "x"):
        answer = principal.get(f"/reports?month={month}")
        assert answer.status_code == 422
        assert "月份" in answer.text


def test_versions_are_compared_and_the_last_one_is_printed(
    principal: TestClient, own_store: Store
) -> None:
    assert principal.get(f"/reports/file.pdf?month={MONTH}").status_code == 404
    principal.post("/reports/sign", data=asked(principal))
    text = good(principal.get(f"/reports/compare?month={MONTH}&from=0&to=1"))
    assert "按现在的记录不同0项" in text
    assert re.search(rf"日\w+（{PRINCIPAL}）签", text)
    assert principal.get(f"/reports/compare?month={MONTH}&from=0&to=9").status_code == 422
    pdf = principal.get(f"/reports/file.pdf?month={MONTH}")
    assert pdf.headers["content-type"] == "application/pdf"
    assert pdf.content.startswith(b"%PDF")
    assert pdf.headers["cache-control"].startswith("no-store")
    number = found_in(pdf.content)
    assert number is not None, "marked as every export"
    record = own_store.vault.exported(number)
    assert record is not None
    assert record.view == f"web:ledger:monthly_report:pdf:{number}"
    assert record.actor == PRINCIPAL


def test_a_signed_version_shows_what_was_sealed(principal: TestClient) -> None:
    principal.post("/reports/sign", data=asked(principal))
    text = good(principal.get(f"/reports?month={MONTH}&version=1"))
    assert "第1版（已签字封存）" in text
    assert principal.get(f"/reports?month={MONTH}&version=2").status_code == 422
