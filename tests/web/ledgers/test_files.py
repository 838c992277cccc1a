"""Taking a ledger away: who may, what is recorded, and nothing in the file is a formula."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from urllib.parse import unquote
from uuid import UUID

import pytest
from python_calamine import CalamineWorkbook
from starlette.testclient import TestClient

from ckbx.domain.responsibility.post import Role
from ckbx.eventlog.ports import RECORDED_AT
from ckbx.ledgers.marking import found_in
from ckbx.ledgers.monthly_seal import seal_holds
from ckbx.store import Store
from ckbx.vault import Identity
from ckbx.web.pages.ledgers.sight import SHOWN
from ckbx.web.permissions import GIVES, INSPECTOR, Permission
from projections import reports
from projections.scope import Scope
from tests.support.pdf import pages
from tests.web.ledgers.conftest import ROLES
from tests.web.ledgers.kit import children_of
from tests.web.signing import signed_in

FORMULA = '=HYPERLINK("http://evil.example","点我")'
WHY = "11 月工作例会"


def _named(store: Store, child: UUID, name: str) -> None:
    """Write another name of a child, as an import would."""
    with store.vault._engine.begin() as connection:
        for write in store.vault.prepare(child, "child", identity=Identity(name=name)):
            marks = ",".join("?" * len(write.columns))
            sql = f"INSERT INTO {write.table} ({','.join(write.columns)}) VALUES ({marks})"
            now = int(store.clock.now().timestamp() * 1_000_000)
            rows = [tuple(now if v is RECORDED_AT else v for v in row) for row in write.rows]
            connection.exec_driver_sql(sql, rows)


@pytest.mark.parametrize("role", ROLES)
def test_only_roles_that_may_export_take_more_than_a_class(
    clients: Mapping[str, TestClient], role: str
) -> None:
    form = {"form": "csv", "why": WHY}
    status = clients[role].post("/ledgers/roster/file", data=form).status_code
    assert status == (200 if Permission.EXPORT in GIVES[role] else 403)


@pytest.mark.parametrize("role", [Role.PRINCIPAL, Role.REGISTRAR, Role.TOWNSHIP_OFFICER, INSPECTOR])
def test_the_way_for_one_class_is_for_one_class_only(
    clients: Mapping[str, TestClient], role: str
) -> None:
    form = {"form": "csv", "why": WHY}
    assert clients[role].post("/ledgers/roster/class-file", data=form).status_code == 404


@pytest.mark.parametrize("form", ["xlsx", "pdf", "csv"])
def test_a_file_has_every_row_a_chinese_name_and_its_purpose_in_the_record(
    county: Store, clients: Mapping[str, TestClient], form: str
) -> None:
    client = clients[Role.PRINCIPAL]
    before = county.vault.access_records(limit=10**6)[-1].id
    response = client.post("/ledgers/roster/file", data={"form": form, "why": WHY})
    assert response.status_code == 200
    said = response.headers["Content-Disposition"]
    assert said.startswith(f"attachment; filename=\"roster.{form}\"; filename*=UTF-8''")
    assert unquote(said.split("''")[1]) == f"适龄儿童台账_截至2026-11-22.{form}"
    (record,) = county.vault.access_records(after=before)
    assert record.purpose == WHY
    assert record.view == f"web:ledger:roster:{form}:{found_in(response.content)}"
    assert set(record.subjects) == children_of(client, "/ledgers/roster")


def _text(content: bytes, form: str) -> str:
    """What a file says, cell after cell."""
    match form:
        case "csv":
            return content.decode("utf-8-sig")
        case "pdf":
            return "".join(pages(content))
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    sheets = (book.get_sheet_by_name(name).to_python() for name in book.sheet_names)
    return " ".join(str(cell) for sheet in sheets for row in sheet for cell in row)


@pytest.mark.parametrize("form", ["xlsx", "pdf", "csv"])
@pytest.mark.parametrize(
    ("ledger", "account"),
    [("monthly_report", r"principal\d+"), ("county_summary", "bureau"), ("recheck", "bureau")],
)
def test_who_signed_or_checked_stands_in_the_file_by_name(
    clients: Mapping[str, TestClient], ledger: str, account: str, form: str
) -> None:
    client = clients[Role.BUREAU_OFFICER]
    response = client.post(f"/ledgers/{ledger}/file", data={"form": form, "why": WHY, "all": "1"})
    text = _text(response.content, form).replace("\n", "")
    named = re.findall(rf"[\u4e00-\u9fff]{{2,4}}（{account}）", text)
    assert named
    without = re.sub(rf"（{account}）", "", text)
    assert not re.search(rf"(?<![\w.@-]){account}(?![\w.@-])", without.partition("导出编号")[0])


def test_a_name_beside_a_seal_leaves_what_was_sealed_as_it_was(
    county: Store, clients: Mapping[str, TestClient]
) -> None:
    client = clients[Role.BUREAU_OFFICER]
    form = {"form": "csv", "why": WHY, "all": "1"}
    text = client.post("/ledgers/monthly_report/file", data=form).content.decode("utf-8-sig")
    with county.answers.reading() as reading:
        at = {"as_of": county.office.today(), "position": reading.position("reports")}
        signed = reports.school_reports(reading, Scope.county(), **at)  # type: ignore[arg-type]
    assert signed
    for each in signed:
        assert each.digest in text
        assert seal_holds(each)
        assert each.actor.startswith("principal"), "an account was sealed, no name"


@pytest.mark.parametrize("missing", ["why", "form"])
def test_without_a_purpose_or_a_form_nobody_is_read_and_what_was_typed_stays(
    county: Store, clients: Mapping[str, TestClient], missing: str
) -> None:
    before = county.vault.access_records(limit=10**6)[-1].id
    form = {"form": "csv", "why": WHY, "as_of": "2026-11-02", "all": "1"} | {missing: ""}
    response = clients[Role.PRINCIPAL].post("/ledgers/roster/file", data=form)
    assert response.status_code == 422
    assert 'name="as_of" value="2026-11-02"' in response.text
    assert (WHY in response.text) is (missing != "why")
    assert county.vault.access_records(after=before) == []


def test_a_file_of_another_school_is_not_there(
    clients: Mapping[str, TestClient], cast_of: object
) -> None:
    other = cast_of.samples(Role.PRINCIPAL).others["school"]  # type: ignore[attr-defined]
    form = {"form": "csv", "why": WHY, "school": other}
    assert clients[Role.PRINCIPAL].post("/ledgers/roster/file", data=form).status_code == 404


def test_a_file_is_as_of_and_known_at_what_was_asked(
    clients: Mapping[str, TestClient],
) -> None:
    form = {"form": "csv", "why": WHY, "as_of": "2026-03-02", "known_at": "2026-03-02"}
    early = clients[Role.BUREAU_OFFICER].post("/ledgers/suspected/file", data=form)
    assert early.content.decode("utf-8-sig").count("\r\n") == 1
    form |= {"as_of": "2026-11-20", "known_at": ""}
    late = clients[Role.BUREAU_OFFICER].post("/ledgers/suspected/file", data=form)
    assert late.content.decode("utf-8-sig").count("\r\n") > 1


@pytest.mark.parametrize("name", SHOWN)
def test_every_ledger_leaves_as_a_workbook(clients: Mapping[str, TestClient], name: str) -> None:
    form = {"form": "xlsx", "why": WHY, "all": "1"}
    response = clients[Role.BUREAU_OFFICER].post(f"/ledgers/{name}/file", data=form)
    assert response.status_code == 200
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    assert book.get_sheet_by_index(0).to_python()[0][0] == SHOWN[name].title


def test_a_name_that_is_a_formula_is_text_in_every_file_and_on_the_page(own_store: Store) -> None:
    with signed_in(own_store, "bureau") as client:
        child = min(children_of(client, "/ledgers/suspected"))
        _named(own_store, child, FORMULA)
        form = {"why": WHY}
        csv = client.post("/ledgers/suspected/file", data=form | {"form": "csv"})
        text = csv.content.decode("utf-8-sig")
        assert "'=HYPERLINK" in text
        assert "\r\n=" not in text
        assert ",=" not in text
        book = client.post("/ledgers/suspected/file", data=form | {"form": "xlsx"})
        with zipfile.ZipFile(io.BytesIO(book.content)) as parts:
            assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")
            assert b"HYPERLINK" in parts.read("xl/sharedStrings.xml")
        page = client.get("/ledgers/suspected").text
        assert "=HYPERLINK(&#34;" in page
        _named(own_store, child, "<script>alert(1)</script>")
        assert "<script>alert" not in client.get("/ledgers/suspected").text


def test_the_teacher_of_one_class_takes_it_away(own_store: Store) -> None:
    from tests.web.samples import Cast

    cast = Cast(own_store)
    with own_store.answers.reading() as reading:
        lone = [
            account
            for account, scope in cast._holders(reading, Role.CLASS_TEACHER)
            if account not in {a for a, _ in cast._holders(reading, Role.CASE_TEACHER)}
        ]
    with signed_in(own_store, lone[0]) as client:
        form = {"form": "csv", "why": WHY}
        assert client.post("/ledgers/roster/file", data=form).status_code == 403
        response = client.post("/ledgers/roster/class-file", data=form)
        assert response.status_code == 200
        rows = response.content.decode("utf-8-sig").count("\r\n") - 1
        assert rows == len(children_of(client, "/ledgers/roster"))
        assert "/ledgers/roster/class-file" in client.get("/ledgers/roster").text
