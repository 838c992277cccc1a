"""责任链 files: which rows become which facts, and which are refused with what words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid5

import msgspec
import pytest

from ckbx.domain.responsibility import errors
from ckbx.domain.responsibility.chain import ChildPlace, naming_school_year
from ckbx.domain.responsibility.claims import Outcome, apply_claims
from ckbx.domain.responsibility.directory import Directory
from ckbx.domain.responsibility.post import Line, Role, Scope, ScopeKind, role_of
from ckbx.domain.responsibility.register import PostRegister, posts_stream, streams_above
from ckbx.domain.responsibility.rows import ChainRow, read_rows
from ckbx.domain.shared.event import CommandContext, DomainEvent, all_event_types
from ckbx.domain.shared.ids import stream_id
from ckbx.eventlog.codec import decode_event, encode_event

COUNTY = "522699"
SCHOOL = "2152939972"
CLASS_ONE = Scope(ScopeKind.CLASS, f"{SCHOOL}/2026/1")
NAMESPACE = UUID("11111111-2222-5333-8444-555555555555")
CTX = CommandContext(actor="officer", command_id=uuid5(NAMESPACE, "cmd"), today=date(2026, 11, 20))
AUGUST = date(2026, 8, 1)
HOLIDAYS = [date(2026, 7, 10), date(2026, 7, 20), date(2026, 8, 1), date(2026, 9, 1)]


def row(number: int, account: str, first_day: date = AUGUST, **changed: Any) -> ChainRow:
    """A class teacher's row of grade 1 class 1, changed where the test says so."""
    values: dict[str, Any] = {
        "line": "教育线",
        "level": 4,
        "title": "班主任",
        "scope_kind": "班级",
        "scope_code": f"{SCHOOL}/1/1",
        "holder": uuid5(NAMESPACE, account),
        "last_day": None,
    }
    return ChainRow(row=number, account=account, first_day=first_day, **(values | changed))


CT0 = row(2, "ct0", last_day=date(2026, 10, 15))
CT0_OPEN = row(2, "ct0")
SUCCESSOR = row(3, "ct_new", date(2026, 10, 16))


class Store:
    """Registers as a county keeps them, with what each import wrote."""

    def __init__(self) -> None:
        self.streams: dict[UUID, list[DomainEvent]] = {}

    def bring(self, *rows: ChainRow, correct: bool = False) -> tuple[Outcome, list[str]]:
        read = read_rows(COUNTY, rows)
        assert read.refused == ()
        registers = {
            c.stream: PostRegister(c.stream, COUNTY).replay(self.streams.get(c.stream, []))
            for c in read.claims
        }
        outcome = apply_claims(registers, read.claims, CTX, correct=correct)
        written = []
        for stream, register in registers.items():
            events = register.collect_events()
            self.streams.setdefault(stream, []).extend(events)
            written += [type(e).__name__ for e in events]
        return outcome, written

    def directory(self) -> Directory:
        return Directory.of(COUNTY, (e for s in self.streams.values() for e in s))

    def class_teachers(self, *days: date) -> list[list[str]]:
        (post,) = self.directory().posts_at(Line.EDUCATION, CLASS_ONE)
        return [[t.account for t in post.holders(day)] for day in days]


def refusal(*rows: ChainRow, **options: Any) -> list[errors.ChainRowRefused]:
    read = read_rows(COUNTY, rows, **options)
    assert len(read.claims) + len(read.refused) + len(read.superseded) == len(rows)
    return list(read.refused)


def test_the_sample_handover_has_ct0_until_the_15th_and_the_successor_from_the_16th() -> None:
    store = Store()
    _, written = store.bring(CT0, SUCCESSOR)
    assert written == ["PostEstablished", "PostHeld", "PostHandedOver"]
    child = ChildPlace(
        child=str(uuid5(NAMESPACE, "child")),
        county=COUNTY,
        school=SCHOOL,
        class_key=CLASS_ONE.code,
        grade=1,
    )
    teachers = [
        store.directory().chain_for(child, date(2026, 10, day)).education[-1].holders[0].account
        for day in (15, 16)
    ]
    assert teachers == ["ct0", "ct_new"]


@pytest.mark.parametrize("file", [[CT0, SUCCESSOR], [SUCCESSOR, CT0], [CT0_OPEN]])
def test_the_same_file_again_writes_nothing(file: list[ChainRow]) -> None:
    store = Store()
    store.bring(*file)
    outcome, written = store.bring(*file)
    assert written == []
    assert outcome.applied == ()
    assert sorted(outcome.unchanged) == sorted(r.row for r in file)


