"""Which class reported, which was silent, which could not be: as of a day, as known then."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from ckbx.domain.attendance.marks import Session
from ckbx.domain.calendar import events as c
from ckbx.domain.calendar.book import CalendarBook, calendar_stream
from ckbx.domain.child import enrolment
from ckbx.domain.child import events as ev
from ckbx.domain.child.child import Child
from ckbx.domain.class_roll.events import RollCallSubmitted, RollCallVoided
from ckbx.domain.rules.events import RulePackAdopted
from ckbx.domain.rules.rule_book import RuleBook
from ckbx.domain.school_class.events import ClassOpened, PupilLeft, PupilsJoined
from ckbx.domain.shared.event import DomainEvent
from projections import roll_call_completeness as completeness
from projections.roll_call_completeness import DayState, SchoolReports
from projections.scope import Scope
from tests.projections.kit_fixtures import any_world, world
from tests.projections.kit_world import BEGAN, COUNTY, SCHOOLS, TODAY, N, S, U, World, weekdays

__all__ = ["any_world", "world"]

ALL = Scope.county()
DAYS = weekdays(BEGAN, TODAY)
A, B = (f"{school}/2026/1" for school in SCHOOLS)
SCHOOL_DAYS = 55
"""From 1 September to 20 November 2026 (the worked check of the calendar)."""
NOON = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
"""12:00 local time on TODAY: every deadline up to TODAY has passed."""


def states(
    of: World, day: date, *, instant: datetime = NOON, position: int | None = None
) -> dict[str, DayState]:
    with of.reading() as look:
        at = of.log.head() if position is None else position
        found = completeness.class_days(look, ALL, as_of=day, position=at, instant=instant)
    return {each.class_key: each.state for each in found}


def reports(
    of: World, day: date, *, instant: datetime = NOON, position: int | None = None
) -> dict[str, SchoolReports]:
    with of.reading() as look:
        at = of.log.head() if position is None else position
        return completeness.by_school(look, ALL, as_of=day, position=at, instant=instant)


def line(of: World, event: type[DomainEvent], school: str | None = None, **fields: Any) -> None:
    """A calendar line of the county or of one school."""
    stream = calendar_stream(COUNTY, school)
    known = next((each for each in of.others if each.id == stream), None)
    if known is None:
        known = CalendarBook(stream, school)
        of.others.append(known)
    if "school" in event.__struct_fields__:
        fields["school"] = school
    known.trigger_event(event, of.context(), occurred_on=BEGAN, **fields)
    of.record()


def hand_in(of: World, key: str, day: date, n: int = 0, **more: Any) -> int:
    of.hand_in(key, day, {UUID(int=n): U} if n else {}, **more)
    return of.record()


def test_a_class_that_sent_nothing_is_silent_beside_one_that_reported(any_world: World) -> None:
    any_world.found(size=2)
    hand_in(any_world, A, DAYS[0], 1)
    assert states(any_world, DAYS[0]) == {A: DayState.REPORTED, B: DayState.SILENT}
    found = reports(any_world, DAYS[0])
    assert (found[SCHOOLS[0]].reported, found[SCHOOLS[0]].silent) == (1, 0)
    assert (found[SCHOOLS[1]].reported, found[SCHOOLS[1]].silent) == (0, 1)


def test_what_was_handed_in_is_kept_with_its_counts_and_every_version(world: World) -> None:
    world.found(size=3)
    first = hand_in(world, A, DAYS[0], 1)
    second = hand_in(world, A, DAYS[0], note="到校")
    with world.reading() as look:
        at: dict[str, Any] = {"day": DAYS[0], "position": second}
        old, new = completeness.submissions(look, ALL, A, **at)
        assert completeness.submissions(look, Scope.schools([SCHOOLS[1]]), A, **at) == []
    assert (old.expected, old.present, old.absent, old.standing) == (3, 2, 1, False)
    assert (new.expected, new.present, new.absent, new.standing) == (3, 3, 0, True)
    assert (new.submitted_by, new.entry, new.session) == ("ct0", "live", Session.FULL)
    assert new.recorded_at > old.recorded_at
    with world.reading() as look:
        (then,) = completeness.submissions(look, ALL, A, day=DAYS[0], position=first)
    assert then.standing


def test_before_the_deadline_a_class_is_waited_for(world: World) -> None:
    world.found(size=2)
    hand_in(world, A, TODAY)
    early = datetime(2026, 11, 20, 1, 59, tzinfo=UTC)
    assert states(world, TODAY, instant=early) == {A: DayState.REPORTED, B: DayState.WAITING}
    assert states(world, TODAY, instant=early + timedelta(minutes=1))[B] is DayState.SILENT
    found = reports(world, TODAY, instant=early)[SCHOOLS[1]]
    assert (found.silent, found.waiting, found.silent_class_days) == (0, 1, SCHOOL_DAYS - 1)
    assert reports(world, TODAY)[SCHOOLS[1]].silent_class_days == SCHOOL_DAYS


def test_a_deadline_changed_by_rule_holds_from_its_day(world: World) -> None:
    world.found(size=1)
    before = world.log.head()
    world.record(RuleBook.of(COUNTY).adopt({"roll_call_due": "09:00"}, TODAY, world.context()))
    at = datetime(2026, 11, 20, 1, 30, tzinfo=UTC)
    assert states(world, TODAY, instant=at)[A] is DayState.SILENT
    assert states(world, TODAY, instant=at, position=before)[A] is DayState.WAITING


def test_half_a_day_is_partial_and_silent_for_the_rule(world: World) -> None:
    world.found(size=2)
    hand_in(world, A, DAYS[0], session=Session.MORNING)
    assert states(world, DAYS[0])[A] is DayState.PARTIAL
    found = reports(world, DAYS[0])[SCHOOLS[0]]
    assert (found.reported, found.partial, found.silent, found.silent_class_days) == (0, 1, 1, 1)
    hand_in(world, A, DAYS[0], session=Session.AFTERNOON)
    found = reports(world, DAYS[0])[SCHOOLS[0]]
    assert (found.reported, found.silent, found.silent_class_days) == (1, 0, 0)
    hand_in(world, A, DAYS[0], 1)
    assert reports(world, DAYS[0])[SCHOOLS[0]].reported == 1
    hand_in(world, A, DAYS[0], session=Session.MORNING, note="下午提前放学")
    assert states(world, DAYS[0])[A] is DayState.PARTIAL


def test_a_voided_roll_call_leaves_the_class_silent_again(world: World) -> None:
    world.found(size=2)
    hand_in(world, A, DAYS[0])
    before = hand_in(world, B, DAYS[0])
    world.void(A, DAYS[0])
    world.record()
    assert states(world, DAYS[0]) == {A: DayState.SILENT, B: DayState.REPORTED}
    assert states(world, DAYS[0], position=before)[A] is DayState.REPORTED


def test_a_late_roll_call_was_silence_as_known_before(world: World) -> None:
    world.found(size=2)
    hand_in(world, A, DAYS[0])
    before = world.log.head()
    hand_in(world, A, DAYS[1])
    hand_in(world, B, DAYS[0])
    assert reports(world, DAYS[1])[SCHOOLS[0]].silent_class_days == 0
    then = reports(world, DAYS[1], position=before)
    assert [then[school].silent_class_days for school in SCHOOLS] == [1, 2]


def test_a_declared_closure_is_not_silence(world: World) -> None:
    world.found(size=2)
    before = world.log.head()
    line(world, c.ClosureDeclared, SCHOOLS[0], day=DAYS[0], kind="closure")
    assert states(world, DAYS[0]) == {A: DayState.CLOSED, B: DayState.SILENT}
    assert states(world, DAYS[0], position=before)[A] is DayState.SILENT
    found = reports(world, DAYS[1])
    assert [found[school].silent_class_days for school in SCHOOLS] == [1, 2]


def test_a_tapped_closure_counts_as_silent_until_the_county_confirms(world: World) -> None:
    world.found(size=1)
    line(world, c.ClosureReported, SCHOOLS[0], day=DAYS[0])
    assert states(world, DAYS[0])[A] is DayState.SILENT
    line(world, c.ClosureConfirmed, SCHOOLS[0], day=DAYS[0])
    assert states(world, DAYS[0]) == {A: DayState.CLOSED, B: DayState.SILENT}
    line(world, c.ClosureRejected, SCHOOLS[0], day=DAYS[0])
    assert states(world, DAYS[0])[A] is DayState.SILENT


def test_lines_taken_back_make_the_day_what_it_was(world: World) -> None:
    world.found(size=1)
    line(world, c.ClosureDeclared, day=DAYS[0], kind="holiday")
    assert states(world, DAYS[0])[A] is DayState.NO_SCHOOL_DAY
    line(world, c.DayLineWithdrawn, day=DAYS[0])
    assert states(world, DAYS[0])[A] is DayState.SILENT
    line(world, c.MakeUpDaySet, day=date(2026, 9, 5))
    assert states(world, date(2026, 9, 5))[A] is DayState.SILENT
    line(world, c.TermWithdrawn, school_year=2026, term="autumn")
    assert states(world, DAYS[0])[A] is DayState.NO_SCHOOL_DAY
    assert reports(world, DAYS[0])[SCHOOLS[0]].day is None


def test_on_a_day_without_lessons_the_last_school_day_before_is_shown(world: World) -> None:
    world.found(size=1)
    hand_in(world, A, DAYS[3])
    saturday = date(2026, 9, 5)
    assert states(world, saturday)[A] is DayState.NO_SCHOOL_DAY
    found = reports(world, saturday)[SCHOOLS[0]]
    assert (found.day, found.reported) == (date(2026, 9, 4), 1)


def test_a_make_up_sunday_is_expected_and_a_holiday_is_not(world: World) -> None:
    world.found(size=1)
    assert states(world, date(2026, 9, 20))[A] is DayState.SILENT
    assert states(world, date(2026, 10, 2))[A] is DayState.NO_SCHOOL_DAY


def test_in_a_year_not_made_known_nobody_is_silent(world: World) -> None:
    world.found(size=1)
    day = date(2027, 1, 4)
    instant = datetime(2027, 1, 5, tzinfo=UTC)
    assert states(world, day, instant=instant)[A] is DayState.UNKNOWN
    before = reports(world, date(2026, 12, 31), instant=instant)[SCHOOLS[0]].silent_class_days
    hand_in(world, A, day, today=date(2027, 1, 4))
    found = reports(world, day, instant=instant)
    assert (found[SCHOOLS[0]].day, found[SCHOOLS[0]].reported) == (day, 1)
    assert (found[SCHOOLS[1]].day, found[SCHOOLS[1]].silent) == (date(2026, 12, 31), 1)
    assert found[SCHOOLS[1]].silent_class_days == before
    line(world, c.YearConfirmed, year=2027)
    assert states(world, day, instant=instant)[B] is DayState.SILENT
    line(world, c.YearConfirmationWithdrawn, year=2027)
    assert states(world, day, instant=instant)[B] is DayState.UNKNOWN


def test_in_a_year_not_made_known_the_last_day_a_class_reported_is_shown(
    any_world: World,
) -> None:
    any_world.found(size=2, classes=2)
    first, second, asked = date(2027, 1, 4), date(2027, 1, 5), date(2027, 1, 7)
    instant = datetime(2027, 1, 7, 12, tzinfo=UTC)
    before = any_world.log.head()
    hand_in(any_world, A, first, today=first)
    hand_in(any_world, A, second, session=Session.MORNING, today=second)
    hand_in(any_world, B, date(2026, 12, 30), today=first)
    found = reports(any_world, asked, instant=instant)
    mine, other = (found[school] for school in SCHOOLS)
    assert (mine.day, mine.classes, mine.reported, mine.silent) == (second, 2, 0, 1)
    assert (other.day, other.silent) == (date(2026, 12, 31), 2)
    assert reports(any_world, first, instant=instant)[SCHOOLS[0]].day == first
    known = reports(any_world, asked, instant=instant, position=before)
    assert known[SCHOOLS[0]].day == date(2026, 12, 31)
    any_world.void(A, second, Session.MORNING)
    any_world.record()
    found = reports(any_world, asked, instant=instant)
    mine = found[SCHOOLS[0]]
    assert (mine.day, mine.reported, mine.silent) == (first, 1, 0)
    line(any_world, c.YearConfirmed, year=2027)
    assert reports(any_world, asked, instant=instant)[SCHOOLS[0]].day == asked


def test_a_class_counts_from_the_day_it_opened_to_its_last_pupil(world: World) -> None:
    world.found(size=1)
    late = f"{SCHOOLS[0]}/2025/1"
    world.open_class(late, size=1, on=DAYS[10])
    world.record()
    assert late not in states(world, DAYS[9])
    assert states(world, DAYS[10])[late] is DayState.SILENT
    assert reports(world, DAYS[11])[SCHOOLS[0]].silent_class_days == 12 + 2
    world.registers[late].leave(world.context(), child=UUID(int=3), on=DAYS[11])
    world.record()
    assert late not in states(world, DAYS[11])
    assert reports(world, DAYS[11])[SCHOOLS[0]].silent_class_days == 12 + 1
    assert reports(world, DAYS[11])[SCHOOLS[0]].classes == 1


def test_in_the_vacation_the_days_of_the_term_before_are_counted(world: World) -> None:
    world.found(size=1)
    line(
        world,
        c.TermSet,
        SCHOOLS[0],
        school_year=2026,
        term="autumn",
        first_day=DAYS[0],
        last_day=DAYS[2],
    )
    found = reports(world, TODAY)
    assert (found[SCHOOLS[0]].silent_class_days, found[SCHOOLS[0]].day) == (3, DAYS[2])
    assert found[SCHOOLS[1]].silent_class_days == SCHOOL_DAYS


def test_a_scope_sees_its_own_classes(world: World) -> None:
    world.found(size=1)
    with world.reading() as look:
        at: dict[str, Any] = {"as_of": DAYS[0], "position": world.log.head(), "instant": NOON}
        mine = completeness.class_days(look, Scope.classes([A]), **at)
        assert [each.class_key for each in mine] == [A]
        assert set(completeness.by_school(look, Scope.schools([SCHOOLS[1]]), **at)) == {SCHOOLS[1]}
        for blind in (Scope.nothing(), Scope.villages(["522629100201"])):
            assert completeness.class_days(look, blind, **at) == []
            assert completeness.by_school(look, blind, **at) == {}


@pytest.mark.parametrize("state", DayState)
def test_every_state_has_its_chinese_word(state: DayState) -> None:
    assert state.label
    assert state.label != state.value


def test_every_event_handled_is_used_in_these_tests() -> None:
    used = {
        RollCallSubmitted,
        RollCallVoided,
        ClassOpened,
        PupilsJoined,
        PupilLeft,
        c.TermSet,
        c.TermWithdrawn,
        c.ClosureDeclared,
        c.MakeUpDaySet,
        c.DayLineWithdrawn,
        c.YearConfirmed,
        c.YearConfirmationWithdrawn,
        c.ClosureReported,
        c.ClosureConfirmed,
        c.ClosureRejected,
        RulePackAdopted,
        ev.AbsenceRecorded,
        ev.AbsenceExplained,
        ev.AbsenceVoided,
        ev.AbsenceSetAside,
    }
    assert set(completeness.HANDLES) == used


def newcomer(of: World, key: str, first: date, *, child: int = 90) -> UUID:
    """A child that joins a class and has to be named 到校."""
    new = Child(UUID(int=child))
    school, more = key.partition("/")[0], {"village": "522629100201", "residence": None}
    enrolment.register(new, of.context(), on=first, sex="male", cohort=2026, **more)
    enrolment.enrol(new, of.context(), on=first, school=school, class_key=key, grade=1)
    of.children[new.id] = of.books[key].children[new.id] = new
    of.registers[key].join(of.context(), children=[new.id], on=first, awaited=True)
    return new.id


def tally(of: World, key: str, day: date, position: int | None = None) -> tuple[int, ...]:
    """应到, 实到, 缺勤, 请假, 未核 of what was handed in last."""
    with of.reading() as look:
        at = of.log.head() if position is None else position
        last = completeness.submissions(look, ALL, key, day=day, position=at)[-1]
        found = completeness.class_days(look, ALL, as_of=day, position=at, instant=NOON)
    assert next(each for each in found if each.class_key == key).sessions[-1] == last
    assert last.expected == last.present + last.absent + last.on_leave + last.unverified
    return last.expected, last.present, last.absent, last.on_leave, last.unverified


def test_everybody_expected_is_there_absent_on_leave_or_unverified(any_world: World) -> None:
    any_world.found(size=5)
    one, two, three = (UUID(int=n) for n in (1, 2, 3))
    any_world.hand_in(A, DAYS[0], {one: U, two: S, three: N})
    any_world.record()
    assert tally(any_world, A, DAYS[0]) == (5, 2, 1, 1, 1)


def test_a_child_nobody_named_is_not_there_until_somebody_does(any_world: World) -> None:
    """Given a newcomer: not named it is 未核; named, or on the list, it is what the sheet says;
    named on an earlier day afterwards, it was there ever since; as known before, it was not.
    """
    any_world.found(size=2)
    new = newcomer(any_world, A, DAYS[0])
    first = hand_in(any_world, A, DAYS[0])
    hand_in(any_world, A, DAYS[1])
    assert tally(any_world, A, DAYS[0]) == (3, 2, 0, 0, 1)
    assert tally(any_world, A, DAYS[1]) == (3, 2, 0, 0, 1)
    any_world.hand_in(A, DAYS[1], {new: N})
    any_world.record()
    assert tally(any_world, A, DAYS[1]) == (3, 2, 0, 0, 1), "listed as 未核: counted once"
    hand_in(any_world, A, DAYS[1], note="未核的去掉")
    assert tally(any_world, A, DAYS[1]) == (3, 2, 0, 0, 1), "taken off the list, and not named"
    hand_in(any_world, A, DAYS[0], seen=[new])
    assert tally(any_world, A, DAYS[0]) == tally(any_world, A, DAYS[1]) == (3, 3, 0, 0, 0)
    assert tally(any_world, A, DAYS[0], first) == (3, 2, 0, 0, 1)


def test_half_days_count_the_unnamed_in_each(any_world: World) -> None:
    any_world.found(size=2)
    new = newcomer(any_world, A, DAYS[0])
    hand_in(any_world, A, DAYS[0], session=Session.MORNING)
    assert tally(any_world, A, DAYS[0]) == (3, 2, 0, 0, 1)
    any_world.hand_in(A, DAYS[0], {new: N}, session=Session.AFTERNOON)
    any_world.record()
    with any_world.reading() as look:
        at: dict[str, Any] = {"day": DAYS[0], "position": any_world.log.head()}
        found = completeness.submissions(look, ALL, A, **at)
    assert [(each.present, each.unverified, each.unnamed) for each in found] == [
        (2, 1, 1),
        (2, 1, 0),
    ]
