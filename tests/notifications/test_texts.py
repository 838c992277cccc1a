"""The words of messages: the program's, a county's own, and what stands in none of them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest

from ckbx.domain.alert.kinds import KINDS
from notifications.outbox_tables import NoticeRow
from notifications.persons import mark, named, persons_in
from notifications.rules import COUNTED, WAITING
from notifications.texts.teller import (
    FOLDER,
    LISTED,
    Teller,
    own_text,
    program_text,
    sample_line,
)
from notifications.wording import (
    CHANNEL_KINDS,
    LONGEST,
    Book,
    Wording,
    WordingRefused,
    WordingUnknown,
    check_names,
    check_text,
)

ZONE = ZoneInfo("Asia/Shanghai")
MORNING = datetime(2026, 9, 10, 23, 30, tzinfo=UTC)
CLASS = "s1/2024/2"


def row(kind: str = "absence_warning", *, child: UUID | None = None, **fields: object) -> NoticeRow:
    base = NoticeRow(
        position=1,
        kind=kind,
        recipient="ct1",
        channel="mail",
        alert=uuid4().bytes,
        rule=kind,
        level=KINDS[kind].level,
        subject=str(child or fields.get("class_key") or "s1"),
        child=child.bytes if child else None,
        school="s1",
        class_key=CLASS,
        on_day=date(2026, 9, 10).toordinal(),
        due_on=None,
        fold="digest",
        slot=0,
        recorded_at=0,
        state=WAITING,
    )
    return base._replace(**fields)  # type: ignore[arg-type]


def body(*rows: NoticeRow, fold: str = "digest", channel: str = "email", **own: str) -> str:
    book = Book(Wording(kind, "", 1, text, "x") for kind, text in own.items())
    teller = Teller("云溪县", {"s1": "一小"}, book, ZONE)
    return teller.words(rows, fold=fold, channel=channel, slot=MORNING).body


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_of_alert_says_what_to_do_in_words_of_its_own(kind: str) -> None:
    assert (FOLDER / "common" / f"{kind}.txt").is_file()
    assert program_text(sample_line(kind), "email").startswith(f"{KINDS[kind].title} 3 人：王**")


@pytest.mark.parametrize("channel", sorted(CHANNEL_KINDS))
def test_a_message_has_one_line_a_kind_whatever_the_channel(channel: str) -> None:
    children = [uuid4(), uuid4()]
    said = body(*(row(child=c) for c in children), row("post_vacant"), channel=channel)
    assert said.count("缺勤预警 2 人") == 1
    assert said.count("责任岗位空缺 1 ") == 1


def test_a_child_stands_in_a_kept_text_as_a_mark_with_its_class_of_that_year() -> None:
    child = uuid4()
    assert f"{mark(child)}（一小 3 年级 2 班）" in body(row(child=child))


def test_a_class_past_its_ninth_grade_is_called_by_its_entry_year() -> None:
    assert "（一小 2017 级 1 班）" in body(row(child=uuid4(), class_key="s1/2017/1"))


def test_a_child_with_two_alerts_of_a_kind_is_counted_once() -> None:
    child = uuid4()
    assert "缺勤预警 1 人" in body(row(child=child), row(child=child))


def test_the_earliest_day_is_told() -> None:
    days = [date(2026, 9, day).toordinal() for day in (17, 15, 16)]
    assert "最早期限 9月15日" in body(*(row(child=uuid4(), due_on=day) for day in days))


def test_what_rose_or_is_a_copy_is_a_line_of_its_own_and_says_so() -> None:
    child = uuid4()
    rules = ("verification_5", "verification_5_up", "verification_5_copy")
    said = body(
        *(row("verification_due", child=child, rule=rule) for rule in rules),
        verification_due="本县的话",
    )
    lines = [line.partition(". ")[2] for line in said.splitlines()[1:]]
    assert lines[0] == "本县的话"
    assert lines[1].startswith("疑似辍学待核查（逾期，抄送另一线） 1 人")
    assert lines[1].endswith("请知悉，配合办理。")
    assert lines[2].startswith("疑似辍学待核查（逾期，报上一级） 1 人")
    assert lines[2].endswith("请督促办理。")


def test_a_long_list_is_cut_and_counted() -> None:
    said = body(*(row(child=uuid4()) for _ in range(LISTED + 5)))
    assert len(persons_in(said)) == LISTED
    assert f"等 {LISTED + 5} 人" in said


def test_old_alerts_are_one_line_and_name_nobody() -> None:
    said = body(*(row(child=uuid4(), state=COUNTED) for _ in range(3)))
    assert "另有 3 项" in said
    assert persons_in(said) == []


def test_a_short_message_names_nobody() -> None:
    assert persons_in(body(row(child=uuid4()), channel="sms")) == []


def test_a_countys_own_words_stand_in_place_of_the_programs() -> None:
    said = body(row(child=uuid4()), absence_warning="{{ 县名 }}：{{数量}}{{单位}}缺勤，{{期限}}")
    assert "云溪县：1人缺勤，无" in said
    assert "请当天联系监护人" not in said


def test_a_wording_for_one_channel_goes_before_the_one_for_all() -> None:
    rows = [Wording("relapse", "", 1, "全部", "x"), Wording("relapse", "sms", 2, "短信", "x")]
    book = Book(rows)
    assert (book.text_for("relapse", "sms"), book.text_for("relapse", "email")) == ("短信", "全部")
    book = Book([*rows, Wording("relapse", "sms", 3, None, "x")])
    assert book.text_for("relapse", "sms") == "全部"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{{学生姓名}}", "不认识的项目"),
        ("{{ 名单.__class__ }}", "不认识的项目"),
        ("{% for x in y %}", "花括号"),
        ("{{名单}", "花括号"),
        ("", "没有文字"),
        ("请打 13800138000", "电话"),
        ("一行\n两行", "一行"),
        ("⟦x⟧", "括号"),
        ("长" * (LONGEST + 1), "超过"),
    ],
)
def test_a_wording_that_could_do_harm_is_refused(text: str, why: str) -> None:
    with pytest.raises(WordingRefused, match=why):
        check_text(text)


def test_an_unknown_kind_or_channel_is_refused() -> None:
    with pytest.raises(WordingUnknown, match="预警类别"):
        check_names("nothing", "")
    with pytest.raises(WordingUnknown, match="渠道类别"):
        check_names("relapse", "pigeon")


def test_a_value_is_filled_as_text_and_never_executed() -> None:
    nasty = "{{ 7 * 7 }}{% raw %}{{名单}}"
    teller = Teller(nasty, {"s1": nasty}, Book(), ZONE)
    said = teller.words([row(child=UUID(int=1))], fold="digest", channel="email", slot=MORNING).body
    assert said.count("{{ 7 * 7 }}") == 2
    assert "49" not in said
    line = sample_line("relapse")
    assert own_text("{{县名}}", line, "{{名单}}") == "{{名单}}"


def test_marks_are_replaced_each_and_nothing_else() -> None:
    one, two = uuid4(), uuid4()
    text = f"{mark(one)}、{mark(two)}、⟦not⟧"
    assert persons_in(text) == [one, two]
    assert named(text, lambda person: "王**" if person == one else "李**") == "王**、李**、⟦not⟧"
