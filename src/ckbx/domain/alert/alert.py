"""One alert: open, acknowledged, withdrawn or closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from ckbx.domain.alert.closing import RETURNED, ClosedBecause, closes_by_hand
from ckbx.domain.alert.errors import (
    AlertClosesItself,
    AlertNotOpen,
    AlertNotYours,
    AlertUnknown,
)
from ckbx.domain.alert.events import (
    AlertAcknowledged,
    AlertClosed,
    AlertRaised,
    AlertReopened,
    AlertWithdrawn,
)
from ckbx.domain.alert.kinds import KINDS
from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import stream_id
from ckbx.domain.shared.personal import mask_numbers


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What an alert is to say. ``key_day`` is the day in its identity (due, or came true)."""

    kind: str
    subject: str
    rule: str
    rule_version: int
    on: date
    key_day: date
    due_on: date | None = None
    child: UUID | None = None
    school: str | None = None
    class_key: str | None = None
    to: Sequence[str] = ()
    posts: Sequence[str] = ()
    via: str | None = None
    events: Sequence[str] = ()
    level: str | None = None
    detail: dict[str, int | str] = {}

    def stream(self, county: str) -> UUID:
        """uuid5(county, kind, subject, rule, day): raising it twice is the same stream."""
        return stream_id(
            county, "alert", self.kind, self.subject, self.rule, self.key_day.isoformat()
        )


class Alert(Aggregate):
    """State of one alert."""

    __slots__ = ("back", "kind", "rule", "state", "to")

    KIND: ClassVar[str] = "alert"

    def __init__(self, id_: UUID) -> None:
        super().__init__(id_)
        self.kind = ""
        self.rule = ""
        self.state = ""
        self.back = False
        self.to: list[str] = []

    def raise_(self, ctx: CommandContext, notice: Notice) -> None:
        """Raise, or reopen when it had been withdrawn or closed; nothing while it is open."""
        if self.state in ("open", "acknowledged"):
            return
        if self.version:
            self.trigger_event(
                AlertReopened,
                ctx,
                occurred_on=notice.on,
                kind=notice.kind,
                to=list(notice.to),
                events=list(notice.events),
            )
            return
        self.trigger_event(
            AlertRaised,
            ctx,
            occurred_on=notice.on,
            kind=notice.kind,
            level=notice.level or KINDS[notice.kind].level,
            subject=notice.subject,
            child=notice.child,
            school=notice.school,
            class_key=notice.class_key,
            due_on=notice.due_on,
            to=list(notice.to),
            posts=list(notice.posts),
            via=notice.via,
            rule=notice.rule,
            rule_version=notice.rule_version,
            events=list(notice.events),
            detail=notice.detail,
        )

    def withdraw(
        self, ctx: CommandContext, *, on: date, reason: str, because: str | None = None
    ) -> None:
        """The cause fell away, or never was although the child's return had closed it; else
        nothing when it is not open.
        """
        if self.state in ("open", "acknowledged") or self.back:
            self.trigger_event(
                AlertWithdrawn, ctx, occurred_on=on, kind=self.kind, reason=reason, because=because
            )

    def acknowledge(self, ctx: CommandContext, account: str) -> None:
        """Seen by somebody answerable; nothing when it was acknowledged before.

        Raises AlertUnknown, AlertNotYours, AlertNotOpen.
        """
        self._check(account)
        if self.state == "open":
            self.trigger_event(
                AlertAcknowledged, ctx, occurred_on=ctx.today, kind=self.kind, account=account
            )
        elif self.state != "acknowledged":
            raise AlertNotOpen(alert=self.id)

    def done(self, ctx: CommandContext, account: str, why: ClosedBecause) -> None:
        """Closed by hand by somebody answerable; nothing when it is closed.

        Raises AlertUnknown, AlertNotYours, AlertClosesItself, AlertNotOpen.
        """
        self._check(account)
        if not closes_by_hand(self.kind, self.rule):
            raise AlertClosesItself(alert=self.id, title=KINDS[self.kind].title)
        if self.state == "withdrawn":
            raise AlertNotOpen(alert=self.id)
        if self.state != "closed":
            self.trigger_event(
                AlertClosed,
                ctx,
                occurred_on=ctx.today,
                kind=self.kind,
                reason=why.value,
                account=account,
            )

    def _check(self, account: str) -> None:
        if not self.version:
            raise AlertUnknown(alert=self.id)
        if account not in self.to:
            raise AlertNotYours(alert=self.id, account=mask_numbers(account))

    def close(self, ctx: CommandContext, *, on: date, reason: str) -> None:
        """Done; nothing when it is not open."""
        if self.state in ("open", "acknowledged"):
            self.trigger_event(AlertClosed, ctx, occurred_on=on, kind=self.kind, reason=reason)

    def apply(self, event: Any) -> None:
        match event:
            case AlertRaised():
                self.kind, self.rule = event.kind, event.rule
                self.state, self.to = "open", event.to
            case AlertReopened():
                self.state, self.to = "open", event.to
            case AlertWithdrawn():
                self.state = "withdrawn"
            case AlertAcknowledged():
                self.state = "acknowledged"
            case AlertClosed():
                self.state = "closed"
        self.back = isinstance(event, AlertClosed) and event.reason == RETURNED
