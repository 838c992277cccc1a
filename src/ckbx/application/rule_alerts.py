"""What the rule found becomes alerts, in the same append as the roll call that caused it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from ckbx.application.office import Office
from ckbx.application.policies.cases import follow_child
from ckbx.application.routing import Routed, route_child, route_county, route_principal
from ckbx.application.unit import Unit
from ckbx.domain.alert.alert import Alert, Notice
from ckbx.domain.calendar.errors import CalendarRefusal
from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.domain.child import events as e
from ckbx.domain.child import return_events as rt
from ckbx.domain.child.absences import RULE_OPENING, RULE_SUSPECT
from ckbx.domain.child.child import Child
from ckbx.domain.child.relapse import RULE_ALARM
from ckbx.domain.child.standing import Episode
from ckbx.domain.child.status import SuspicionSource, TrackingStatus
from ckbx.domain.class_roll.class_roll import ClassRoll
from ckbx.domain.rules.rule_book import RuleBook
from ckbx.domain.shared.event import CommandContext, DomainEvent
from ckbx.domain.shared.ids import split_class_key

SUSPECTED, GROUND, ATTENDING = (
    "dropout_suspected",
    "suspicion_ground_changed",
    "attending_decision_due",
)
RULE_ATTENDING = "attending_decision_3"
COUNT = "count_mismatch"
RELAPSE = "relapse"
WARNING, LONG_LEAVE = "absence_warning", "long_leave_check"
SUSPECT = TrackingStatus.SUSPECTED


class RuleAlerts:
    """Raises and withdraws the alerts that go with the rule's events of one command."""

    def __init__(
        self,
        office: Office,
        unit: Unit,
        calendar: SchoolCalendar,
        rules: RuleBook,
        *,
        ctx: CommandContext | None = None,
    ) -> None:
        """``ctx``: who raises them; the command's own actor where nothing is said."""
        self.office = office
        self.unit = unit
        self.ctx = ctx or unit.ctx
        self.calendar = calendar
        self.rules = rules

    def follow(self, child: Child, events: Iterable[DomainEvent]) -> None:
        """Bring alerts in line with what the rule just said of a child."""
        for event in events:
            self._follow(child, event)
            follow_child(self.office, self.unit, child, event)
            if child.ended is not None and child.ended[1] == event.originator_version:
                end_alerts(self.office, self.unit, child, event, ctx=self.ctx)

    def _follow(self, child: Child, event: Any) -> None:
        on = event.occurred_on
        pack = self.rules.rules_on(on).pack
        match event:
            case e.AbsenceWarned() if event.rule == RULE_ALARM:
                self._raise(child, event, RELAPSE, event.rule, days=0)
            case e.AbsenceWarned():
                self._raise(child, event, WARNING, event.rule, days=1)
            case e.AbsenceWarningWithdrawn():
                kind = RELAPSE if event.rule == RULE_ALARM else WARNING
                self._withdraw(child, kind, event.rule, on, event)
            case e.DropoutSuspected():
                self.suspected(child, event, event.rule)
            case rt.Relapsed():
                close_alarms(self.office, self.unit, child, on=on, ctx=self.ctx)
                self._raise(child, event, RELAPSE, event.rule, days=0, up=True)
            case e.SuspicionRevised() if child.episode and child.base is SUSPECT:
                self._revised(child, event, child.episode, days=pack.verify_within)
            case e.SuspicionGroundChanged() if child.episode:
                self._raise(child, event, GROUND, child.episode.rule, days=3, up=True)
            case e.LongLeaveFlagged():
                days = pack.long_leave_confirm
                self._raise(child, event, LONG_LEAVE, event.rule, days=days, up=True)
            case e.LongLeaveFlagWithdrawn():
                self._withdraw(child, LONG_LEAVE, event.rule, on, event)
            case e.SuspectAttendanceChanged() if child.episode:
                self._attending(child, event, child.episode)

    def suspected(self, child: Child, event: Any, rule: str, *, on: date | None = None) -> None:
        """列入疑似辍学, by whomever: to be checked within the days given, a register's finding
        within its working days.
        """
        pack = self.rules.rules_on(on or event.occurred_on).pack
        found = child.episode is not None and child.episode.source is SuspicionSource.REGISTER
        days = pack.finding_within if found else pack.verify_within
        self._raise(child, event, SUSPECTED, rule, days=days, working=found, on=on)

    def _revised(
        self, child: Child, event: e.SuspicionRevised, episode: Episode, *, days: int
    ) -> None:
        """The alerts of the old dates, and of the old ground, give way to those of the new."""
        was = event.was_suspected_on
        for rule in (RULE_SUSPECT, RULE_OPENING) if event.rule else (episode.rule,):
            self._withdraw(child, SUSPECTED, rule, was, event)
            self._withdraw(child, GROUND, rule, was, event)
        self._raise(child, event, SUSPECTED, episode.rule, days=days)
        if episode.back is not None:
            self._withdraw(child, RELAPSE, episode.rule, was, event)
            self._raise(child, event, RELAPSE, episode.rule, days=0, up=True)

    def _attending(self, child: Child, event: e.SuspectAttendanceChanged, episode: Episode) -> None:
        """A decision is due while the child attends; not for a stretch that ended or never was."""
        lasting = event.spans[-1] if event.spans and event.spans[-1][2] is None else None
        for day in sorted(episode.decision_days):
            if lasting is None or day != lasting[1]:
                self._withdraw(child, ATTENDING, RULE_ATTENDING, day, event)
        if lasting is not None:
            on = lasting[1]
            days = self.rules.rules_on(on).pack.attending_decision
            self._raise(child, event, ATTENDING, RULE_ATTENDING, days=days, up=True, on=on)

    def count(
        self, class_key: str, roll: ClassRoll, day: date, *, disagreed: tuple[int, int] | None
    ) -> None:
        """人数与名册不符: raised when 应到 and the roll disagree, withdrawn when they agree
        again. ``disagreed``: whether they did before.
        """
        now = roll.mismatch(day.toordinal())
        if now is None and disagreed is None:
            return
        school = split_class_key(class_key)[0]
        sheets = [f"{roll.id}:{s.version}" for s in roll.by_day[day.toordinal()].values()]
        to = route_principal(self.office, self.unit, school, day)
        notice = Notice(
            kind=COUNT,
            subject=class_key,
            rule=COUNT,
            rule_version=self.rules.rules_on(day).version,
            on=day,
            key_day=day,
            school=school,
            class_key=class_key,
            to=to.to,
            posts=to.posts,
            via=to.via,
            events=sheets,
            detail={"expected": now[0], "roll": now[1]} if now else {},
        )
        alert = self.unit.get(notice.stream(self.office.county), Alert)
        if now is not None:
            alert.raise_(self.ctx, notice)
        else:
            because = f"{roll.id}:{roll.version}"
            alert.withdraw(self.ctx, on=day, reason="corrected", because=because)

    def _raise(
        self,
        child: Child,
        event: Any,
        kind: str,
        rule: str,
        *,
        days: int,
        working: bool = False,
        up: bool = False,
        on: date | None = None,
    ) -> None:
        day = on or event.occurred_on
        to: Routed
        if up and child.base is TrackingStatus.DROPPED_OUT:
            to = route_county(self.office, self.unit, day)
        elif up and child.school:
            to = route_principal(self.office, self.unit, child.school, day)
        else:
            to = route_child(self.office, self.unit, child, day)
        notice = Notice(
            kind=kind,
            subject=str(child.id),
            rule=rule,
            rule_version=self.rules.rules_on(day).version,
            on=day,
            key_day=day,
            due_on=self.due(day, days, working=working),
            child=child.id,
            school=child.school,
            class_key=child.class_key,
            to=to.to,
            posts=to.posts,
            via=to.via,
            events=[*getattr(event, "evidence", ()), event.event_id],
        )
        self.unit.get(notice.stream(self.office.county), Alert).raise_(self.ctx, notice)

    def due(self, day: date, days: int, *, working: bool = False) -> date | None:
        """``days`` school (``working``: working) days after ``day``; None where the calendar
        does not reach.
        """
        try:
            if working:
                return self.office.calendars(self.unit, None).add_working_days(day, days)
            return self.calendar.add_school_days(day, days)
        except CalendarRefusal:
            return None

    def _withdraw(self, child: Child, kind: str, rule: str, day: date, event: DomainEvent) -> None:
        stream = alert_stream(self.office, child, kind, rule, day)
        self.unit.get(stream, Alert).withdraw(
            self.ctx, on=day, reason="corrected", because=event.event_id
        )