def test_the_order_of_rows_in_a_file_does_not_matter() -> None:
    one, two = Store(), Store()
    one.bring(CT0, SUCCESSOR)
    two.bring(SUCCESSOR, CT0)
    assert one.directory().posts == two.directory().posts


def test_a_later_file_closes_an_open_holder_and_names_the_successor() -> None:
    store = Store()
    store.bring(CT0_OPEN)
    _, written = store.bring(CT0, SUCCESSOR)
    assert written == ["PostVacated", "PostHandedOver"]
    assert store.class_teachers(date(2026, 10, 15), date(2026, 10, 16)) == [["ct0"], ["ct_new"]]


def test_a_later_row_of_the_same_file_may_close_an_open_one() -> None:
    closing = msgspec.structs.replace(CT0, row=9)
    for file in ([CT0_OPEN, closing], [closing, CT0_OPEN]):
        assert read_rows(COUNTY, file).superseded == (2,)
        store = Store()
        store.bring(*file)
        assert store.class_teachers(date(2026, 10, 15), date(2026, 10, 16)) == [["ct0"], []]


def test_an_older_file_again_changes_nothing_and_says_so_unless_correcting_is_meant() -> None:
    store = Store()
    store.bring(CT0_OPEN)
    store.bring(CT0)
    outcome, written = store.bring(CT0_OPEN)
    assert (outcome.outdated, written) == ((2,), [])
    outcome, written = store.bring(CT0_OPEN, correct=True)
    assert (outcome.applied, written) == ((2,), ["TenureCorrected"])
    assert store.class_teachers(date(2026, 10, 16)) == [["ct0"]]


def test_another_last_day_replaces_the_recorded_one() -> None:
    store = Store()
    store.bring(CT0)
    _, written = store.bring(msgspec.structs.replace(CT0, last_day=date(2026, 10, 20)))
    assert written == ["TenureCorrected"]
    assert store.class_teachers(date(2026, 10, 20), date(2026, 10, 21)) == [["ct0"], []]


def test_overlapping_holders_are_both_answerable() -> None:
    store = Store()
    _, written = store.bring(CT0_OPEN, SUCCESSOR)
    assert written == ["PostEstablished", "PostHeld", "PostHeld"]
    assert store.class_teachers(date(2026, 10, 16)) == [["ct_new", "ct0"]]


def test_next_years_file_listing_the_same_teacher_again_goes_on_with_the_same_tenure() -> None:
    store = Store()
    store.bring(CT0_OPEN)
    again = row(2, "ct0", date(2027, 8, 1), scope_code=f"{SCHOOL}/2/1")
    outcome, written = store.bring(again)
    assert (outcome.unchanged, written) == ((2,), [])


def test_an_earlier_first_day_and_a_new_account_of_the_same_person_are_corrections() -> None:
    store = Store()
    begun = date(2026, 9, 1)
    store.bring(row(2, "", begun, holder=uuid5(NAMESPACE, "ct0")))
    _, written = store.bring(row(2, "ct0", AUGUST))
    assert written == ["TenureCorrected"]
    assert store.class_teachers(AUGUST, begun) == [["ct0"], ["ct0"]]
    _, written = store.bring(row(2, "", begun, holder=uuid5(NAMESPACE, "ct0")))
    assert written == [], "a row without the account does not take it away"


def test_a_class_of_july_is_not_that_of_august() -> None:
    store = Store()
    store.bring(row(2, "old", date(2026, 7, 1)), row(3, "new", AUGUST))
    assert [p.scope.code for p in store.directory().posts.values()] == [
        f"{SCHOOL}/2025/1",
        f"{SCHOOL}/2026/1",
    ]


def test_a_holder_returning_after_another_is_handed_the_post_again() -> None:
    store = Store()
    back = row(4, "ct0", date(2027, 3, 1), scope_code=f"{SCHOOL}/1/1")
    until = msgspec.structs.replace(SUCCESSOR, last_day=date(2027, 2, 28))
    _, written = store.bring(CT0, until, back)
    assert written == ["PostEstablished", "PostHeld", "PostHandedOver", "PostHandedOver"]
    assert store.class_teachers(date(2026, 9, 1), date(2027, 2, 28), date(2027, 3, 1)) == [
        ["ct0"],
        ["ct_new"],
        ["ct0"],
    ]


