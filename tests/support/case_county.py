"""A county in which cases are worked on, day by day, through the use cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any, cast
from uuid import UUID, uuid5

from ckbx.application import cases, enrolment, roll_calls
from ckbx.application.case_papers import Papers
from ckbx.application.decisions import decide_on_child
from ckbx.application.unit import Unit
from ckbx.clock import FixedClock
from ckbx.domain.alert.alert import Alert
from ckbx.domain.alert.events import AlertRaised
from ckbx.domain.attendance.book import Submission
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.calendar.lines import calendar_commands
from ckbx.domain.calendar.rows import calendar_line
from ckbx.domain.case import follow_up, plan, verification
from ckbx.domain.case.case import Case, case_stream
from ckbx.domain.case.codes import (
    FollowUpKind,
    FollowUpResult,
    Means,
    Met,
    Place,
    RoundOutcome,
    Tier,
)
from ckbx.domain.case.people import Participant
from ckbx.domain.case.persuasion import RoundHeld
from ckbx.domain.child.child import Child
from ckbx.domain.child.return_codes import Placement, Whereabouts
from ckbx.domain.child.status import Finding
from ckbx.domain.responsibility.post import Line, Role, Scope, ScopeKind
from ckbx.domain.responsibility.register import PostRegister, posts_stream
from ckbx.domain.school_class.register import ClassRegister
from ckbx.domain.shared.event import CommandContext, DomainEvent
from ckbx.eventlog.ports import Appended
from ckbx.store import Store
from tests.support.county import COUNTY, SCHOOL, opened
from tests.support.settled import check_every_answer

KEY, OTHER = f"{SCHOOL}/2023/1", f"{SCHOOL}/2023/2"
BEGAN = date(2025, 9, 1)
Term = tuple[str, str, date, date]
TERMS: tuple[Term, ...] = (
    ("2025-2026", "秋季", BEGAN, date(2026, 1, 16)),
    ("2025-2026", "春季", date(2026, 3, 2), date(2026, 7, 3)),
)
U = Reason.UNEXPLAINED
SPACE = UUID(int=0xCA5E)
Step = Callable[[Child, CommandContext], None]


class CaseCounty:
    """Two classes of one school; ``child`` is the one that stays away.

    In a store that was copied from such a county it is found as it is.
    """

    def __init__(self, store: Store, terms: Sequence[Term] = TERMS) -> None:
        self.store, self.office = store, store.office
        self.began = terms[0][2]
        self.pupils = {key: [uuid5(SPACE, f"{key}/{n}") for n in range(3)] for key in (KEY, OTHER)}
        self.child = self.pupils[KEY][0]
        if not store.log.head():
            self._make(terms)
        unit = Unit(self.office.map, self.office.context("test"))
        calendar = self.office.calendars(unit, SCHOOL).for_school(SCHOOL)
        self.days = calendar.school_days(self.began, terms[-1][3])

    def _make(self, terms: Sequence[Term]) -> None:
        for term in terms:
            self._term(*term)
        for key, new in self.pupils.items():
            self._admit(key, new)
        for kind, code, title, role, account in (
            (ScopeKind.CLASS, KEY, "班主任", Role.CLASS_TEACHER, "ct1"),
            (ScopeKind.SCHOOL, SCHOOL, "校长", Role.PRINCIPAL, "head"),
            (ScopeKind.COUNTY, COUNTY, "控辍保学专干", Role.BUREAU_OFFICER, "bureau"),
        ):
            self._post(Scope(kind, code), title, role, account)

    # The county

    def run(self, decide: Callable[[Unit], Any], actor: str = "test") -> Appended:
        def decided(unit: Unit) -> bytes:
            decide(unit)
            return b"done"

        return self.office.run(self.office.context(actor), decided)

    def _term(self, year: str, name: str, first: date, last: date) -> None:
        def decide(unit: Unit) -> None:
            calendars = self.office.calendars(unit, None)
            line = calendar_line(
                county=COUNTY,
                applies_to=COUNTY,
                school_year=year,
                term=name,
                first_day=first,
                last_day=last,
            )
            unit.add(calendar_commands(calendars, line, unit.ctx))

        self.run(decide)
        self.office.forget_all()

    def _admit(self, key: str, new: list[UUID]) -> None:
        pupils = [enrolment.NewPupil(child=id_, sex="f") for id_ in new]
        self.run(
            lambda unit: enrolment.admit(
                self.office, unit, key, pupils, grade=3, on=self.began, school_name="一小"
            )
        )

    def _post(self, scope: Scope, title: str, role: Role, account: str) -> None:
        def decide(unit: Unit) -> None:
            make = partial(PostRegister, county=COUNTY)
            register = unit.get(posts_stream(COUNTY, scope), make)
            line = Line.EDUCATION
            post = register.establish(
                unit.ctx, line=line, scope=scope, title=title, level=1, role=role, since=self.began
            )
            holder = uuid5(SPACE, account)
            register.hold(unit.ctx, post, account=account, holder=holder, first_day=self.began)

        self.run(decide)

    # Days

    def on(self, day: date) -> None:
        """It is noon of that day, unless it is later already."""
        clock = cast("FixedClock", self.store.clock)
        clock.at = max(clock.at, datetime(day.year, day.month, day.day, 4, tzinfo=UTC))

    def report(
        self, day: date, absent: Iterable[UUID] = (), *, key: str = KEY, why: Reason = U
    ) -> None:
        """The class reports a day; only those on its roll can be absent."""
        self.on(day)
        stream = ClassRegister.stream(COUNTY, key)
        register = ClassRegister(stream).replay(self.store.log.load([stream])[stream])
        roll = register.roll(day.toordinal())
        marks = {child: why for child in absent if child in roll}
        submission = Submission(
            class_key=key,
            class_name=key,
            day=day,
            session=Session.FULL,
            expected=len(roll),
            present=len(roll) - len(marks),
            absent=marks,
            submitted_by="ct1",
            correction_note="ref:1",
        )
        roll_calls.hand_in(self.office, self.office.context("ct1"), submission)

    def away(self, *numbers: int, key: str = KEY) -> None:
        """The child is away on these school days (from 0)."""
        for n in numbers:
            self.report(self.days[n], [self.child], key=key)

    def there(self, *numbers: int, key: str = KEY) -> None:
        """Everybody is there on these school days."""
        for n in numbers:
            self.report(self.days[n], key=key)

    # The case

    def decide(self, step: Step, actor: str = "bureau") -> None:
        """A decision on the child that goes by no case."""
        decide_on_child(self.office, self.office.context(actor), self.child, step)

    def case_id(self, episode: int = 1) -> UUID:
        return case_stream(COUNTY, self.child, episode)

    def case(self, episode: int = 1) -> Case:
        """The case as the log has it."""
        id_ = self.case_id(episode)
        return Case(id_).replay(self.store.log.load([id_]).get(id_, []))

    def state(self) -> Child:
        """The child as the log has it."""
        return Child(self.child).replay(self.store.log.load([self.child])[self.child])

    def do(
        self,
        act: cases.Act,
        *,
        episode: int = 1,
        actor: str = "head",
        seen: int | None = None,
        papers: Papers | None = None,
    ) -> list[DomainEvent]:
        """A person's step on the case; the events of its append."""
        head = self.store.log.head()
        ctx = self.office.context(actor)
        cases.work_on(self.office, ctx, self.case_id(episode), act, seen=seen, papers=papers)
        return [found.event for found in self.store.log.read(head, 1000)]

    def papers(self) -> Papers:
        return Papers(self.store.vault)

    def alerts(self, kind: str) -> list[str]:
        """The states of the alerts of a kind, in order of raising."""
        raised = [
            found.event
            for found in self.store.log.read(0, 100_000)
            if isinstance(found.event, AlertRaised) and found.event.kind == kind
        ]
        streams = [event.originator_id for event in raised]
        return [Alert(s).replay(self.store.log.load([s])[s]).state for s in streams]

    def persuaded_out(self, *, episode: int = 1) -> None:
        """Checked K, cause, two rounds: everything a determination needs but the days."""
        self.do(verify(Finding.K, self.office.today()), episode=episode)
        self.do(cause(self.office.today(), self.papers()), episode=episode)
        for hour in ("10:00", "16:00"):
            self.do(a_round(self.office.today(), hour), episode=episode)


