"""``import undo``: correcting events for everything a batch did, or a list of what forbids it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from ckbx.calendar_data import national_holidays
from ckbx.domain.attendance.marks import Reason
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.child.events import DropoutSuspected, EnrolmentUndone, SuspicionWithdrawn
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.class_roll.class_roll import ClassRoll
from ckbx.domain.class_roll.events import RollCallSubmitted, RollCallVoided
from ckbx.domain.responsibility.post import Scope, ScopeKind
from ckbx.domain.responsibility.register import PostRegister, posts_stream
from ckbx.domain.school.events import ImportUndone
from ckbx.domain.school_class.register import ClassRegister
from ckbx.imports.intake import (
    ImportSummary,
    import_calendar,
    import_chain,
    import_rollcalls,
    import_roster,
    undo_import,
)
from ckbx.imports.job_errors import BatchUnknown, UndoRefused
from ckbx.vault.people import Access
from tests.imports.intake_store import (
    CALENDAR_HEAD,
    CHAIN_HEAD,
    COUNTY,
    ROLL_HEAD,
    ROSTER_HEAD,
    SCHOOL,
    IntakeStore,
    pupil,
    sheet,
    sqlite_store,
    student_no,
    term,
)

LOOK = Access(actor="tester", view="test", purpose="核对")
ONE = student_no(1)
CLASS = f"{SCHOOL}/2024/1"
DAYS = ["2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IntakeStore]:
    """A county with its calendar and a class of three."""
    made = sqlite_store(tmp_path)
    import_calendar(made.job, [made.csv(CALENDAR_HEAD, term())])
    roster(made, pupil(1), pupil(2), pupil(3))
    yield made
    made.close()


def roster(store: IntakeStore, *rows: list[object], **how: Any) -> ImportSummary:
    return import_roster(store.job, [store.csv(ROSTER_HEAD, *rows)], **how)


def rolls(store: IntakeStore, *sheets: list[list[object]], **how: Any) -> ImportSummary:
    file = store.csv(ROLL_HEAD, *(row for rows in sheets for row in rows))
    return import_rollcalls(store.job, [file], **how)


def roll(store: IntakeStore) -> ClassRoll:
    stream = ClassRoll.stream(COUNTY, CLASS, "2026-1")
    return ClassRoll(stream).replay(store.log.load([stream]).get(stream, []))


def refused(store: IntakeStore, batch: str, *words: str) -> None:
    """Nothing is written, the later facts are named."""
    before = store.log.head()
    with pytest.raises(UndoRefused) as caught:
        undo_import(store.job, batch)
    assert store.log.head() == before
    assert caught.value.exit_code == 5
    for word in words:
        assert word in str(caught.value)


def test_an_unknown_batch_is_refused(store: IntakeStore) -> None:
    with pytest.raises(BatchUnknown):
        undo_import(store.job, "0123456789abcdef")


def test_roll_calls_are_put_aside_and_what_followed_from_them(store: IntakeStore) -> None:
    batch = rolls(store, *(sheet(day, 3, (ONE, "无故")) for day in DAYS)).batch
    summary = undo_import(store.job, batch)
    assert summary.amended == 5
    assert len(store.of(RollCallVoided)) == 5
    assert roll(store).reported == []
    assert len(store.of(DropoutSuspected)) == len(store.of(SuspicionWithdrawn)) == 1
    child = store.child(ONE)
    assert (child.base, child.warned, child.mark_events) == (TrackingStatus.ENROLLED, set(), {})


def test_an_amendment_is_set_back_to_the_sheet_before(store: IntakeStore) -> None:
    rolls(store, sheet("2026-11-19", 3, (ONE, "无故")))
    batch = rolls(store, sheet("2026-11-19", 3, (ONE, "病假"))).batch
    undo_import(store.job, batch)
    day = date(2026, 11, 19).toordinal()
    assert roll(store).marks[store.child_id(ONE)] == {day: Reason.UNEXPLAINED}
    assert store.of(RollCallSubmitted)[-1].correction_note == f"batch:{batch}"


def test_half_days_that_a_whole_day_replaced_stand_again(store: IntakeStore) -> None:
    rolls(
        store,
        sheet("2026-11-19", 3, (ONE, "病假"), session="上午"),
        sheet("2026-11-19", 3, session="下午"),
    )
    standing = roll(store).by_day
    batch = rolls(store, sheet("2026-11-19", 3)).batch
    undo_import(store.job, batch)
    again = roll(store).by_day
    for day, sessions in standing.items():
        assert {s: found.sheet for s, found in again[day].items()} == {
            s: found.sheet for s, found in sessions.items()
        }


def test_roll_calls_corrected_since_stand_against_undoing(store: IntakeStore) -> None:
    batch = rolls(store, sheet("2026-11-19", 3, (ONE, "无故")), sheet("2026-11-20", 3)).batch
    rolls(store, sheet("2026-11-19", 3))
    refused(store, batch, "2026-11-19", "3年级1班", "又更正过")


def test_undoing_twice_changes_nothing_the_second_time(store: IntakeStore) -> None:
    batch = rolls(store, sheet("2026-11-19", 3, (ONE, "无故"))).batch
    undo_import(store.job, batch)
    before = store.log.head()
    summary = undo_import(store.job, batch)
    assert store.log.head() == before
    assert "早已撤销" in summary.warnings[0]
    assert len(store.of(ImportUndone)) == 1


def test_a_roster_undone_leaves_nobody_on_the_roll(store: IntakeStore) -> None:
    batch = roster(store, pupil(5, grade=4), pupil(6, grade=4)).batch
    summary = undo_import(store.job, batch)
    assert len(store.of(EnrolmentUndone)) == 2
    assert store.child(student_no(5, 4)).class_key is None
    stream = ClassRegister.stream(COUNTY, f"{SCHOOL}/2023/1")
    register = ClassRegister(stream).replay(store.log.load([stream])[stream])
    assert register.roll(date(2026, 11, 20).toordinal()) == frozenset()
    assert any("ckbx erase" in warning for warning in summary.warnings)


def test_a_roster_undone_may_be_imported_again(store: IntakeStore) -> None:
    file = store.csv(ROSTER_HEAD, pupil(5, grade=4))
    batch = import_roster(store.job, [file]).batch
    id_ = store.child_id(student_no(5, 4))
    undo_import(store.job, batch)
    again = import_roster(store.job, [file])
    assert (again.batch, again.applied) == (batch, 1)
    assert store.child_id(student_no(5, 4)) == id_
    assert store.child(student_no(5, 4)).class_key == f"{SCHOOL}/2023/1"
    undo_import(store.job, batch)
    assert store.child(student_no(5, 4)).class_key is None


def test_roll_calls_of_a_class_stand_against_undoing_its_roster(store: IntakeStore) -> None:
    batch = roster(store, pupil(5, grade=4)).batch
    rolls(store, sheet("2026-11-20", 1, grade=4))
    refused(store, batch, "4年级1班", "已有 1 天点名")


def test_later_facts_of_a_child_stand_against_undoing_its_roster(store: IntakeStore) -> None:
    batch = roster(store, pupil(5, grade=4)).batch
    roster(store, pupil(5, grade=4, 姓名="改名"))
    refused(store, batch, str(store.child_id(student_no(5, 4))), "个人信息更正")


def test_class_changes_and_personal_data_are_set_back(store: IntakeStore) -> None:
    store.clock.at += timedelta(minutes=1)
    rows = [pupil(1, number=2, 姓名="新名", 户籍地区划="522699100202"), pupil(2), pupil(3)]
    batch = roster(store, *rows, effective=date(2026, 10, 12)).batch
    assert store.child(ONE).class_key == f"{SCHOOL}/2024/2"
    undo_import(store.job, batch)
    child = store.child(ONE)
    assert (child.class_key, child.village) == (CLASS, "522699100201")
    assert store.vault.read([child.id], ("identity",), LOOK)[child.id].name == "学生1"
    rolls(store, sheet("2026-11-19", 3, (ONE, "无故")))


def county_calendar(store: IntakeStore) -> CountyCalendars:
    calendars = CountyCalendars(COUNTY, national_holidays())
    for events in store.log.load(calendars.streams([SCHOOL])).values():
        calendars.replay(events)
    return calendars


def test_calendar_lines_are_withdrawn_or_set_back(store: IntakeStore) -> None:
    line: Callable[[str, str], list[object]] = lambda day, kind: [*[""] * 4, SCHOOL, day, kind]  # noqa: E731
    import_calendar(store.job, [store.csv(CALENDAR_HEAD, line("2026-11-19", "停课"))])
    second = store.csv(CALENDAR_HEAD, line("2026-11-19", "补课"), line("2026-11-20", "停课"))
    batch = import_calendar(store.job, [second]).batch
    undo_import(store.job, batch)
    lines = county_calendar(store).book(SCHOOL).lines
    assert {day: found.kind for day, found in lines.items()} == {date(2026, 11, 19): "closure"}


def test_a_term_is_withdrawn_while_nothing_rests_on_it(store: IntakeStore) -> None:
    spring = ["2026-2027", "春季", "2027-02-22", "2027-07-02", COUNTY]
    batch = import_calendar(store.job, [store.csv(CALENDAR_HEAD, spring)]).batch
    undo_import(store.job, batch)
    assert list(county_calendar(store).county_book.terms) == [(2026, "autumn")]


def test_roll_calls_of_a_term_stand_against_undoing_its_calendar(store: IntakeStore) -> None:
    batch = store.events()[0]
    rolls(store, sheet("2026-11-19", 3))
    refused(store, str(getattr(batch, "batch", "")), "2026-11-19", "的点名")


def test_a_line_changed_since_stands_against_undoing(store: IntakeStore) -> None:
    def line(kind: str) -> list[object]:
        return [*[""] * 4, COUNTY, "2026-11-19", kind]

    batch = import_calendar(store.job, [store.csv(CALENDAR_HEAD, line("停课"))]).batch
    import_calendar(store.job, [store.csv(CALENDAR_HEAD, line("补课"))])
    refused(store, batch, "2026-11-19", "又改过")


def post(**other: str) -> list[object]:
    found = {
        "线": "教育线", "层级": "4", "岗位": "班主任", "范围类型": "班级",
        "范围代码": f"{SCHOOL}/3/1", "姓名": "张秀英", "账号": "ct1", "电话": "",
        "起": "2026-08-01", "止": "", "角色": "",
    } | other  # fmt: skip
    return [found[name] for name in CHAIN_HEAD]


def tenures(store: IntakeStore) -> list[tuple[str, date | None]]:
    stream = posts_stream(COUNTY, Scope(ScopeKind.SCHOOL, SCHOOL))
    register = PostRegister(stream, COUNTY).replay(store.log.load([stream])[stream])
    return [(t.account, t.last_day) for p in register.posts.values() for t in p.tenures]


def test_tenures_are_voided_or_set_back(store: IntakeStore) -> None:
    import_chain(store.job, [store.csv(CHAIN_HEAD, post())])
    rows = [post(止="2026-10-15"), post(姓名="李芳", 账号="ct2", 起="2026-10-16")]
    batch = import_chain(store.job, [store.csv(CHAIN_HEAD, *rows)]).batch
    undo_import(store.job, batch)
    assert tenures(store) == [("ct1", None)]


def test_a_tenure_changed_since_stands_against_undoing(store: IntakeStore) -> None:
    batch = import_chain(store.job, [store.csv(CHAIN_HEAD, post())]).batch
    import_chain(store.job, [store.csv(CHAIN_HEAD, post(止="2026-10-15"))])
    refused(store, batch, "班主任", "离岗")
