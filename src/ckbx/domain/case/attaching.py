"""附件 added to a case after the fact: to one of its facts, or to the case itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from ckbx.domain.case import work_events as wk
from ckbx.domain.case.case import Case
from ckbx.domain.case.errors import FactUnknown, FilesMissing
from ckbx.domain.case.people import Attached
from ckbx.domain.case.steps import check
from ckbx.domain.shared.event import CommandContext


def attach(
    case: Case,
    ctx: CommandContext,
    *,
    role: str,
    on: date,
    fact: int | None,
    attachments: Sequence[Attached],
    note: UUID | None = None,
) -> None:
    """Add files. ``fact``: the number of the fact in the case they belong to, None: the case.

    Raises FilesMissing, FactUnknown.
    """
    check(case, ctx, "attach", role=role, on=on)
    if not attachments:
        raise FilesMissing
    if fact is not None and not 1 <= fact <= case.version:
        raise FactUnknown(number=fact, last=case.version)
    case.trigger_event(
        wk.FilesAttached,
        ctx,
        occurred_on=on,
        fact=fact,
        attachments=list(attachments),
        note_ref=note,
    )
