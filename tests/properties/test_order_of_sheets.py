"""Whatever order sheets come in, are amended and put aside: what stands in the end decides."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.child import events as e
from tests.dsl import an_id, context
from tests.school import SmallClass

DAYS = 14
LATE = date(2027, 7, 1)
KIDS = (1, 2, 3)
AWAITED = 3


class Sheet(NamedTuple):
    """What is handed in for a day: reasons by child, who is named 到校; None: put aside."""

    absent: tuple[tuple[int, str], ...]
    seen: tuple[int, ...]


_reasons = st.sampled_from(["u", "u", "u", "n", "s", "p", "."])
_sheet = st.builds(
    lambda letters, named: Sheet(
        tuple((n, letter) for n, letter in zip(KIDS, letters, strict=True) if letter != "."),
        (AWAITED,) if named and letters[AWAITED - 1] == "." else (),
    ),
    st.tuples(_reasons, _reasons, _reasons),
    st.booleans(),
)
_session = st.sampled_from([Session.FULL] * 3 + [Session.MORNING, Session.AFTERNOON])
_step = st.tuples(st.integers(1, DAYS), _session, st.one_of(_sheet, _sheet, _sheet, st.none()))
Standing = dict[int, dict[Session, Sheet]]


def a_class() -> SmallClass:
    small = SmallClass(len(KIDS))
    ctx = context(LATE)
    small.register.leave(ctx, child=an_id(AWAITED), on=small.day(1))
    small.register.join(ctx, children=[an_id(AWAITED)], on=small.day(1), awaited=True)
    return small


def hand_in(small: SmallClass, n: int, session: Session, sheet: Sheet) -> None:
    small.hand_in(n, dict(sheet.absent), session=session, seen=sheet.seen, today=LATE, note="ref:1")


def stand(standing: Standing, n: int, session: Session, sheet: Sheet) -> None:
    of_day = standing.setdefault(n, {})
    if session is Session.FULL:
        of_day.clear()
    else:
        of_day.pop(Session.FULL, None)
    of_day[session] = sheet


def said(small: SmallClass, child: int) -> tuple[object, ...]:
    """All that the facts of a child amount to; the day a correction was listed is its own."""
    of = small.child(child)
    episode = of.episode
    return (
        {day: what for day, (_, what) in of.said.items() if day in of.mark_events},
        of.warned,
        {day: rule for day, rule in of.long_leave.items() if rule != "corrected_withdrawal"},
        of.base,
        (episode.suspected_on, episode.first_absent_on, episode.spans) if episode else None,
        (episode.source, episode.rule) if episode else None,
    )


def day_by_day(small: SmallClass, child: int) -> list[Reason | None]:
    """Absent or not on each day, as the child's facts one after another say it."""
    days: list[Reason | None] = [None] * DAYS
    for event in small.events:
        if event.originator_id != an_id(child):
            continue
        now: Reason | None
        match event:
            case e.AbsenceRecorded() | e.AbsenceExplained():
                now = event.reason
            case e.AttendanceResumed() | e.AbsenceVoided():
                now = None
            case e.AbsenceSetAside():
                now = event.stands
            case _:
                continue
        for n in range(DAYS):
            on = small.day(n + 1)
            if event.occurred_on <= on and (event.until is None or on < event.until):
                days[n] = now
    return days


def last_reported(small: SmallClass, child: int) -> list[Reason | None]:
    """Absent or not on each day, as the last sheet up to it says."""
    days: list[Reason | None] = []
    for n in range(1, DAYS + 1):
        ordinal = small.day(n).toordinal()
        if small.book.stands(ordinal):
            days.append(small.book.value(an_id(child), ordinal))
        else:
            days.append(days[-1] if days else None)
    return days


F, AM, U, N = Session.FULL, Session.MORNING, "u", "n"
CORRECTED_AND_PUT_ASIDE: Final = [
    (4, F, Sheet(((3, U),), ())),
    (4, F, Sheet((), (3,))),
    (4, F, None),
    (3, F, Sheet(((3, U),), ())),
    (4, F, Sheet((), ())),
]
"""An absence of the day before runs over a day once said present: it ends there again."""
PUT_ASIDE_TWICE: Final = [
    (2, F, Sheet(((1, U), (2, U), (3, U)), ())),
    (2, F, None),
    (2, F, Sheet(((3, N),), ())),
    (1, AM, Sheet(((2, U),), ())),
    (2, F, None),
]
"""A day put aside, reported again and put aside again is absent through the day before."""


@settings(max_examples=150, deadline=None)
@given(st.lists(_step, min_size=1, max_size=40))
@example(CORRECTED_AND_PUT_ASIDE)
@example(PUT_ASIDE_TWICE)
def test_the_sheets_that_stand_decide_not_the_order_they_came_in(
    steps: list[tuple[int, Session, Sheet | None]],
) -> None:
    small, standing = a_class(), Standing()
    for n, session, sheet in steps:
        if sheet is not None:
            hand_in(small, n, session, sheet)
            stand(standing, n, session, sheet)
        elif session in standing.get(n, {}):
            small.put_aside(n, session, today=LATE)
            del standing[n][session]
    fresh = a_class()
    for n in sorted(standing):
        for session, sheet in sorted(standing[n].items()):
            hand_in(fresh, n, session, sheet)
    for child in KIDS:
        assert said(small, child) == said(fresh, child)
        assert day_by_day(small, child) == last_reported(small, child)
