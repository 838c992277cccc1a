"""导入 pages: a trial writes nothing, a school imports its own, everything can be taken back."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Iterator
from urllib.parse import unquote

import pytest
from starlette.testclient import TestClient

from ckbx.imports.problems import Problem
from ckbx.imports.workbook import read_workbook
from ckbx.store import Store
from ckbx.vault import Access
from ckbx.web.pages.imports.page import folded
from tests.imports.intake_store import student_no
from tests.web.admin.conftest import command
from tests.web.admin.files import (
    NAMES,
    OTHER,
    OWN,
    REGISTRAR,
    batches,
    chain,
    child,
    hand_in,
    roster,
    wait,
)
from tests.web.signing import signed_in

ON_BOTH = "own_store"


@pytest.fixture
def officer(own_store: Store) -> Iterator[TestClient]:
    with signed_in(own_store, "bureau") as client:
        yield client


@pytest.fixture
def registrar(own_store: Store) -> Iterator[TestClient]:
    with signed_in(own_store, REGISTRAR) as client:
        yield client


def known(store: Store, n: int) -> bool:
    return store.vault.find("student_no", student_no(n)) is not None


def test_a_registrar_takes_a_blank_roster_of_the_own_school(
    registrar: TestClient, officer: TestClient
) -> None:
    assert 'href="/imports/blank.xlsx"' in registrar.get("/imports").text
    for client, own in ((registrar, True), (officer, False)):
        answer = client.get("/imports/blank.xlsx")
        assert answer.status_code == 200
        said = answer.headers["content-disposition"]
        assert unquote(said).endswith("''花名册（空白）.xlsx")
        roster_, notes = read_workbook("a.xlsx", answer.content)
        example, heading = list(roster_.rows())[1:3]
        assert heading[:2] == ["学校标识码", "学校名称"]
        assert (example[0] == OWN) is own, "the school of who has only one stands in the example"
        assert any(NAMES[OWN] in line for line in notes.rows()) is own


def test_a_trial_writes_nothing(officer: TestClient, own_store: Store) -> None:
    head = own_store.log.head()
    page = wait(officer, hand_in(officer, "roster", roster(child(1), child(2))))
    assert "还没有写入任何东西" in page
    assert own_store.log.head() == head
    assert not known(own_store, 1)


def test_a_roster_is_applied_after_the_trial_and_taken_back(
    officer: TestClient, own_store: Store
) -> None:
    where = hand_in(officer, "roster", roster(child(1), child(2)))
    assert officer.post(f"{where}/apply", data={}).status_code == 303
    page = wait(officer, where)
    assert "已写入" in page
    assert known(own_store, 1)
    batch = batches(page)[0]
    listed = officer.get("/imports").text
    assert batch in listed
    for told in (listed, officer.get(f"/imports/batches/{batch}").text):
        assert re.search(r"<bdi>[\u4e00-\u9fff]{2,4}（bureau）</bdi>", told), "the name, too"
    unsure = officer.post(f"/imports/batches/{batch}/undo", data={})
    assert unsure.status_code == 422
    begun = officer.post(f"/imports/batches/{batch}/undo", data={"sure": "yes"})
    assert begun.status_code == 303
    assert "已撤销" in wait(officer, begun.headers["location"])
    assert "已撤销" in officer.get(f"/imports/batches/{batch}").text


def test_a_roster_of_newcomers_alone_warns_of_the_class_it_leaves_out(
    officer: TestClient, own_store: Store
) -> None:
    first = hand_in(officer, "roster", roster(child(1), child(2)))
    assert officer.post(f"{first}/apply", data={}).status_code == 303
    wait(officer, first)
    page = wait(officer, hand_in(officer, "roster", roster(child(3))))
    before = page.split("请留意", 1)[0]
    assert "列为“在籍不在册”" in before
    assert "花名册一个班要写全班" in before
    assert "ckbx" not in page.split("<main", 1)[1]


def test_bad_rows_are_told_by_row_and_column_and_skipped_only_when_said(
    officer: TestClient, own_store: Store
) -> None:
    head = own_store.log.head()
    where = hand_in(officer, "roster", roster(child(1), child(2, 性别="也许"), child(3, 年级="")))
    page = wait(officer, where)
    assert "第 3 行" in page
    assert "第 4 行" in page
    assert "性别" in page
    refused = officer.post(f"{where}/apply", data={})
    assert refused.status_code == 422
    assert own_store.log.head() == head
    assert officer.post(f"{where}/apply", data={"skip": "yes"}).status_code == 303
    wait(officer, where)
    assert [known(own_store, n) for n in (1, 2, 3)] == [True, False, False]


def test_a_refused_file_keeps_nothing(officer: TestClient, own_store: Store) -> None:
    head = own_store.log.head()
    where = hand_in(officer, "roster", roster(child(1, 学籍号="G1")))
    assert "没有一行可以导入" in wait(officer, where)
    assert officer.post(f"{where}/apply", data={"skip": "yes"}).status_code == 303
    assert own_store.log.head() == head
    assert not known(own_store, 1)


def test_a_double_press_imports_once(officer: TestClient, own_store: Store) -> None:
    where = hand_in(officer, "roster", roster(child(1)))
    for _ in range(2):
        assert officer.post(f"{where}/apply", data={}).status_code == 303
    wait(officer, where)
    started = [e for e in own_store.log.read(0, 10**6) if type(e.event).__name__ == "ImportStarted"]
    head = own_store.log.head()
    assert officer.post(f"{where}/apply", data={}).status_code == 303
    wait(officer, where)
    assert own_store.log.head() == head
    assert started[-1].event.actor == "bureau"


def test_a_school_imports_its_own_rows_and_no_others(
    registrar: TestClient, own_store: Store
) -> None:
    head = own_store.log.head()
    where = hand_in(registrar, "roster", roster(child(1), child(2, OTHER)))
    page = wait(registrar, where)
    assert "不是您负责的学校" in page
    assert registrar.post(f"{where}/apply", data={}).status_code == 422
    assert own_store.log.head() == head
    assert registrar.post(f"{where}/apply", data={"skip": "yes"}).status_code == 303
    wait(registrar, where)
    assert [known(own_store, n) for n in (1, 2)] == [True, False]


def test_rows_in_a_row_with_the_same_problem_are_one_line() -> None:
    def wrong(row: int, shown: str = "2152630340") -> Problem:
        return Problem(
            file="a.csv", row=row, column="学校标识码", what="不是", mend="请", shown=shown
        )

    given = [wrong(2), wrong(3), wrong(4), wrong(6), wrong(7, "2152630341"), wrong(0), wrong(1)]
    told = [(first.row, last) for first, last in folded(given)]
    assert told == [(2, 4), (6, 6), (7, 7), (0, 0), (1, 1)]


def test_a_school_changes_nothing_of_a_child_that_stands_elsewhere(
    officer: TestClient, registrar: TestClient, own_store: Store
) -> None:
    where = hand_in(officer, "roster", roster(child(1, OTHER)))
    officer.post(f"{where}/apply", data={})
    wait(officer, where)
    claimed = child(1, 姓名="改名", 监护人="别人", 联系电话="13900001111")
    where = hand_in(registrar, "roster", roster(claimed))
    assert registrar.post(f"{where}/apply", data={"skip": "yes"}).status_code == 303
    wait(registrar, where)
    id_ = own_store.vault.find("student_no", student_no(1))
    assert id_ is not None
    access = Access(actor="test", view="test", purpose="test")
    person = own_store.vault.read([id_], ["identity", "contact"], access)[id_]
    assert person.name == "学生1"
    assert person.contact is not None
    assert person.contact.guardians[0].name == "家长1"


def test_a_school_imports_no_chain(registrar: TestClient, own_store: Store) -> None:
    head = own_store.log.head()
    row = ["教育线", 3, "校长", "学校", OWN, "某人", REGISTRAR, "", "2026-11-20", "", "校长"]
    form = {"command": command(), "kind": "chain"}
    files = {"files": ("链.csv", chain(row), "text/csv")}
    assert registrar.post("/imports", data=form, files=files).status_code == 422
    assert own_store.log.head() == head


def test_what_others_handed_in_is_not_there(
    officer: TestClient, registrar: TestClient, own_store: Store
) -> None:
    where = hand_in(officer, "roster", roster(child(1, OTHER)))
    for path in (where, f"{where}/problems.csv"):
        assert registrar.get(path).status_code == 404
    assert registrar.post(f"{where}/apply", data={}).status_code == 404
    officer.post(f"{where}/apply", data={})
    batch = batches(wait(officer, where))[0]
    assert registrar.get(f"/imports/batches/{batch}").status_code == 404
    sure = {"sure": "yes"}
    assert registrar.post(f"/imports/batches/{batch}/undo", data=sure).status_code == 404
    assert batch not in registrar.get("/imports").text


@pytest.mark.parametrize("account", ["admin", "inspector"])
def test_who_imports_nothing_opens_no_page_of_it(own_store: Store, account: str) -> None:
    with signed_in(own_store, account) as client:
        assert client.get("/imports").status_code == 403
        assert client.post("/imports", data={}).status_code == 403


def test_cells_and_names_of_files_are_text(officer: TestClient) -> None:
    hostile = "<img src=x onerror=alert(1)>"
    named = [("files", (f"{hostile}\u202e.csv", roster(child(1, 性别=hostile)), "text/csv"))]
    form = {"command": command(), "kind": "roster"}
    where = officer.post("/imports", data=form, files=named).headers["location"]
    page = wait(officer, where)
    assert "<img" not in page
    assert "&lt;img" in page
    assert "\u202e" not in page


def test_problems_are_taken_away_without_formulas(officer: TestClient) -> None:
    where = hand_in(officer, "roster", roster(child(1), child(2, 性别="=1+1")))
    page = officer.get(f"{where}/problems.csv")
    assert page.status_code == 200
    assert page.content.startswith(b"\xef\xbb\xbf")
    cells = page.text.splitlines()[1].split(",")
    assert not any(cell.startswith(("=", "+", "@")) for cell in cells)


def test_a_file_that_swells_is_refused(officer: TestClient, own_store: Store) -> None:
    head = own_store.log.head()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 400_000_000)
    for name, data in (("a.xlsx", packed.getvalue()), ("b.csv", gzip.compress(b"0" * 10_000))):
        files = {"files": (name, data, "application/octet-stream")}
        form = {"command": command(), "kind": "roster"}
        where = officer.post("/imports", data=form, files=files).headers["location"]
        page = wait(officer, where)
        assert "没有核对" in page or "没有一行可以导入" in page
    assert own_store.log.head() == head


def test_nothing_chosen_keeps_what_was_typed(officer: TestClient) -> None:
    page = officer.post("/imports", data={"command": command(), "kind": "chain", "correct": "录错"})
    assert page.status_code == 422
    assert "请选择文件" in page.text
    assert 'value="录错"' in page.text


def rows_of(page: str) -> list[list[str]]:
    """The cells of the table of the rows that were written."""
    table = page.partition('id="rows"')[2].partition("</section>")[0]
    lines = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)[1:]
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", line, re.DOTALL) for line in lines]
    return [[re.sub(r"<[^>]+>|\s", "", cell) for cell in line] for line in cells]


def test_what_each_row_would_do_and_did_is_listed(registrar: TestClient, own_store: Store) -> None:
    """Given two good rows and a bad one: the trial lists the two without names, the import lists
    them with the children, whose names were read on record; the table to take along has none.
    """
    bad = child(3, 出生日期="不知道")
    where = hand_in(registrar, "roster", roster(child(1), bad, child(2)))
    tried = registrar.get(where).text
    assert "将写入的 2 行" in tried
    assert [line[-1] for line in rows_of(tried)] == ["登记入学", "登记入学"]
    assert registrar.post(f"{where}/apply", data={"skip": "yes"}).status_code == 303
    page = wait(registrar, where)
    assert "写入的 2 行" in page
    first, second = rows_of(page)
    assert (first[0], second[0]) == ("第2行", "第4行")
    assert first[2].endswith("3年级9班")
    known = own_store.vault.find("student_no", student_no(1))
    assert known is not None
    look = Access(actor="test", view="test", purpose="test")
    name = own_store.vault.read([known], ["identity"], look)[known].name
    assert first[1] == name
    taken = registrar.get(f"{where}/rows.csv")
    assert taken.headers["content-type"].startswith("text/csv")
    assert str(known) in taken.text
    assert name not in taken.text


def test_the_rows_of_an_import_come_in_pages_and_are_the_owners_alone(
    registrar: TestClient, officer: TestClient
) -> None:
    where = hand_in(registrar, "roster", roster(*[child(n) for n in range(1, 66)]))
    assert registrar.post(f"{where}/apply", data={}).status_code == 303
    first = wait(registrar, where)
    assert "第 1 / 2 页" in first
    assert (len(rows_of(first)), len(rows_of(registrar.get(f"{where}?page=2").text))) == (50, 15)
    assert registrar.get(f"{where}/rows.csv").text.count("登记入学") == 65
    assert officer.get(f"{where}/rows.csv").status_code == 404
    again = wait(registrar, hand_in(registrar, "roster", roster(child(1))))
    assert 'id="rows"' not in again, "nothing to be written: no row to list"
