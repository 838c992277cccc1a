"""Which files are kept for a child, to which fact does each belong, and what is in one?

Files handed in with any step, not only with a case: decisions, transfers, leaves, placements,
re-checks. What is kept is asked of the vault, which records who looked; what each is for, of
the log.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from ckbx.clock import from_micros, local_day
from ckbx.domain.case.case import case_stream
from ckbx.domain.leave.application import application_stream
from ckbx.domain.legal.legal_steps import LegalSteps
from ckbx.domain.placement.placement import ChildPlacement
from ckbx.domain.recheck.recheck import Recheck
from ckbx.domain.recheck.sampling import quarter_of
from ckbx.domain.shared.errors import InputRefused
from ckbx.domain.shared.event import DomainEvent
from ckbx.ledgers.case_files import SHORTEST, FileErased, attached_to
from ckbx.ledgers.child import ChildUnknown
from ckbx.ledgers.model import Row, instant_text
from ckbx.store import Store
from ckbx.vault import Access, Person
from ckbx.vault.kept_files import KeptFile


class KeptFileUnknown(InputRefused):
    code = "kept_file_unknown"
    message = "该生名下没有编号为 {file} 的文件（或不止一个）；请运行 ckbx evidence list 核对编号"


def kept_json(store: Store, child: UUID, access: Access) -> dict[str, Any]:
    """Every file of a child, in order of recording; the look is recorded.

    ``format`` and ``digest`` are told where the fact tells them. Raises ChildUnknown.
    """
    person = _known(store, child, access)
    kept = store.vault.files_of(child)
    facts = _facts(store, child, kept)
    return {
        "child_id": str(child),
        "erased": person.erased,
        "rows": [_row(each, facts.get(each.file)) for each in kept],
    }


def kept_file(store: Store, child: UUID, number: str, access: Access) -> bytes:
    """The content of a file by its id or the beginning of it; the look is recorded.

    Raises ChildUnknown, KeptFileUnknown, FileErased and what :meth:`Vault.read` raises.
    """
    digits = number.strip().lower().replace("-", "")
    ids = {each.file for each in store.vault.files_of(child)}
    found = [id_ for id_ in ids if len(digits) >= SHORTEST and id_.hex.startswith(digits)]
    fields = [f"file:{id_}" for id_ in found] if len(found) == 1 else []
    person = _known(store, child, access, *fields)
    if person.erased:
        raise FileErased(file=number)
    if len(found) != 1:
        raise KeptFileUnknown(file=number)
    return person.files[found[0]]


def _known(store: Store, child: UUID, access: Access, *fields: str) -> Person:
    if not store.log.load([child]).get(child):
        raise ChildUnknown(key=child)
    return store.vault.read([child], fields, access)[child]


def _row(kept: KeptFile, event: DomainEvent | None) -> Row:
    attached = {each.file: each for each in attached_to(event)} if event else {}
    more = attached.get(kept.file)
    return {
        "file": str(kept.file),
        "event": event.TOPIC if event else None,
        "title": event.TITLE if event else None,
        "occurred_on": event.occurred_on if event else None,
        "actor": event.actor if event else None,
        "recorded_at": instant_text(from_micros(kept.recorded_at)),
        "format": more.format if more else None,
        "size": kept.size,
        "digest": more.digest if more else None,
    }


def _facts(store: Store, child: UUID, kept: list[KeptFile]) -> dict[UUID, DomainEvent]:
    """The fact that first names each file."""
    zone = store.clock.zone
    days = [local_day(from_micros(each.recorded_at), zone) for each in kept]
    found: dict[UUID, DomainEvent] = {}
    for stream in _streams(store, child, days):
        for event in store.log.load([stream]).get(stream, []):
            for ref in _named(event):
                found.setdefault(ref, event)
    return found


def _streams(store: Store, child: UUID, days: list[date]) -> Iterator[UUID]:
    """Where files of a child are named: what is recorded fullest comes first."""
    county = store.office.county
    for case in _numbered(store, lambda n: case_stream(county, child, n)):
        yield case
        yield LegalSteps.stream(county, case)
    yield from _numbered(store, lambda n: application_stream(county, child, n))
    yield ChildPlacement.stream(county, child)
    yield child
    for quarter in _quarters(days):
        yield Recheck.stream(county, quarter)


def _numbered(store: Store, stream: Any) -> Iterator[UUID]:
    number = 1
    while store.log.load([stream(number)]).get(stream(number)):
        yield stream(number)
        number += 1


def _quarters(days: list[date]) -> list[Any]:
    """The quarters in which files came in, and the one before each: a check may come late."""
    found = [quarter_of(day) for day in days]
    return list(dict.fromkeys([*found, *(each.before for each in found)]))


def _named(event: DomainEvent) -> Iterator[UUID]:
    """Every id of a file that may stand in a fact."""
    yield from (each.file for each in attached_to(event))
    for name in event.__struct_fields__:
        value = getattr(event, name)
        if isinstance(value, UUID):
            yield value
        elif isinstance(value, str) and name.endswith("_ref"):
            try:
                yield msgspec.convert(value, UUID)
            except msgspec.ValidationError:
                continue
