"""A roll call handed in from a page: once, on what it was made from, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from ckbx.application import class_sheet, closures, leave_slips, roll_calls, substitutes
from ckbx.application.class_sheet import ClassSheet
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.attendance.book import Submission
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.calendar.errors import ClosureAlreadyRejected, NotASchoolDay
from ckbx.domain.class_roll.errors import AbsenteeNotOnRoll
from ckbx.domain.responsibility.post import Line, Role, Scope, ScopeKind
from ckbx.domain.responsibility.register import PostRegister, posts_stream
from ckbx.domain.shared.errors import CkbxError
from ckbx.eventlog.ports import Appended
from ckbx.store import Store
from tests.support.county import COUNTY, NOW, SCHOOL, SmallCounty, opened

KEY = f"{SCHOOL}/2026/1"
FRIDAY, SUNDAY = date(2026, 11, 20), date(2026, 11, 22)
SICK, NONE = Reason.SICK, dict[UUID, Reason]()


class Page:
    """A teacher's page of the class on Friday."""

    def __init__(self, store: Store, account: str = "ct0", office: Office | None = None) -> None:
        self.store, self.account, self.command = store, account, uuid4()
        self.office = office or store.office
        self.made = self.read()

    def read(self) -> ClassSheet:
        return class_sheet.read_sheet(self.store.log, self.store.clock, KEY, FRIDAY)

    def send(
        self,
        absent: dict[UUID, Reason] = NONE,
        *,
        session: Session = Session.FULL,
        why: str = "",
    ) -> Appended:
        submission = Submission(
            class_key=KEY,
            class_name="一年级1班",
            day=FRIDAY,
            session=session,
            expected=len(self.made.roll),
            present=len(self.made.roll) - len(absent),
            absent=absent,
            submitted_by=self.account,
        )
        office = self.office
        context = office.context(self.account, self.command)
        marks = {"mark": self.made.mark, "roll_mark": self.made.roll_mark}
        return class_sheet.hand_in(office, context, self.store.vault, submission, why=why, **marks)


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[Store]:
    with opened(store_url, tmp_path / "secrets") as store:
        yield store


@pytest.fixture
def county(store: Store) -> SmallCounty:
    return SmallCounty(store.office)


def head(store: Store) -> int:
    return int(store.log.head())


def test_the_same_page_twice_is_one_record_and_one_answer(
    store: Store, county: SmallCounty
) -> None:
    page = Page(store)
    child = county.pupils[KEY][0]
    first = page.send({child: SICK})
    after = head(store)
    again = page.send({child: SICK})
    assert head(store) == after
    assert (again.position, again.recorded_at) == (first.position, first.recorded_at)
    assert again.replayed


def test_a_page_that_was_stored_and_then_amended_by_another_still_gets_its_answer(
    store: Store, county: SmallCounty
) -> None:
    mine = Page(store)
    first = mine.send({county.pupils[KEY][0]: SICK})
    Page(store, "head").send(why="看错了")
    after = head(store)
    assert mine.send({county.pupils[KEY][0]: SICK}).position == first.position
    assert head(store) == after
    assert mine.read().standing[0].by == "head"


def test_a_page_changed_after_it_was_stored_is_not_taken_for_the_stored_one(
    store: Store, county: SmallCounty
) -> None:
    page = Page(store)
    page.send()
    with pytest.raises(class_sheet.SheetChangedMeanwhile):
        page.send({county.pupils[KEY][0]: SICK})


def test_other_marks_under_the_id_of_a_stored_page_are_refused_though_it_was_read_anew(
    store: Store, county: SmallCounty
) -> None:
    page = Page(store)
    first = page.send()
    page.made = page.read()
    after = head(store)
    with pytest.raises(class_sheet.SheetChangedMeanwhile):
        page.send({county.pupils[KEY][0]: SICK}, why="看错了")
    assert head(store) == after
    assert page.send().position == first.position


