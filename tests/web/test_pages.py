"""What pages say, to whom, and what they leave behind."""

from __future__ import annotations

import re
from html import unescape
from uuid import UUID

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from ckbx.store import Store
from ckbx.vault import Access, mask_id
from ckbx.web.app import make_app
from projections import responsibility
from tests.web.conftest import OFFICER
from tests.web.signing import visitor

SCHOOL = "3152697003"
NAMES = ("/overview", f"/schools/{SCHOOL}", "/suspected", "/suspected?all=1")


def text_of(html: str) -> str:
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", html))


def good(response: Response) -> str:
    assert response.status_code == 200
    return text_of(response.text)


def test_the_overview_names_the_day_the_instant_and_the_counting_rule(client: TestClient) -> None:
    text = good(client.get("/overview"))
    assert "2026年11月22日星期日" in text
    assert "截至11月22日10:30" in text
    assert "2026.1版" in text
    for name in ("应入学", "在校", "疑似辍学", "最近教学日未报班级"):
        assert name in text


def test_the_school_page_lists_every_class_with_its_report(client: TestClient) -> None:
    text = good(client.get(f"/schools/{SCHOOL}"))
    assert "桐木乡九年一贯制学校" in text
    assert all(f"{grade}年级1班" in text for grade in range(1, 10))
    assert "11月20日（星期五）点名" in text


def test_the_ledger_answers_as_of_a_day_and_as_known_on_a_day(
    client: TestClient, store: Store, cast: dict[str, list[str]]
) -> None:
    child = store.vault.find("student_no", cast["withdrawn"][0])
    before = client.get("/suspected?as_of=2026-11-04&known_at=2026-11-04")
    after = client.get("/suspected?as_of=2026-11-04")
    assert f"/children/{child}" in before.text
    assert f"/children/{child}" not in after.text


def test_the_ledger_is_filtered_by_school(client: TestClient) -> None:
    html = client.get(f"/suspected?school={SCHOOL}").text
    rows = html.split("<tbody>")[1]
    assert set(re.findall(r'href="/schools/(\d+)"', rows)) <= {SCHOOL}
    assert f'value="{SCHOOL}" selected' in html


def test_from_the_list_of_suspected_its_ledger_is_exported_as_it_was_asked(
    client: TestClient,
) -> None:
    html = client.get(f"/suspected?school={SCHOOL}&as_of=2026-11-10&all=1").text
    found = re.search(r'href="(/ledgers/suspected\?[^"]*)#end"', html)
    assert found
    ledger = client.get(unescape(found.group(1))).text
    assert "导出全部行" in ledger
    assert "截至2026年11月10日" in text_of(ledger)
    assert f'value="{SCHOOL}" selected' in ledger


def test_closed_suspicions_are_shown_when_asked_for(client: TestClient) -> None:
    assert "核销：A在校有学籍" not in good(client.get("/suspected"))
    assert "核销：A在校有学籍" in good(client.get("/suspected?all=1"))


def test_a_day_that_is_none_is_refused_in_chinese(client: TestClient) -> None:
    response = client.get("/suspected?as_of=gestern")
    assert response.status_code == 422
    assert "日期“gestern”不能用" in text_of(response.text)


def test_the_child_page_shows_both_chains_and_the_timeline(client: TestClient, child: str) -> None:
    text = good(client.get(f"/children/{child}"))
    for word in ("政府线", "教育线", "帮扶教师", "班主任", "疑似辍学", "来源：考勤", "恢复到校"):
        assert word in text


def test_who_recorded_a_fact_is_named_with_the_account(
    client: TestClient, store: Store, child: str
) -> None:
    text = good(client.get(f"/children/{child}"))
    actors = {fact.event.actor for fact in store.log.read_streams([UUID(child)])}
    with store.answers.reading() as reading:
        known = responsibility.directory(reading, reading.position("responsibility"))
    subjects = {actor: known.subject_of(actor) for actor in actors}
    people = store.vault.read(
        [subject for subject in subjects.values() if subject],
        ["identity"],
        Access(actor="test", view="test", purpose="核对"),
    )
    assert people, "somebody with a post recorded something"
    for actor, subject in subjects.items():
        if subject:
            assert f"{people[subject].name}（{actor}）" in text


@pytest.mark.parametrize("role", ["leave_expired", "withdrawn", "transfer_lapsed", "missing"])
def test_every_kind_of_history_is_told_in_words(
    client: TestClient, store: Store, cast: dict[str, list[str]], role: str
) -> None:
    text = good(client.get(f"/children/{store.vault.find('student_no', cast[role][0])}"))
    assert not re.search(r"absence_run|ckbx\.|unexplained|suspended", text)


def test_the_steps_of_a_case_stand_in_its_childs_story(
    client: TestClient, store: Store, cast: dict[str, list[str]]
) -> None:
    child = store.vault.find("student_no", cast["case_back"][0])
    text = good(client.get(f"/children/{child}"))
    story = text[text.index("新的在前") :]
    order = ("家访；稳定", "返校确认", "原班", "第2次", "第1次", "K真辍学", "个案建立")
    places = [story.index(word) for word in order]
    assert places == sorted(places)
    assert "家长说再想想办法" in text  # typed, kept in the vault
    early = good(client.get(f"/children/{child}?as_of=2026-10-20"))
    assert "第1次" in early
    assert "返校确认" not in early


