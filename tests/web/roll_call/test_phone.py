"""The roll call on a phone: few taps, and nothing lost whatever the network does."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Route

from ckbx.clock import FixedClock
from ckbx.domain.attendance.marks import Reason
from tests.web.roll_call.conftest import MONDAY, OTHER, OWN, PATH, Morning
from tests.web.roll_call.filling import Page as Form
from tests.web.roll_call.phone import WAITING, Phone, a_phone, recorded

KEEPS_TWO = """() => new Promise(resolve => {
  const request = indexedDB.open('ckbx', 1);
  request.onsuccess = () => {
    const all = request.result.transaction('roll-calls').objectStore('roll-calls').getAll();
    all.onsuccess = () => {
      request.result.close();
      const [one, more] = all.result;
      resolve(!!one && !more && one.fields.filter(([name]) => name === 'absent').length === 2);
    };
  };
})"""
"""One sheet waits on the phone, with two children marked."""


@pytest.fixture
def phone(browser: Browser, phone_site: str, morning: Morning) -> Iterator[Phone]:
    with a_phone(browser, phone_site, morning) as phone:
        phone.sign_in("ct1")
        yield phone


def test_three_of_forty_in_seven_taps(phone: Phone, morning: Morning) -> None:
    phone.open()
    away = dict(zip(morning.children[::15], ("sick", "personal", "unexplained"), strict=True))
    for child, reason in away.items():
        phone.mark(child, reason)
    said = phone.page.inner_text(".rc-bar p").split()
    assert said == "应到 40 实到 37 缺勤 1 请假 2 未核 0".split()
    phone.tap("#send")
    phone.wait_for("已上报 08:12")
    assert phone.taps <= 12
    assert phone.taps == 7
    (event,) = recorded(morning)
    assert event.absent == {child: Reason(reason) for child, reason in away.items()}
    assert event.claimed_at is not None
    phone.wait_for("现在有效")


def test_the_page_fits_the_phone_and_its_targets_fit_a_thumb(phone: Phone) -> None:
    page = phone.open()
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    phone.tap(".rc-name")
    low = page.evaluate(
        """() => [...document.querySelectorAll('.rc-name, .rc-reasons span, #send, .rc-links a')]
             .filter(e => e.offsetHeight && e.getBoundingClientRect().height < 44).length"""
    )
    assert low == 0
    bar = page.evaluate("document.querySelector('.rc-bar').getBoundingClientRect().bottom")
    assert bar <= 844, "the bar is always in sight"


def test_without_scripts_the_same_page_is_filled_in_and_sent(
    browser: Browser, phone_site: str, morning: Morning
) -> None:
    with a_phone(browser, phone_site, morning, java_script_enabled=False) as phone:
        phone.sign_in("ct1")
        phone.open()
        phone.mark(morning.children[0], "sick")
        phone.tap("#send")
        phone.page.wait_for_url("**" + PATH)
        assert "现在有效" in phone.page.inner_text("main")
    assert [event.absent for event in recorded(morning)] == [{morning.children[0]: Reason.SICK}]


def test_reloaded_and_sent_without_a_network_it_arrives_when_there_is_one(
    phone: Phone, morning: Morning
) -> None:
    phone.open()
    phone.ready_for_offline()
    phone.offline(is_off=True)
    phone.page.reload()
    phone.mark(morning.children[1], "sick")
    phone.tap("#send")
    phone.wait_for(WAITING)
    assert recorded(morning) == []
    phone.offline(is_off=False)
    phone.wait_for("已上报 08:12")
    assert [event.absent for event in recorded(morning)] == [{morning.children[1]: Reason.SICK}]


def test_a_tab_closed_without_a_network_and_opened_again_still_has_it(
    phone: Phone, morning: Morning
) -> None:
    phone.open()
    phone.ready_for_offline()
    phone.offline(is_off=True)
    phone.mark(morning.children[2], "personal")
    phone.tap("#send")
    phone.wait_for(WAITING)
    phone.again()
    phone.open()
    phone.wait_for(WAITING)
    phone.again()
    phone.open("/")
    phone.wait_for(WAITING)
    phone.offline(is_off=False)
    phone.wait_for("已上报 08:12")
    assert len(recorded(morning)) == 1


def test_an_answer_that_was_lost_is_asked_for_again_and_recorded_once(
    browser: Browser, phone_site: str, morning: Morning
) -> None:
    lost: list[int] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    with a_phone(browser, phone_site, morning, service_workers="block") as phone:
        phone.sign_in("ct1")
        phone.context.route(f"**{PATH}", lose)
        phone.open()
        phone.mark(morning.children[3], "sick")
        phone.tap("#send")
        phone.wait_for(WAITING)
        while not lost:
            phone.page.wait_for_timeout(50)
        assert lost == [200]
        assert len(recorded(morning)) == 1, "the server has it, the phone does not know"
        phone.hears_of_the_network()
        phone.wait_for("已上报 08:12")
        assert len(recorded(morning)) == 1


def test_what_another_account_kept_on_the_phone_waits_for_that_account(
    phone: Phone, morning: Morning
) -> None:
    phone.open()
    phone.ready_for_offline()
    phone.offline(is_off=True)
    phone.mark(morning.children[4], "sick")
    phone.tap("#send")
    phone.wait_for(WAITING)
    phone.again()
    phone.sign_in("ct2")
    phone.offline(is_off=False)
    phone.open(f"/roll-calls/{OTHER}")
    phone.wait_for("本机还有账号 ct1 的 1 条点名待上报")
    phone.hears_of_the_network()
    phone.tap("#send")
    phone.wait_for("已上报 08:12")
    assert recorded(morning) == []
    assert [event.submitted_by for event in recorded(morning, OTHER)] == ["ct2"]
    phone.sign_in("ct1")
    phone.open()
    phone.wait_for("已上报 08:12")
    assert [event.submitted_by for event in recorded(morning)] == ["ct1"]


def test_a_session_that_ended_keeps_it_and_asks_to_sign_in(phone: Phone, morning: Morning) -> None:
    phone.open()
    phone.mark(morning.children[5], "sick")
    phone.context.clear_cookies()
    phone.tap("#send")
    phone.wait_for("登录后自动发送")
    assert recorded(morning) == []
    phone.sign_in("ct1")
    phone.page.click("#queue a")
    phone.wait_for("已上报 08:12")
    assert len(recorded(morning)) == 1


def test_a_colleague_was_first_both_are_shown_and_the_teacher_decides(
    phone: Phone, morning: Morning
) -> None:
    mine, theirs = morning.children[6], morning.children[7]
    phone.open()
    Form(morning, "head").send({theirs: "personal"})
    phone.mark(mine, "unexplained")
    phone.tap("#send")
    phone.wait_for("没有报上去")
    assert len(recorded(morning)) == 1
    phone.page.wait_for_selector(".rc-stands")
    assert morning.name(theirs) in phone.page.inner_text(".rc-stands")
    phone.wait_for("我填的缺勤")
    assert f"{morning.name(mine)} 无故" in phone.bar()
    phone.page.click("text=填入我的，改好再提交")
    phone.page.fill("#f-why", "刚进教室")
    phone.page.click("#send")
    phone.wait_for("刚进教室")
    phone.wait_for("已更正 08:12")
    assert [event.absent for event in recorded(morning)] == [
        {theirs: Reason.PERSONAL},
        {mine: Reason.UNEXPLAINED},
    ]


def test_the_teacher_may_give_up_the_own_version(phone: Phone, morning: Morning) -> None:
    phone.open()
    Form(morning, "head").send({morning.children[0]: "personal"})
    phone.tap("#send")
    phone.wait_for("我填的：全到")
    phone.page.click("text=不要我填的这份")
    phone.page.wait_for_selector("#queue", state="hidden")
    phone.page.reload()
    assert len(recorded(morning)) == 1
    assert phone.page.is_hidden("#queue")


def test_signing_out_leaves_no_page_of_children_on_the_phone(
    phone: Phone, morning: Morning
) -> None:
    phone.open()
    phone.ready_for_offline()
    phone.page.click(".who-out")
    phone.page.wait_for_url("**/signin")
    phone.until(
        """async () => !(await caches.keys()).includes('ckbx-pages-1')
             || !(await (await caches.open('ckbx-pages-1')).keys()).length"""
    )
    phone.offline(is_off=True)
    assert morning.children
    assert OWN not in phone.page.content()


def test_a_page_not_kept_is_asked_for_again_until_there_is_a_network(phone: Phone) -> None:
    phone.open()
    phone.ready_for_offline()
    phone.page.evaluate("caches.delete('ckbx-pages-1')")
    phone.offline(is_off=True)
    phone.page.reload()
    phone.wait_for("现在连不上网络")
    assert phone.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    phone.offline(is_off=False)
    phone.wait_for("1年级1班")
    assert phone.page.is_visible("#send")


def test_a_page_open_since_yesterday_serves_for_today_under_a_new_id(
    phone: Phone, morning: Morning
) -> None:
    phone.page.clock.install()
    phone.open()
    old = phone.page.input_value("input[name=command]")
    phone.offline(is_off=True)
    phone.page.clock.fast_forward("24:00:00")
    clock = morning.store.clock
    assert isinstance(clock, FixedClock)
    clock.at += timedelta(days=1)
    phone.sign_in("ct1")
    phone.mark(morning.children[0], "sick")
    phone.tap("#send")
    phone.wait_for("本页已换成今天的点名")
    phone.offline(is_off=False)
    phone.hears_of_the_network()
    phone.wait_for("11月24日 1年级1班 已上报")
    (event,) = recorded(morning)
    assert event.occurred_on == MONDAY + timedelta(days=1)
    assert str(event.command_id) != old


def test_what_has_waited_for_seven_days_is_dropped_and_said_so(
    phone: Phone, morning: Morning
) -> None:
    phone.open()
    phone.page.context.set_offline(True)
    phone.tap("#send")
    phone.wait_for(WAITING)
    phone.page.clock.install()
    phone.page.clock.set_system_time(phone.page.evaluate("Date.now()") + 8 * 24 * 3600 * 1000)
    phone.hears_of_the_network()
    phone.wait_for("7 天没有报上去，已从本机删除，请补报")
    phone.offline(is_off=False)
    assert recorded(morning) == []


def test_what_is_changed_before_it_has_arrived_is_sent_as_it_is_now(
    phone: Phone, morning: Morning
) -> None:
    phone.open()
    phone.offline(is_off=True)
    phone.mark(morning.children[0], "sick")
    phone.tap("#send")
    phone.wait_for(WAITING)
    phone.mark(morning.children[1], "personal")
    phone.tap("#send")
    phone.until(KEEPS_TWO)
    phone.offline(is_off=False)
    phone.wait_for("已上报 08:12")
    assert [set(event.absent) for event in recorded(morning)] == [set(morning.children[:2])]


def test_marks_made_after_sending_are_not_lost_when_it_arrives(
    phone: Phone, morning: Morning
) -> None:
    phone.open()
    phone.offline(is_off=True)
    phone.mark(morning.children[0], "sick")
    phone.tap("#send")
    phone.wait_for(WAITING)
    phone.mark(morning.children[1], "personal")
    phone.offline(is_off=False)
    phone.wait_for("之后改动的还没有提交")
    assert len(recorded(morning)) == 1
    assert phone.page.inner_text("#on-leave") == "2"
    phone.tap("#send")
    phone.page.wait_for_selector("text=填入我的，改好再提交")
    assert morning.name(morning.children[1]) in phone.bar()


@pytest.mark.parametrize("workers", ["allow", "block"])
def test_what_a_phone_loads(
    browser: Browser, phone_site: str, morning: Morning, workers: str
) -> None:
    """At most 120 KB at first, 15 KB afterwards, of pages and files."""
    sizes: list[int] = []
    with a_phone(browser, phone_site, morning, service_workers=workers) as phone:
        phone.sign_in("ct1")
        client = phone.context.new_cdp_session(phone.page)
        client.send("Network.enable")
        client.on("Network.loadingFinished", lambda e: sizes.append(int(e["encodedDataLength"])))
        phone.open()
        phone.page.wait_for_load_state("networkidle")
        first = sum(sizes)
        sizes.clear()
        phone.page.goto(phone.site + PATH)
        phone.page.wait_for_load_state("networkidle")
    print(f"{workers}: first {first}, later {sum(sizes)} bytes")  # noqa: T201 - measured
    assert 0 < first <= 120_000
    assert sum(sizes) <= 15_000
