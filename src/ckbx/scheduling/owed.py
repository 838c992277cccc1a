"""What does the clock owe by an instant: all duties, unit by unit, and the keys of their alerts.

Nearly all of it was done long ago. To find what is left only the keys are needed, and whether
the cause is over; they are remembered of the units that stand as they stood. The duties
themselves are made where there is something to do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import partial
from itertools import chain
from typing import Final, NamedTuple

from ckbx.scheduling import (
    absent,
    backups,
    care,
    case_duties,
    dated,
    graduation,
    ladder,
    opening,
    primary_gap,
    report_duties,
    reviews,
    silence,
    yearly,
)
from ckbx.scheduling.duty import Duty
from ckbx.scheduling.facts import Facts
from ckbx.scheduling.memory import NOT_KEPT
from ckbx.scheduling.unit import Unit

REST: Final = "rest"


class Keys(NamedTuple):
    """The streams (16 bytes) of the alerts of some duties: those whose cause holds, and those
    whose cause is over again by the instant.
    """

    open: Collection[bytes]
    over: Collection[bytes]


def duties(facts: Facts) -> Iterator[Duty]:
    """Every duty of the clock since the horizon and by the instant, over again or not, but
    for those that wait for the end of an import.
    """
    return chain.from_iterable(_of(facts, unit) for unit in units(facts))


def units(facts: Facts) -> Iterator[Unit]:
    """All there are. The last is everything that is little, or rests on the whole county."""
    yield from absent.units(facts)
    yield from opening.units(facts)
    yield from case_duties.units(facts)
    yield from ladder.units(facts)
    yield Unit(REST, "", NOT_KEPT, partial(_rest, facts))


def _rest(facts: Facts) -> Iterator[Duty]:
    """What those answerable first are told, what its own rules tell further up, and what rises
    of it. The duties of all other units do not rise, or by rules of their own.
    """
    told = list(_told(facts))
    return chain(told, ladder.risen_of_clock(facts, told))


def _told(facts: Facts) -> Iterator[Duty]:
    return chain(
        silence.silent_days(facts),
        dated.leaves(facts),
        dated.transfers(facts),
        dated.vacant_posts(facts),
        dated.closures(facts),
        dated.unknown_years(facts),
        graduation.unrecorded(facts.leaving, facts.horizon, facts.today),
        opening.programme(facts),
        primary_gap.due(facts),
        reviews.due(facts),
        care.duties(facts),
        report_duties.due(facts),
        yearly.due(facts),
        backups.due(facts),
    )


def _of(facts: Facts, unit: Unit) -> Iterator[Duty]:
    first, last, waits = facts.horizon, facts.today, bool(facts.importing)
    return (
        duty
        for duty in unit.duties()
        if first <= duty.on <= last and not (waits and facts.waits(duty.rule, duty.school, duty.on))
    )


class Owed:
    """All that is owed: ``open`` and ``over`` as in :class:`Keys`. Two duties of one key are
    one alert: the later unit, and in a unit the later duty, says what it is.
    """

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._units: list[tuple[Unit, Keys]] = []
        self._made: dict[int, dict[bytes, Duty]] = {}
        self.open: set[bytes] = set()
        self.over: set[bytes] = set()
        memory = facts.memory
        for unit in units(facts):
            keys = memory.part("owed " + unit.of).made(
                unit.key, unit.basis, partial(self._keys, unit)
            )
            self._add(keys)
            self._units.append((unit, keys))

    def _keys(self, unit: Unit) -> Keys:
        """Of a unit that is not known; its duties are kept for this look."""
        made = self._made[len(self._units)] = self._duties(unit)
        return _keys_of(made)

    def _duties(self, unit: Unit) -> dict[bytes, Duty]:
        county = self._facts.county
        return {duty.stream(county).bytes: duty for duty in _of(self._facts, unit)}

    def _add(self, keys: Keys) -> None:
        if keys.open:
            self.open.update(keys.open)
            self.over.difference_update(keys.open)
        if keys.over:
            self.over.update(keys.over)
            self.open.difference_update(keys.over)

    def duties_of(self, wanted: Collection[bytes]) -> dict[bytes, Duty]:
        """The duties of these keys, in the order of the units."""
        found: dict[bytes, Duty] = {}
        if wanted:
            for n, (unit, keys) in enumerate(self._units):
                if any(key in wanted for each in keys for key in each):
                    made = self._made.get(n) or self._duties(unit)
                    found.update((key, duty) for key, duty in made.items() if key in wanted)
        return found


def _keys_of(made: dict[bytes, Duty]) -> Keys:
    return Keys(
        tuple([key for key, duty in made.items() if duty.over_on is None]),
        tuple([key for key, duty in made.items() if duty.over_on is not None]),
    )
