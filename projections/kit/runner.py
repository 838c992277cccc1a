"""Who keeps the answers up to date? One runner: each event decoded once, one transaction."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Sequence
from typing import Final, Protocol

import msgspec

from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.ports import EventLog, RecordedEvent
from ckbx.eventlog.row_store import (
    FollowerMoved,
    Place,
    RowReader,
    RowStore,
    RowUnwritable,
    RowWriter,
)
from projections.kit.check import CheckReport, check
from projections.kit.ddl import PARKED, create_statements
from projections.kit.fold import FoldState
from projections.kit.live import (
    Blocked,
    Shares,
    fold_batch,
    loader,
    no_collection,
    read_batch,
    write_state,
)
from projections.kit.narrow import Narrowing
from projections.kit.projection import Projection
from projections.kit.reading import Parked
from projections.kit.rebuild import Rebuild, write_parked
from projections.kit.waiting import Waiting

_log = logging.getLogger(__name__)

LIVE_BATCH: Final = 500
LARGEST_BATCH: Final = 5_000
KEPT_KEYS: Final = 100_000
BATCH_SECONDS: Final = 0.05
FAR_BEHIND: Final = 20_000
POLL_SECONDS: Final = 0.02
PACE_SECONDS: Final = 0.04
"""While events keep coming a step begins so long after the one before: what a step costs however
little it folds is then paid for many. The first after a rest begins at once.
"""
RETRY_SECONDS: Final = 1.0


class FollowedLog(EventLog, Protocol):
    """A log that can be waited for."""

    def wait_for_change(self, after: int, timeout: float) -> int:
        """Return the head as soon as it is past ``after``, at the latest after ``timeout``."""


class Lag(msgspec.Struct, frozen=True):
    """Where a projection stands. ``state``: live, stale (to be rebuilt: other version)."""

    name: str
    position: int
    head: int
    state: str
    parked: int

    @property
    def behind(self) -> int:
        """Events not folded yet."""
        return max(self.head - self.position, 0)


class _Folded(msgspec.Struct):
    projection: Projection
    place: Place
    to: int
    state: FoldState
    before: Blocked
    after: Blocked


class Projector:
    """Folds the log into all projections. Call :meth:`start` once before anything else."""

    def __init__(
        self, log: FollowedLog, store: RowStore, projections: Sequence[Projection]
    ) -> None:
        self._log = log
        self._store = store
        self.projections = tuple(projections)
        self._by_name = {each.name: each for each in projections}
        self._shares = Shares(projections)
        self._batch = Narrowing(LIVE_BATCH)
        self._moved = threading.Lock()
        self._waiting = Waiting()
        self._asking = threading.Lock()
        self._looked = 0.0
        self._places: dict[str, Place] = {}
        self._kept: dict[str, tuple[Place, FoldState]] = {}
        self._running = False

    def start(self) -> list[str]:
        """Create what is missing; returns the names that must be rebuilt (other version).

        On an empty store, and for a new projection that is not far behind, nothing needs
        a rebuild. Raises StoreUnavailable.
        """
        self._store.prepare(self._missing_parked())
        with self._store.snapshot() as look:
            places = look.places()
        new = [each for each in self.projections if each.name not in places]
        for projection in new:
            with self._store.transaction() as tx:
                if projection.name in tx.places():
                    continue
                for table in projection.tables:
                    if not tx.exists(table.name):
                        for statement in create_statements(table, self._store.dialect):
                            tx.execute(statement)
                tx.settle(projection.name, Place(0, projection.version, 0))
        self._refresh()
        return self.stale()

    def _missing_parked(self) -> list[str]:
        return [
            statement.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS")
            for statement in create_statements(PARKED, self._store.dialect)
        ]

    def stale(self) -> list[str]:
        """Projections to be rebuilt: of another version, or new and far behind."""
        head = self._log.head()
        return [
            each.name
            for each in self.projections
            if not self._is_live(each)
            or (self._places[each.name].position == 0 and head > FAR_BEHIND)
        ]

    def step(self) -> int:
        """Fold the next batch into every projection that is not at the head.

        Returns how many events were read; 0: nothing to do. Where a row could not be
        written nothing moved; the next steps find its event and park its subject. Raises
        FollowerMoved when another runner was faster, StoreUnavailable.
        """
        with no_collection():
            return self._step()

    def _step(self) -> int:
        began = time.monotonic()
        with self._store.snapshot() as look:
            self._places = look.places()
            live = [each for each in self.projections if self._is_live(each)]
            if not live:
                return 0
            after = min(self._places[each.name].position for each in live)
            batch = read_batch(self._log, after, self._batch.limit)
            parked = [Parked(*row) for row in look.scan(PARKED.shape)] if batch else []
            kept, self._kept = self._kept, {}
            shares = self._shares.of(batch)
            folded = [
                self._fold(look, each, batch[-1].position, shares[each.name], parked, kept)
                for each in (live if batch else ())
            ]
        if not batch:
            self._kept = kept
            self._announce({})
            return 0
        if not self._write(folded, batch):
            return len(batch)
        self._keep(folded)
        self._announce({e.projection.name: e.place._replace(position=e.to) for e in folded})
        self._adapt(len(batch), time.monotonic() - began)
        return len(batch)

    def _write(self, folded: Sequence[_Folded], batch: Sequence[RecordedEvent]) -> bool:
        """All of them in one transaction; False when a row could not be written."""
        at = ""
        try:
            with self._store.transaction() as tx:
                moved = [each for each in folded if each.to > each.place.position]
                tx.move_all([(each.projection.name, each.place, each.to) for each in moved])
                for each in moved:
                    at = each.projection.name
                    self._write_one(tx, each)
        except RowUnwritable as error:
            self._batch.narrow(at, batch, error)
            return False
        self._batch.written()
        return True

    @staticmethod
    def _write_one(tx: RowWriter, folded: _Folded) -> None:
        write_state(tx, folded.state)
        if folded.after != folded.before:
            write_parked(tx, folded.projection, folded.after)

    def catch_up(self, until: int | None = None) -> int:
        """Fold to the head (or a position) and rebuild what must be; returns the position."""
        names = self.stale()
        if names:
            self.rebuild(names)
        limit = self._log.head() if until is None else until
        while self._lowest() < limit:
            if not self.step():
                break
        return self._lowest()

    def run(self, stop: threading.Event) -> None:
        """Keep everything up to date until told to stop; a lost store is tried again."""
        self._running = True
        try:
            while not stop.is_set():
                try:
                    self._run_once(stop)
                except FollowerMoved:
                    self._refresh()
                except StoreUnavailable as error:
                    _log.warning("answers are waiting for the store: %s", error)
                    stop.wait(RETRY_SECONDS)
        finally:
            self._running = False
            self._waiting.wake_all()

    def _run_once(self, stop: threading.Event) -> None:
        if not self._places:
            self.start()
        names = self.stale()
        if names:
            self.rebuild(names)
        began = time.monotonic()
        read = self.step()
        if not read:
            self._log.wait_for_change(self._lowest(), 10 * POLL_SECONDS)
        elif read < LIVE_BATCH:  # otherwise it is behind
            stop.wait(began + PACE_SECONDS - time.monotonic())

    @property
    def running(self) -> bool:
        """Whether it keeps the answers up to date in this process."""
        return self._running

    def wait_for(self, position: int, timeout: float) -> bool:
        """Wait (seconds) until all projections have folded a position.

        False when they had not by then; a projection that is being rebuilt has not.
        """
        deadline = time.monotonic() + timeout
        while True:
            reached = threading.Event()
            if self.when(position, reached.set):
                return True
            while (left := deadline - time.monotonic()) > 0 and not reached.is_set():
                if self._running:  # who folds here says so; elsewhere it has to be looked for
                    reached.wait(left)
                elif not reached.wait(min(left, POLL_SECONDS)):
                    self._look(last=False)
            if left <= 0:
                if not self._running:
                    self._look(last=True)
                return self._reached(position)

    def when(self, position: int, call: Callable[[], object]) -> bool:
        """Whether all projections have folded a position; where they have not, ``call`` once
        they have, or once nobody folds here any more, from the thread that folds. It has to be
        quick and may not raise.
        """
        with self._moved:
            if self._reached(position):
                return True
            self._waiting.add(position, call)
        return False

    def look(self) -> None:
        """See where the process that folds has come to, and call who waited for that.

        Raises StoreUnavailable.
        """
        self._look(last=False)

    def _look(self, *, last: bool) -> None:
        """See where another process has come to; where somebody looks already, that is enough,
        unless this is the last time: many who wait ask the store once.
        """
        if last:
            self._refresh()
        elif self._asking.acquire(blocking=False):
            try:
                if time.monotonic() - self._looked >= POLL_SECONDS:
                    self._refresh()
                    self._looked = time.monotonic()
            finally:
                self._asking.release()

    def lag(self) -> list[Lag]:
        """Where every projection stands, in the order of the registry."""
        with self._store.snapshot() as look:
            places = look.places()
            parked = [row[0] for row in look.scan(PARKED.shape)]
        head = self._log.head()
        result = []
        for each in self.projections:
            place = places.get(each.name, Place(0, 0, 0))
            state = "live" if place.version == each.version else "stale"
            result.append(Lag(each.name, place.position, head, state, parked.count(each.name)))
        return result

    def rebuild(self, names: Collection[str] | None = None) -> None:
        """Compute projections (None: all) anew beside the live tables and switch."""
        chosen = [each for each in self.projections if names is None or each.name in names]
        places = Rebuild(self._log, self._store, chosen).run()
        self._announce(places)

    def check(self, name: str) -> CheckReport:
        """Compare the live rows of a projection with the log folded anew."""
        return check(self._log, self._store, self._by_name[name])

    def _fold(
        self,
        look: RowReader,
        projection: Projection,
        last: int,
        batch: list[RecordedEvent],
        parked: list[Parked],
        kept: dict[str, tuple[Place, FoldState]],
    ) -> _Folded:
        place = self._places[projection.name]
        before = {each.subject: each for each in parked if each.projection == projection.name}
        mine = batch
        if batch and batch[0].position <= place.position:
            mine = [each for each in batch if each.position > place.position]
        to = max(last, place.position)
        then, state = kept.pop(projection.name, (None, None))
        rows = state if then == place else None
        if not mine:
            return _Folded(
                projection, place, to, rows or FoldState(projection.tables), before, before
            )
        refused = self._batch.refused(projection.name)
        state, after = fold_batch(projection, mine, loader(look), before, rows, refused)
        return _Folded(projection, place, to, state, before, after)

    def _keep(self, folded: Sequence[_Folded]) -> None:
        """Rows stay in memory for the next batch, as long as they are the stored ones."""
        for each in folded:
            each.state.settle()
        if sum(each.state.size for each in folded) <= KEPT_KEYS:
            self._kept = {
                each.projection.name: (each.place._replace(position=each.to), each.state)
                for each in folded
            }

    def _is_live(self, projection: Projection) -> bool:
        place = self._places.get(projection.name)
        return place is not None and place.version == projection.version

    def _lowest(self) -> int:
        return min((self._places[e.name].position for e in self.projections), default=0)

    def _reached(self, position: int) -> bool:
        return all(map(self._is_live, self.projections)) and self._lowest() >= position

    def _refresh(self) -> None:
        self._announce(self._store.places())

    def _announce(self, places: dict[str, Place]) -> None:
        with self._moved:
            self._places = {**self._places, **places}
            reached = all(map(self._is_live, self.projections))
            calls = self._waiting.take(self._lowest()) if reached else []
        for call in calls:
            call()

    def _adapt(self, read: int, took: float) -> None:
        """Bigger batches while far behind, never much more than 50 ms each."""
        if took > 2 * BATCH_SECONDS:
            self._batch.limit = max(self._batch.limit // 2, LIVE_BATCH)
        elif read == self._batch.limit and took < BATCH_SECONDS:
            self._batch.limit = min(self._batch.limit * 2, LARGEST_BATCH)
