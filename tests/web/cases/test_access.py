"""Who sees a case, and who may do something with it?"""

from __future__ import annotations

import re
from datetime import timedelta
from functools import partial

import pytest

from ckbx.application.accounts import grant_role, open_accounts
from ckbx.domain.account.codes import GrantedRole
from ckbx.domain.responsibility.post import Role, Scope, ScopeKind
from ckbx.store import Store
from ckbx.vault import AccessRecord
from tests.support.case_county import CaseCounty
from tests.support.county import COUNTY
from tests.support.pdf import pages
from tests.support.photos import exif, jpeg, segment
from tests.web.cases.visiting import JPEG, NAME, Visitor, sent_by, visiting, words
from tests.web.signing import signed_in

STEP = {"on": "2025-09-05", "means": "call", "met": "mother"}


def _inspector(county: CaseCounty) -> Visitor:
    office, gate, today = county.office, county.store.gate, county.office.today()
    ctx = partial(office.context, "bureau")
    open_accounts(office, gate, ctx(), ["inspector", "bureau"])
    grant_role(
        office,
        gate,
        office.context("head"),
        "inspector",
        GrantedRole.INSPECTOR,
        Scope(ScopeKind.COUNTY, COUNTY),
        first_day=today,
        last_day=today + timedelta(days=30),
        approved_by="bureau",
    )
    return visiting(county, "inspector")


@pytest.mark.parametrize("account", ["helper", "ct1", "head", "bureau"])
def test_whoever_answers_for_the_child_sees_its_case_in_the_list_and_as_a_page(
    county: CaseCounty, account: str
) -> None:
    visitor = visiting(county, account)
    assert f'href="{visitor.path()}"' in visitor.get("/cases").text
    page = visitor.get(visitor.path())
    assert page.status_code == 200
    assert NAME in page.text


def test_a_class_teacher_of_another_class_sees_nothing_of_it(county: CaseCounty) -> None:
    other = visiting(county, "ct2")
    assert "现在没有未结的个案" in other.get("/cases").text
    for path in (other.path(), other.path("contact"), other.path("papers/home_visit.pdf")):
        assert other.get(path).status_code == 404
    assert other.send("contact", STEP).status_code == 404
    assert other.case().version == 1


def test_what_is_not_ones_own_looks_like_what_is_not_there(county: CaseCounty) -> None:
    other = visiting(county, "ct2")
    there = words(other.get(other.path()).text)
    nowhere = words(other.get("/cases/00000000-0000-5000-8000-000000000000").text)
    assert there.split("编号W-")[0] == nowhere.split("编号W-")[0]
    assert other.get("/cases/none").status_code == 404


@pytest.mark.parametrize(
    ("kind", "code", "role"),
    [
        (ScopeKind.SCHOOL, "2152939973", Role.PRINCIPAL),
        (ScopeKind.TOWNSHIP, "522699101", Role.TOWNSHIP_OFFICER),
        (ScopeKind.STUDENT, "5641f825-ce6f-5203-8330-a69a52061c87", Role.CASE_TEACHER),
    ],
)
def test_another_school_township_or_teacher_sees_nothing_of_it(
    county: CaseCounty, kind: ScopeKind, code: str, role: Role
) -> None:
    county._post(Scope(kind, code), "别处", role, "elsewhere")
    other = visiting(county, "elsewhere")
    assert other.get(other.path()).status_code == 404
    assert other.send("contact", STEP).status_code == 404


def test_an_inspector_sees_and_may_do_nothing(county: CaseCounty, teacher: Visitor) -> None:
    inspector = _inspector(county)
    page = inspector.get(inspector.path())
    assert page.status_code == 200
    assert f'action="{inspector.path()}' not in page.text
    assert "可以办" not in page.text
    assert inspector.get(inspector.path("contact")).status_code == 403
    assert inspector.send("contact", STEP).status_code == 403
    assert inspector.case().version == 1


def test_an_attachment_is_handed_out_and_who_took_it_is_recorded(
    county: CaseCounty, teacher: Visitor
) -> None:
    teacher.done("attach", {"note": "现场"}, [("DSC1.jpg", JPEG)])
    path = _file(teacher)
    got = teacher.get(path)
    assert (got.content, got.headers["content-type"]) == (JPEG, "image/jpeg")
    record = _records(county)[-1]
    assert (record.actor, record.view) == ("helper", "web:case_file")
    assert record.subjects == (county.child,)
    other = visiting(county, "ct2")
    before = len(_records(county))
    assert other.get(path).status_code == 404
    assert len(_records(county)) == before


