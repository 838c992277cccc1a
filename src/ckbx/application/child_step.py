"""A step that a person takes on something about one child: on an application, on a placement.

``seen`` is the version of it that the person had before them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from ckbx.application.case_papers import Papers
from ckbx.application.erasure import ChildNeverRegistered
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.child.child import Child
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.system_actors import actor_name

About = TypeVar("About", bound=Any)


def take(
    office: Office,
    unit: Unit,
    child_id: UUID,
    about: Callable[[Child], About],
    act: Callable[[Child, About], None],
    changed: Callable[[list[tuple[str, str, str]]], CkbxError],
    *,
    seen: int | None,
    papers: Papers | None,
) -> None:
    """Carry out ``act`` on what the step is ``about``, and keep what was typed for it.

    Raises ChildNeverRegistered, ``changed`` where it moved since the person saw it, and what
    ``act`` refuses.
    """
    child = unit.get(child_id, Child)
    if not child.version:
        raise ChildNeverRegistered(child=child_id)
    found = about(child)
    if seen is not None and seen != found.version:
        raise changed(_changes(office, found.id, seen))
    act(child, found)
    if papers is not None:
        papers.write(unit, child_id)


def _changes(office: Office, stream: UUID, seen: int) -> list[tuple[str, str, str]]:
    """Title, actor and day of what was recorded in a stream after a version."""
    events = office.log.load([stream]).get(stream, [])
    return [
        (event.TITLE, actor_name(event.actor), event.occurred_on.isoformat())
        for event in events
        if event.originator_version > seen
    ]