def alert_stream(office: Office, child: Child, kind: str, rule: str, day: date) -> UUID:
    """The stream of an alert about a child."""
    blank = Notice(kind=kind, subject=str(child.id), rule=rule, rule_version=0, on=day, key_day=day)
    return blank.stream(office.county)


def end_alerts(
    office: Office,
    unit: Unit,
    child: Child,
    event: Any,
    episode: Episode | None = None,
    *,
    ctx: CommandContext | None = None,
) -> None:
    """An episode has ended by ``event``: its open alerts end in the same append.

    Withdrawn when the suspicion never was, closed when a person or a decision ended it (or
    the county confirmed the dropout of an open ``episode``, which goes on without them); then
    the early warnings before it are closed as well.
    """
    if episode is None:
        if child.ended is None:
            return
        episode = child.ended[0]
    keys = [
        (SUSPECTED, episode.rule, episode.suspected_on),
        (GROUND, episode.rule, episode.suspected_on),
        (RELAPSE, episode.rule, episode.suspected_on),
        *((ATTENDING, RULE_ATTENDING, day) for day in sorted(episode.decision_days)),
    ]
    streams = {alert_stream(office, child, *key): key[2] for key in keys}
    alerts = unit.get_many(dict.fromkeys(streams, Alert))
    ctx = ctx or unit.ctx
    for stream, day in streams.items():
        if isinstance(event, e.SuspicionWithdrawn | e.EnrolmentUndone):
            alerts[stream].withdraw(ctx, on=day, reason="corrected", because=event.event_id)
        else:
            alerts[stream].close(ctx, on=event.occurred_on, reason=_decided(event))
    if not isinstance(event, e.SuspicionWithdrawn | e.EnrolmentUndone):
        close_warnings(office, unit, child, event, ctx=ctx)


