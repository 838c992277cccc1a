"""A county for tests of the clock's run: several terms and schools, children with fixed ids."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import NamedTuple, cast
from uuid import UUID, uuid5

from ckbx.application import enrolment, roll_calls
from ckbx.application.alerts import acknowledge
from ckbx.application.decisions import decide_on_child
from ckbx.application.unit import Unit
from ckbx.clock import FixedClock
from ckbx.domain.attendance.book import Submission
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.calendar.closures import report_closure
from ckbx.domain.calendar.lines import CalendarLine, calendar_commands
from ckbx.domain.calendar.rows import calendar_line
from ckbx.domain.case.codes import Met, RoundOutcome
from ckbx.domain.child import departures, focus, home_visit, leaves
from ckbx.domain.child.child import Child
from ckbx.domain.child.events import CheckedIn
from ckbx.domain.child.focus_codes import FocusReason
from ckbx.domain.child.leaves import LeaveDecision
from ckbx.domain.responsibility.post import Line, Role, Scope, post_id
from ckbx.domain.responsibility.register import PostRegister, posts_stream
from ckbx.domain.school_class.register import ClassRegister
from ckbx.domain.shared.event import CommandContext
from ckbx.scheduling.run_due import DueReport, run_due
from ckbx.store import Store
from tests.support.county import COUNTY, SCHOOL

A, B = f"{SCHOOL}/2025/1", f"{SCHOOL}/2025/2"
OTHER_SCHOOL = "2152939973"
C = f"{OTHER_SCHOOL}/2025/1"
SPRING = ("2025-2026", "春季", date(2026, 3, 2), date(2026, 7, 3))
AUTUMN = ("2026-2027", "秋季", date(2026, 9, 1), date(2027, 1, 22))
FIRST = date(2026, 9, 1)
U, SICK = Reason.UNEXPLAINED, Reason.SICK


def local(day: date, hour: int = 20) -> datetime:
    """Half past an hour of a day in Shanghai (eight hours ahead) as a UTC instant."""
    return datetime(day.year, day.month, day.day, hour - 8, 30, tzinfo=UTC)


_STATES = {
    "AlertReopened": "open",
    "AlertAcknowledged": "acknowledged",
    "AlertWithdrawn": "withdrawn",
    "AlertClosed": "closed",
}


class AlertState(NamedTuple):
    """An alert as it stands, folded from its own stream."""

    kind: str
    rule: str
    subject: str
    day: date
    state: str
    to: tuple[str, ...] = ()
    school: str | None = None


def alerts(store: Store) -> dict[UUID, AlertState]:
    """Every alert of the store."""
    found: dict[UUID, AlertState] = {}
    for recorded in store.log.read(0, 1_000_000):
        event, name = recorded.event, type(recorded.event).__name__
        id_ = event.originator_id
        if name == "AlertRaised":
            first = AlertState(event.kind, event.rule, event.subject, event.occurred_on, "open")
            found[id_] = first._replace(to=tuple(event.to), school=event.school)
        elif name.startswith("Alert"):
            state = _STATES[name]
            found[id_] = found[id_]._replace(state=state)
    return found


def standing(store: Store, *, since: date = date.min) -> set[AlertState]:
    """Alerts that are not withdrawn, of days since one."""
    return {a for a in alerts(store).values() if a.state != "withdrawn" and a.day >= since}


class World:
    """What happens in the county, through the use cases."""

    def __init__(self, store: Store, *, terms: Iterable[tuple[str, str, date, date]] = ()) -> None:
        self.store = store
        self.office = store.office
        self.children: dict[str, list[UUID]] = {}
        for term in terms or (SPRING, AUTUMN):
            self.term(*term)

    def term(self, year: str, name: str, first: date, last: date, applies_to: str = COUNTY) -> None:
        line = calendar_line(
            county=COUNTY,
            school_year=year,
            term=name,
            first_day=first,
            last_day=last,
            applies_to=applies_to,
        )
        self._line(line)

    def _line(self, line: CalendarLine) -> None:
        ctx = self.office.context("test")

        def decide(unit: Unit) -> bytes:
            calendars = self.office.calendars(unit, line.school)
            unit.add(calendar_commands(calendars, line, ctx))
            return b"line"

        self.office.run(ctx, decide)
        self.office.forget_all()

    def add(
        self, key: str, size: int = 3, *, on: date = SPRING[2], village: str | None = None
    ) -> list[UUID]:
        """New children of a class, with ids that are the same in every store."""
        known = self.children.setdefault(key, [])
        space = UUID(int=0xC0DE)
        new = [uuid5(space, f"{key}/{len(known) + n}") for n in range(size)]
        pupils = [enrolment.NewPupil(child=id_, sex="f", village=village) for id_ in new]

        def decide(unit: Unit) -> bytes:
            enrolment.admit(self.office, unit, key, pupils, grade=1, on=on, school_name="一小")
            return b"class"

        self.office.run(self.office.context("test"), decide)
        known += new
        return new

    def move(self, child: UUID, key: str, on: date) -> None:
        def decide(unit: Unit) -> bytes:
            enrolment.change_class(self.office, unit, child, key, grade=1, on=on)
            return b"moved"

        self.office.run(self.office.context("test"), decide)

    def hand_in(
        self,
        key: str,
        day: date,
        absent: Mapping[UUID, Reason] | None = None,
        *,
        session: Session = Session.FULL,
        note: str | None = None,
    ) -> None:
        """Hand in a day; those of ``absent`` on the roll that day."""
        stream = ClassRegister.stream(COUNTY, key)
        register = ClassRegister(stream).replay(self.store.log.load([stream])[stream])
        roll = register.roll(day.toordinal())
        marks = {child: why for child, why in (absent or {}).items() if child in roll}
        submission = Submission(
            class_key=key,
            class_name=key,
            day=day,
            session=session,
            expected=len(roll),
            present=len(roll) - len(marks),
            absent=marks,
            submitted_by="ct0",
            correction_note=note,
        )
        id_ = roll_calls.command_id(COUNTY, submission)
        roll_calls.hand_in(self.office, self.office.context("ct0", id_), submission)

    def check_in(self, child: UUID, on: date, term: str = "2026-1") -> None:
        def decide(unit: Unit) -> bytes:
            unit.get(child, Child).trigger_event(CheckedIn, unit.ctx, occurred_on=on, term=term)
            return b"seen"

        self.office.run(self.office.context("test"), decide)

    def suspend(self, child: UUID, on: date, until: date) -> None:
        decision = LeaveDecision(
            occurred_on=on,
            effective_from=on,
            until=until,
            approver="township",
            approver_role="township_officer",
            document="镇教〔2026〕1号",
            evidence_ref="ref:1",
        )
        ctx = self.office.context("test")
        decide_on_child(self.office, ctx, child, lambda c, x: leaves.suspend(c, x, decision))

    def extend(self, child: UUID, on: date, until: date) -> None:
        def decide(found: Child, ctx: CommandContext) -> None:
            leaves.extend(
                found,
                ctx,
                on=on,
                until=until,
                approver="township",
                approver_role="township_officer",
                document="镇教〔2026〕2号",
                evidence_ref="ref:1",
            )

        decide_on_child(self.office, self.office.context("test"), child, decide)

    def transfer(self, child: UUID, on: date, confirm_by: date) -> None:
        def start(found: Child, ctx: object) -> None:
            departures.start_transfer(
                found,
                ctx,  # type: ignore[arg-type]
                on=on,
                receiving_school="外县一中",
                document="转1",
                confirm_by=confirm_by,
            )

        decide_on_child(self.office, self.office.context("test"), child, start)

    def post(
        self,
        scope: Scope,
        account: str,
        role: Role,
        *,
        line: Line = Line.EDUCATION,
        last: date | None = None,
        since: date = date(2026, 2, 1),
    ) -> None:
        def decide(unit: Unit) -> bytes:
            register = self._register(unit, scope)
            post = register.establish(
                unit.ctx, line=line, scope=scope, title=account, level=1, role=role, since=since
            )
            holder = uuid5(UUID(int=1), account)
            register.hold(
                unit.ctx, post, account=account, holder=holder, first_day=since, last_day=last
            )
            return b"post"

        self.office.run(self.office.context("test"), decide)

    def hold(self, scope: Scope, title: str, account: str, first: date) -> None:
        """Somebody else holds the post from a day on."""

        def decide(unit: Unit) -> bytes:
            register = self._register(unit, scope)
            post = post_id(COUNTY, Line.EDUCATION, scope, title)
            holder = uuid5(UUID(int=1), account)
            register.hold(unit.ctx, post, account=account, holder=holder, first_day=first)
            return b"held"

        self.office.run(self.office.context("test"), decide)

    def never_held(self, scope: Scope, title: str, account: str) -> None:
        """That tenure was entered by mistake."""

        def decide(unit: Unit) -> bytes:
            register = self._register(unit, scope)
            post = register.post(post_id(COUNTY, Line.EDUCATION, scope, title))
            number = next(t.number for t in post.tenures if t.account == account)
            register.void(unit.ctx, post.id, tenure=number)
            return b"void"

        self.office.run(self.office.context("test"), decide)

    @staticmethod
    def _register(unit: Unit, scope: Scope) -> PostRegister:
        return unit.get(posts_stream(COUNTY, scope), lambda id_: PostRegister(id_, COUNTY))

    def close(self, day: date) -> None:
        """The county declares a closure."""
        self._line(calendar_line(county=COUNTY, applies_to=COUNTY, day=day, kind="停课"))

    def tap_closure(self, school: str, day: date) -> None:
        """The school's 一键停课 of a day."""
        ctx = self.office.context("head", today=day)

        def decide(unit: Unit) -> bytes:
            calendars = self.office.calendars(unit, school)
            unit.add(report_closure(calendars, school, day, ctx))
            return b"tap"

        self.office.run(ctx, decide)
        self.office.forget_all()

    def days(self, first: date = FIRST, school: str | None = None) -> list[date]:
        """School days of the calendar from a day on."""
        unit = Unit(self.office.map, self.office.context("test"))
        calendar = self.office.calendars(unit, school).for_school(school)
        return calendar.school_days(first, date(2027, 1, 1))

    def child(self, id_: UUID) -> Child:
        return Child(id_).replay(self.store.log.load([id_])[id_])

    def clock(self, at: datetime) -> None:
        """What is recorded from now on is recorded then."""
        cast("FixedClock", self.store.clock).at = at

    def acknowledge(self, rule: str, account: str, at: datetime) -> None:
        """Somebody acknowledges, at an instant, every alert of a rule that names them."""
        self.clock(at)
        every = alerts(self.store).items()
        ids = [i for i, a in every if a.rule == rule and account in a.to and a.state == "open"]
        assert ids
        acknowledge(self.office, self.office.context("cli:test"), ids, account)

    def due(self, day: date, hour: int = 20) -> DueReport:
        return run_due(self.store, local(day, hour))

    def focus(self, child: UUID, on: date) -> None:
        """The class teacher puts a child on the focus list from a day on."""
        decide_on_child(
            self.office,
            self.office.context("teacher"),
            child,
            lambda c, x: focus.put_on(
                c, x, on=on, role="class_teacher", reason=FocusReason.OFTEN_ABSENT
            ),
        )

    def calls(self, child: UUID, day: date, *, reached: bool, on: date | None = None) -> None:
        """The class teacher rings the guardian about the absence of a day (``on``: later)."""
        decide_on_child(
            self.office,
            self.office.context("teacher", today=on or day),
            child,
            lambda c, x: focus.tried(c, x, absent_on=day, role="class_teacher", reached=reached),
        )

    def visits(self, child: UUID, day: date, *, on: date | None = None) -> None:
        """The class teacher visits the family on a day, and records it then (``on``: later)."""
        made = home_visit.Visit(on=day, met=[Met.MOTHER], outcome=RoundOutcome.WAVERING)
        decide_on_child(
            self.office,
            self.office.context("teacher", today=on or day),
            child,
            lambda c, x: home_visit.visit(c, x, made, role="class_teacher"),
        )

    def unvisits(self, child: UUID, day: date) -> None:
        """The last visit of a day is taken back."""
        decide_on_child(
            self.office,
            self.office.context("teacher"),
            child,
            lambda c, x: home_visit.withdraw(c, x, day, role="class_teacher", reason=UUID(int=9)),
        )
