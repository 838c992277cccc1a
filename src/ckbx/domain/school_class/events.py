"""Facts about who belongs to a class. The roll of a class-day is derived from these."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ckbx.domain.shared.event import DomainEvent


class ClassOpened(DomainEvent, frozen=True, kw_only=True):
    """A class exists from a day on; it keeps its key while it moves up."""

    TOPIC = "ckbx.class.ClassOpened"
    TITLE = "开设班级"
    school: str
    class_key: str


class PupilsJoined(DomainEvent, frozen=True, kw_only=True):
    """Children belong to the class from ``occurred_on``.

    ``awaited``: they count as absent (未核) on each reported day until somebody marks them
    到校 by name (domain §4, the roll).
    """

    TOPIC = "ckbx.class.PupilsJoined"
    TITLE = "编入班级"
    class_key: str
    children: list[UUID]
    awaited: bool = False


class PupilLeft(DomainEvent, frozen=True, kw_only=True):
    """A child no longer belongs to the class from ``occurred_on`` on (that day not included)."""

    TOPIC = "ckbx.class.PupilLeft"
    TITLE = "离开班级"
    class_key: str
    child: UUID


class PupilAway(DomainEvent, frozen=True, kw_only=True):
    """A child is off the roll from ``effective_from`` to the day before ``until`` (None: open).

    A leave, a confirmed dropout, a hand-over in transit: the child still belongs to the
    class but nobody expects it at the roll call. ``awaited`` on its return as in joining.
    """

    TOPIC = "ckbx.class.PupilAway"
    TITLE = "暂离点名册"
    class_key: str
    child: UUID
    effective_from: date
    until: date | None = None
    awaited: bool = False