def close_warnings(
    office: Office, unit: Unit, child: Child, event: Any, *, ctx: CommandContext | None = None
) -> None:
    """What warned of the child before it was decided on is answered by the decision: nobody
    would close it any more, and it would stand on the pages for ever.
    """
    on = event.occurred_on
    early = [(WARNING, rule, date.fromordinal(day)) for rule, day in child.warned]
    early += [(LONG_LEAVE, rule, date.fromordinal(day)) for day, rule in child.long_leave.items()]
    keys = [key for key in early if key[1] != RULE_ALARM and key[2] <= on]
    streams = [alert_stream(office, child, *key) for key in sorted(keys)]
    for alert in unit.get_many(dict.fromkeys(streams, Alert)).values():
        alert.close(ctx or unit.ctx, on=on, reason=_decided(event))


def _decided(event: Any) -> str:
    return "cleared" if isinstance(event, e.SuspicionCleared) else "decided"


def close_alarms(
    office: Office, unit: Unit, child: Child, *, on: date, ctx: CommandContext | None = None
) -> None:
    """The red alarms of the last 巩固期 were answered: by a visit, or by what came of them."""
    if child.last_back is None:
        return
    since = child.last_back.since
    days = [day for rule, day in child.warned if rule == RULE_ALARM and day >= since]
    for day in sorted(days):
        stream = alert_stream(office, child, RELAPSE, RULE_ALARM, date.fromordinal(day))
        unit.get(stream, Alert).close(ctx or unit.ctx, on=on, reason="decided")
