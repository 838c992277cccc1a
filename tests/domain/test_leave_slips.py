"""Domain §4: a short leave (请假条) pre-marks its days."""

from __future__ import annotations

from datetime import date

import pytest

from ckbx.domain.attendance.marks import Reason
from ckbx.domain.class_roll import slips
from ckbx.domain.class_roll.slips import LeaveSlips
from ckbx.domain.shared.errors import CkbxError
from ckbx.eventlog.codec import decode_event, encode_event
from tests.dsl import an_id, context

KEY = "2152939972/2026/1"
TODAY = date(2026, 11, 20)
FRIDAY, NEXT = date(2026, 11, 20), date(2026, 11, 23)


def file(
    book: LeaveSlips,
    child: int = 1,
    first: date = FRIDAY,
    last: date = NEXT,
    why: Reason = Reason.SICK,
) -> None:
    book.file(
        context(TODAY),
        class_key=KEY,
        child=an_id(child),
        first_day=first,
        last_day=last,
        reason=why,
    )


def end(book: LeaveSlips, slip: int, back_on: date) -> None:
    book.end(context(TODAY), class_key=KEY, slip=slip, back_on=back_on)


def a_book() -> LeaveSlips:
    return LeaveSlips(LeaveSlips.stream("522699", KEY))


def days_of(book: LeaveSlips, child: int = 1) -> list[date]:
    days = [date(2026, 11, d) for d in range(18, 28)]
    return [day for day in days if an_id(child) in book.on(day)]


def test_a_slip_pre_marks_its_days_both_ends_included() -> None:
    book = a_book()
    file(book)
    assert days_of(book) == [date(2026, 11, d) for d in (20, 21, 22, 23)]
    assert book.on(NEXT)[an_id(1)].reason is Reason.SICK
    assert days_of(book, 2) == []


def test_the_same_slip_again_changes_nothing() -> None:
    book = a_book()
    file(book)
    file(book)
    assert len(book.collect_events()) == 1


@pytest.mark.parametrize(
    ("first", "last", "why", "refused"),
    [
        (NEXT, FRIDAY, Reason.SICK, slips.SlipReversed),
        (FRIDAY, NEXT, Reason.UNEXPLAINED, slips.SlipReasonWrong),
        (FRIDAY, NEXT, Reason.UNVERIFIED, slips.SlipReasonWrong),
        (NEXT, date(2026, 11, 25), Reason.PERSONAL, slips.SlipOverlaps),
        (FRIDAY, NEXT, Reason.PERSONAL, slips.SlipOverlaps),
    ],
)
def test_a_slip_that_cannot_be_is_refused(
    first: date, last: date, why: Reason, refused: type[CkbxError]
) -> None:
    book = a_book()
    file(book)
    before = book.version
    with pytest.raises(refused):
        file(book, first=first, last=last, why=why)
    assert book.version == before


def test_another_child_may_be_away_on_the_same_days() -> None:
    book = a_book()
    file(book)
    file(book, child=2)
    assert set(book.on(FRIDAY)) == {an_id(1), an_id(2)}


def test_a_child_that_is_back_earlier_is_pre_marked_no_more_from_that_day_on() -> None:
    book = a_book()
    file(book)
    end(book, 1, date(2026, 11, 22))
    assert days_of(book) == [date(2026, 11, 20), date(2026, 11, 21)]
    file(book, first=date(2026, 11, 22), last=NEXT, why=Reason.PERSONAL)
    assert book.on(NEXT)[an_id(1)].number == 2


def test_a_slip_that_ends_on_its_first_day_never_held() -> None:
    book = a_book()
    file(book)
    end(book, 1, FRIDAY)
    assert days_of(book) == []
    with pytest.raises(slips.SlipUnknown):
        end(book, 1, FRIDAY)


def test_a_slip_does_not_end_on_a_day_it_does_not_cover() -> None:
    book = a_book()
    file(book)
    with pytest.raises(slips.SlipOutsideSpan):
        end(book, 1, date(2026, 11, 24))


def test_what_was_recorded_is_read_back_the_same() -> None:
    book = a_book()
    file(book)
    file(book, child=2, first=NEXT)
    end(book, 1, date(2026, 11, 22))
    end(book, 2, NEXT)
    kept = [decode_event(e.TOPIC, encode_event(e)) for e in book.collect_events()]
    again = a_book().replay(kept)
    assert again.slips == book.slips
    assert again.filed == 2
