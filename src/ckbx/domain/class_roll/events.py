"""The submission of a class for one day: who was absent and why; everybody else was present."""

from __future__ import annotations

from uuid import UUID

from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.shared.event import DomainEvent


class RollCallSubmitted(DomainEvent, frozen=True, kw_only=True):
    """One class, one day (``occurred_on``), one session: the exceptions.

    ``expected``/``present`` are 应到/实到 as handed in, ``roll`` the length of the roll as
    the register has it (a difference is the finding ``count_mismatch``). ``seen`` are
    children marked 到校 by name. ``submitted_by`` is an account, or ``ref:<uuid>`` of a
    vault subject; ``claimed_at`` the time of handing in found in a file (local, a claim
    only). ``entry`` is live (正常), late (补录) or initial (初始导入); ``lag_days`` the
    calendar days between the day and its recording. ``replaces`` is the version in this
    stream that an amendment puts aside (of two half days put aside by one 全天 the later).
    """

    TOPIC = "ckbx.class_roll.RollCallSubmitted"
    TITLE = "点名上报"
    class_key: str
    session: Session = Session.FULL
    expected: int
    present: int
    roll: int
    absent: dict[UUID, Reason] = {}
    seen: list[UUID] = []
    submitted_by: str
    claimed_at: str | None = None
    entry: str = "live"
    lag_days: int = 0
    replaces: int | None = None
    correction_note: str | None = None


class RollCallVoided(DomainEvent, frozen=True, kw_only=True):
    """A submission is put aside without another in its place (``import undo``): silent again."""

    TOPIC = "ckbx.class_roll.RollCallVoided"
    TITLE = "点名作废"
    class_key: str
    session: Session = Session.FULL
    replaces: int
