"""The first legal act on a case begins its stream."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple
from uuid import UUID

from ckbx.domain.legal import events as e
from ckbx.domain.legal.legal_steps import LegalSteps
from ckbx.domain.shared.event import CommandContext


class Subject(NamedTuple):
    """Whose steps these are."""

    case: UUID
    child: UUID


def open_steps(state: LegalSteps, ctx: CommandContext, of: Subject, on: date) -> None:
    """Begin the stream before the first act that was found in order; nothing afterwards."""
    if state.opened_on is None:
        state.trigger_event(e.LegalStepsOpened, ctx, occurred_on=on, case=of.case, child=of.child)
