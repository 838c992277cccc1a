"""The state of a case as bytes, so that a list need not fold every fact of every case."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from ckbx.domain.case.case import (
    Case,
    Check,
    Conclusion,
    Deed,
    FollowUp,
    Letter,
    Round,
    Teacher,
)
from ckbx.domain.case.codes import CaseKind, RiskLevel, Stage
from ckbx.domain.child.status import SuspicionSource


class CaseState(msgspec.Struct, array_like=True):
    """Every slot of :class:`Case`, in order of its ``__slots__``, after the version."""

    version: int
    _before: Stage
    _left: Stage
    causes: list[tuple[UUID, bool]]
    child: UUID
    closed: Deed | None
    concluded: Conclusion | None
    confirmed: Deed | None
    contacts: list[Deed]
    determined: Deed | None
    episode: int
    explained: list[date]
    first_absent_on: date
    follow_ups: list[FollowUp]
    ground_changed: Deed | None
    kind: CaseKind
    letters: dict[int, Letter]
    next_case: UUID | None
    opened: Deed | None
    over: Deed | None
    plan: Deed | None
    relapse_of: UUID | None
    reports: list[Deed]
    returned: Deed | None
    risk: RiskLevel | None
    rounds: list[Round]
    rule: str
    school: str | None
    settled: Deed | None
    source: SuspicionSource
    stage: Stage
    suspected_on: date
    teacher: Teacher | None
    verifications: list[Check]
    visits: list[Deed]


_SLOTS = CaseState.__struct_fields__
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(CaseState).decode


def pack_case(case: Case) -> bytes:
    """The same bytes for the same state."""
    state = CaseState(*[getattr(case, slot) for slot in _SLOTS])
    state.explained = sorted(state.explained)
    return _encode(state)


def unpack_case(id_: UUID, packed: bytes) -> Case:
    """The case that :func:`pack_case` was given. Raises msgspec.ValidationError."""
    case, state = Case(id_), _decode(packed)
    for slot in _SLOTS:
        setattr(case, slot, getattr(state, slot))
    case.explained = set(state.explained)
    return case
