"""One school day of the demo county: who hands in which roll call, and when in the morning?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, time
from functools import partial
from random import Random
from typing import Final
from uuid import UUID

from ckbx.application import roll_calls
from ckbx.application.unit import Unit
from ckbx.demo.case_script import ORDERED
from ckbx.demo.chain import teacher_account
from ckbx.demo.county import MadeUp, Pupil
from ckbx.demo.story import Amendment, Story
from ckbx.demo.walk import Walk
from ckbx.domain.attendance.book import Submission
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.school_class.register import ClassRegister

MORNING = (time(8, 3), time(8, 14), time(8, 26), time(9, 5))
"""When the roll calls of a morning arrive; a quarter of the classes at each."""
STAYS_ILL: Final = 0.5
LASTING: Final = (
    "open", "person", "transfer_lapsed", "long_personal", "long_sick",
    "case_planned", "case_one_round", "case_two_rounds", ORDERED,
)  # fmt: skip
"""Roles whose children are still away today."""


class SchoolDays:
    """Hands in the roll calls of one day after the other."""

    def __init__(
        self, walk: Walk, county: MadeUp, story: Story, ids: Mapping[str, UUID], rng: Random
    ) -> None:
        self._walk, self._county, self._story = walk, county, story
        self._ids = ids
        self._rng = rng
        self.handed_in = 0

    def as_yesterday(self, day: date, yesterday: date) -> None:
        """Write the script of one day more: who stays away does so still, who had a cold may
        be back, and two classes that were silent are silent again.
        """
        story = self._story
        lasting = {pupil.student_no for role in LASTING for pupil in story.cast.get(role, ())}
        for number, marks in story.away.items():
            reason = marks.get(yesterday)
            if reason is not None and (number in lasting or self._rng.random() < STAYS_ILL):
                marks[day] = reason
        silent = sorted(key for key, on in story.silent if on == yesterday)
        story.silent.update((key, day) for key in silent[-2:])

    def morning(
        self,
        day: date,
        classes: Mapping[str, list[Pupil]],
        year: int,
        *,
        by_name: set[str],
        until: time = time.max,
    ) -> None:
        """All classes of a day; ``by_name``: classes whose children are named one by one;
        what would come after ``until`` has not come yet.
        """
        waves: list[list[str]] = [[] for _ in MORNING]
        for key in classes:
            waves[self._rng.randrange(len(MORNING))].append(key)
        for at, keys in zip(MORNING, waves, strict=True):
            if at > until:
                break
            self._walk.go(day, at)
            for key in keys:
                if (key, day) not in self._story.silent:
                    self.hand_in(key, classes[key], day, year, seen=key in by_name)

    def late(
        self, day: date, classes: Mapping[str, list[Pupil]], year: int, *, since: date
    ) -> None:
        """What is sent in on this day for days of the term before it (补录); ``since`` is the
        term's first day: of an earlier term nobody sends in anything any more.
        """
        late = self._story.late.items()
        due = sorted(k for k, on in late if on == day and k[0] in classes and k[1] >= since)
        if due:
            self._walk.go(day, time(16, 5))
        for key, missed in due:
            self.hand_in(key, classes[key], missed, year, seen=False)

    def amendments(self, day: date, classes: Mapping[str, list[Pupil]], year: int) -> None:
        """Corrections handed in on this day."""
        for amendment in self._story.amendments:
            if amendment.on != day:
                continue
            self._walk.go(day, time(16, 20))
            self._rewrite(amendment)
            key = amendment.pupil.now
            for missed in amendment.days:
                if (key, missed) not in self._story.silent:
                    note = amendment.note
                    self.hand_in(key, classes[key], missed, year, seen=False, note=note)

    def _rewrite(self, amendment: Amendment) -> None:
        marks = self._story.away[amendment.pupil.student_no]
        for missed in amendment.days:
            marks.pop(missed, None)
            if amendment.reason is not None:
                marks[missed] = amendment.reason

    def hand_in(
        self,
        key: str,
        pupils: Iterable[Pupil],
        day: date,
        year: int,
        *,
        seen: bool,
        note: str | None = None,
    ) -> None:
        """One class-day through the use case of every roll call."""
        marks: dict[UUID, Reason] = {}
        for pupil in pupils:
            reason = self._story.away.get(pupil.student_no, {}).get(day)
            if reason is not None:
                marks[self._ids[pupil.student_no]] = reason
        name = self._county.class_name(key, year)
        decide = partial(self._decide, key, name, day, marks, seen, note)
        self._walk.submit(f"{day} {name}点名", teacher_account(key), decide)
        self.handed_in += 1

    def _decide(
        self,
        key: str,
        name: str,
        day: date,
        marks: Mapping[UUID, Reason],
        seen: bool,
        note: str | None,
        unit: Unit,
    ) -> bytes | None:
        office = self._walk.lane.office
        register = unit.get(ClassRegister.stream(office.county, key), ClassRegister)
        roll = register.roll(day.toordinal())
        absent = {child: reason for child, reason in marks.items() if child in roll}
        more = 1 if (key, day) in self._story.extra else 0
        submission = Submission(
            class_key=key,
            class_name=name,
            day=day,
            session=Session.FULL,
            expected=len(roll) + more,
            present=len(roll) + more - len(absent),
            absent=absent,
            seen=frozenset(roll - absent.keys()) if seen else frozenset(),
            submitted_by=unit.ctx.actor,
            correction_note=note,
        )
        return roll_calls.decide(office, unit, submission)
