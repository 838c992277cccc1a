"""How are thousands of commands carried through in order without waiting for each commit?

A lane is an office of its own whose log queues appends. Every command is decided on the
state its predecessors left, in the order given; up to ``window`` commits are under way.
When one is refused because somebody else wrote, everything in memory is forgotten and what
failed is decided again, one by one, in the same order. Where who asks for them is not let in any
more, what is not stored by then is not stored.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from ckbx.application.office import Office
from ckbx.application.standing import RightsEnded
from ckbx.application.unit import Unit
from ckbx.domain.shared.errors import CkbxError, ConcurrencyConflict, StoreUnavailable
from ckbx.domain.shared.event import CommandContext, DomainEvent
from ckbx.eventlog.ports import Append, Appended, EventLog, PendingAppend, RecordedEvent, StoredRow

Decide = Callable[[Unit], bytes | None]
Done = Callable[[CkbxError | None], None]
WINDOW = 128


class _UnderWay(msgspec.Struct):
    pending: PendingAppend
    streams: frozenset[UUID]
    outcome: Appended | CkbxError | None = None

    def settle(self) -> Appended | CkbxError:
        """Wait for the commit. Raises StoreUnavailable: nothing more can be stored."""
        if self.outcome is None:
            try:
                self.outcome = self.pending.result()
            except StoreUnavailable:
                raise
            except CkbxError as error:
                self.outcome = error
        return self.outcome


class QueueingLog:
    """The log behind a lane: ``append`` queues and answers at once.

    ``fresh`` names streams that certainly hold nothing yet, so nobody looks for them. A
    stream that is being written is read only when its commit is through.
    """

    def __init__(self, log: EventLog) -> None:
        self.log = log
        self.county = log.county
        self.waits = False
        self.fresh: set[UUID] = set()
        self.last: _UnderWay | None = None
        self.under_way: deque[_UnderWay] = deque()
        self._writing: dict[UUID, int] = {}

    def append(self, request: Append) -> Appended:
        """Queue; with ``waits`` as the log itself does."""
        if self.waits:
            return self.log.append(request)
        streams = frozenset([event.originator_id for event in request.events])
        self.last = _UnderWay(self.log.submit(request), streams)
        self.under_way.append(self.last)
        for stream in streams:
            self._writing[stream] = self._writing.get(stream, 0) + 1
        self.fresh -= streams
        return Appended(0, datetime.min, b"")  # noqa: DTZ901 - nobody reads it

    def took(self) -> _UnderWay | None:
        """What the last command queued, if it queued anything."""
        last, self.last = self.last, None
        return last

    def pop(self) -> _UnderWay:
        """The oldest command under way, settled."""
        oldest = self.under_way.popleft()
        for stream in oldest.streams:
            left = self._writing[stream] - 1
            if left:
                self._writing[stream] = left
            else:
                del self._writing[stream]
        oldest.settle()
        return oldest

    def submit(self, request: Append) -> PendingAppend:
        return self.log.submit(request)

    def load(self, streams: Sequence[UUID]) -> dict[UUID, list[DomainEvent]]:
        """As the log; nothing for fresh streams."""
        wanted = [stream for stream in streams if stream not in self.fresh]
        if not wanted:
            return {}
        if any(stream in self._writing for stream in wanted):
            for item in self.under_way:
                item.settle()
        return self.log.load(wanted)

    def find_command(self, command_id: UUID) -> Appended | None:
        return self.log.find_command(command_id)

    def read_rows(self, after: int, limit: int) -> list[StoredRow]:
        return self.log.read_rows(after, limit)

    def read(self, after: int, limit: int) -> list[RecordedEvent]:
        return self.log.read(after, limit)

    def read_streams(
        self, streams: Sequence[UUID], *, up_to: int | None = None
    ) -> list[RecordedEvent]:
        return self.log.read_streams(streams, up_to=up_to)

    def at_positions(self, positions: Sequence[int]) -> list[RecordedEvent]:
        return self.log.at_positions(positions)

    def head(self) -> int:
        return self.log.head()

    def position_at(self, instant: datetime) -> int:
        return self.log.position_at(instant)

    def recorded_at(self, position: int) -> datetime | None:
        return self.log.recorded_at(position)

    def close(self) -> None:
        """The log belongs to the caller."""


class _Command(msgspec.Struct):
    ctx: CommandContext
    decide: Decide
    done: Done
    item: _UnderWay


class Lane:
    """Carries commands through in order. Use ``office`` in their decisions.

    ``stopped``: why nothing more is carried through; every later command is refused with it.
    """

    def __init__(self, office: Office, window: int = WINDOW) -> None:
        self.log = QueueingLog(office.log)
        self.office = Office(self.log, office.clock)
        self._window = window
        self._commands: deque[_Command] = deque()
        self.stopped: RightsEnded | None = None

    def submit(self, ctx: CommandContext, decide: Decide, done: Done) -> None:
        """Decide now, store soon. ``done`` hears None, or why the command was refused.

        Raises StoreUnavailable; what was acknowledged before stays.
        """
        while len(self._commands) >= self._window:
            self._settle_oldest()
        refused = self._refused(ctx, decide)
        if refused is not None:
            done(refused)
            return
        item = self.log.took()
        if item is None:
            done(None)
        else:
            self._commands.append(_Command(ctx, decide, done, item))

    def run(self, ctx: CommandContext, decide: Decide) -> None:
        """Carry one command through and wait for it. Raises what it was refused with."""
        self.finish()
        refusals: list[CkbxError] = []
        self.submit(ctx, decide, lambda error: refusals.append(error) if error else None)
        self.finish()
        if refusals:
            raise refusals[0]

    def finish(self) -> None:
        """Wait for everything under way."""
        while self._commands:
            self._settle_oldest()

    def _settle_oldest(self) -> None:
        command = self._commands.popleft()
        outcome = self.log.pop().settle()
        if isinstance(outcome, Appended) and not outcome.replayed:
            command.done(None)
            return
        later = list(self._commands)
        self._commands.clear()
        self._start_again([command, *later])

    def _start_again(self, commands: list[_Command]) -> None:
        """Something was not stored as decided: forget all, decide the failed ones again."""
        while self.log.under_way:
            self.log.pop()
        self.office.forget_all()
        self.log.waits = True
        try:
            for command in commands:
                outcome = command.item.settle()
                if isinstance(outcome, Appended):
                    command.done(None)
                elif isinstance(outcome, ConcurrencyConflict):
                    self._again(command)
                else:
                    command.done(outcome)
        finally:
            self.log.waits = False

    def _again(self, command: _Command) -> None:
        command.done(self._refused(command.ctx, command.decide))

    def _refused(self, ctx: CommandContext, decide: Decide) -> CkbxError | None:
        """Decide, and say why that was refused. Raises StoreUnavailable."""
        if self.stopped is not None:
            return self.stopped
        try:
            self.office.run(ctx, decide)
        except StoreUnavailable:
            raise
        except RightsEnded as error:
            self.stopped = error
            return error
        except CkbxError as error:
            return error
        return None