def test_one_account_cannot_stand_for_two_people_at_once() -> None:
    store = Store()
    store.bring(CT0_OPEN)
    other = row(7, "ct0", date(2026, 10, 16), holder=uuid5(NAMESPACE, "somebody else"))
    outcome, written = store.bring(other)
    assert written == []
    assert [e.code for e in outcome.refused] == ["account_of_another"]
    assert "第 7 行" in str(outcome.refused[0])


def test_level_and_role_follow_the_latest_file_and_an_empty_role_changes_nothing() -> None:
    store = Store()
    store.bring(CT0_OPEN)
    _, written = store.bring(msgspec.structs.replace(CT0_OPEN, level=5, role="包人教师"))
    assert written == ["PostRevised"]
    _, written = store.bring(msgspec.structs.replace(CT0_OPEN, level=5))
    assert written == []
    (post,) = store.directory().posts_at(Line.EDUCATION, CLASS_ONE)
    assert (post.level, post.role) == (5, Role.CASE_TEACHER)


def test_posts_of_two_schools_and_of_the_county_lie_in_streams_of_their_own() -> None:
    store = Store()
    other = row(3, "ct5", scope_code="3152354069/7/1")
    mayor = row(
        4, "mayor", line="政府线", level=1, title="县长", scope_kind="县", scope_code=COUNTY
    )
    store.bring(CT0_OPEN, other, mayor)
    expected = [stream_id(COUNTY, "posts", key) for key in (SCHOOL, "3152354069", COUNTY)]
    assert sorted(store.streams) == sorted(expected)
    assert set(streams_above(COUNTY, school=SCHOOL)) < set(store.streams)
    assert posts_stream(COUNTY, Scope(ScopeKind.STUDENT, "c")) not in store.streams


@pytest.mark.parametrize(
    ("day", "year"), list(zip(HOLIDAYS, (2025, 2025, 2026, 2026), strict=True))
)
def test_from_august_a_file_names_classes_by_the_coming_school_year(day: date, year: int) -> None:
    assert naming_school_year(day) == year


@pytest.mark.parametrize(
    ("day", "year"), list(zip(HOLIDAYS, (2025, 2026, 2026, 2026), strict=True))
)
def test_where_the_calendar_says_when_spring_ends_the_holiday_decides(day: date, year: int) -> None:
    assert naming_school_year(day, spring_end=date(2026, 7, 10)) == year


@pytest.mark.parametrize(
    ("changed", "code", "words"),
    [
        ({"line": "市线"}, "unknown_line", "政府线 或 教育线"),
        ({"level": 0}, "bad_level", "“层级”"),
        ({"title": ""}, "bad_title", "“岗位”"),
        ({"title": "班主任13700000000"}, "bad_title", "电话号"),
        ({"scope_kind": "大区"}, "unknown_scope_kind", "县、乡镇、村、学校、年级、班级、学生"),
        ({"scope_code": f"{SCHOOL}/10/1"}, "bad_scope_code", "年级按起日当天"),
        ({"scope_code": SCHOOL}, "bad_scope_code", "学校标识码/年级"),
        ({"scope_kind": "学生", "scope_code": "G1"}, "bad_scope_code", "学籍号"),
        ({"scope_kind": "村", "scope_code": "522700100200"}, "scope_outside_county", "不属于本县"),
        ({"scope_kind": "县", "scope_code": "522700"}, "scope_outside_county", "522699"),
        ({"role": "司机"}, "unknown_role", "留空"),
        ({"account": "13700000000"}, "bad_account", "手机号"),
        ({"account": "张老师"}, "bad_account", "姓名"),
        ({"account": "52269920190911744X"}, "bad_account", "证件号"),
        ({"last_day": date(2026, 7, 31)}, "row_reversed", "2026-07-31 早于"),
    ],
)
def test_a_row_that_cannot_be_is_refused_by_name_with_its_row_and_column(
    changed: dict[str, Any], code: str, words: str
) -> None:
    bad = msgspec.structs.replace(row(12, "ct0"), **changed)
    (error,) = refusal(bad, SUCCESSOR)
    assert error.code == code
    assert str(error).startswith("第 12 行")
    assert error.column in str(error)
    assert words in str(error)


def test_a_refusal_does_not_repeat_what_may_be_personal() -> None:
    (error,) = refusal(row(2, "ct0", line="张三522699201909117446"))
    assert "522699201909117446" not in str(error)
    assert "张三" not in str(error)


