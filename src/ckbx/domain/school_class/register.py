"""班级名册: who is on the roll of a class on a day."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

from ckbx.domain.school_class.events import ClassOpened, PupilAway, PupilLeft, PupilsJoined
from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import split_class_key, stream_id

NEVER = 10**7
"""An ordinal after every day there will be."""


class _Stay:
    """One stretch of belonging; days as ordinals, ``last`` exclusive."""

    __slots__ = ("awaited_from", "away", "first", "last")

    def __init__(self, first: int, *, awaited: bool) -> None:
        self.first = first
        self.last = NEVER
        self.away: list[tuple[int, int]] = []
        self.awaited_from: int | None = first if awaited else None

    def on_roll(self, day: int) -> bool:
        return self.first <= day < self.last and not any(a <= day < b for a, b in self.away)


class ClassRegister(Aggregate):
    """One class: its children with the days they belong to it."""

    __slots__ = ("_awaited", "_roll_cache", "class_key", "opened_on", "stays")

    KIND: ClassVar[str] = "class"

    def __init__(self, id_: UUID) -> None:
        super().__init__(id_)
        self.class_key = ""
        self.opened_on: date | None = None
        self.stays: dict[UUID, list[_Stay]] = {}
        self._awaited: list[UUID] | None = None
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
        """Take a child off the roll for a time."""
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
                stay = self._last_stay(event.child)
                start = event.effective_from.toordinal()
                end = event.until.toordinal() if event.until else NEVER
                stay.away = [(a, min(b, start)) for a, b in stay.away if a < start]
                if end > start:
                    stay.away.append((start, end))
                stay.awaited_from = end if event.awaited else None

    def _last_stay(self, child: UUID) -> _Stay:
        return self.stays[child][-1]

    def belongs(self, child: UUID, day: int) -> bool:
        """Whether the child belongs to the class on a day (ordinal), on the roll or away."""
        return any(stay.first <= day < stay.last for stay in self.stays.get(child, ()))

    def on_roll(self, child: UUID, day: int) -> bool:
        """Whether the child is expected at the roll call of a day (ordinal)."""
        return any(stay.on_roll(day) for stay in self.stays.get(child, ()))

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

    def awaited(self, child: UUID, day: int) -> int | None:
        """The day from which the child must be named 到校, when that stands on ``day``."""
        for stay in self.stays.get(child, ()):
            if stay.on_roll(day) and stay.awaited_from is not None and stay.awaited_from <= day:
                return stay.awaited_from
        return None

    def any_awaited(self) -> list[UUID]:
        """Children with a stay that waits for a 到校 by name."""
        if self._awaited is None:
            stays = self.stays.items()
            self._awaited = [c for c, s in stays if any(x.awaited_from is not None for x in s)]
        return self._awaited