def test_a_cause_is_not_told_on_the_page_of_a_child(
    client: TestClient, store: Store, cast: dict[str, list[str]]
) -> None:
    child = store.vault.find("student_no", cast["case_determined"][0])
    html = client.get(f"/children/{child}").text
    said = html.split("登记辍学原因")[1].split("</li>")[0]
    assert "主因" in said
    assert "<q>" not in said
    assert "外出务工" not in html


def test_numbers_are_masked_and_never_in_an_address(
    client: TestClient, store: Store, cast: dict[str, list[str]], child: str
) -> None:
    numbers = [number for of in cast.values() for number in of]
    for page in (*NAMES, f"/children/{child}"):
        html = client.get(page).text
        assert not any(number[1:] in html for number in numbers)
        assert not re.findall(r'href="[^"]*\d{15,}[^"]*"', html)
    assert mask_id(cast["attending"][0]) in client.get("/suspected").text


def test_phone_numbers_and_marks_stay_off_the_lists(client: TestClient) -> None:
    for page in NAMES:
        html = client.get(page).text
        assert not re.search(r"\b100\d{8}\b", html)
        assert "脱贫户" not in html


@pytest.mark.parametrize("page", [*NAMES, "child"])
def test_a_page_view_leaves_exactly_one_access_record(
    client: TestClient, store: Store, child: str, page: str
) -> None:
    seen = store.vault.access_records(limit=10**6)[-1].id
    head = store.log.head()
    html = client.get(f"/children/{child}" if page == "child" else page).text
    (record,) = store.vault.access_records(after=seen)
    shown = {UUID(found) for found in re.findall(r'href="/children/([0-9a-f-]{36})"', html)}
    assert record.actor == OFFICER
    assert record.view.startswith("web:")
    assert record.purpose
    assert shown <= set(record.subjects)
    assert store.log.head() == head


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_health_is_answered_without_looking_at_anybody(store: Store, path: str) -> None:
    """To nobody in particular, by an app that has just begun: later it asks for a worker."""
    before = len(store.vault.access_records(limit=10**6))
    with visitor(store, make_app(store)) as client:
        answer = client.get(path).json()
    assert answer["status"] == "ok", answer
    assert len(store.vault.access_records(limit=10**6)) == before


@pytest.mark.parametrize(
    "path",
    [
        "/nothing",
        f"/children/{UUID(int=4)}",
        "/children/not-an-id",
        "/children/522697201805060017",
        "/schools/2152699999",
        "/suspected?school=2152699999",
        "/docs",
        "/openapi.json",
        "/static/nothing.css",
        "/static/../app.py",
    ],
)
def test_what_is_not_there_looks_the_same_whatever_the_reason(
    client: TestClient, store: Store, path: str
) -> None:
    before = len(store.vault.access_records(limit=10**6))
    response = client.get(path)
    assert response.status_code == 404
    without_id = re.sub(r"W-[0-9a-f]{8}", "", response.text)
    assert without_id == re.sub(r"W-[0-9a-f]{8}", "", client.get("/another").text)
    assert len(store.vault.access_records(limit=10**6)) == before


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
@pytest.mark.parametrize("path", ["/overview", "/suspected", "/healthz", "/readyz", "school"])
def test_every_route_answers_other_methods_with_405(
    client: TestClient, path: str, method: str
) -> None:
    response = client.request(method, f"/schools/{SCHOOL}" if path == "school" else path)
    assert response.status_code == 405
    assert "GET" in response.headers["Allow"]


def test_head_says_what_get_says_without_a_body(client: TestClient) -> None:
    response = client.head("/healthz")
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize(
    "path", ["/overview", "/suspected", "/nothing", "/healthz", "/static/ckbx.css"]
)
def test_every_answer_carries_the_headers(client: TestClient, path: str) -> None:
    headers = client.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == ("no-cache" if path.startswith("/static") else "no-store")
    assert "server" not in headers


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:8000",
        "127.0.0.1.evil.example",
        "127.0.0.1:8000@evil.example",
        "localhost:evil.example",
        "[::1",
        "",
    ],
)
def test_another_name_for_this_machine_is_refused(client: TestClient, host: str) -> None:
    response = client.get("/overview", headers={"Host": host})
    assert response.status_code == 421
    assert "/children/" not in response.text


def test_a_failure_nobody_expected_is_a_page_with_an_id_and_no_data(
    client: TestClient,
    store: Store,
    child: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_args: object, **_more: object) -> None:
        message = "王小明 522697201805060017"
        raise RuntimeError(message)

    monkeypatch.setattr(store.vault, "read", broken)
    response = client.get(f"/children/{child}")
    assert response.status_code == 500
    (found,) = re.findall(r"W-[0-9a-f]{8}", response.text)
    assert found in caplog.text
    assert "王小明" not in caplog.text + response.text
    assert response.headers["Content-Security-Policy"]


def test_the_file_of_a_child_writes_no_day_in_digits_with_dashes(
    client: TestClient, store: Store, cast: dict[str, list[str]]
) -> None:
    for role in sorted(cast):
        child = store.vault.find("student_no", cast[role][0])
        page = client.get(f"/children/{child}").text
        story = page.split('<ol class="story">')[1]
        assert re.findall(r"\d{4}-\d\d-\d\d", re.sub(r"<[^>]+>", " ", story)) == [], role


def test_a_region_is_named_and_its_code_stands_beside_it(
    client: TestClient, store: Store, cast: dict[str, list[str]]
) -> None:
    child = store.vault.find("student_no", cast["withdrawn"][0])
    page = text_of(client.get(f"/children/{child}").text)
    assert re.search(r"户籍地区划\w+[镇乡]\w+(村|社区)522697\d{6}", page)
