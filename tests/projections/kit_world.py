"""A small county whose facts are made by the domain's own classes, in a real store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from ckbx.calendar_data import national_holidays
from ckbx.clock import FixedClock
from ckbx.domain.attendance.book import ClassBook, Entry, Submission, WholeBook, submit, void
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.attendance.thresholds import ALWAYS
from ckbx.domain.calendar.book import CalendarBook, calendar_stream
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.calendar.events import TermSet
from ckbx.domain.child import enrolment
from ckbx.domain.child.child import Child
from ckbx.domain.class_roll.class_roll import ClassRoll
from ckbx.domain.school.school import County, School
from ckbx.domain.school_class.register import ClassRegister
from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.event import CommandContext, DomainEvent
from ckbx.domain.shared.ids import class_key
from ckbx.eventlog.ports import Append
from ckbx.eventlog.postgres.log import PostgresEventLog
from ckbx.eventlog.postgres.row_store import PostgresRowStore
from ckbx.eventlog.postgres.schema import migrate
from ckbx.eventlog.row_store import RowStore
from ckbx.eventlog.sqlite.log import SQLiteEventLog
from ckbx.eventlog.sqlite.row_store import SQLiteRowStore
from projections.kit.projection import Projection
from projections.kit.reading import Answers, Reading, postgres_answers_engine, sqlite_answers_engine
from projections.kit.runner import Projector
from projections.registry import PROJECTIONS

COUNTY = "522699"
ZONE = ZoneInfo("Asia/Shanghai")
SCHOOLS = ("2152939972", "3152354069")
BEGAN = date(2026, 9, 1)
TODAY = date(2026, 11, 20)
TERM = "2026-1"
U, N, S, P = Reason.UNEXPLAINED, Reason.UNVERIFIED, Reason.SICK, Reason.PERSONAL


class World:
    """The store, its projections, and the aggregates as they stand. Each call of
    :meth:`record` stores what the aggregates made as one command.
    """

    def __init__(
        self,
        log: Any,
        store: RowStore,
        answers: Answers,
        clock: FixedClock,
        projections: Sequence[Projection] = PROJECTIONS,
    ) -> None:
        self.log = log
        self.store = store
        self.answers = answers
        self.clock = clock
        self.projector = Projector(log, store, projections)
        self.projector.start()
        self.children: dict[UUID, Child] = {}
        self.registers: dict[str, ClassRegister] = {}
        self.rolls: dict[str, ClassRoll] = {}
        self.books: dict[str, ClassBook] = {}
        self.others: list[Aggregate] = []
        self.calendars = CountyCalendars(COUNTY, national_holidays())

    # Facts

    def context(self, today: date = TODAY) -> CommandContext:
        """A command of its own."""
        return CommandContext(actor="test", command_id=uuid4(), today=today)

    def record(self, events: Iterable[DomainEvent] = ()) -> int:
        """Store these and everything the aggregates made; the position of the last event."""
        made = list(events)
        everything = (
            *self.others,
            *self.registers.values(),
            *self.rolls.values(),
            *self.children.values(),
        )
        for aggregate in everything:
            made += aggregate.collect_events()
        lines = [each for each in made if each.TOPIC.startswith("ckbx.calendar.")]
        if lines:
            self.calendars.replay(lines)
        self.clock.at += timedelta(seconds=1)
        if not made:
            return int(self.log.head())
        return int(self.log.append(Append(command_id=uuid4(), events=made)).position)

    def found(self, *, classes: int = 1, size: int = 3, schools: Sequence[str] = SCHOOLS) -> None:
        """A term, schools, classes of grade 1 and their children, enrolled on 1 September."""
        ctx = self.context()
        county = County(County.stream(COUNTY))
        self.others.append(county)
        county.call(ctx, code=COUNTY, name="剑河县")
        self.set_term(date(2026, 9, 1), date(2027, 1, 22))
        for number, code in enumerate(schools):
            school = School(School.stream(COUNTY, code))
            self.others.append(school)
            county.list_school(ctx, school=code)
            school.call(ctx, school=code, name=f"第{number + 1}小学")
            for each in range(1, classes + 1):
                key = class_key(code, 2026, each)
                school.list_class(ctx, school=code, class_key=key, on=BEGAN)
                self.open_class(key, size=size)
        self.record()

    def set_term(self, first: date, last: date) -> None:
        """The county's autumn term."""
        calendar = CalendarBook(calendar_stream(COUNTY))
        self.others.append(calendar)
        calendar.trigger_event(
            TermSet,
            self.context(),
            occurred_on=BEGAN,
            school_year=2026,
            term="autumn",
            first_day=first,
            last_day=last,
        )

    def open_class(self, key: str, *, size: int, on: date = BEGAN) -> None:
        """A class with new children."""
        ctx = self.context()
        register = ClassRegister(ClassRegister.stream(COUNTY, key))
        register.open(ctx, class_key=key, on=on)
        mine: dict[UUID, Child] = {}
        for _ in range(size):
            child = Child(UUID(int=len(self.children) + len(mine) + 1))
            enrolment.register(
                child,
                ctx,
                on=on,
                sex="female",
                cohort=2026,
                village="522629100201",
                residence=None,
            )
            enrolment.enrol(
                child, ctx, on=on, school=key.split("/", maxsplit=1)[0], class_key=key, grade=1
            )
            mine[child.id] = child
        register.join(ctx, children=list(mine), on=on)
        roll = ClassRoll(ClassRoll.stream(COUNTY, key, TERM))
        self.children |= mine
        self.registers[key], self.rolls[key] = register, roll
        self.books[key] = ClassBook(register, {TERM: roll}, mine, on.toordinal())

    def hand_in(
        self,
        key: str,
        day: date,
        absent: dict[UUID, Reason] | None = None,
        *,
        session: Session = Session.FULL,
        seen: Iterable[UUID] = (),
        note: str | None = None,
        today: date = TODAY,
    ) -> None:
        """One class-day; what it comes to is stored by the next :meth:`record`."""
        book = self.books[key]
        marks = absent or {}
        expected = len(book.register.roll(day.toordinal()))
        submission = Submission(
            class_key=key,
            class_name=key,
            day=day,
            session=session,
            expected=expected,
            present=expected - len(marks),
            absent=marks,
            seen=frozenset(seen),
            submitted_by="ct0",
            correction_note=note,
        )
        book.use(self.calendars.for_school(key.split("/", maxsplit=1)[0]))
        entry, history = Entry("live", 0), WholeBook(book)
        ctx = self.context(today)
        submit(book, ctx, self.rolls[key], submission, entry, ALWAYS, history)

    def void(self, key: str, day: date, session: Session = Session.FULL) -> None:
        """A roll call put aside without another."""
        book = self.books[key]
        book.use(self.calendars.for_school(key.split("/", maxsplit=1)[0]))
        void(book, self.context(), self.rolls[key], day, session, ALWAYS, WholeBook(book))

    def child(self, n: int) -> Child:
        """The n-th child, from 1."""
        return self.children[UUID(int=n)]

    # Answers

    def fold(self) -> None:
        """Fold everything recorded."""
        self.projector.catch_up()

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """Fold, then look."""
        self.fold()
        with self.answers.reading() as reading:
            yield reading

    def close(self) -> None:
        """Release the connections."""
        self.answers.close()
        self.store.close()
        self.log.close()


def weekdays(first: date, last: date) -> list[date]:
    """Monday to Friday, both ends included."""
    span = range((last - first).days + 1)
    days = (first + timedelta(days=n) for n in span)
    return [day for day in days if day.weekday() < 5]


def sqlite_world(folder: Path, projections: Sequence[Projection] = PROJECTIONS) -> World:
    """A fresh county in an SQLite file."""
    clock = FixedClock(datetime(2026, 11, 20, 0, 0, tzinfo=UTC))
    path = folder / "county.db"
    log = SQLiteEventLog(path, clock=clock, county=COUNTY, create=True)
    answers = Answers(sqlite_answers_engine(path), log, ZONE)
    return World(log, SQLiteRowStore(log), answers, clock, projections)


def postgres_world(url: str, projections: Sequence[Projection] = PROJECTIONS) -> World:
    """A fresh county in a PostgreSQL database."""
    clock = FixedClock(datetime(2026, 11, 20, 0, 0, tzinfo=UTC))
    migrate(url)
    log = PostgresEventLog(url, clock=clock, county=COUNTY)
    answers = Answers(postgres_answers_engine(url), log, ZONE)
    return World(log, PostgresRowStore(url), answers, clock, projections)
