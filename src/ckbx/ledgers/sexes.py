"""Which sex is registered of each child, as people read it?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from ckbx.domain.child.events import ChildRegistered
from ckbx.domain.shared.identifiers import Sex
from ckbx.eventlog.readable import read_readable
from ckbx.ledgers.question import Look

_CHUNK: Final = 2_000


def sexes(look: Look, children: Sequence[UUID]) -> dict[UUID, str]:
    """男 or 女 of each child as registered; nothing of one whose registration is unreadable."""
    found: dict[UUID, str] = {}
    asked = look.shown(children)
    for start in range(0, len(asked), _CHUNK):
        chunk = asked[start : start + _CHUNK]
        for recorded in read_readable(look.log, chunk, up_to=look.position).events:
            event: Any = recorded.event
            if isinstance(event, ChildRegistered):
                found[event.originator_id] = sex_label(event.sex)
    return found


def sex_label(code: str) -> str:
    """男 or 女; a code that is neither is shown as it stands."""
    return Sex(code).label if code in set(Sex) else code
