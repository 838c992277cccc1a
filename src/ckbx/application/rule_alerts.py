"""What the rule found becomes alerts, in the same append as the roll call that caused it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from ckbx.application.office import Office
from ckbx.application.routing import Routed, route_child, route_principal
from ckbx.application.unit import Unit
from ckbx.domain.alert.alert import Alert, Notice
from ckbx.domain.calendar.errors import CalendarRefusal
from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.domain.child import events as e
from ckbx.domain.child.child import Child
from ckbx.domain.rules.rule_book import AdoptedRules
from ckbx.domain.shared.event import DomainEvent


class RuleAlerts:
    """Raises and withdraws the alerts that go with the rule's events of one command."""

    def __init__(
        self, office: Office, unit: Unit, calendar: SchoolCalendar, rules: AdoptedRules
    ) -> None:
        self.office = office
        self.unit = unit
        self.calendar = calendar
        self.rules = rules

    def follow(self, child: Child, events: Iterable[DomainEvent]) -> None:
        """Bring alerts in line with what the rule just said of a child."""
        for event in events:
            self._follow(child, event)

    def _follow(self, child: Child, event: Any) -> None:
        pack = self.rules.pack
        on = event.occurred_on
        match event:
            case e.AbsenceWarned():
                notice = self._notice(child, event, "absence_warning", event.rule, days=1)
                self._raise(notice)
            case e.AbsenceWarningWithdrawn():
                self._withdraw(child, "absence_warning", event.rule, on, event)
            case e.DropoutSuspected():
                notice = self._notice(
                    child, event, "dropout_suspected", event.rule, days=pack.verify_within
                )
                self._raise(notice)
            case e.SuspicionRevised():
                self._withdraw(
                    child, "dropout_suspected", "absence_run_5", event.was_suspected_on, event
                )
                notice = self._notice(
                    child, event, "dropout_suspected", "absence_run_5", days=pack.verify_within
                )
                self._raise(notice)
            case e.SuspicionWithdrawn():
                self._withdraw(child, "dropout_suspected", "absence_run_5", on, event)
            case e.SuspicionGroundChanged():
                self._raise(
                    self._notice(
                        child, event, "suspicion_ground_changed", "absence_run_5", days=3, up=True
                    )
                )
            case e.LongLeaveFlagged():
                self._raise(
                    self._notice(
                        child,
                        event,
                        "long_leave_check",
                        event.rule,
                        days=pack.long_leave_confirm,
                        up=True,
                    )
                )
            case e.LongLeaveFlagWithdrawn():
                self._withdraw(child, "long_leave_check", event.rule, on, event)
            case e.SuspectAttendanceChanged():
                self._attending(child, event)

    def _attending(self, child: Child, event: e.SuspectAttendanceChanged) -> None:
        if event.spans and event.spans[-1][2] is None:
            counted_from = event.spans[-1][1]
            notice = self._notice(
                child,
                event,
                "attending_decision_due",
                "attending_decision_3",
                days=self.rules.pack.attending_decision,
                up=True,
                on=counted_from,
            )
            self._raise(notice)

    def _notice(
        self,
        child: Child,
        event: Any,
        kind: str,
        rule: str,
        *,
        days: int,
        up: bool = False,
        on: date | None = None,
    ) -> Notice:
        day = on or event.occurred_on
        to: Routed
        if up and child.school:
            to = route_principal(self.office, self.unit, child.school, day)
        else:
            to = route_child(self.office, self.unit, child, day)
        return Notice(
            kind=kind,
            subject=str(child.id),
            rule=rule,
            rule_version=self.rules.version,
            on=day,
            key_day=day,
            due_on=self.due(day, days),
            child=child.id,
            school=child.school,
            class_key=child.class_key,
            to=to.to,
            posts=to.posts,
            via=to.via,
            events=[*getattr(event, "evidence", ()), event.event_id],
        )

    def due(self, day: date, days: int) -> date | None:
        """``days`` school days after ``day``; None where the calendar does not reach."""
        try:
            return self.calendar.add_school_days(day, days)
        except CalendarRefusal:
            return None

    def _raise(self, notice: Notice) -> None:
        self.unit.get(notice.stream(self.office.county), Alert).raise_(self.unit.ctx, notice)

    def _withdraw(self, child: Child, kind: str, rule: str, day: date, event: DomainEvent) -> None:
        blank = Notice(
            kind=kind,
            subject=str(child.id),
            rule=rule,
            rule_version=0,
            on=day,
            key_day=day,
        )
        alert = self.unit.get(blank.stream(self.office.county), Alert)
        alert.withdraw(self.unit.ctx, on=day, reason="corrected", because=event.event_id)