def test_a_class_the_roster_does_not_know_is_refused_with_how_it_was_read() -> None:
    stale = row(5, "ct0", date(2023, 9, 1), scope_code=f"{SCHOOL}/4/1")
    (error,) = refusal(stale, SUCCESSOR, knows=lambda scope: scope == CLASS_ONE)
    assert error.code == "unknown_scope"
    assert "起日 2023-09-01" in str(error)
    assert "2020 年一年级入学的 1 班" in str(error)


@pytest.mark.parametrize(
    ("pair", "what"),
    [
        ((CT0, row(3, "ct0", last_day=date(2026, 10, 20))), "止"),
        ((CT0, row(3, "ct1", level=3)), "层级"),
        ((row(2, "ct0", role="班主任"), row(3, "ct1", role="包人教师")), "角色"),
    ],
)
def test_two_rows_that_cannot_both_be_meant_are_both_refused(
    pair: Sequence[ChainRow], what: str
) -> None:
    found = refusal(*pair)
    assert [(e.code, e.ids["row"], e.ids["other"], e.ids["what"]) for e in found] == [
        ("rows_contradict", 2, 3, what),
        ("rows_contradict", 3, 2, what),
    ]


def test_full_width_values_and_codes_are_understood() -> None:
    written = row(
        2,
        "ｃｔ０",
        line="education",
        title=" 班主任 ",
        scope_kind="班",
        scope_code="２１５２９３９９７２／１／１",
        role="class_teacher",
    )
    (claim,) = read_rows(COUNTY, [written]).claims
    assert (claim.scope, claim.account, claim.title) == (CLASS_ONE, "ct0", "班主任")
    assert claim.role is Role.CLASS_TEACHER


@pytest.mark.parametrize(
    ("line", "kind", "title", "role"),
    [
        (Line.EDUCATION, ScopeKind.STUDENT, "科任教师包人", Role.CASE_TEACHER),
        (Line.GOVERNMENT, ScopeKind.STUDENT, "家长", Role.NOTIFIED),
        (Line.EDUCATION, ScopeKind.CLASS, "师长", Role.CLASS_TEACHER),
        (Line.EDUCATION, ScopeKind.GRADE, "学校领导包年级", Role.GRADE_LEADER),
        (Line.EDUCATION, ScopeKind.SCHOOL, "副校长", Role.PRINCIPAL),
        (Line.EDUCATION, ScopeKind.SCHOOL, "局领导包学校", Role.BUREAU_LEADER),
        (Line.EDUCATION, ScopeKind.COUNTY, "教育局长", Role.BUREAU_OFFICER),
        (Line.GOVERNMENT, ScopeKind.COUNTY, "县长", Role.NOTIFIED),
        (Line.GOVERNMENT, ScopeKind.TOWNSHIP, "乡镇长", Role.TOWNSHIP_OFFICER),
        (Line.GOVERNMENT, ScopeKind.VILLAGE, "村支书", Role.VILLAGE_OFFICER),
    ],
)
def test_the_role_follows_from_scope_and_title(
    line: Line, kind: ScopeKind, title: str, role: Role
) -> None:
    assert role_of(line, kind, title) is role


def _all_kinds_of_events() -> Iterable[DomainEvent]:
    store = Store()
    store.bring(CT0_OPEN)
    store.bring(CT0, SUCCESSOR)
    store.bring(msgspec.structs.replace(CT0, level=3, last_day=date(2026, 10, 14)))
    (stream,) = store.streams
    register = PostRegister(stream, COUNTY).replay(store.streams[stream])
    (post,) = register.posts.values()
    register.void(CTX, post.id, tenure=post.tenures[0].number)
    register.abolish(CTX, post.id, last_day=date(2026, 11, 1))
    return [*store.streams[stream], *register.collect_events()]


def test_every_post_event_survives_being_stored_and_holds_no_more_than_codes() -> None:
    events = list(_all_kinds_of_events())
    stored = [decode_event(e.TOPIC, encode_event(e)) for e in events]
    assert stored == events
    ours = {t for t in all_event_types() if t.TOPIC.startswith("ckbx.post.")}
    assert {type(e) for e in events} == ours
    fields = {f for t in ours for f in t.__struct_fields__}
    assert not fields & {"name", "phone", "id_number", "note", "reason"}
    assert all(t.TITLE for t in ours)
