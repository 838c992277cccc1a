"""The county office: everything a use case needs, and how a command is carried through.

Decisions are made one at a time, under one lock: they only compute. Commits are not: while
several callers wait, their commands are queued in the order they were decided and stored
together, each deciding on the state its predecessors left (were one of them refused by the
log, those after it would conflict, load anew and decide again).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, time, timedelta
from uuid import UUID, uuid4

from ckbx.application.standing import SeatedContext
from ckbx.application.unit import IdentityMap, Unit
from ckbx.calendar_data import national_holidays
from ckbx.clock import EPOCH, Clock, local_day, local_instant
from ckbx.domain.attendance.book import ClassBook
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.child.child import Child
from ckbx.domain.responsibility.directory import Directory
from ckbx.domain.rules.rule_book import AdoptedRules, RuleBook
from ckbx.domain.school.school import County, School
from ckbx.domain.shared.errors import CkbxError, ConcurrencyConflict, InputRefused, RuleRefusal
from ckbx.domain.shared.event import CommandContext
from ckbx.eventlog.ports import Append, Appended, EventLog, PendingAppend

TRIES = 5
ONE_DAY = timedelta(days=1)


class Declined(Exception):
    """What a decision raises to refuse a command for ``why`` though it was answered before."""

    def __init__(self, why: CkbxError) -> None:
        self.why = why


class Office:
    """One county's store as use cases see it."""

    def __init__(self, log: EventLog, clock: Clock) -> None:
        self.log = log
        self.clock = clock
        self.map = IdentityMap(log)
        self.books: dict[str, ClassBook] = {}
        self.directories: dict[tuple[tuple[UUID, int], ...], Directory] = {}
        self._calendars: CountyCalendars | None = None
        self._with_lines: set[UUID] = set()
        self._decide = threading.RLock()
        self._waiting = 0
        self._count = threading.Lock()
        self._day = (EPOCH, EPOCH, EPOCH.date())

    @property
    def county(self) -> str:
        """The county's 6-digit region code."""
        return self.log.county

    def today(self) -> date:
        """The local school day."""
        now = self.clock.now()
        begins, ends, day = self._day
        if not begins <= now < ends:
            zone = self.clock.zone
            day = local_day(now, zone)
            begins, ends = (local_instant(d, time.min, zone) for d in (day, day + ONE_DAY))
            self._day = (begins, ends, day)
        return day

    def context(
        self,
        actor: str,
        command_id: UUID | None = None,
        *,
        today: date | None = None,
        role: str | None = None,
    ) -> CommandContext:
        """Who acts, in which role, under a new or a given command id."""
        return CommandContext(
            actor=actor, command_id=command_id or uuid4(), today=today or self.today(), role=role
        )

    def run(
        self,
        ctx: CommandContext,
        decide: Callable[[Unit], bytes | None],
        *,
        sure: bool = False,
    ) -> Appended:
        """Carry a command through: decide, append, and on a conflict decide again.

        ``decide`` returns the reply kept with the command; None means that nothing is to be
        stored. A command whose first answer was lost gets that answer, although what it did
        would refuse it now. What is refused on what was remembered is decided once more on what
        is recorded by now, whoever recorded it; with ``sure`` so is that nothing is to be
        stored. Raises what ``decide`` refuses, RightsEnded where who was let in no longer would
        be, ConcurrencyConflict after five tries, StoreUnavailable.
        """
        looked_anew = False
        for attempt in range(TRIES):
            unit = Unit(self.map, ctx)
            try:
                done = self._once(unit, decide)
            except ConcurrencyConflict:
                if attempt == TRIES - 1:
                    raise
                continue
            except (RuleRefusal, InputRefused, Declined) as error:
                declined = isinstance(error, Declined)
                answered = None if declined else self.log.find_command(ctx.command_id)
                if answered is not None:
                    return answered
                if looked_anew or not unit.remembered or attempt == TRIES - 1:
                    if isinstance(error, Declined):
                        raise error.why from None
                    raise
            else:
                if done.position or not sure or looked_anew or not unit.remembered:
                    return done
                with self._decide:
                    self._abandon(unit)
            looked_anew = True
        raise ConcurrencyConflict

    def _once(self, unit: Unit, decide: Callable[[Unit], bytes | None]) -> Appended:
        ctx = unit.ctx
        pending: PendingAppend | None = None
        done: Appended | None = None
        with self._count:
            self._waiting += 1
        with self._decide:
            with self._count:
                self._waiting -= 1
                alone = self._waiting == 0
            try:
                if isinstance(ctx, SeatedContext):
                    ctx.standing.require(unit, self.county)
                reply = decide(unit)
                events, expect = unit.collect()
                if reply is None and not events and not unit.writes:
                    return Appended(0, self.clock.now(), b"", replayed=True)
                request = Append(
                    command_id=ctx.command_id,
                    events=events,
                    expect=expect,
                    writes=unit.writes,
                    reply=reply or b"",
                )
                if alone:
                    done = self.log.append(request)
                else:
                    pending = self.log.submit(request)
            except BaseException:
                self._abandon(unit)
                raise
        if pending is not None:
            try:
                done = pending.result()
            except BaseException:
                with self._decide:
                    self._abandon(unit)
                raise
        if done is None:  # pragma: no cover - either path sets it
            raise ConcurrencyConflict
        if done.replayed:
            with self._decide:
                self._abandon(unit)
        for action in unit.after:
            action()
        return done

    def _abandon(self, unit: Unit) -> None:
        """Forget everything the command touched; also the books that hold any of it."""
        keys = set(unit.books)
        for aggregate in unit.touched():
            if isinstance(aggregate, Child):
                keys.update(key for key, _, _ in aggregate.segments)
        unit.abandon()
        self._calendars = None
        for key in keys:
            book = self.books.pop(key, None)
            if book is not None:
                self.map.forget(aggregate.id for aggregate in book.aggregates())

    def forget_all(self) -> None:
        """Another process wrote: load everything anew."""
        with self._decide:
            self.map.clear()
            self.books.clear()
            self._calendars = None

    # What decisions read

    def calendars(self, unit: Unit, school: str | None) -> CountyCalendars:
        """The county's calendars with this school's lines loaded; the decision rests on them."""
        if self._calendars is None:
            self._calendars = CountyCalendars(self.county, national_holidays())
            self._with_lines = set()
        calendars = self._calendars
        for name in (None, school) if school else (None,):
            book = calendars.book(name)
            if book.id not in self._with_lines:
                book.replay(self.log.load([book.id]).get(book.id, []))
                self._with_lines.add(book.id)
            else:
                unit.remembered = True
            unit.depend(book)
        return calendars

    def rules(self, unit: Unit, day: date) -> AdoptedRules:
        """The rule pack in force on a day; the decision rests on it."""
        book = unit.get(RuleBook.of(self.county).id, RuleBook)
        unit.depend(book)
        return book.rules_on(day)

    def county_of(self, unit: Unit) -> County:
        """The county's own stream."""
        return unit.get(County.stream(self.county), County)

    def school(self, unit: Unit, school: str) -> School:
        """One school's stream."""
        return unit.get(School.stream(self.county, school), School)

    def child(self, unit: Unit, child: UUID) -> Child:
        """One child's stream."""
        return unit.get(child, Child)
