"""整班转学 by the pages of two schools: who of the class goes, who does not and why."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import quote
from uuid import UUID

import pytest
from httpx2 import Response

from ckbx.application import transfers
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child.child import Child
from ckbx.domain.child.movement_errors import ClassListChanged
from ckbx.domain.child.status import TrackingStatus
from ckbx.vault.people import Identity
from tests.support.case_county import KEY, CaseCounty
from tests.support.photos import jpeg
from tests.web.acts.deciding import KEY_THERE, THERE, ChildVisitor
from tests.web.cases.visiting import JPEG, NAME, Changed, Files, sent_by, words

NAMES = (NAME, "陈小梅", "罗小军")
GOING = {"to": THERE, "document": "小升初1号"}
START = f"/transfers/class?class_key={quote(KEY)}"
CONFIRM = f"/transfers/class-confirm?class_key={quote(KEY)}&to={THERE}"


@pytest.fixture(autouse=True)
def pupils(county: CaseCounty) -> Sequence[UUID]:
    """The three of the class, by name."""
    vault, found = county.store.vault, county.pupils[KEY]

    def decide(unit: object) -> None:
        for child, name in zip(found, NAMES, strict=True):
            rows = vault.prepare(child, "child", identity=Identity(name=name))
            unit.writes.extend(rows)  # type: ignore[attr-defined]

    county.run(decide)
    return found


def handed_in(
    visitor: ChildVisitor, page: str, changed: Changed, files: Files = (), html: str = ""
) -> Response:
    """The form of a page, as the page stands or as it stood."""
    path = page.split("?", maxsplit=1)[0]
    fields = sent_by(html or visitor.get(page).text, path)
    data = {**fields, **{k: [v] if isinstance(v, str) else [*v] for k, v in changed.items()}}
    attached = [("file", (name, content)) for name, content in files]
    return visitor.client.post(path, data=data, files=attached or None)


def statuses(county: CaseCounty) -> list[TrackingStatus]:
    today = county.office.today()
    events = county.store.log.load(county.pupils[KEY])
    return [Child(id_).replay(events[id_]).status_on(today) for id_ in county.pupils[KEY]]


def one_goes_elsewhere(head: ChildVisitor) -> None:
    head.decided("transfer", {"to": "outside", "to_outside": "2152939999", "document": "转1号"})


def test_a_class_is_sent_and_received_in_two_acts_and_who_cannot_go_is_named(
    county: CaseCounty, head: ChildVisitor, there: ChildVisitor
) -> None:
    one_goes_elsewhere(head)
    page = words(head.get(START).text)
    assert "可以办2人，不能办1人" in page
    assert f"{NAME}转出在途不能办已在转出途中" in page
    assert "就一个也不办" in page
    before = county.store.log.head()
    answer = handed_in(head, START, GOING)
    assert answer.status_code == 303, words(answer.text)[-600:]
    done = words(head.get(answer.headers["location"]).text)
    assert "办好了：整班办理转出" in done
    assert "可以办0人，不能办3人" in done
    events = [found.event for found in county.store.log.read(before, 1000)]
    started = [event for event in events if isinstance(event, lv.TransferStarted)]
    assert {event.originator_id for event in started} == set(county.pupils[KEY][1:])
    assert len({event.command_id for event in started}) == 1

    listed = there.get("/transfers").text
    assert "整班确认转入" in listed
    assert f'href="{CONFIRM.replace("&", "&amp;")}"' in listed.replace("%2F", "/").replace(
        KEY, quote(KEY)
    )
    page = words(there.get(CONFIRM).text)
    assert "陈小梅" in page
    assert NAME not in page, "who goes elsewhere is none of this school's business"
    into = {"into": KEY_THERE}
    answer = handed_in(there, CONFIRM, into, [("名册.jpg", JPEG)])
    assert answer.status_code == 303, words(answer.text)[-600:]
    assert "没有在等二小确认的学生" in words(there.get(answer.headers["location"]).text)
    events_of = county.store.log.load(county.pupils[KEY])
    keys = [Child(id_).replay(events_of[id_]).class_key for id_ in county.pupils[KEY]]
    assert keys[1:] == [KEY_THERE, KEY_THERE]
    assert statuses(county)[0] is TrackingStatus.TRANSFERRING


def test_where_the_list_changed_meanwhile_nobody_goes(
    county: CaseCounty, head: ChildVisitor
) -> None:
    html = head.get(START).text
    one_goes_elsewhere(head)
    before = county.store.log.head()
    answer = handed_in(head, START, GOING, html=html)
    assert answer.status_code == 422
    said = words(answer.text)
    assert "办理期间名单有变化，一个也没有办" in said
    assert "可以办2人，不能办1人" in said
    assert sent_by(answer.text, "/transfers/class")["document"] == ["小升初1号"]
    assert county.store.log.head() == before
    again = handed_in(head, START, {}, html=answer.text)
    assert again.status_code == 303
    assert statuses(county) == [TrackingStatus.TRANSFERRING] * 3


def test_the_command_too_refuses_another_list_than_the_one_that_was_shown(
    county: CaseCounty,
) -> None:
    who = transfers.Who(class_key=KEY, listed=transfers.fingerprint(county.pupils[KEY][:2]))
    with pytest.raises(ClassListChanged):
        transfers.start(
            county.office,
            county.office.context("test"),
            who,
            role="principal",
            on=county.office.today(),
            receiving_school=THERE,
            document="小升初1号",
        )
    assert statuses(county) == [TrackingStatus.ENROLLED] * 3


def test_pressed_twice_a_class_is_sent_once(county: CaseCounty, head: ChildVisitor) -> None:
    html = head.get(START).text
    assert handed_in(head, START, GOING, html=html).status_code == 303
    before = county.store.log.head()
    assert handed_in(head, START, GOING, html=html).status_code == 303
    assert county.store.log.head() == before


def test_a_day_before_a_child_was_here_is_said_of_the_child(
    county: CaseCounty, head: ChildVisitor
) -> None:
    day = county.began - timedelta(days=1)
    page = words(head.get(f"{START}&on={day}").text)
    assert "可以办0人，不能办3人" in page
    assert "早于入学日期2025年9月1日" in page
    later = head.get(f"{START}&on={county.began + timedelta(days=9)}")
    assert later.status_code == 422
    assert "还没有到" in words(later.text)


def test_a_class_is_received_only_with_a_proof_of_little_size(
    county: CaseCounty, head: ChildVisitor, there: ChildVisitor
) -> None:
    handed_in(head, START, GOING)
    assert "每个不超过1MB" in words(there.get(CONFIRM).text.replace("\xa0", ""))
    bare = handed_in(there, CONFIRM, {})
    assert bare.status_code == 422
    assert "接收证明" in words(bare.text)
    large = handed_in(there, CONFIRM, {}, [("名册.jpg", jpeg(bytes(1_100_000)))])
    assert "不超过1MB" in words(large.text)
    assert statuses(county) == [TrackingStatus.TRANSFERRING] * 3


def test_a_class_is_sent_by_its_own_school_and_received_by_the_one_it_goes_to(
    head: ChildVisitor, there: ChildVisitor, bureau: ChildVisitor, teacher: ChildVisitor
) -> None:
    assert there.get(START).status_code == 404
    assert teacher.get(START).status_code == 403
    html = head.get(START).text
    assert handed_in(there, START, GOING, html=html).status_code == 404
    assert handed_in(head, START, GOING, html=html).status_code == 303
    assert head.get(CONFIRM).status_code == 404
    page = bureau.get(CONFIRM)
    assert "可以办3人" in words(page.text)
    elsewhere = f"/transfers/class?class_key={quote('2152939972/2023/9')}"
    assert bureau.get(elsewhere).status_code == 404


def test_the_bureau_chooses_the_school_before_the_class(bureau: ChildVisitor) -> None:
    page = bureau.get("/transfers/class").text
    assert 'name="school"' in page
    assert 'name="class_key"' not in page
    page = bureau.get(f"/transfers/class?school={KEY.split('/')[0]}").text
    assert f'<option value="{KEY}">' in page


def test_a_principal_has_the_classes_of_the_school_at_once(head: ChildVisitor) -> None:
    page = head.get("/transfers/class").text
    assert f'<option value="{KEY}">' in page
    assert f'<option value="{KEY_THERE}">' not in page
