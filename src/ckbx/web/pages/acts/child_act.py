"""What is a decision on a child: its address, who may take it and when, what it asks and does?"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

import msgspec

from ckbx.application.case_papers import Papers
from ckbx.application.office import Office
from ckbx.domain.child.child import Child
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.leave.application import LeaveApplication
from ckbx.domain.placement.placement import ChildPlacement
from ckbx.domain.shared.event import CommandContext
from ckbx.web.pages.cases.basis import Basis
from ckbx.web.pages.cases.fields import Field, Options, day
from ckbx.web.pages.cases.filled import Filled
from ckbx.web.pages.known_places import KnownPlaces
from ckbx.web.permissions import Permission
from projections.transfers import TransferRow


class Of(msgspec.Struct, frozen=True, kw_only=True):
    """The child in hand, as the log has it. ``role``: in which the viewer acts, empty where in
    none; ``application``: the last one, None where there was none; ``people``: of the chains;
    ``classes``: where the child may be placed; ``moving``: the transfer that is under way;
    ``known``: the schools and places of the county.
    """

    child: Child
    status: TrackingStatus
    today: date
    role: str = ""
    account: str = ""
    application: LeaveApplication | None = None
    placement: ChildPlacement
    people: Options = ()
    classes: Options = ()
    moving: Moving | None = None
    known: KnownPlaces = KnownPlaces()

    @property
    def receiver(self) -> str:
        """The school that a transfer goes to; empty where none is under way."""
        return self.moving.row.receiving_school if self.moving else ""


class Moving(NamedTuple):
    """A transfer under way, with the schools' names and the class that was left."""

    row: TransferRow
    from_name: str
    to_name: str
    class_name: str


class Doing(msgspec.Struct, frozen=True, kw_only=True):
    """What an act is carried out with. ``seen``: the version that the page showed."""

    office: Office
    ctx: CommandContext
    child: UUID
    papers: Papers
    role: str
    seen: int | None = None


Do = Callable[[Doing], object]


def nothing(_of: Of) -> Sequence[Basis]:
    """What rests on no more than its form says."""
    return ()


class ChildAct(msgspec.Struct, frozen=True, kw_only=True):
    """``path``: the last part of its address; ``roles``: who may; ``fits``: whether the child
    stands where it may be done, ``not_now`` what is to be done instead; ``seen``: the version
    of what it changes, where others may have changed it meanwhile; ``from_there``: it is done
    by the school the child goes to; ``basis``: the facts it rests on, shown beside its form;
    ``moves``: it is about the transfer under way.
    """

    path: str
    title: str
    about: str
    permission: Permission
    roles: Collection[str]
    who: str
    fits: Callable[[Of], bool]
    not_now: str
    fields: Callable[[Of], Sequence[Field]]
    act: Callable[[Filled, Of], Do]
    people: bool = False
    classes: bool = False
    places: bool = False
    seen: Callable[[Of], int] | None = None
    from_there: bool = False
    moves: bool = False
    basis: Callable[[Of], Sequence[Basis]] = nothing


def on_day(of: Of, label: str = "日期") -> Field:
    """The day it was done: today unless another is picked."""
    return day("on", label, of.today.isoformat())


def proof(filled: Filled) -> str:
    """The reference of what proves it; empty where nothing was given."""
    words, attached = filled.note("evidence"), filled.files()
    found = words or (attached[0].file if attached else None)
    return str(found) if found else ""
