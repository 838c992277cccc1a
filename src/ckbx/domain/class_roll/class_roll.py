"""点名册: the submissions of one class in one term, every version of them."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from ckbx.domain.attendance.marks import Reason, Session, day_value
from ckbx.domain.class_roll.events import RollCallSubmitted, RollCallVoided
from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import stream_id

_NOBODY: frozenset[UUID] = frozenset()


class Sheet(NamedTuple):
    """What was handed in, as compared for "the same again": counts, absentees, 到校."""

    expected: int
    present: int
    absent: frozenset[tuple[UUID, Reason]]
    seen: frozenset[UUID]


class _Session(NamedTuple):
    version: int
    absent: Mapping[UUID, Reason]
    sheet: Sheet
    roll: int


class ClassRoll(Aggregate):
    """One class in one term. Days are ordinals.

    ``marks`` holds the absences on fully reported days (全天, or both halves); a day with
    one half only is kept in ``partial``: shown, silent for the rule (domain §4); ``halved``
    are the days reported by two halves. ``reshaped`` counts the changes of ``reported`` other
    than a day more at its end, ``seen_changes`` those of who was seen when.
    """

    __slots__ = (
        "by_day",
        "halved",
        "history",
        "marks",
        "partial",
        "reported",
        "reshaped",
        "seen_changes",
        "seen_on",
    )

    KIND: ClassVar[str] = "class_roll"

    def __init__(self, id_: UUID) -> None:
        super().__init__(id_)
        self.by_day: dict[int, dict[Session, _Session]] = {}
        self.history: set[tuple[int, Session, Sheet]] = set()
        self.reported: list[int] = []
        self.partial: set[int] = set()
        self.halved: set[int] = set()
        self.marks: dict[UUID, dict[int, Reason]] = {}
        self.seen_on: dict[UUID, list[int]] = {}
        self.reshaped = 0
        self.seen_changes = 0

    @staticmethod
    def stream(county: str, class_key: str, term: str) -> UUID:
        """The stream of a class in a term (``2026-1`` autumn, ``2026-2`` spring)."""
        return stream_id(county, "class_roll", class_key, term)

    def current(self, day: int, session: Session) -> Sheet | None:
        """The sheet that stands for a day and session."""
        found = self.by_day.get(day, {}).get(session)
        return found.sheet if found else None

    def versions(self, day: int) -> dict[Session, int]:
        """The versions (of this stream) that stand for a day, by session."""
        return {session: each.version for session, each in self.by_day.get(day, {}).items()}

    def puts_aside(self, day: int, session: Session) -> bool:
        """Whether a submission of this session would take the place of one that stands."""
        return self._put_aside(day, session) is not None

    def was_handed_in(self, day: int, session: Session, sheet: Sheet) -> bool:
        """Whether this very sheet was handed in before, put aside since or not."""
        return (day, session, sheet) in self.history

    def submit(
        self,
        ctx: CommandContext,
        *,
        class_key: str,
        day: date,
        session: Session,
        expected: int,
        present: int,
        roll: int,
        absent: Mapping[UUID, Reason],
        seen: Iterable[UUID],
        **entry: Any,
    ) -> None:
        """Record a checked submission; it puts aside what stood for that part of the day."""
        self.trigger_event(
            RollCallSubmitted,
            ctx,
            occurred_on=day,
            class_key=class_key,
            session=session,
            expected=expected,
            present=present,
            roll=roll,
            absent=dict(absent),
            seen=list(seen),
            replaces=self._put_aside(day.toordinal(), session),
            **entry,
        )

    def _put_aside(self, day: int, session: Session) -> int | None:
        """The standing version that a submission of this session takes the place of; of two
        half days the later one.
        """
        sessions = self.by_day.get(day, {})
        gone = [
            standing.version
            for part, standing in sessions.items()
            if part is session or Session.FULL in (part, session)
        ]
        return max(gone, default=None)

    def void(self, ctx: CommandContext, *, class_key: str, day: date, session: Session) -> None:
        """Put a submission aside without another in its place."""
        standing = self.by_day.get(day.toordinal(), {}).get(session)
        if standing:
            self.trigger_event(
                RollCallVoided,
                ctx,
                occurred_on=day,
                class_key=class_key,
                session=session,
                replaces=standing.version,
            )

    def apply(self, event: Any) -> None:
        day = event.occurred_on.toordinal()
        seen = self._seen(day)
        match event:
            case RollCallSubmitted():
                sheet = Sheet(
                    event.expected,
                    event.present,
                    frozenset(event.absent.items()),
                    frozenset(event.seen),
                )
                self.history.add((day, event.session, sheet))
                sessions = self.by_day.setdefault(day, {})
                if event.session is Session.FULL:
                    sessions.clear()
                else:
                    sessions.pop(Session.FULL, None)
                version = event.originator_version
                sessions[event.session] = _Session(version, event.absent, sheet, event.roll)
            case RollCallVoided():
                self.by_day.get(day, {}).pop(event.session, None)
        self._restate(day)
        self._see(day, seen, self._seen(day))

    def _seen(self, day: int) -> frozenset[UUID]:
        """Who is named 到校 in a standing session of the day."""
        sessions = self.by_day.get(day)
        if not sessions:
            return _NOBODY
        return _NOBODY.union(*[s.sheet.seen for s in sessions.values()])

    def _see(self, day: int, before: frozenset[UUID], now: frozenset[UUID]) -> None:
        if before == now:
            return
        self.seen_changes += 1
        for child in before - now:
            self.seen_on[child].remove(day)
        for child in now - before:
            insort(self.seen_on.setdefault(child, []), day)

    def _restate(self, day: int) -> None:
        """Derive the day's marks again from its standing sessions."""
        sessions = self.by_day.get(day) or {}
        full = Session.FULL in sessions or len(sessions) == 2
        self._report(day, full=full)
        self.partial.discard(day)
        self.halved.discard(day)
        if len(sessions) == 2:
            self.halved.add(day)
        if sessions and not full:
            self.partial.add(day)
        if full:
            for child, reason in self._absences(day).items():
                if reason is not None:
                    self.marks.setdefault(child, {})[day] = reason

    def _report(self, day: int, *, full: bool) -> None:
        """Enter the day among the reported ones, or take it out, and its marks with it."""
        if full and (not self.reported or self.reported[-1] < day):
            self.reported.append(day)
            return
        at = bisect_left(self.reported, day)
        stood = at < len(self.reported) and self.reported[at] == day
        if stood:
            for marks in self.marks.values():
                marks.pop(day, None)
        if full != stood:
            self.reshaped += 1
        if full and not stood:
            self.reported.insert(at, day)
        elif stood and not full:
            del self.reported[at]

    def _absences(self, day: int) -> Mapping[UUID, Reason | None]:
        """What the day comes to for those absent in any of its sessions."""
        only = self.only_sheet(day)
        if only is not None:
            return only
        return {child: self.value(child, day) for child in self.absent_on(day)}

    def only_sheet(self, day: int) -> Mapping[UUID, Reason] | None:
        """Who is absent on a day for which one sheet stands; None: no sheet, or two halves."""
        sessions = self.by_day.get(day)
        if sessions is None or len(sessions) != 1:
            return None
        return next(iter(sessions.values())).absent

    def has(self, day: int) -> bool:
        """Whether anything stands for the day."""
        return bool(self.by_day.get(day))

    def value(self, child: UUID, day: int, *, unlisted: Reason | None = None) -> Reason | None:
        """The child's day from the standing sessions (None: present, or nothing stands).

        ``unlisted`` is what a session comes to that does not list the child: None (present),
        or 未核 for a child that still has to be named 到校.
        """
        sessions = self.by_day.get(day)
        if not sessions:
            return None
        if len(sessions) == 1:
            return next(iter(sessions.values())).absent.get(child, unlisted)
        halves = (sessions[part] for part in (Session.MORNING, Session.AFTERNOON))
        return day_value(half.absent.get(child, unlisted) for half in halves)

    def first_seen(self, child: UUID, since: int) -> int | None:
        """The first day from ``since`` on on which a standing sheet names the child 到校."""
        days = self.seen_on.get(child)
        at = bisect_left(days, since) if days else 0
        return days[at] if days and at < len(days) else None

    def mismatch(self, day: int) -> tuple[int, int] | None:
        """应到 and the length of the roll where a standing sheet of the day and the register
        disagree (finding ``count_mismatch``).
        """
        for standing in (self.by_day.get(day) or {}).values():
            if standing.sheet.expected != standing.roll:
                return standing.sheet.expected, standing.roll
        return None

    def absent_on(self, day: int) -> set[UUID]:
        """Children absent in any standing session of the day."""
        return {c for s in (self.by_day.get(day) or {}).values() for c in s.absent}

    def next_day(self, day: int) -> int | None:
        """The next day after ``day`` for which anything stands."""
        if not self.partial and (not self.reported or self.reported[-1] <= day):
            return None
        at = bisect_left(self.reported, day + 1)
        candidates = self.reported[at : at + 1] + [d for d in self.partial if d > day]
        return min(candidates, default=None)

    def day_before(self, day: int) -> int | None:
        """The last day before ``day`` for which anything stands."""
        at = bisect_left(self.reported, day)
        candidates = self.reported[max(at - 1, 0) : at] + [d for d in self.partial if d < day]
        return max(candidates, default=None)
