"""What was typed and is refused comes again, and what others did meanwhile is shown."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from ckbx.access import uploads
from ckbx.application.unit import Unit
from ckbx.domain.case import plan
from ckbx.domain.case.codes import Means, Met
from ckbx.vault.attachments import MAX_BYTES
from tests.support.case_county import CaseCounty
from tests.support.photos import jpeg
from tests.web.cases.conftest import name_people
from tests.web.cases.test_steps import ROUND
from tests.web.cases.visiting import JPEG, Visitor, sent_by, visiting, words

HOSTILE = '<svg onload="document.title=1">"\'><b>王\u202e五</b>{{7*7}}&amp;'


def test_a_round_of_one_person_is_refused_and_what_was_typed_stays(teacher: Visitor) -> None:
    typed = {**ROUND, "who": ["helper"], "note": "说<下周>送来", "outcome": "wavering"}
    page = teacher.refused("visit", typed, [("a.jpg", JPEG)])
    assert "每次劝返至少2人参加，现登记1人；请补上参加人员" in words(page)
    again = sent_by(page, teacher.path("visit"))
    assert again["note"] == ["说<下周>送来"]
    assert again["hour"] == ["19:00"]
    assert (again["who"], again["met"], again["outcome"]) == (["helper"], ["mother"], ["wavering"])
    assert "刚才选的1个文件没有保存，请重新选" in words(page)


def test_everything_that_is_wrong_with_a_round_is_said_at_once(teacher: Visitor) -> None:
    """Each refusal costs the photos that were chosen."""
    typed = {**ROUND, "who": ["helper"], "outcome": "promised", "promised": ""}
    said = words(teacher.refused("visit", typed, [("a.jpg", b"no photo")]))
    for each in ("每次劝返至少2人参加", "承诺返校须写明承诺日期", "“a.jpg”：附件须是"):
        assert each in said
    said = words(teacher.refused("visit", {**ROUND, "met": [], "outcome": "wavering"}))
    assert "须写明见到了谁" in said


def test_of_a_round_without_an_outcome_no_day_of_return_is_asked(teacher: Visitor) -> None:
    """The control: what was not said is not judged."""
    typed = {name: value for name, value in ROUND.items() if name != "outcome"}
    said = words(teacher.refused("visit", typed))
    assert "承诺返校须写明" not in said


def test_people_without_an_account_stay_typed(teacher: Visitor) -> None:
    page = teacher.refused(
        "visit",
        {**ROUND, "who": [], "other_name": ["刘网格", ""], "other_role": ["", ""]},
    )
    assert "请选“刘网格”的身份" in words(page)
    assert sent_by(page, teacher.path("visit"))["other_name"] == ["刘网格", ""]


def test_what_is_missing_is_said_at_each_field(teacher: Visitor) -> None:
    page = teacher.refused("visit", {"on": "", "hour": "", "met": ["mother"]})
    for name, said in (
        ("on", "“日期”没有填"),
        ("hour", "“几点”没有填"),
        ("outcome", "“结果”没有填"),
    ):
        assert f'id="e-{name}"' in page
        assert said in words(page)


def test_codes_that_are_not_offered_and_accounts_nobody_holds_are_refused(
    teacher: Visitor,
) -> None:
    page = words(teacher.refused("visit", {**ROUND, "who": ["helper", "ghost"], "tier": "moon"}))
    assert "没有2025年9月5日在任的账号ghost" in page
    assert "“层级”不能用" in page


def test_a_promise_without_a_day_is_refused_by_the_domain(teacher: Visitor) -> None:
    assert "承诺返校须写明承诺日期" in words(teacher.refused("visit", ROUND))


def test_a_day_to_come_is_refused(teacher: Visitor) -> None:
    day = teacher.county.office.today() + timedelta(days=1)
    page = teacher.refused("contact", {"on": day.isoformat(), "met": ["mother"]})
    assert "还没有到" in words(page)


def test_only_pictures_and_documents_of_a_size_are_taken(teacher: Visitor) -> None:
    form = teacher.get(teacher.path("attach")).text
    assert re.search(r'<input[^>]*type="file"[^>]* required>', form)
    page = teacher.refused("attach", {}, [("virus.jpg", b"MZ\x90\x00")])
    assert "附件须是JPG、PNG、PDF或DOCX" in words(page)
    page = teacher.refused("attach", {}, [("big.jpg", JPEG + b"0" * MAX_BYTES)])
    assert "超过10MB" in words(page)
    assert "须附文件" in words(teacher.refused("attach"))


def test_one_file_too_many_on_a_day_is_refused_and_what_was_typed_stays(
    teacher: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "FILES_A_DAY", 1)
    teacher.done("attach", {"note": "一"}, [("a.jpg", JPEG)])
    page = teacher.refused("attach", {"note": "第二张"}, [("b.jpg", jpeg(b"2"))])
    assert "今天上传的文件已到限额" in words(page)
    assert sent_by(page, teacher.path("attach"))["note"] == ["第二张"]


def test_a_document_number_holds_no_number_of_a_person(head: Visitor) -> None:
    head.done("verify", {"finding": "K", "evidence": "家访"})
    head.done("visit", {**ROUND, "who": ["head", "ct1"], "outcome": "refused"})
    page = head.refused("report", {"document": "522601201705060411", "evidence": "内容"})
    assert "不能含证件号或电话号" in words(page)


def test_a_child_that_others_worked_on_meanwhile(county: CaseCounty, teacher: Visitor) -> None:
    form = teacher.form("contact")
    head = visiting(county, "head")
    head.done("verify", {"finding": "K", "evidence": "家访记录"})
    answer = teacher.send("contact", {**form, "met": ["mother"], "note": "在外婆家"})
    assert answer.status_code == 422
    page = words(answer.text)
    assert "您填写期间，别人办过这个个案" in page
    assert "2025年9月5日老师head（head）：核查结论" in page
    again = sent_by(answer.text, teacher.path("contact"))
    assert (again["met"], again["note"]) == (["mother"], ["在外婆家"])
    assert again["seen"] != form["seen"]
    assert teacher.send("contact", again).status_code == 303
    assert [type(c).__name__ for c in county.case().contacts] == ["Deed"]


def test_a_step_with_nothing_to_do_it_on_says_what_is_to_be_done(head: Visitor) -> None:
    page = words(head.get(head.path("answer")).text)
    assert "没有等复函的函" in page
    assert "先发函" in page
    assert "身份办理" not in page, "it is not done in any role"
    assert "校长身份办理" in words(head.get(head.path("letter")).text)


def test_one_of_words_and_a_photo_is_asked_for_not_none(head: Visitor) -> None:
    page = words(head.get(head.path("verify")).text)
    assert "（附了照片的可不填）" in page
    assert "（上面写明了的可不选）" in page


def test_pressed_twice_it_is_recorded_once(county: CaseCounty, teacher: Visitor) -> None:
    form = {**teacher.form("contact"), "met": ["mother"]}
    assert teacher.send("contact", form).status_code == 303
    assert teacher.send("contact", form).status_code == 303
    assert len(county.case().contacts) == 1


def test_a_photo_sent_twice_is_kept_once_and_another_photo_is_another_act(
    county: CaseCounty, teacher: Visitor
) -> None:
    form = {**teacher.form("visit"), **ROUND, "promised": ""}
    form["outcome"] = "wavering"
    for content in (JPEG, JPEG):
        assert teacher.send("visit", form, [("DSC1.jpg", content)]).status_code == 303
    assert len(county.case().rounds) == 1
    again = teacher.send("visit", form, [("DSC1.jpg", jpeg(b"the other side" * 30))])
    assert again.status_code == 422
    assert "visit" not in again.headers.get("location", "")


def test_gone_back_to_and_filled_in_otherwise_it_is_never_called_done_for_the_first(
    county: CaseCounty, teacher: Visitor
) -> None:
    form = {**teacher.form("contact"), "met": ["mother"], "note": "第一次"}
    assert teacher.send("contact", form).status_code == 303
    other = {**form, "note": "第二次，父亲接的", "met": ["father"]}
    answer = teacher.send("contact", other)
    assert answer.status_code == 422
    assert "第二次，父亲接的" in answer.text
    anew = {**sent_by(answer.text, teacher.path("contact")), "met": ["father"]}
    assert teacher.send("contact", anew).status_code == 303
    assert len(county.case().contacts) == 2


def test_what_another_hands_in_with_the_id_of_a_form_is_not_called_done(
    county: CaseCounty, teacher: Visitor, head: Visitor
) -> None:
    form = {**teacher.form("contact"), "met": ["mother"]}
    assert teacher.send("contact", form).status_code == 303
    assert head.send("contact", {**form, "seen": ""}).status_code == 303
    assert len(county.case().contacts) == 2


def test_neither_role_nor_actor_come_from_the_form(county: CaseCounty, teacher: Visitor) -> None:
    form = {"on": "2025-09-05", "role": "bureau_officer", "actor": "bureau", "as": "bureau_officer"}
    answer = teacher.send("determine", {**form, "whereabouts": "at_home"})
    assert "认定辍学由县教育局控辍保学专干办理" in words(answer.text)


def test_hostile_words_are_only_text(county: CaseCounty, teacher: Visitor) -> None:
    name_people(county, HOSTILE)
    teacher.done("plan", {"words": HOSTILE, "measures": ["study"]})
    teacher.done(
        "visit",
        {
            **ROUND,
            "who": ["helper"],
            "other_name": [HOSTILE[:40], ""],
            "other_role": ["liaison", ""],
            "outcome": "wavering",
            "note": HOSTILE,
        },
    )
    pages = [teacher.get(path).text for path in ("/cases", teacher.path(), teacher.path("plan"))]
    pages.append(teacher.refused("plan", {"words": HOSTILE, "measures": []}))
    for page in pages:
        assert "<svg onload" not in page
        assert "<b>王" not in page
        assert "{{7*7}}" in page
    assert "&lt;svg onload" in pages[1]


def test_somebody_elses_step_on_the_command_line_is_seen_by_the_page(
    county: CaseCounty, teacher: Visitor
) -> None:
    form = teacher.form("risk")

    def act(unit: Unit) -> None:
        plan.contact(
            unit.get(county.case_id(), type(county.case())),
            unit.ctx,
            role="principal",
            on=county.office.today(),
            means=Means.CALL,
            met=[Met.FATHER],
        )

    county.run(act, actor="cli:root")
    answer = teacher.send("risk", {**form, "level": "red"})
    assert "联系监护人" in words(answer.text)
