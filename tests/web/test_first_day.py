"""Whoever opens the demo does a role's main task by clicking alone, in a real browser.

From the sign-in page's card of the role; nothing is typed that the page does not ask for. The
days of the class teacher, the case teacher, the principal and the village are beside their pages.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from ckbx.demo.logins import PASSWORD
from tests.web.test_browser import SIZES, Watched


class Visitor:
    """A browser in front of the demo's sign-in page."""

    def __init__(self, page: Page, site: str) -> None:
        self.page, self._site = page, site
        self.watched = Watched(page)

    def comes_in(self, card: str, size: str) -> Page:
        """Click the card of a role."""
        width, height = SIZES[size]
        self.page.set_viewport_size({"width": width, "height": height})
        self.page.goto(self._site)
        title = self.page.locator("b", has_text=re.compile(f"^{re.escape(card)}$"))
        self.page.locator(".demo-login").filter(has=title).click()
        return self.page

    def leaves(self) -> None:
        """Nothing was complained about, nothing wider than the window."""
        assert self.watched.complaints == []
        assert self.watched.overflow() <= 0


@pytest.fixture
def visitor(page: Page, own_site: str) -> Visitor:
    page.set_default_timeout(20_000)
    return Visitor(page, own_site)


def acknowledge_one(page: Page) -> None:
    """待办: open the first kind where it is folded, acknowledge its first line."""
    page.get_by_role("link", name="待办", exact=True).click()
    inbox = page.locator(".inbox").first
    if inbox.locator("details").get_attribute("open") is None:
        inbox.locator("summary").click()
    inbox.get_by_role("button", name="签收", exact=True).first.click()
    expect(page.get_by_role("status").first).to_contain_text("已签收 1 条")


def test_an_officer_of_the_bureau_goes_from_a_number_to_a_case(visitor: Visitor) -> None:
    page = visitor.comes_in("县教育局控辍保学专干", "desk")
    page.locator(".figure", has_text="疑似辍学").click()
    expect(page.locator("h1")).to_contain_text("疑似辍学学生台账")
    page.select_option("select[name=school]", index=1)
    page.get_by_role("button", name="查询").click()
    expect(page.locator(".ledger tbody tr").first).to_be_visible()
    page.get_by_role("link", name="个案", exact=True).click()
    page.get_by_label("只看逾期").check()
    page.get_by_role("button", name="查询").click()
    page.locator(".case-list .person").first.click()
    expect(page.locator("#next")).to_contain_text("您以县控辍保学专干身份办理")
    acknowledge_one(page)
    visitor.leaves()


def test_a_leader_of_the_bureau_sees_the_schools_and_changes_no_case(visitor: Visitor) -> None:
    page = visitor.comes_in("包学校局领导", "desk")
    expect(page.locator("h1")).to_be_visible()
    page.get_by_role("link", name="总览", exact=True).click()
    page.get_by_role("link", name="查看个案").first.click()
    expect(page.locator("#next")).to_be_visible()
    expect(page.locator(".step-form")).to_have_count(0)
    acknowledge_one(page)
    visitor.leaves()


def test_a_grade_leader_finds_the_own_classes_and_what_is_to_do(visitor: Visitor) -> None:
    page = visitor.comes_in("包年级学校领导", "desk")
    expect(page.locator(".lead-line").first).to_contain_text("只列您负责的年级、班级")
    acknowledge_one(page)
    page.get_by_role("link", name="点名", exact=True).click()
    expect(page.locator("h1")).to_be_visible()
    visitor.leaves()


@pytest.mark.parametrize(
    ("card", "size", "acts_as"),
    [("乡镇责任人", "desk", "乡镇责任人"), ("村（社区）责任人", "phone", "村（社区）责任人")],
)
def test_a_walk_is_made_from_the_list_and_recorded(
    visitor: Visitor, card: str, size: str, acts_as: str
) -> None:
    page = visitor.comes_in(card, size)
    page.get_by_role("link", name="走访清单").click()
    page.get_by_role("link", name="登记走访、劝返").first.click()
    expect(page.locator("#next")).to_contain_text(f"您以{acts_as}身份办理")
    page.get_by_role("link", name="登记走访", exact=True).click()
    page.get_by_role("button", name="登记走访").click()
    met = page.get_by_label("亲属", exact=True)
    met.check()
    page.get_by_role("button", name="登记走访").click()
    expect(page.get_by_role("status").first).to_contain_text("办好了：登记走访")
    assert [each for each in visitor.watched.complaints if "422" not in each] == []
    assert visitor.watched.overflow() <= 0


