"""Facts about one child: who it is in the register's eyes, where it belongs, what was seen.

``occurred_on`` is the local day a fact holds from (for an absence: the day missed).
``until`` on attendance facts is the next day its class reported: the fact speaks for the
days from ``occurred_on`` up to, not including, ``until`` (None: for all days since).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.child.status import (
    Finding,
    RegisterStatus,
    SuspicionSource,
    TrackingStatus,
)
from ckbx.domain.shared.event import DomainEvent


class ChildRegistered(DomainEvent, frozen=True, kw_only=True):
    """A child is known to the county. Names and numbers stand in the vault under this id.

    ``cohort`` is the school year (its autumn) in which the child reaches grade 1;
    ``village`` the 12-digit 户籍 code, ``residence`` that of 现居住地 when it differs.
    """

    TOPIC = "ckbx.child.ChildRegistered"
    TITLE = "登记儿童"
    sex: str
    cohort: int | None = None
    village: str | None = None
    residence: str | None = None
    batch: str | None = None


class ResidenceChanged(DomainEvent, frozen=True, kw_only=True):
    """The 户籍 or 现居住 village changed."""

    TOPIC = "ckbx.child.ResidenceChanged"
    TITLE = "户籍或居住地变更"
    village: str | None = None
    residence: str | None = None


class IdentityAmended(DomainEvent, frozen=True, kw_only=True):
    """Personal data in the vault changed; ``groups`` names which (identity, contact, marks)."""

    TOPIC = "ckbx.child.IdentityAmended"
    TITLE = "个人信息更正"
    groups: list[str]
    batch: str | None = None


class Enrolled(DomainEvent, frozen=True, kw_only=True):
    """An enrolment period begins (入学、转入、回国、找到): school, class, grade, date."""

    TOPIC = "ckbx.child.Enrolled"
    TITLE = "入学"
    school: str
    class_key: str
    grade: int
    register_status: RegisterStatus = RegisterStatus.REGISTERED
    batch: str | None = None


class EnrolmentUndone(DomainEvent, frozen=True, kw_only=True):
    """An enrolment that rested on a wrong file never was (``import undo``)."""

    TOPIC = "ckbx.child.EnrolmentUndone"
    TITLE = "撤销入学登记"
    batch: str | None = None


class ClassChanged(DomainEvent, frozen=True, kw_only=True):
    """The child moves to another class of the same school. Changes no status."""

    TOPIC = "ckbx.child.ClassChanged"
    TITLE = "调班"
    class_key: str
    grade: int
    batch: str | None = None


class RosterFindingNoted(DomainEvent, frozen=True, kw_only=True):
    """A newer file disagrees with the register: ``missing_from_roster`` (在籍不在册) or
    ``other_school`` (在他校名册上); a person decides, nothing moves by itself.
    """

    TOPIC = "ckbx.child.RosterFindingNoted"
    TITLE = "名册核对发现"
    finding: str
    school: str
    batch: str | None = None


class RosterFindingSettled(DomainEvent, frozen=True, kw_only=True):
    """A roster finding is no more: the child stands in a roster of its school again, has
    left, or began a new enrolment (``reason``: ``listed``, ``left``, ``enrolled``).
    """

    TOPIC = "ckbx.child.RosterFindingSettled"
    TITLE = "名册核对发现了结"
    finding: str
    school: str
    reason: str
    batch: str | None = None


class CheckedIn(DomainEvent, frozen=True, kw_only=True):
    """报到 by name at the opening of a term (domain §11)."""

    TOPIC = "ckbx.child.CheckedIn"
    TITLE = "开学报到"
    term: str


class AbsenceRecorded(DomainEvent, frozen=True, kw_only=True):
    """The child was not there on ``occurred_on``. ``implied``: not marked 到校 by name."""

    TOPIC = "ckbx.child.AbsenceRecorded"
    TITLE = "缺勤"
    class_key: str
    session: Session = Session.FULL
    reason: Reason
    until: date | None = None
    implied: bool = False


class AttendanceResumed(DomainEvent, frozen=True, kw_only=True):
    """The child was there again. ``after_leave``: it was named 到校 after its leave was over,
    which ends the leave, whether or not a day in between had been reported.
    """

    TOPIC = "ckbx.child.AttendanceResumed"
    TITLE = "恢复到校"
    class_key: str
    until: date | None = None
    after_leave: bool = False


class AbsenceExplained(DomainEvent, frozen=True, kw_only=True):
    """A correction: the absence of that day had another reason. Nothing is deleted."""

    TOPIC = "ckbx.child.AbsenceExplained"
    TITLE = "缺勤原因更正"
    class_key: str
    reason: Reason
    was: Reason
    until: date | None = None
    corrects: str | None = None


class AbsenceVoided(DomainEvent, frozen=True, kw_only=True):
    """A correction: the child was there that day after all. Nothing is deleted."""

    TOPIC = "ckbx.child.AbsenceVoided"
    TITLE = "缺勤更正为到校"
    class_key: str
    was: Reason
    until: date | None = None
    corrects: str | None = None


class AbsenceSetAside(DomainEvent, frozen=True, kw_only=True):
    """The class-day says nothing of the child any more: its roll call was put aside without
    another, the day was declared closed, or the child belonged to another class that day.

    ``was`` is the mark that no longer counts (None: present); ``stands`` the reason of the
    absence before, which speaks on for the days up to ``until``. Nothing is deleted.
    """

    TOPIC = "ckbx.child.AbsenceSetAside"
    TITLE = "当日考勤不再计入"
    class_key: str
    was: Reason | None = None
    stands: Reason | None = None
    until: date | None = None
    corrects: str | None = None


class AbsenceWarned(DomainEvent, frozen=True, kw_only=True):
    """Early warning: ``rule`` (absence_run_3, absence_5_in_20) came true on ``occurred_on``."""

    TOPIC = "ckbx.child.AbsenceWarned"
    TITLE = "缺勤预警"
    rule: str
    rule_version: int
    evidence: list[str]


class AbsenceWarningWithdrawn(DomainEvent, frozen=True, kw_only=True):
    """After a correction the warning of that day never was."""

    TOPIC = "ckbx.child.AbsenceWarningWithdrawn"
    TITLE = "缺勤预警撤销"
    rule: str


class DropoutSuspected(DomainEvent, frozen=True, kw_only=True):
    """疑似辍学: an episode opens. ``absent_days`` are the unexplained school days so far.

    Where a leave to come had been granted before, it takes over on ``until``, its first day:
    the episode ends there (that day not included) and the child has the status ``followed_by``.
    """

    TOPIC = "ckbx.child.DropoutSuspected"
    TITLE = "疑似辍学"
    episode: int
    source: SuspicionSource
    first_absent_on: date
    absent_days: list[date] = []
    rule: str
    rule_version: int
    evidence: list[str] = []
    until: date | None = None
    followed_by: TrackingStatus | None = None


class SuspicionOvertaken(DomainEvent, frozen=True, kw_only=True):
    """A leave granted before the suspicion has begun (``occurred_on``): the episode is over."""

    TOPIC = "ckbx.child.SuspicionOvertaken"
    TITLE = "疑似辍学因已批假期开始而结束"
    episode: int
    followed_by: TrackingStatus


class SuspicionRevised(DomainEvent, frozen=True, kw_only=True):
    """The suspicion holds with other dates; ``occurred_on`` is the new suspected_on.

    ``absent_days`` lists every unexplained school day from ``first_absent_on`` on that is
    recorded by now; ``was_suspected_on`` the date put aside, which as of any day never was.
    ``source`` and ``rule``: where it rests on another ground now (the opening, or the run);
    None: as before.
    """

    TOPIC = "ckbx.child.SuspicionRevised"
    VERSION = 2
    TITLE = "疑似辍学日期更正"
    episode: int
    first_absent_on: date
    was_suspected_on: date
    absent_days: list[date] = []
    evidence: list[str] = []
    source: SuspicionSource | None = None
    rule: str | None = None

    @staticmethod
    def upcast_v1_v2(data: dict[str, Any]) -> dict[str, Any]:
        """Before, source and rule always stayed what they were: what None says now."""
        return data


class SuspicionWithdrawn(DomainEvent, frozen=True, kw_only=True):
    """After a correction the suspicion never was (from ``occurred_on``, the old suspected_on).

    ``reason_only``: only the reason changed while the child is still away (更正撤销).
    """

    TOPIC = "ckbx.child.SuspicionWithdrawn"
    TITLE = "疑似辍学撤销"
    episode: int
    reason_only: bool = False


class SuspicionGroundChanged(DomainEvent, frozen=True, kw_only=True):
    """依据已变: the ground fell away after a person had acted; a person decides."""

    TOPIC = "ckbx.child.SuspicionGroundChanged"
    TITLE = "疑似辍学依据已变"
    episode: int


class SuspectAttendanceChanged(DomainEvent, frozen=True, kw_only=True):
    """The stretches in which the suspected child attends again, all of the episode anew.

    Each is (since, counted in 在校 from, until or None); domain §4.
    """

    TOPIC = "ckbx.child.SuspectAttendanceChanged"
    TITLE = "疑似辍学期间到校情况"
    episode: int
    spans: list[tuple[date, date, date | None]]


class SuspicionCleared(DomainEvent, frozen=True, kw_only=True):
    """The check found A, B, C or G: the child is 在读. ``evidence_ref`` names the paper kept
    in the vault.
    """

    TOPIC = "ckbx.child.SuspicionCleared"
    TITLE = "疑似辍学排除"
    episode: int
    finding: Finding
    evidence_ref: str
    decided_by: str


class LongLeaveFlagged(DomainEvent, frozen=True, kw_only=True):
    """长期请假核查 is due from ``occurred_on`` (domain §4, long leave)."""

    TOPIC = "ckbx.child.LongLeaveFlagged"
    TITLE = "长期请假待核查"
    rule: str
    rule_version: int
    evidence: list[str] = []


class LongLeaveFlagWithdrawn(DomainEvent, frozen=True, kw_only=True):
    """After a correction the long leave of that day never was."""

    TOPIC = "ckbx.child.LongLeaveFlagWithdrawn"
    TITLE = "长期请假核查撤销"
    rule: str