@contextmanager
def case_county(url: str, folder: Path, *, checked: bool = True) -> Iterator[CaseCounty]:
    """A fresh one, on the first day of its term; at its end every answer is checked."""
    with opened(url, folder / "secrets", now=datetime(2025, 9, 1, 1, tzinfo=UTC)) as store:
        yield CaseCounty(store)
        if checked:
            check_every_answer(store)


def verify(finding: Finding, on: date, *, role: str = "principal", ref: str = "p") -> cases.Act:
    return lambda work: verification.verify(
        work.case, work.ctx, role=role, on=on, finding=finding, evidence_ref=ref
    )


def cause(on: date, papers: Papers, code: str = "01") -> cases.Act:
    ref = papers.note(code)
    assert ref is not None
    return lambda work: plan.record_cause(
        work.case, work.ctx, role="principal", on=on, cause=code, ref=ref, primary=True
    )


def held(on: date, hour: str = "10:00", **changes: Any) -> RoundHeld:
    values: dict[str, Any] = {
        "on": on,
        "hour": hour,
        "tier": Tier.SCHOOL,
        "place": Place.HOME,
        "means": Means.VISIT,
        "participants": (
            Participant(line=Line.EDUCATION, role=Role.PRINCIPAL, account="head"),
            Participant(line=Line.EDUCATION, role=Role.CLASS_TEACHER, account="ct1"),
        ),
        "met": (Met.MOTHER,),
        "outcome": RoundOutcome.WAVERING,
    }
    return RoundHeld(**(values | changes))


def a_round(on: date, hour: str = "10:00", **changes: Any) -> cases.Act:
    return cases.persuade(held(on, hour, **changes), role="principal")


def determined(on: date, role: str = "bureau_officer") -> cases.Act:
    return cases.determine(role=role, on=on, whereabouts=Whereabouts.WORK_OUTSIDE)


def back(on: date, key: str = KEY, placement: Placement | None = None) -> cases.Act:
    usual = Placement.ORIGINAL_CLASS if key == KEY else Placement.OTHER_CLASS
    return cases.bring_back(role="principal", on=on, placement=placement or usual, class_key=key)


def looked_after(on: date, kind: FollowUpKind = FollowUpKind.VISIT) -> cases.Act:
    return lambda work: follow_up.follow_up(
        work.case,
        work.ctx,
        role="case_teacher",
        on=on,
        kind=kind,
        result=FollowUpResult.STEADY,
    )
