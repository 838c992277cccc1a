"""A bureau officer's story on a desk: a roster with two bad rows, mended, imported, undone."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from ckbx.store import Store
from tests.imports.intake_store import student_no
from tests.web.admin.files import child, roster
from tests.web.signing import sign_in_browser


def test_a_roster_with_two_bad_rows_is_mended_imported_and_undone(
    page: Page, own_store: Store, own_site: str, tmp_path: Path
) -> None:
    sign_in_browser(page.context, own_site, own_store, "bureau")
    page.set_viewport_size({"width": 1280, "height": 900})
    bad, good = tmp_path / "名册.csv", tmp_path / "名册改正.csv"
    bad.write_bytes(roster(child(1), child(2, 性别="也许"), child(3, 年级="")))
    good.write_bytes(roster(child(1), child(2), child(3)))
    page.goto(f"{own_site}/imports")
    _check(page, bad)
    wrong, good_rows = page.locator("tbody").first, page.locator("#rows tbody")
    expect(wrong.locator("tr")).to_have_count(2)
    expect(wrong).to_contain_text("第 3 行")
    expect(good_rows.locator("tr")).to_have_count(1)
    page.get_by_role("link", name="改正后重新核对").click()
    _check(page, good)
    expect(page.locator(".card", has_text="没有发现错误")).to_be_visible()
    assert own_store.vault.find("student_no", student_no(1)) is None
    page.get_by_role("button", name="写入").click()
    expect(page.locator("h1")).to_contain_text("已写入", timeout=30_000)
    assert own_store.vault.find("student_no", student_no(3)) is not None
    page.get_by_role("link", name="查看或撤销这次导入").click()
    page.get_by_label("撤销这次导入写入的").check()
    page.get_by_role("button", name="撤销").click()
    expect(page.locator("h1")).to_contain_text("已撤销", timeout=30_000)
    page.goto(f"{own_site}/imports")
    expect(page.locator("tbody tr").first).to_contain_text("已撤销")


def _check(page: Page, file: Path) -> None:
    page.get_by_label("花名册", exact=True).check()
    page.set_input_files("input[name=files]", file)
    page.get_by_role("button", name="核对").click()
    expect(page.locator("h1")).to_contain_text("核对结果", timeout=30_000)
