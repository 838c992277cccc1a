"""A step that a person takes on something about one child: on an application, on a placement.

``seen`` is the version of it that the person had before them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, NamedTuple, Protocol, TypeVar
from uuid import UUID

from ckbx.application.case_papers import Papers
from ckbx.application.erasure import ChildNeverRegistered
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.child.child import Child
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.system_actors import actor_name
from ckbx.eventlog.ports import Appended


class About(Protocol):
    """What a step is about, as the unit has it."""

    @property
    def id(self) -> UUID: ...

    @property
    def version(self) -> int: ...


Work = TypeVar("Work")


class Steps(NamedTuple, Generic[Work]):
    """The steps on one such thing: ``seen_by`` is how a step sees it, ``about`` the thing
    itself, ``changed`` the refusal where it moved meanwhile, ``done`` the reply.
    """

    seen_by: Callable[[Office, Unit, Child], Work]
    about: Callable[[Work], About]
    changed: Callable[[list[tuple[str, str, str]]], CkbxError]
    done: bytes

    def work_on(
        self,
        office: Office,
        ctx: CommandContext,
        child: UUID,
        act: Callable[[Work], None],
        *,
        seen: int | None = None,
        papers: Papers | None = None,
    ) -> Appended:
        """Carry out a step; what was typed for it is kept with it.

        Raises ChildNeverRegistered, the refusal of what changed meanwhile, and what ``act``
        refuses.
        """
        return office.run(
            ctx, lambda unit: self.take_step(office, unit, child, act, seen=seen, papers=papers)
        )

    def take_step(
        self,
        office: Office,
        unit: Unit,
        child_id: UUID,
        act: Callable[[Work], None],
        *,
        seen: int | None = None,
        papers: Papers | None = None,
    ) -> bytes:
        """Decide :meth:`work_on` in a unit that is carried through elsewhere."""
        child = unit.get(child_id, Child)
        if not child.version:
            raise ChildNeverRegistered(child=child_id)
        work = self.seen_by(office, unit, child)
        about = self.about(work)
        if seen is not None and seen != about.version:
            raise self.changed(_changes(office, about.id, seen))
        act(work)
        if papers is not None:
            papers.write(unit, child_id)
        return self.done


def _changes(office: Office, stream: UUID, seen: int) -> list[tuple[str, str, str]]:
    """Title, actor and day of what was recorded in a stream after a version."""
    events = office.log.load([stream]).get(stream, [])
    return [
        (event.TITLE, actor_name(event.actor), event.occurred_on.isoformat())
        for event in events
        if event.originator_version > seen
    ]
