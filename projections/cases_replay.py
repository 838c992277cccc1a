"""How did a case stand on a day? Replayed from its facts, or read as it was packed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from ckbx.domain.case.case import Case
from ckbx.domain.case.events import CaseRelapsed, CaseRelapseWithdrawn
from ckbx.domain.case.outcome_events import ChildReturned
from ckbx.domain.case.snapshot import unpack_case
from ckbx.domain.legal.legal_steps import LegalSteps
from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.codec import decode_event
from ckbx.eventlog.ports import RecordedEvent
from ckbx.eventlog.selects import Prepared, among
from projections.cases_stand_fold import ALWAYS_HELD
from projections.cases_tables import FACTS, NAME, STANDS
from projections.kit.reading import Reading
from projections.kit.tables import POSITION
from projections.roster import Place

_MANY: Final = 500
_KEPT: Final = 6_000
"""So many replayed cases are kept for later looks (some 20 kB each)."""
_KEPT_PACKED: Final = 20_000
"""So many unpacked ones (some 3 kB each)."""


_C: Final = FACTS.c
_FACTS_OF: Final = Prepared(
    select(FACTS.table)
    .where(among(_C.case_id), _C.position <= POSITION)
    .order_by(_C.case_id, _C.position)
)
_LAST_KNOWN: Final = Prepared(
    select(_C.case_id, func.max(_C.position))
    .where(among(_C.case_id), _C.position <= POSITION)
    .group_by(_C.case_id)
)


class CaseStand(msgspec.Struct, frozen=True, kw_only=True):
    """A case as of a day: its state, its legal steps (None: none begun), where the child was.

    ``back_at``: when its last return was recorded (microseconds). All are shared: not to be
    changed.
    """

    case: Case
    steps: LegalSteps | None
    place: Place
    back_at: int | None


class CaseOnDay(CaseStand, frozen=True, kw_only=True):
    """With the facts of that day and before in order of recording."""

    facts: list[RecordedEvent]

    def last(self, kind: type[DomainEvent]) -> Any:
        """The last fact of a kind, None where there is none."""
        found = (fact.event for fact in reversed(self.facts) if type(fact.event) is kind)
        return next(found, None)


class _Unpacked(NamedTuple):
    """A case as of its fact at the position ``last``."""

    last: int
    case: Case
    back_at: int | None


class Replayed(NamedTuple):
    """A case with its facts."""

    case: Case
    steps: LegalSteps | None
    back_at: int | None
    facts: list[RecordedEvent]

    def at(self, place: Place) -> CaseOnDay:
        """With the child's place."""
        return CaseOnDay(
            case=self.case, steps=self.steps, place=place, back_at=self.back_at, facts=self.facts
        )


def unpacked(reading: Reading, wanted: Sequence[tuple[UUID, int, Place]]) -> list[CaseStand]:
    """Cases as of their newest fact, given by its position, with their places."""
    kept: dict[UUID, _Unpacked] = reading.keep((NAME, "unpacked"), dict)
    held = [kept.get(case) for case, _, _ in wanted]
    pairs = list(zip(wanted, held, strict=True))
    missing = {case: last for (case, last, _), known in pairs if not known or known.last != last}
    read = _read_packed(reading, missing) if missing else {}
    if len(kept) + len(read) > _KEPT_PACKED:
        kept.clear()
    kept.update(read)
    return [
        CaseStand(case=known.case, steps=None, place=place, back_at=known.back_at)
        for (case, _, place), before in pairs
        if (known := read.get(case, before) if read else before) is not None
    ]


def _read_packed(reading: Reading, last: Mapping[UUID, int]) -> dict[UUID, _Unpacked]:
    c = STANDS.c
    query = select(c.case_id, c.back_at, c.state)
    return {
        case: _Unpacked(last[case], unpack_case(case, state), back_at)
        for chunk in chunks(last)
        for case, back_at, state in reading.rows(query.where(c.case_id.in_(chunk)))
    }


def facts_of_cases(
    reading: Reading, cases: Collection[UUID], position: int
) -> dict[UUID, list[RecordedEvent]]:
    """What is known of the cases by a position, in order of recording."""
    found: dict[UUID, list[RecordedEvent]] = {}
    rows = reading.ask(_FACTS_OF, cases, position=position)
    for case, at, recorded_at, topic, state in rows:
        fact = RecordedEvent(at, recorded_at, decode_event(topic, bytes(state)))
        found.setdefault(case, []).append(fact)
    return found


def chunks(ids: Collection[UUID]) -> Iterator[list[UUID]]:
    """As many as one select names."""
    listed = list(ids)
    for start in range(0, len(listed), _MANY):
        yield listed[start : start + _MANY]


def replayed(
    reading: Reading, ids: Collection[UUID], as_of: date, position: int
) -> dict[UUID, Replayed]:
    """Each case as of a day. Facts are only ever added, so a case whose last known fact is the
    same is the same: it is replayed once and kept.
    """
    kept: dict[tuple[UUID, int, date], Replayed] = reading.keep((NAME, "replayed"), dict)
    last_known = reading.ask(_LAST_KNOWN, ids, position=position)
    keys = {case: (case, last, as_of) for case, last in last_known}
    stood = {case: held for case, key in keys.items() if (held := kept.get(key)) is not None}
    facts = facts_of_cases(reading, [id_ for id_ in ids if id_ not in stood], position)
    if len(kept) + len(facts) > _KEPT:
        kept.clear()
    for case, known in facts.items():
        stood[case] = _on_day(case, known, as_of)
        if len(facts) <= _KEPT:
            kept[keys[case]] = stood[case]
    return stood


def _on_day(id_: UUID, known: Sequence[RecordedEvent], as_of: date) -> Replayed:
    case, steps, back_at = Case(id_), None, None
    facts = [f for f in known if f.event.occurred_on <= as_of or isinstance(f.event, ALWAYS_HELD)]
    never = {f.event.next_case for f in known if isinstance(f.event, CaseRelapseWithdrawn)}
    for fact in facts:
        event = fact.event
        if isinstance(event, CaseRelapsed | CaseRelapseWithdrawn) and event.next_case in never:
            continue
        if event.originator_id != case.id:
            steps = steps or LegalSteps(event.originator_id)
            steps.replay([event])
            continue
        case.replay([event])
        if isinstance(event, ChildReturned):
            back_at = fact.recorded_at
    return Replayed(case, steps, back_at, facts)
