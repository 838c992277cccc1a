"""What may be open on a child: an episode, a leave, a return, a suspicion held by a transfer."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from ckbx.domain.child import events as e
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child import return_events as rt
from ckbx.domain.child.status import TrackingStatus

if TYPE_CHECKING:
    from ckbx.domain.child.child import Child

NEVER = 10**7
PRESENT, ASIDE = "present", "aside"
"""What a child's facts may say of a day besides a reason of absence."""


class VisitMade(NamedTuple):
    """A visit of the family: the version of its fact, its day, the last day of the absence."""

    version: int
    on: date
    absent_on: date


class Episode:
    """A suspicion of a child. Days are ordinals.

    ``decision_days`` are those from which a decision on its attending again was due;
    ``until`` the day a leave granted before takes over (None: no such leave); ``back`` the
    return that a relapse ended; ``confirmed_on`` the day the county confirmed a dropout.
    """

    __slots__ = (
        "acted",
        "back",
        "confirmed_on",
        "days",
        "decision_days",
        "first_absent_on",
        "followed_by",
        "ground_changed",
        "number",
        "rule",
        "source",
        "spans",
        "suspected_on",
        "until",
    )

    def __init__(self, event: e.DropoutSuspected) -> None:
        self.number = event.episode
        self.source = event.source
        self.rule = event.rule
        self.until = event.until
        self.followed_by = event.followed_by
        self.decision_days: set[date] = set()
        self.suspected_on = event.occurred_on
        self.first_absent_on = event.first_absent_on.toordinal()
        self.days = tuple(d.toordinal() for d in event.absent_days)
        self.spans: tuple[tuple[date, date, date | None], ...] = ()
        self.acted = False
        self.ground_changed = False
        self.back: Back | None = None
        self.confirmed_on: date | None = None

    def revise(self, event: e.SuspicionRevised) -> None:
        """It holds with other dates."""
        self.suspected_on = event.occurred_on
        self.first_absent_on = event.first_absent_on.toordinal()
        self.days = tuple(d.toordinal() for d in event.absent_days)
        self.source, self.rule = event.source or self.source, event.rule or self.rule
        self.ground_changed = False

    def attends(self, event: e.SuspectAttendanceChanged) -> None:
        """The stretches in which the child attends again, anew."""
        self.spans = tuple(event.spans)
        if event.spans and event.spans[-1][2] is None:
            self.decision_days.add(event.spans[-1][1])


class Held:
    """A suspicion or dropout that a transfer began from, until the transfer is through: the
    episode, the status, the one before the suspicion, and the day (ordinal) it began.
    """

    __slots__ = ("base", "before", "episode", "since")

    def __init__(self, child: Child, episode: Episode, event: lv.TransferStarted) -> None:
        self.episode = episode
        self.base = child.base
        self.before = child.before_suspicion
        self.since = event.occurred_on.toordinal()


class Back:
    """A return in its 巩固期: of which episode, since when (ordinal)."""

    __slots__ = ("episode", "since")

    def __init__(self, event: rt.PersuadedBack) -> None:
        self.episode = event.episode
        self.since = event.occurred_on.toordinal()


class Leave:
    """A leave in force or to come; ordinals. ``until`` is its last day, included."""

    __slots__ = ("effective_from", "expiry_noticed", "medical", "status", "until")

    def __init__(self, status: TrackingStatus, effective_from: date, until: date) -> None:
        self.status = status
        self.effective_from = effective_from.toordinal()
        self.until = until.toordinal()
        self.expiry_noticed = False
        self.medical = False

    @property
    def over_from(self) -> int:
        """The first day after it."""
        return self.until + 1