def test_a_page_older_than_a_colleagues_changes_nothing(store: Store, county: SmallCounty) -> None:
    mine, other = Page(store), Page(store, "head")
    other.send({county.pupils[KEY][1]: SICK})
    after = head(store)
    with pytest.raises(class_sheet.SheetChangedMeanwhile):
        mine.send()
    assert head(store) == after


def test_two_who_saw_the_same_do_not_disturb_each_other(store: Store, county: SmallCounty) -> None:
    mine, other = Page(store), Page(store, "head")
    child = county.pupils[KEY][1]
    other.send({child: SICK})
    after = head(store)
    mine.send({child: SICK})
    assert head(store) == after


def test_a_child_that_joined_meanwhile_is_not_taken_for_present(
    store: Store, county: SmallCounty
) -> None:
    page = Page(store)
    county.add_class(KEY, 1)
    with pytest.raises(class_sheet.RollChangedMeanwhile):
        page.send()
    assert not Page(store).made.versions


def test_a_correction_needs_a_reason_and_keeps_both_versions(
    store: Store, county: SmallCounty
) -> None:
    child = county.pupils[KEY][0]
    Page(store).send({child: SICK})
    page = Page(store)
    with pytest.raises(class_sheet.CorrectionNeedsReason):
        page.send()
    page.send(why="家长说只是迟到")
    versions = page.read().versions
    assert [(dict(v.absent), v.standing) for v in versions] == [({child: SICK}, False), ({}, True)]
    note = versions[1].note
    assert note is not None
    assert b"\xe8\xbf\x9f\xe5\x88\xb0" not in b"".join(r.state for r in store.log.read_rows(0, 999))


def test_the_second_half_of_a_day_is_no_correction_of_the_first(
    store: Store, county: SmallCounty
) -> None:
    Page(store).send(session=Session.MORNING)
    Page(store).send({county.pupils[KEY][0]: SICK}, session=Session.AFTERNOON)
    assert [v.session for v in Page(store).made.standing] == [Session.MORNING, Session.AFTERNOON]
    with pytest.raises(class_sheet.CorrectionNeedsReason):
        Page(store).send(session=Session.FULL)


def test_a_slip_pre_marks_the_page_and_records_no_absence(
    store: Store, county: SmallCounty
) -> None:
    child = county.pupils[KEY][0]
    office = store.office
    slip: dict[str, Any] = {"class_key": KEY, "class_name": "一年级1班", "child": child}
    for _ in range(2):
        leave_slips.file(
            office, office.context("ct0"), first_day=FRIDAY, last_day=SUNDAY, reason=SICK, **slip
        )
    made = Page(store).made
    assert made.slips[child].reason is SICK
    assert len(made.coming) == 1
    Page(store).send()
    assert Page(store).made.standing[0].absent == {}


def test_a_slip_stays_within_the_term_and_the_roll(store: Store, county: SmallCounty) -> None:
    office, child = store.office, county.pupils[KEY][0]

    def file(of: UUID, last: date) -> None:
        leave_slips.file(
            office,
            office.context("ct0"),
            class_key=KEY,
            class_name="一年级1班",
            child=of,
            first_day=FRIDAY,
            last_day=last,
            reason=SICK,
        )

    with pytest.raises(leave_slips.SlipBeyondTerm):
        file(child, date(2027, 1, 23))
    with pytest.raises(AbsenteeNotOnRoll):
        file(uuid4(), SUNDAY)


def test_a_school_reports_a_closure_of_today_once(store_url: str, tmp_path: Path) -> None:
    monday = NOW.replace(day=23)
    with opened(store_url, tmp_path / "secrets", now=monday) as store:
        SmallCounty(store.office)
        tap(store)
        after = head(store)
        tap(store)
        assert head(store) == after
        sheet = class_sheet.read_sheet(store.log, store.clock, KEY, date(2026, 11, 23))
        assert (sheet.tap, sheet.kind.has_lessons) == ("reported", True)


