"""班级名册: who is on the roll of a class on a day, and who still has to be named 到校."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from ckbx.domain.school_class.events import ClassOpened, PupilAway, PupilLeft, PupilsJoined
from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import split_class_key, stream_id

NEVER = 10**7
"""An ordinal after every day there will be."""


class Awaiting(NamedTuple):
    """A child to be named 到校 from ``since`` on, before ``end`` (excluded; ordinals).

    ``joined``: it began by joining the class and ends with that term; otherwise it began
    with the end of a leave and lasts until the child is seen (domain §4, the roll).
    """

    since: int
    end: int
    joined: bool


class _Stay:
    """One stretch of belonging; days as ordinals, ``last`` exclusive."""

    __slots__ = ("awaiting", "away", "first", "last")

    def __init__(self, first: int, *, awaited: bool) -> None:
        self.first = first
        self.last = NEVER
        self.away: list[tuple[int, int]] = []
        self.awaiting = [Awaiting(first, NEVER, joined=True)] if awaited else []

    def on_roll(self, day: int) -> bool:
        return self.first <= day < self.last and not any(a <= day < b for a, b in self.away)

    def go_away(self, start: int, end: int, *, awaited: bool) -> None:
        """Off the roll from ``start`` to ``end``, and on it from then on whatever was said."""
        self.away = [(a, min(b, start)) for a, b in self.away if a < start]
        if end > start:
            self.away.append((start, end))
        kept = []
        for each in self.awaiting:
            if each.joined:
                kept.append(each)
            elif each.since < start:
                kept.append(each._replace(end=min(each.end, start)))
        if awaited and end < NEVER:
            kept.append(Awaiting(end, NEVER, joined=False))
        self.awaiting = kept


class ClassRegister(Aggregate):
    """One class: its children with the days they belong to it."""

    __slots__ = ("_awaited", "_roll_cache", "class_key", "opened_on", "stays")

    KIND: ClassVar[str] = "class"

    def __init__(self, id_: UUID) -> None:
        super().__init__(id_)
        self.class_key = ""
        self.opened_on: date | None = None
        self.stays: dict[UUID, list[_Stay]] = {}
        self._awaited: dict[UUID, list[Awaiting]] | None = None
        self._roll_cache: tuple[int, int, frozenset[UUID]] | None = None

    @staticmethod
    def stream(county: str, class_key: str) -> UUID:
        """The stream of a class."""
        return stream_id(county, "class", class_key)

    @property
    def exists(self) -> bool:
        return self.opened_on is not None

    def open(self, ctx: CommandContext, *, class_key: str, on: date) -> None:
        """Open the class unless it is open already."""
        if not self.exists:
            school = split_class_key(class_key)[0]
            self.trigger_event(ClassOpened, ctx, occurred_on=on, school=school, class_key=class_key)

    def join(
        self, ctx: CommandContext, *, children: list[UUID], on: date, awaited: bool = False
    ) -> None:
        """Enter children who do not belong to the class on that day yet."""
        day = on.toordinal()
        new = [child for child in children if not self.belongs(child, day)]
        if new:
            self.trigger_event(
                PupilsJoined,
                ctx,
                occurred_on=on,
                class_key=self.class_key,
                children=new,
                awaited=awaited,
            )

    def leave(self, ctx: CommandContext, *, child: UUID, on: date) -> None:
        """Let a child go if it belongs to the class on that day."""
        if self.belongs(child, on.toordinal()):
            self.trigger_event(
                PupilLeft, ctx, occurred_on=on, class_key=self.class_key, child=child
            )

    def away(
        self,
        ctx: CommandContext,
        *,
        child: UUID,
        effective_from: date,
        until: date | None,
        awaited: bool = False,
    ) -> None:
        """Take a child off the roll for a time; with ``until`` = ``effective_from`` put it
        back on the roll from that day.
        """
        self.trigger_event(
            PupilAway,
            ctx,
            occurred_on=min(effective_from, ctx.today),
            class_key=self.class_key,
            child=child,
            effective_from=effective_from,
            until=until,
            awaited=awaited,
        )

    def apply(self, event: Any) -> None:
        self._roll_cache = self._awaited = None
        match event:
            case ClassOpened():
                self.class_key = event.class_key
                self.opened_on = event.occurred_on
            case PupilsJoined():
                first = event.occurred_on.toordinal()
                for child in event.children:
                    stay = _Stay(first, awaited=event.awaited)
                    self.stays.setdefault(child, []).append(stay)
            case PupilLeft():
                self._last_stay(event.child).last = event.occurred_on.toordinal()
            case PupilAway():
                start = event.effective_from.toordinal()
                end = event.until.toordinal() if event.until else NEVER
                self._last_stay(event.child).go_away(start, end, awaited=event.awaited)

    def _last_stay(self, child: UUID) -> _Stay:
        return self.stays[child][-1]

    def belongs(self, child: UUID, day: int) -> bool:
        """Whether the child belongs to the class on a day (ordinal), on the roll or away."""
        for stay in self.stays.get(child, ()):  # noqa: SIM110 - asked of every child of a sheet
            if stay.first <= day < stay.last:
                return True
        return False

    def on_roll(self, child: UUID, day: int) -> bool:
        """Whether the child is expected at the roll call of a day (ordinal)."""
        return any(stay.on_roll(day) for stay in self.stays.get(child, ()))

    def away_from(self, child: UUID, day: int) -> bool:
        """Whether the child is off the roll on a day or later, and still belongs to it."""
        return any(day < b for stay in self.stays.get(child, ())[-1:] for _, b in stay.away)

    def was_away(self, child: UUID) -> bool:
        """Whether the child was, or will be, off the roll while it belonged to the class."""
        return any(stay.away for stay in self.stays.get(child, ()))

    def roll(self, day: int) -> frozenset[UUID]:
        """The children expected at the roll call of a day (ordinal)."""
        cached = self._roll_cache
        if cached is not None and cached[0] <= day < cached[1]:
            return cached[2]
        low, high = 0, NEVER
        for stays in self.stays.values():
            for stay in stays:
                for edge in (stay.first, stay.last, *(x for pair in stay.away for x in pair)):
                    if edge <= day:
                        low = max(low, edge)
                    else:
                        high = min(high, edge)
        roll = frozenset(c for c, s in self.stays.items() if any(x.on_roll(day) for x in s))
        self._roll_cache = (low, high, roll)
        return roll

    def awaited(self) -> dict[UUID, list[Awaiting]]:
        """Children who have, or had, to be named 到校, with the days that holds for."""
        if self._awaited is None:
            found: dict[UUID, list[Awaiting]] = {}
            for child, stays in self.stays.items():
                for stay in stays:
                    for each in stay.awaiting:
                        end = min(each.end, stay.last)
                        if each.since < end:
                            found.setdefault(child, []).append(each._replace(end=end))
            self._awaited = found
        return self._awaited