def test_an_administrator_gives_a_new_code_and_sees_it_once(visitor: Visitor) -> None:
    page = visitor.comes_in("系统管理员", "desk")
    page.get_by_label("账号、岗位或角色").fill("town")
    page.get_by_role("button", name="查找").click()
    page.locator("tbody a", has_text="town").first.click()
    card = page.locator(".form-card", has_text="重新发一次性口令")
    card.get_by_label("您自己的密码").fill(PASSWORD)
    card.get_by_role("button", name="发口令").click()
    expect(page.locator(".secret-code")).to_have_count(1)
    page.get_by_role("link", name="我已打印或抄好").click()
    page.get_by_role("link", name="登录记录").click()
    expect(page.locator("tbody tr").first).to_be_visible()
    visitor.leaves()


def test_a_case_teacher_opens_the_own_case_and_its_form_to_print(visitor: Visitor) -> None:
    page = visitor.comes_in("帮扶教师", "phone")
    page.get_by_role("link", name="个案", exact=True).click()
    page.locator(".case-list .person").first.click()
    expect(page.locator("#next")).to_contain_text("身份办理")
    expect(page.locator("#papers a").first).to_be_visible()
    visitor.leaves()


def test_a_principal_confirms_the_return_that_waits(visitor: Visitor) -> None:
    page = visitor.comes_in("校长", "desk")
    page.get_by_role("link", name="去确认返校").click()
    expect(page.locator("tbody tr", has_text="可以确认")).to_have_count(1)
    page.get_by_role("link", name="去确认返校").click()
    page.get_by_role("button", name="确认返校").click()
    expect(page.get_by_role("status").first).to_contain_text("办好了：确认返校")
    page.get_by_role("link", name="总览", exact=True).click()
    expect(page.get_by_role("link", name="去确认返校")).to_have_count(0)
    visitor.leaves()


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_a_leader_of_the_bureau_answers_the_closure_that_waits(visitor: Visitor, size: str) -> None:
    page = visitor.comes_in("包学校局领导", size)
    expect(page.get_by_role("region", name="等您办的")).to_contain_text("等您答复 1 次")
    page.get_by_role("link", name="去答复停课").click()
    expect(page.locator(".todo")).to_contain_text("供水管道爆裂")
    page.get_by_role("button", name="认可停课").click()
    expect(page.get_by_role("status").first).to_contain_text("办好了：已认可")
    page.goto(page.url.split("/closures")[0])
    expect(page.get_by_role("link", name="去答复停课")).to_have_count(0)
    visitor.leaves()


@pytest.mark.parametrize("size", ["desk", "phone"])
def test_a_township_serves_the_order_that_waits(visitor: Visitor, size: str) -> None:
    page = visitor.comes_in("乡镇责任人", size)
    page.get_by_role("link", name="去送达").click()
    to_print = page.locator(".step-print")
    expect(to_print).to_contain_text("责令送被监护人接受义务教育通知书")
    expect(to_print.get_by_role("link", name="《送达回证》")).to_be_visible()
    page.get_by_label("谁收下").select_option("father")
    page.get_by_label("收件人姓名").fill("甲某某")
    page.get_by_label("村（社区）责任人").check()
    page.get_by_label("送达回证", exact=False).first.fill("回证原件存乡镇")
    page.get_by_role("button", name="登记送达").click()
    said = page.get_by_role("status").first
    expect(said).to_contain_text("办好了：登记送达。接下来：等待期满")
    expect(page.get_by_label("乡镇", exact=True)).to_be_checked()
    page.get_by_role("link", name="本地儿童", exact=True).click()
    expect(page.get_by_role("link", name="去送达")).to_have_count(0)
    visitor.leaves()


def test_an_officer_of_the_bureau_determines_the_dropout_that_is_ripe(visitor: Visitor) -> None:
    page = visitor.comes_in("县教育局控辍保学专干", "desk")
    page.get_by_role("link", name="去认定").click()
    expect(page.locator(".step-open h3")).to_have_text("认定辍学")
    page.get_by_label("县外务工", exact=True).check()
    page.get_by_role("button", name="认定辍学").click()
    expect(page.get_by_role("status").first).to_contain_text("办好了：认定辍学")
    visitor.leaves()