def test_a_closure_of_a_day_without_lessons_is_refused(store: Store, county: SmallCounty) -> None:
    refused: tuple[type[CkbxError], ...] = (NotASchoolDay, ClosureAlreadyRejected)
    with pytest.raises(refused):
        tap(store)
    assert county.pupils


def tap(store: Store) -> None:
    office = store.office
    closures.report(office, office.context("head"), store.vault, school=SCHOOL, why="大雪封路")


def test_a_substitute_holds_the_class_for_one_day_beside_its_teacher(
    store: Store, county: SmallCounty
) -> None:
    office, covers = store.office, Scope(ScopeKind.CLASS, KEY)
    stream = posts_stream(COUNTY, covers)

    def establish(unit: Unit) -> bytes:
        posts = unit.get(stream, lambda id_: PostRegister(id_, COUNTY))
        ctx = office.context("test")
        post = posts.establish(
            ctx,
            line=Line.EDUCATION,
            scope=covers,
            title="班主任",
            level=4,
            role=Role.CLASS_TEACHER,
            since=FRIDAY,
        )
        posts.hold(ctx, post, account="ct0", holder=uuid4(), first_day=FRIDAY)
        return b"posts"

    other = uuid4()

    def name(day: date) -> None:
        ctx = office.context("ct0")
        who: dict[str, Any] = {"account": "ct9", "holder": other, "class_name": "一年级1班"}
        substitutes.name(office, ctx, class_key=KEY, day=day, **who)

    with pytest.raises(substitutes.NoClassPost):
        name(SUNDAY)
    office.run(office.context("test"), establish)
    for _ in range(2):
        name(SUNDAY)
    with pytest.raises(substitutes.SubstituteDayWrong):
        name(FRIDAY)
    register = PostRegister(stream, COUNTY).replay(store.log.load([stream])[stream])
    (post,) = register.posts.values()
    assert [t.account for t in post.holders(SUNDAY)] == ["ct9", "ct0"]
    assert [t.account for t in post.holders(date(2026, 11, 23))] == ["ct0"]


# ------------------------------------------------------- several processes, one store


def other_process(store: Store) -> Office:
    """Another process that has the class in memory as it was before anybody reported Friday."""
    office = Office(store.log, store.clock)
    monday = date(2026, 11, 16)
    submission = Submission(
        class_key=KEY,
        class_name="一年级1班",
        day=monday,
        session=Session.FULL,
        expected=5,
        present=5,
        absent={},
        submitted_by="ct0",
    )
    roll_calls.hand_in(office, office.context("ct0"), submission)
    return office


def test_what_another_process_recorded_before_the_page_was_made_is_no_change_meanwhile(
    store: Store, county: SmallCounty
) -> None:
    other = other_process(store)
    one, two = county.pupils[KEY][:2]
    Page(store).send({one: SICK})
    page = Page(store, "head", other)
    done = page.send({two: SICK}, why="看错了人")
    assert done.position == head(store)
    (standing,) = page.read().standing
    assert standing.absent == {two: SICK}


def test_what_stood_before_another_process_amended_it_is_not_taken_for_what_stands(
    store: Store, county: SmallCounty
) -> None:
    one, two = county.pupils[KEY][:2]
    other = other_process(store)
    first = Page(store, "head", other)
    first.send({one: SICK})
    Page(store).send({two: SICK}, why="看错了人")
    page = Page(store, "head", other)
    page.send({one: SICK}, why="没有看错")
    (standing,) = page.read().standing
    assert standing.absent == {one: SICK}


def test_a_child_that_another_process_admitted_is_on_the_roll(
    store: Store, county: SmallCounty
) -> None:
    other = other_process(store)
    (new,) = county.add_class(KEY, 1, on=date(2026, 11, 17))
    page = Page(store, "head", other)
    assert new in page.made.roll
    page.send({new: SICK})
    (standing,) = page.read().standing
    assert (standing.expected, standing.absent) == (6, {new: SICK})
