"""What may a quarter's re-check be drawn from today, as known now?"""

from __future__ import annotations

from ckbx.clock import micros
from ckbx.domain.recheck.recheck import Population
from ckbx.domain.recheck.sampling import Quarter
from ckbx.store import Store
from projections import rechecks
from projections.scope import Scope

_ANSWERS = ("cases", "movements", "roster")


def population(store: Store, of: Quarter) -> Population:
    """Closures and leaves of the quarter in the whole county: a draw is from all of them. Known
    is what is folded.
    """
    as_of = min(store.office.today(), of.last_day)
    with store.answers.reading() as reading:
        position = min(reading.position(name) for name in _ANSWERS)
        found = rechecks.drawable(reading, Scope.county(), of, as_of=as_of, position=position)
    now, last = store.clock.now(), store.log.recorded_at(position)
    return Population(
        as_of=as_of,
        position=position,
        known_at=micros(max(now, last) if last else now),
        closures=found.closures,
        leaves=found.leaves,
    )
