"""附件和佐证 of one child, of whatever step: who may open them, and that it is recorded."""

from __future__ import annotations

import pytest

from ckbx.application.case_papers import Papers
from ckbx.domain.child import leave_events as lv
from tests.support.case_county import KEY, CaseCounty
from tests.web.acts.deciding import KEY_THERE, THERE, ChildVisitor
from tests.web.cases.visiting import JPEG, NAME, words

PDF = b"%PDF-1.7\n" + b"x" * 4000


def opened(visitor: ChildVisitor) -> list[str]:
    """The addresses of the files that the list leads to."""
    page = visitor.get(visitor.path("files"))
    assert page.status_code == 200
    links = [part.split('"')[0] for part in page.text.split('href="')[1:]]
    return [link for link in links if link.startswith(visitor.path("files/"))]


def moved(head: ChildVisitor, there: ChildVisitor) -> None:
    """The child went from one school to the other."""
    head.decided("transfer", {"to": THERE, "document": "转1号"})
    there.decided("transfer-confirm", {"class_key": KEY_THERE}, [("接收证明.pdf", PDF)])


def test_the_proof_of_a_transfer_is_opened_by_the_school_that_has_the_child(
    head: ChildVisitor, there: ChildVisitor, bureau: ChildVisitor
) -> None:
    moved(head, there)
    assert there.path("files") in there.get(there.path()).text
    assert "转入校确认" in words(there.get(there.path("files")).text)
    for visitor in (there, bureau):
        (address,) = opened(visitor)
        file = visitor.get(address)
        assert (file.status_code, file.content) == (200, PDF)
        assert file.headers["content-type"] == "application/pdf"
        assert file.headers["content-disposition"].startswith("attachment;")
    assert head.get(there.path("files")).status_code == 404
    assert head.get(address).status_code == 404, "the child is another school's by now"


def test_what_the_county_decided_on_is_shown_as_a_picture_and_who_looked_is_recorded(
    county: CaseCounty, head: ChildVisitor, bureau: ChildVisitor
) -> None:
    bureau.decided("missing", {}, [("回执.jpg", JPEG)])
    (address,) = opened(head)
    before = len(county.store.vault.access_records())
    file = head.get(address)
    assert file.headers["content-type"] == "image/jpeg"
    assert file.headers["content-disposition"].startswith("inline;")
    records = county.store.vault.access_records()[before:]
    assert [(each.view, each.purpose) for each in records] == [
        ("web:child_file", f"取看附件 {address.rsplit('/', 1)[1][:8]}")
    ]


def test_evidence_that_was_written_stands_there_as_it_was_written(
    bureau: ChildVisitor, head: ChildVisitor
) -> None:
    bureau.decided("missing", {"evidence": "派出所〔2025〕12号回执"})
    assert opened(head) == []
    page = head.get(head.path("files")).text
    assert "派出所〔2025〕12号回执" in page
    assert "失联" in page


def test_the_file_of_one_child_is_not_there_at_another(
    county: CaseCounty, bureau: ChildVisitor, head: ChildVisitor
) -> None:
    bureau.decided("missing", {}, [("回执.jpg", JPEG)])
    (address,) = opened(head)
    file, other = address.rsplit("/", 1)[1], county.pupils[KEY][1]
    assert head.get(f"/children/{other}/files/{file}").status_code == 404
    assert bureau.get(f"/children/{other}/files/{file}").status_code == 404
    for nothing in ("nothing", "00000000-0000-4000-8000-000000000000"):
        assert head.get(head.path(f"files/{nothing}")).status_code == 404
        assert head.get(f"/children/{nothing}/files").status_code == 404


def test_a_paper_of_an_illness_is_not_for_who_leads_nothing(
    county: CaseCounty, teacher: ChildVisitor, head: ChildVisitor
) -> None:
    papers = Papers(county.store.vault)
    proof = papers.file(JPEG)

    def decide(unit: object) -> None:
        child = county.office.child(unit, county.child)  # type: ignore[arg-type]
        child.trigger_event(
            lv.SuspensionGranted,
            unit.ctx,  # type: ignore[attr-defined]
            occurred_on=county.began,
            effective_from=county.began,
            until=county.days[30],
            approver="bureau",
            document="休1号",
            evidence_ref=str(proof.file),
        )
        papers.write(unit, county.child)  # type: ignore[arg-type]

    county.run(decide)
    (address,) = opened(head)
    assert head.get(address).status_code == 200
    assert teacher.get(teacher.path()).status_code == 200
    assert opened(teacher) == []
    assert teacher.get(address).status_code == 404


def test_a_child_of_which_nothing_is_kept_says_so(teacher: ChildVisitor) -> None:
    page = teacher.get(teacher.path("files")).text
    assert NAME in page
    assert "还没有附件和佐证" in page


@pytest.mark.parametrize("part", ["files", "files/00000000-0000-4000-8000-000000000000"])
def test_who_sees_no_cases_sees_no_files(there: ChildVisitor, part: str) -> None:
    assert there.get(there.path(part)).status_code == 404
