"""How is the state of a case kept beside its facts? One row a case, folded on with each fact."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from ckbx.domain.case.case import Case
from ckbx.domain.case.events import CaseOpened, CaseRelapseWithdrawn, CaseRevised
from ckbx.domain.case.outcome_events import ChildReturned
from ckbx.domain.case.snapshot import pack_case, unpack_case
from ckbx.domain.shared.event import DomainEvent
from projections.cases_tables import STANDS, Stood
from projections.kit.fold import Fold

ALWAYS_HELD: Final = (CaseOpened, CaseRevised)
"""Facts of a case that hold on every day it is there, whatever day they name."""


def stand(fold: Fold, event: DomainEvent, position: int, case_id: bytes) -> None:
    """Fold one more fact of a case, or of its legal steps, into its row."""
    rows = fold[STANDS]
    kept = rows.get(case_id)
    was = Stood(*kept) if kept is not None else Stood(position, 0, None, True, b"")
    state, plain, back_at = was.state, was.plain, was.back_at
    if event.originator_id.bytes == case_id:
        case = unpack_case(event.originator_id, state) if state else Case(UUID(bytes=case_id))
        case.replay([event])
        state = pack_case(case)
        plain = plain and not isinstance(event, CaseRelapseWithdrawn)
        if isinstance(event, ChildReturned):
            back_at = fold.recorded_at
    else:
        plain = False
    on = 0 if isinstance(event, ALWAYS_HELD) else event.occurred_on.toordinal()
    rows.put(case_id, tuple(Stood(position, max(on, was.last_day), back_at, plain, state)))
