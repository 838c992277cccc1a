"""A registrar's day at the desk, in a real browser: who comes, who was not on the list, who is ill,
and the list on paper.
"""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from playwright.sync_api import Page, expect

from ckbx.application import transfers
from ckbx.application.transfers import Who
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.responsibility.post import Role
from ckbx.store import Store
from tests.imports.intake_store import student_no
from tests.web.admin.files import OTHER, OWN, child, roster
from tests.web.ledgers.kit import places
from tests.web.test_first_day import Visitor, visitor

__all__ = ["visitor"]
GRADE = 3


def sent(store: Store) -> UUID:
    """A pupil whom another school lets go to the registrar's."""
    one = next(
        place.child
        for place in sorted(places(store).values(), key=lambda place: place.child)
        if (place.school, place.grade, place.status) == (OTHER, GRADE, TrackingStatus.ENROLLED)
    )
    office = store.office
    transfers.start(
        office,
        office.context(f"registrar{OTHER}"),
        Who(child=one),
        role=Role.REGISTRAR.value,
        on=office.today(),
        receiving_school=OWN,
        document="转学〔2026〕9号",
    )
    store.catch_up()
    return one


def test_a_registrar_takes_in_registers_files_a_leave_and_prints(
    visitor: Visitor, own_store: Store, tmp_path: Path
) -> None:
    coming = sent(own_store)
    page = visitor.comes_in("学籍管理员", "desk")
    received(page, coming)
    on_the_list(page, own_store, tmp_path)
    ill(page)
    printed(page)
    assert places(own_store)[coming].school == OWN
    visitor.leaves()


def received(page: Page, coming: UUID) -> None:
    """转学: the child that another school lets go has come; the paper is there."""
    page.get_by_role("link", name="转学", exact=True).click()
    page.locator(f'a[href="/children/{coming}/transfer-confirm"]').click()
    page.get_by_label("编入班级").select_option(index=1)
    page.locator("[name=evidence]").fill("学籍转接单 9 号")
    page.get_by_role("button", name="确认转入").click()
    expect(page.get_by_role("status").first).to_contain_text("办好了：确认转入")


def on_the_list(page: Page, store: Store, folder: Path) -> None:
    """A child that sat in class and was on no list: the roster names it, and it is on one."""
    file = folder / "名单外学生.csv"
    file.write_bytes(roster(child(1)))
    page.get_by_role("link", name="导入", exact=True).click()
    page.get_by_label("花名册", exact=True).check()
    page.set_input_files("input[name=files]", file)
    page.get_by_role("button", name="核对").click()
    expect(page.locator(".card", has_text="没有发现错误")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="写入").click()
    expect(page.locator("h1")).to_contain_text("已写入", timeout=30_000)
    new = store.vault.find("student_no", student_no(1))
    assert new is not None
    page.get_by_role("link", name="学生", exact=True).click()
    page.get_by_label("姓名、拼音首字母或号码").fill(student_no(1))
    page.get_by_role("button", name="查找").click()
    page.locator(f'a.person[href="/children/{new}"]').click()
    expect(page.locator(".lead-line").first).to_contain_text("3年级9班")


def ill(page: Page) -> None:
    """The guardian of that child asks for a leave."""
    page.locator("#acts").get_by_role("link", name="登记休缓免学申请").click()
    page.get_by_label("休学", exact=True).check()
    page.get_by_label("医院证明", exact=True).check()
    page.get_by_label("申请人（监护人）姓名").fill("家长1")
    page.get_by_label("申请理由").fill("要住院")
    page.get_by_role("button", name="登记休缓免学申请").click()
    expect(page.get_by_role("status").first).to_contain_text("办好了：登记休缓免学申请")
    page.get_by_role("link", name="休缓免学", exact=True).click()
    expect(page.locator("tbody")).to_contain_text("学生1")


def printed(page: Page) -> None:
    """The roster of the own school on paper: the list alone, without what is clicked."""
    page.get_by_role("link", name="台账", exact=True).click()
    page.get_by_role("link", name="适龄儿童台账").click()
    expect(page.locator("table tbody tr").first).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator("table tbody tr").first).to_be_visible()
    expect(page.locator("nav.menu, form.query").first).to_be_hidden()
    expect(page.locator("main")).to_contain_text("口径")
    page.emulate_media(media="screen")
