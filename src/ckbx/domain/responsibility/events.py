"""What can happen to a post: it is set up, held, handed over, vacated, corrected.

A holder is an account name and the vault subject of the person; names and phones are in
the vault. ``first_day`` and ``last_day`` are local dates, the last day included; None is
open. ``tenure`` is the version (in this stream) of the event that began the tenure.
``occurred_on`` is the day it took effect, or the day it was entered when that lies ahead.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ckbx.domain.responsibility.post import Line, Role, ScopeKind
from ckbx.domain.shared.event import DomainEvent


class PostEstablished(DomainEvent, frozen=True, kw_only=True):
    """A post exists: a title on a line for one scope. ``post`` is derived from these."""

    TOPIC = "ckbx.post.PostEstablished"
    TITLE = "设立岗位"

    post: UUID
    line: Line
    level: int
    title: str
    scope_kind: ScopeKind
    scope_code: str
    role: Role


class PostRevised(DomainEvent, frozen=True, kw_only=True):
    """The level or the role of a post was changed by a later chain file or by a person."""

    TOPIC = "ckbx.post.PostRevised"
    TITLE = "调整岗位"

    post: UUID
    level: int
    role: Role


class PostHeld(DomainEvent, frozen=True, kw_only=True):
    """A person holds the post from a day on (nobody before them, or beside others)."""

    TOPIC = "ckbx.post.PostHeld"
    TITLE = "到岗"

    post: UUID
    account: str
    holder: UUID
    first_day: date
    last_day: date | None = None


class PostHandedOver(DomainEvent, frozen=True, kw_only=True):
    """The tenure ``previous`` ends on ``previous_last_day`` and a successor begins."""

    TOPIC = "ckbx.post.PostHandedOver"
    TITLE = "交接"

    post: UUID
    previous: int
    previous_last_day: date
    account: str
    holder: UUID
    first_day: date
    last_day: date | None = None


class PostVacated(DomainEvent, frozen=True, kw_only=True):
    """An open tenure ends; without another holder the post is 空岗 from the next day."""

    TOPIC = "ckbx.post.PostVacated"
    TITLE = "离岗"

    post: UUID
    tenure: int
    last_day: date


class PostAbolished(DomainEvent, frozen=True, kw_only=True):
    """The post is not needed after a day (case closed, class dissolved): not 空岗 from then on.

    Whoever still holds it ends with it; a later tenure sets it up again.
    """

    TOPIC = "ckbx.post.PostAbolished"
    TITLE = "撤销岗位"

    post: UUID
    last_day: date


class TenureCorrected(DomainEvent, frozen=True, kw_only=True):
    """A tenure was recorded wrongly; these values replace it whole, from its first day."""

    TOPIC = "ckbx.post.TenureCorrected"
    TITLE = "更正任职"

    post: UUID
    tenure: int
    account: str
    holder: UUID
    first_day: date
    last_day: date | None = None


class TenureVoided(DomainEvent, frozen=True, kw_only=True):
    """A tenure never was: entered by mistake, or its import was undone."""

    TOPIC = "ckbx.post.TenureVoided"
    TITLE = "撤销任职"

    post: UUID
    tenure: int


PostEvent = (
    PostEstablished
    | PostRevised
    | PostHeld
    | PostHandedOver
    | PostVacated
    | PostAbolished
    | TenureCorrected
    | TenureVoided
)
