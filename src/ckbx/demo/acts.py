"""What each kind of decision in the demo county's story does, through the rules of the domain."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

from ckbx.application.decisions import DECIDED, keep_roll
from ckbx.application.enrolment import enrol_again
from ckbx.application.unit import Unit
from ckbx.demo.county import Pupil
from ckbx.demo.story import Act
from ckbx.demo.walk import Walk
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.calendar.errors import CalendarYearUnknown
from ckbx.domain.child import departures, enrolment, leaves, movements
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child.child import Child
from ckbx.domain.child.leaves import LeaveDecision
from ckbx.domain.child.movements import Arrival
from ckbx.domain.child.status import Finding, SuspicionSource
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import grade_of, split_class_key
from ckbx.vault import note_ref

ELSEWHERE, ELSEWHERE_NAME = "3152699999", "石桥县第一中学"
"""A school that lies in no county."""

STEP_WORKING_DAYS = 10
Decision = Callable[[Child, CommandContext], None]


def confirm_by(calendars: CountyCalendars, day: date) -> date | None:
    """Ten working days on (domain §3); None in a year whose holidays nobody has made known."""
    try:
        return calendars.add_working_days(day, STEP_WORKING_DAYS)
    except CalendarYearUnknown:
        return None


class Office:
    """People at desks: the school, the township and the county decide about one child."""

    def __init__(self, walk: Walk, school_year: int) -> None:
        self._walk = walk
        self._year = school_year
        self._papers = 0

    def act(self, act: Act, child: UUID, deadline: date | None) -> None:
        """Carry out one act of the story. ``deadline``: ten working days on."""
        actor, decision = self._decision(act, deadline)
        self._walk.go(act.day, act.at)
        self.decide(f"{act.day} {act.kind}", actor, child, decision)

    def decide(self, step: str, actor: str, child_id: UUID, decision: Decision) -> None:
        """One decision on one child, and what it means for the roll."""
        self.decide_all(step, actor, {child_id: decision})

    def decide_all(self, step: str, actor: str, decisions: dict[UUID, Decision]) -> None:
        """Several children in one command (a class leaves a school)."""
        office = self._walk.lane.office

        def run(unit: Unit) -> bytes:
            for id_, decision in decisions.items():
                child = unit.get(id_, Child)
                start = len(child.pending_since(0))
                decision(child, unit.ctx)
                for event in child.pending_since(start):
                    keep_roll(office, unit, child, event)
            return DECIDED

        self._walk.submit(step, actor, run)

    def enrol(self, key: str, children: list[UUID], grade: int, on: date) -> None:
        """Children known to the county begin at another school; named 到校 one by one."""
        office = self._walk.lane.office

        def run(unit: Unit) -> bytes:
            enrol_again(office, unit, key, children, grade=grade, on=on, awaited=True)
            return DECIDED

        self._walk.submit(f"{on} {key} 新生入学", f"registrar{key[:10]}", run)

    def paper(self, what: str) -> str:
        """A reference to a paper that is kept elsewhere."""
        self._papers += 1
        text = f"示例材料 {self._papers}：{what}"
        return note_ref(self._walk.store.vault.store_key, text).hex()[:32]

    def _decision(self, act: Act, deadline: date | None) -> tuple[str, Decision]:
        makers: dict[str, Callable[[Act, date | None], tuple[str, Decision]]] = {
            "clear": self._clear,
            "suspect": self._suspect,
            "suspend": self._suspend,
            "resume": self._resume,
            "transfer": self._transfer,
            "receive": self._receive,
            "cancel": self._cancel,
            "elsewhere": self._elsewhere,
            "missing": self._missing,
            "recheck": self._recheck,
            "arrive": self._arrive,
            "abroad": self._abroad,
        }
        return makers[act.kind](act, deadline)

    def _clear(self, act: Act, _: date | None) -> tuple[str, Decision]:
        finding = Finding(str(act.more["finding"]))
        paper = self.paper("核查结论")
        return _principal(act.pupil), lambda child, ctx: departures.clear_suspicion(
            child, ctx, on=act.day, finding=finding, evidence_ref=paper, role="principal"
        )

    def _suspect(self, act: Act, _: date | None) -> tuple[str, Decision]:
        first = date.fromisoformat(str(act.more["first"]))
        return "bureau", lambda child, ctx: departures.suspect(
            child,
            ctx,
            on=act.day,
            source=SuspicionSource.PERSON,
            first_absent_on=first,
            rule="person",
            rule_version=0,
            evidence=[],
        )

    def _leave(self, act: Act) -> LeaveDecision:
        until = date.fromisoformat(str(act.more["until"]))
        until = max(until, act.day + timedelta(days=10))
        return LeaveDecision(
            occurred_on=act.day,
            effective_from=act.day,
            until=until,
            approver="town1",
            approver_role="township_officer",
            document=f"青教字〔{act.day.year}〕{100 + self._papers}号",
            evidence_ref=self.paper("申请和医院证明"),
        )

    def _suspend(self, act: Act, _: date | None) -> tuple[str, Decision]:
        decision = self._leave(act)
        return "town1", lambda child, ctx: leaves.suspend(child, ctx, decision)

    def _resume(self, act: Act, _: date | None) -> tuple[str, Decision]:
        key = act.pupil.now
        grade = grade_of(split_class_key(key)[1], self._year)
        paper = self.paper("康复证明")
        return f"registrar{key[:10]}", lambda child, ctx: enrolment.resume_study(
            child, ctx, on=act.day, class_key=key, grade=grade, fit_paper_ref=paper
        )

    def _transfer(self, act: Act, deadline: date | None) -> tuple[str, Decision]:
        document = f"转学〔{act.day.year}〕{self._papers + 1}号"
        return f"registrar{act.pupil.now[:10]}", lambda child, ctx: departures.start_transfer(
            child,
            ctx,
            on=act.day,
            receiving_school=ELSEWHERE,
            document=document,
            confirm_by=deadline,
            receiving_name=ELSEWHERE_NAME,
        )

    def _receive(self, act: Act, _: date | None) -> tuple[str, Decision]:
        paper = self.paper("接收证明")
        return "bureau", lambda child, ctx: departures.confirm_transfer(
            child, ctx, on=act.day, receiving_school=ELSEWHERE, evidence_ref=paper
        )

    def _cancel(self, act: Act, _: date | None) -> tuple[str, Decision]:
        who = f"registrar{act.pupil.now[:10]}"
        return who, lambda child, ctx: departures.cancel_transfer(child, ctx, on=act.day)

    def _elsewhere(self, act: Act, _: date | None) -> tuple[str, Decision]:
        paper = self.paper("就读证明")
        return "bureau", lambda child, ctx: departures.verify_elsewhere(
            child,
            ctx,
            on=act.day,
            evidence_ref=paper,
            review_by=act.day + timedelta(days=150),
            region="440100",
        )

    def _missing(self, act: Act, _: date | None) -> tuple[str, Decision]:
        paper = self.paper("公安报案回执")
        review = act.day + timedelta(days=150)
        return "bureau", lambda child, ctx: departures.end(
            child, ctx, lv.WentMissing, on=act.day, evidence_ref=paper, review_by=review
        )

    def _recheck(self, act: Act, _: date | None) -> tuple[str, Decision]:
        paper = self.paper("公安机关回复")
        review = act.day + timedelta(days=150)
        return "bureau", lambda child, ctx: movements.recheck(
            child, ctx, on=act.day, evidence_ref=paper, review_by=review
        )

    def _arrive(self, act: Act, _: date | None) -> tuple[str, Decision]:
        """Where a child came from, said after it had begun by the roster."""
        arrival = Arrival(
            from_region="440100",
            document=f"转入〔{act.day.year}〕{self._papers + 1}号",
            evidence_ref=self.paper("转学证明"),
        )
        return f"registrar{act.pupil.now[:10]}", lambda child, ctx: movements.came_from_outside(
            child, ctx, arrival, on=child.enrolled_on or act.day
        )

    def _abroad(self, act: Act, _: date | None) -> tuple[str, Decision]:
        paper = self.paper("出境证件")
        return "bureau", lambda child, ctx: departures.end(
            child, ctx, lv.WentAbroad, on=act.day, evidence_ref=paper
        )


def _principal(pupil: Pupil) -> str:
    return f"principal-{pupil.now[:10]}"
