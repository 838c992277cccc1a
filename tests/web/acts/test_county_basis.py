"""指定医院 and 法律依据 by the page of the bureau: what stands, what is changed, what is refused."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from ckbx.domain.leave.hospitals import NamedHospitals
from ckbx.domain.school.events import LegalBasisWithdrawn
from ckbx.domain.school.school import County
from ckbx.vault import Access
from tests.support.case_county import CaseCounty
from tests.support.county import COUNTY
from tests.web.acts.deciding import ChildVisitor
from tests.web.cases.visiting import words

PAGE = "/leaves/basis"
ON = "2025-09-01"


def change(of: ChildVisitor, **fields: str) -> Any:
    """Hand one of the forms in."""
    page = of.get(PAGE).text
    command = page.split('name="command" value="')[1].split('"')[0]
    return of.client.post(PAGE, data={"command": command, "on": ON, **fields})


def hospitals(county: CaseCounty) -> dict[str, str]:
    found = NamedHospitals(NamedHospitals.stream(COUNTY))
    return found.replay(county.store.log.load([found.id]).get(found.id, [])).names


def basis(county: CaseCounty) -> dict[str, str]:
    found = County(County.stream(COUNTY))
    return found.replay(county.store.log.load([found.id]).get(found.id, [])).legal_basis


def test_a_hospital_is_named_and_named_no_longer(county: CaseCounty, bureau: ChildVisitor) -> None:
    assert "还没有指定医院" in bureau.get(PAGE).text
    answer = change(bureau, act="hospital", hospital="县人民医院", document="测卫1号")
    assert answer.status_code == 303
    assert hospitals(county) == {"县人民医院": "测卫1号"}
    page = words(bureau.get(PAGE).text)
    assert "县人民医院" in page
    assert "测卫1号" in page
    again = change(bureau, act="hospital", hospital="县人民医院", document="测卫2号")
    assert again.status_code == 422
    assert "已是指定医院" in again.text
    assert 'value="测卫2号"' in again.text
    assert change(bureau, act="dropped", hospital="县人民医院").status_code == 303
    assert hospitals(county) == {}


@pytest.mark.parametrize("matter", ["exemption", "fine"])
def test_a_basis_is_recorded_and_changed(
    county: CaseCounty, bureau: ChildVisitor, matter: str
) -> None:
    for number in ("测教〔2025〕1号", "测教〔2025〕2号"):
        assert change(bureau, act="basis", matter=matter, document=number).status_code == 303
        assert basis(county) == {matter: number}
        assert number in bureau.get(PAGE).text


def test_what_cannot_stand_is_refused_and_stays_typed(
    county: CaseCounty, bureau: ChildVisitor
) -> None:
    wrong = change(bureau, act="basis", matter="fine", document="522629201001011234")
    assert wrong.status_code == 422
    assert "不能含证件号" in wrong.text
    later = change(bureau, act="basis", matter="fine", document="测教3号", on="2031-01-01")
    assert later.status_code == 422
    assert 'value="测教3号"' in later.text
    assert change(bureau, act="unheard-of", document="x").status_code == 404
    assert basis(county) == {}


def test_only_the_bureau_has_the_page(
    head: ChildVisitor, teacher: ChildVisitor, bureau: ChildVisitor
) -> None:
    assert PAGE in bureau.get("/leaves").text
    for other in (head, teacher):
        assert PAGE not in other.get("/leaves").text
        assert other.get(PAGE).status_code == 403
        assert other.client.post(PAGE, data={"act": "basis"}).status_code == 403


def test_what_was_typed_is_text(county: CaseCounty, bureau: ChildVisitor) -> None:
    change(bureau, act="basis", matter="fine", document="<svg onload=alert(1)>")
    assert "<svg onload" not in bureau.get(PAGE).text


def test_a_basis_that_was_repealed_is_withdrawn_with_its_reason(
    county: CaseCounty, bureau: ChildVisitor
) -> None:
    gone = {"act": "withdrawn", "matter": "fine"}
    assert "撤销行政处罚的依据" not in words(bureau.get(PAGE).text)
    assert "没有要撤销的" in words(change(bureau, **gone, why="废止").text)
    change(bureau, act="basis", matter="fine", document="测教〔2025〕1号")
    bare = change(bureau, **gone)
    assert bare.status_code == 422
    assert "“撤销的理由”没有填" in words(bare.text)
    assert basis(county) == {"fine": "测教〔2025〕1号"}
    assert change(bureau, **gone, why="省里的办法废止了").status_code == 303
    assert basis(county) == {}
    page = bureau.get(f"{PAGE}?done=withdrawn").text
    assert "已撤销法律依据" in page
    assert "测教〔2025〕1号" not in page
    events = [found.event for found in county.store.log.read(0, 10_000)]
    (event,) = (e for e in events if isinstance(e, LegalBasisWithdrawn))
    assert "废止" not in repr(event)
    note = UUID(event.text_ref)
    access = Access(actor="test", view="test", purpose="test")
    kept = county.store.vault.read([note], ["notes"], access)[note]
    assert kept.notes[note] == "省里的办法废止了"