def _file(visitor: Visitor) -> str:
    page = visitor.get(visitor.path()).text
    return f"{visitor.path()}/files/" + page.split(f"{visitor.path()}/files/")[1].split('"')[0]


def _records(county: CaseCounty) -> list[AccessRecord]:
    return county.store.vault.access_records(limit=10_000)


def test_a_photo_is_handed_out_without_the_place_it_was_taken_at(teacher: Visitor) -> None:
    taken = jpeg(more=segment(0xE1, b"Exif\0\0" + exif(1)))
    assert b"N25.36" in taken, "control: it is in what was sent"
    teacher.done("attach", {"note": "现场"}, [("DSC1.jpg", taken)])
    assert teacher.get(_file(teacher)).content == jpeg()
    broken = teacher.refused("attach", {"note": "现场"}, [("DSC2.jpg", taken[:90])])
    assert "照片不完整或不合格式" in words(broken)


def test_a_file_of_no_case_is_not_there(teacher: Visitor) -> None:
    for file in ("x", "00000000-0000-5000-8000-000000000000"):
        assert teacher.get(teacher.path(f"files/{file}")).status_code == 404


def test_a_page_of_a_case_leaves_one_access_record(county: CaseCounty, teacher: Visitor) -> None:
    teacher.get(teacher.path())
    before = len(_records(county))
    teacher.get(teacher.path())
    (record,) = _records(county)[before:]
    assert (record.actor, record.view, record.purpose) == ("helper", "web:case", "查看个案")
    assert county.child in record.subjects


@pytest.mark.parametrize(("form", "begins"), [("pdf", b"%PDF-"), ("docx", b"PK\x03\x04")])
def test_a_paper_is_filled_and_its_reading_recorded(
    county: CaseCounty, teacher: Visitor, form: str, begins: bytes
) -> None:
    got = teacher.get(teacher.path(f"papers/home_visit.{form}"))
    assert got.content.startswith(begins)
    assert "attachment" in got.headers["content-disposition"]
    record = _records(county)[-1]
    assert record.purpose == "取走填好的《家访记录》文件"
    assert county.child in record.subjects


def test_what_is_set_by_hand_stands_on_the_paper_and_is_kept_nowhere(
    county: CaseCounty, teacher: Visitor
) -> None:
    path = teacher.path("papers/persuasion_notice")
    fields = sent_by(teacher.get(path).text, path)
    label = teacher.get(path).text.split(">限期")[0].rsplit('for="f-', 1)[1].split('"')[0]
    head = county.store.log.head()
    got = teacher.client.post(path, data={**fields, label: ["2025年9月12日"], "form": ["pdf"]})
    assert got.status_code == 200
    assert "2025年9月12日以前把孩子送回学校" in "".join(pages(got.content))
    assert county.store.log.head() == head
    assert visiting(county, "ct2").get(path).status_code == 404


def test_there_are_only_the_papers_of_a_case(teacher: Visitor) -> None:
    for name in ("nothing.pdf", "home_visit.exe", "deferral_application.pdf"):
        assert teacher.get(teacher.path(f"papers/{name}")).status_code == 404


def test_a_post_that_ended_opens_nothing_any_more(county: CaseCounty, head: Visitor) -> None:
    today = county.office.today()
    head.done("teacher", {"account": "ct2", "first": (today + timedelta(days=1)).isoformat()})
    assert visiting(county, "ct2").get(head.path()).status_code == 404
    county.on(today + timedelta(days=1))
    assert visiting(county, "helper").get(head.path()).status_code == 403
    assert visiting(county, "ct2").get(head.path()).status_code == 200


def test_a_township_sees_the_cases_of_those_who_live_there_and_no_others(store: Store) -> None:
    seen = {}
    for account in ("town0", "town1"):
        with signed_in(store, account) as client:
            pages = client.get("/cases").text
        seen[account] = set(re.findall(r'href="(/cases/[0-9a-f-]{36})"', pages))
    assert seen["town0"]
    assert seen["town1"]
    only = seen["town0"] - seen["town1"]
    assert only
    with signed_in(store, "town1") as client:
        assert {client.get(path).status_code for path in only} == {404}
    with signed_in(store, "town0") as client:
        assert {client.get(path).status_code for path in only} == {200}
