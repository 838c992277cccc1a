"""Which files are kept for a child, to which fact does each belong, and what is in one?

Files handed in with any step, and what was written there as evidence; not only with a case:
decisions, transfers, leaves, placements, re-checks. What is kept is asked of the vault, which
records who looked; what each is for, of the log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from ckbx.clock import from_micros, local_day
from ckbx.domain.case.case import case_stream
from ckbx.domain.leave.application import application_stream
from ckbx.domain.legal.legal_steps import LegalSteps
from ckbx.domain.placement.placement import ChildPlacement
from ckbx.domain.recheck.recheck import Recheck
from ckbx.domain.recheck.sampling import Quarter, quarter_of
from ckbx.domain.shared.errors import InputRefused
from ckbx.domain.shared.event import DomainEvent
from ckbx.ledgers.case_files import SHORTEST, FileErased, attached_to
from ckbx.ledgers.child import ChildUnknown
from ckbx.ledgers.model import Row, instant_text
from ckbx.store import Store
from ckbx.vault import Access, Person
from ckbx.vault.kept_files import KeptFile
from ckbx.vault.sealing import NOTE, file_field, note_field

_PROVING: Final = (
    "evidence_ref",
    "fit_paper_ref",
    "committee_ref",
    "paper_ref",
    "opinion_ref",
    "certificate_ref",
)
"""Fields of a fact that name what proves it: a file, or words that say what there is."""


class KeptFileUnknown(InputRefused):
    code = "kept_file_unknown"
    message = "该生名下没有编号为 {file} 的文件（或不止一个）；请运行 ckbx evidence list 核对编号"


class Kept(NamedTuple):
    """A file or a text that proves something, and the fact that first names it (None: unknown)."""

    kept: KeptFile
    event: DomainEvent | None

    @property
    def is_text(self) -> bool:
        """Whether it was written, not handed in as a file."""
        return self.kept.size is None

    @property
    def field(self) -> str:
        """What the vault calls it."""
        return note_field(self.kept.file) if self.is_text else file_field(self.kept.file)


def kept_of(store: Store, child: UUID) -> list[Kept]:
    """What is kept of a child, in order of recording; nothing is read of it."""
    kept = store.vault.files_of(child)
    facts = _facts(store, child, kept)
    found = [Kept(each, facts.get(each.file)) for each in kept]
    return [
        each
        for each in found
        if not each.is_text or (each.event is not None and each.kept.file in _proofs(each.event))
    ]


def kept_json(store: Store, child: UUID, access: Access) -> dict[str, Any]:
    """Every file of a child and what was written as evidence, in order of recording; the look
    is recorded.

    ``format`` and ``digest`` are told where the fact tells them. Raises ChildUnknown.
    """
    person = _known(store, child, access)
    return {
        "child_id": str(child),
        "erased": person.erased,
        "rows": [_row(each) for each in kept_of(store, child)],
    }


def kept_file(store: Store, child: UUID, number: str, access: Access) -> bytes:
    """The content of a file, or of a text (UTF-8), by its id or the beginning of it; the look
    is recorded.

    Raises ChildUnknown, KeptFileUnknown, FileErased and what :meth:`Vault.read` raises.
    """
    digits = number.strip().lower().replace("-", "")
    known = {each.kept.file: each for each in kept_of(store, child)}
    found = [id_ for id_ in known if len(digits) >= SHORTEST and id_.hex.startswith(digits)]
    fields = [known[id_].field for id_ in found] if len(found) == 1 else []
    person = _known(store, child, access, *fields)
    if person.erased:
        raise FileErased(file=number)
    if len(found) != 1:
        raise KeptFileUnknown(file=number)
    if known[found[0]].is_text:
        return person.notes[found[0]].encode()
    return person.files[found[0]]


def _known(store: Store, child: UUID, access: Access, *fields: str) -> Person:
    if not store.log.load([child]).get(child):
        raise ChildUnknown(key=child)
    return store.vault.read([child], fields, access)[child]


def _row(each: Kept) -> Row:
    kept, event = each
    attached = {each.file: each for each in attached_to(event)} if event else {}
    more = attached.get(kept.file)
    return {
        "file": str(kept.file),
        "event": event.TOPIC if event else None,
        "title": event.TITLE if event else None,
        "occurred_on": event.occurred_on if event else None,
        "actor": event.actor if event else None,
        "recorded_at": instant_text(from_micros(kept.recorded_at)),
        "format": "text" if each.is_text else more.format if more else None,
        "size": kept.size,
        "digest": more.digest if more else None,
    }


def _facts(store: Store, child: UUID, kept: Sequence[KeptFile]) -> dict[UUID, DomainEvent]:
    """The fact that first names each file or text."""
    wanted, found = {each.file for each in kept}, dict[UUID, DomainEvent]()
    if not wanted:
        return found
    for streams in _streams(store, child, kept):
        loaded = store.log.load(streams)
        for event in (event for stream in streams for event in loaded.get(stream, [])):
            for ref in _named(event):
                found.setdefault(ref, event)
        if wanted <= found.keys():
            break
    return found


def _streams(store: Store, child: UUID, kept: Sequence[KeptFile]) -> Iterator[list[UUID]]:
    """Where files of a child are named: what is recorded fullest comes first, what is seldom
    needed last.
    """
    county, placed = store.office.county, ChildPlacement.stream(store.office.county, child)
    cases = _numbered(store, lambda n: case_stream(county, child, n))
    yield [stream for case in cases for stream in (case, LegalSteps.stream(county, case))]
    yield [*_numbered(store, lambda n: application_stream(county, child, n)), placed, child]
    yield [Recheck.stream(county, quarter) for quarter in _quarters(store, child, kept)]


def _numbered(store: Store, stream: Callable[[int], UUID]) -> list[UUID]:
    found: list[UUID] = []
    while store.log.load([stream(len(found) + 1)]).get(stream(len(found) + 1)):
        found.append(stream(len(found) + 1))
    return found


def _quarters(store: Store, child: UUID, kept: Sequence[KeptFile]) -> Iterator[Quarter]:
    """Those in which something of the child could be checked: from its first fact to the last
    file, however late that came.
    """
    days = [local_day(from_micros(each.recorded_at), store.clock.zone) for each in kept]
    facts = store.log.load([child]).get(child, [])
    first = min(quarter_of(day) for day in (*days, *(fact.occurred_on for fact in facts)))
    quarter = quarter_of(max(days))
    while quarter >= first:
        yield quarter
        quarter = quarter.before


def _named(event: DomainEvent) -> Iterator[UUID]:
    """Every id of a file or a text that may stand in a fact."""
    yield from (each.file for each in attached_to(event))
    for name in event.__struct_fields__:
        ref = _ref(event, name)
        if ref is not None:
            yield ref


def _proofs(event: DomainEvent) -> set[UUID]:
    """Of those, what proves the fact."""
    found = (_ref(event, name) for name in _PROVING if name in event.__struct_fields__)
    return {ref for ref in found if ref is not None}


def _ref(event: DomainEvent, name: str) -> UUID | None:
    value = getattr(event, name)
    if isinstance(value, UUID):
        return value
    if isinstance(value, str) and name.endswith("_ref"):
        with suppress(msgspec.ValidationError):
            return msgspec.convert(value.removeprefix(NOTE), UUID)
    return None
