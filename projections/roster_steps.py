"""What do all steps of a child's history share: what is remembered, how a stretch changes?"""

from __future__ import annotations

from collections.abc import Callable

from projections.kit.fold import Fold, Values
from projections.roster_tables import MEMORY, PLACES, Memory, PlaceValues

Step = Callable[[PlaceValues], PlaceValues]


def forget(fold: Fold, child: bytes) -> None:
    """Nothing is open for the child any more."""
    if fold[MEMORY].get(child) is not None:
        fold[MEMORY].drop(child)


def memory_of(fold: Fold, child: bytes) -> Memory:
    """What is remembered of the child."""
    found = fold[MEMORY].get(child)
    return Memory() if found is None else Memory._make(found)


def change_places(
    fold: Fold, child: bytes, first: int, last: int | None, step: Step, position: int
) -> None:
    """Change the places of known days; days before the child was known stay empty."""

    def change(old: Values | None) -> Values | None:
        return None if old is None else step(PlaceValues._make(old))

    fold[PLACES].patch(child, first, last, change, position)


def since_when(fold: Fold, child: bytes, day: int, status: str) -> int:
    """The first day of a status that stands on ``day``: earlier when it stood the day before."""
    before = fold[PLACES].on(child, day - 1)
    return before[7] if before is not None and before[5] == status else day
