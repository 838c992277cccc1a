"""What people do in the year: one function an act, each through the use cases of the product."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import date
from enum import Enum, auto
from functools import partial
from typing import Any
from uuid import UUID

from ckbx.application import enrolment, placement, reports
from ckbx.application.backups import record_outside
from ckbx.application.case_papers import Papers
from ckbx.application.decisions import decide_on_child
from ckbx.application.unit import Unit
from ckbx.bench.year.world import COUNTY, Kid, Site, World
from ckbx.domain.calendar import closures
from ckbx.domain.calendar.rows import calendar_line
from ckbx.domain.case.people import Participant
from ckbx.domain.child import departures, leaves, movements
from ckbx.domain.child import enrolment as enrolling
from ckbx.domain.child import leave_events as lv
from ckbx.domain.child.child import Child
from ckbx.domain.child.leaves import LeaveDecision
from ckbx.domain.child.status import Finding, SuspicionSource
from ckbx.domain.placement import assessing, deciding, visits
from ckbx.domain.placement.codes import PlacementKind
from ckbx.domain.report.months import Month
from ckbx.domain.responsibility.post import Line, Role
from ckbx.domain.shared.event import CommandContext
from ckbx.ledgers import monthly_drafts
from ckbx.ledgers.filling import Desk
from ckbx.ledgers.question import Look, Question
from ckbx.vault import Access
from projections.scope import Scope

ELSEWHERE = "3152699999"
Do = Callable[[World, Site], None]
PRINCIPAL, BUREAU = Role.PRINCIPAL.value, Role.BUREAU_OFFICER.value
TOWNSHIP = Role.TOWNSHIP_OFFICER.value


class To(Enum):
    """Where a child goes."""

    ELSEWHERE = auto()
    SCHOOL = auto()
    PRIMARY = auto()


def _code(site: Site, to: To) -> str:
    codes = {To.ELSEWHERE: ELSEWHERE, To.SCHOOL: site.school, To.PRIMARY: site.primary}
    return codes[to]


# The calendar


def sets_term(year: str, name: str, term: tuple[date, date]) -> Do:
    """The county enters a term."""
    line = calendar_line(
        county=COUNTY,
        applies_to=COUNTY,
        school_year=year,
        term=name,
        first_day=term[0],
        last_day=term[1],
    )
    return lambda world, _: world.lines([line])


def makes_year_known(year: int, off: Sequence[date], lessons: Sequence[date]) -> Do:
    """The county enters the days off of a year and confirms it."""
    line = partial(calendar_line, county=COUNTY, applies_to=COUNTY)
    found = [line(day=day, kind="放假") for day in off]
    found += [line(day=day, kind="上课") for day in lessons]
    found.append(line(day=date(year, 1, 1), kind="已核定"))
    return lambda world, _: world.lines(found)


def backs_up(world: World, _site: Site) -> None:
    """Somebody copies the store with the tools of the house, and records it."""
    record_outside(world.office, world.office.context("cli:admin"), world.today())


def taps_closure(world: World, site: Site) -> None:
    """一键停课 of the school for today."""

    def decide(unit: Unit) -> None:
        calendars = world.office.calendars(unit, site.school)
        unit.add(closures.report_closure(calendars, site.school, world.today(), unit.ctx))

    world.run(site.account("head"), decide)
    world.office.forget_all()


def confirms_closure(day: date) -> Do:
    """The county's answer to it."""

    def do(world: World, site: Site) -> None:
        def decide(unit: Unit) -> None:
            calendars = world.office.calendars(unit, site.school)
            unit.add(closures.confirm_closure(calendars, site.school, day, unit.ctx))

        world.run("bureau", decide)
        world.office.forget_all()

    return do


# One child

Decide = Callable[[Child, CommandContext], None]


def _decides(kid: Kid, actor: str, decision: Callable[[date], Decide]) -> Do:
    def do(world: World, site: Site) -> None:
        ctx = world.office.context(site.account(actor))
        decide_on_child(world.office, ctx, site.child(kid), decision(world.today()))

    return do


def suspends(kid: Kid, until: date) -> Do:
    """休学 from today."""
    return _decides(
        kid, "town", lambda today: lambda c, x: leaves.suspend(c, x, _leave(today, until))
    )


def teaches_at_home(kid: Kid, until: date, visits: int) -> Do:
    """送教上门 from today."""

    def decision(today: date) -> Decide:
        given = _leave(today, until, approver_role=BUREAU, committee_ref="ref:2")
        return lambda child, ctx: leaves.teach_at_home(
            child, ctx, given, visits_per_month=visits, lessons_per_visit=3
        )

    return _decides(kid, "bureau", decision)


def _leave(today: date, until: date, **more: Any) -> LeaveDecision:
    values: dict[str, Any] = {
        "occurred_on": today,
        "effective_from": today,
        "until": until,
        "approver": "town",
        "approver_role": Role.TOWNSHIP_OFFICER.value,
        "document": "镇教〔2026〕1号",
        "evidence_ref": "ref:1",
    }
    return LeaveDecision(**(values | more))


def resumes(kid: Kid) -> Do:
    """复学 after a leave, in the class it had."""

    def do(world: World, site: Site) -> None:
        today = world.today()
        grade = (today.year if today.month > 8 else today.year - 1) - kid.entry + 1
        decide_on_child(
            world.office,
            world.office.context(site.account("head")),
            site.child(kid),
            lambda child, ctx: enrolling.resume_study(
                child,
                ctx,
                on=today,
                class_key=site.key(kid.entry),
                grade=grade,
                fit_paper_ref="ref:3",
            ),
        )

    return do


def starts_transfer(kid: Kid, confirm_by: date, to: To = To.ELSEWHERE) -> Do:
    """转出 begins."""

    def do(world: World, site: Site) -> None:
        receiving, today = _code(site, to), world.today()
        decide_on_child(
            world.office,
            world.office.context(site.account("head")),
            site.child(kid),
            lambda child, ctx: departures.start_transfer(
                child,
                ctx,
                on=today,
                receiving_school=receiving,
                document="转1",
                confirm_by=confirm_by,
            ),
        )

    return do


def confirms_transfer(kid: Kid, to: To = To.ELSEWHERE) -> Do:
    """The receiving school confirms it."""

    def do(world: World, site: Site) -> None:
        receiving, today = _code(site, to), world.today()
        decide_on_child(
            world.office,
            world.office.context("bureau"),
            site.child(kid),
            lambda child, ctx: departures.confirm_transfer(
                child, ctx, on=today, receiving_school=receiving, evidence_ref="ref:4"
            ),
        )

    return do


def goes_missing(kid: Kid, review_by: date) -> Do:
    """失联."""
    return _decides(
        kid,
        "bureau",
        lambda today: (
            lambda child, ctx: departures.end(
                child, ctx, lv.WentMissing, on=today, evidence_ref="ref:5", review_by=review_by
            )
        ),
    )


def studies_elsewhere(kid: Kid, review_by: date) -> Do:
    """外地就读."""
    return _decides(
        kid,
        "bureau",
        lambda today: (
            lambda child, ctx: departures.verify_elsewhere(
                child, ctx, on=today, evidence_ref="ref:6", review_by=review_by, region="440100"
            )
        ),
    )


def looks_again(kid: Kid, review_by: date, ref: str) -> Do:
    """The check of each term."""
    return _decides(
        kid,
        "bureau",
        lambda today: (
            lambda child, ctx: movements.recheck(
                child, ctx, on=today, evidence_ref=ref, review_by=review_by
            )
        ),
    )


def is_found_in_a_register(kid: Kid) -> Do:
    """A register shows the child nowhere: 疑似辍学."""
    return _decides(
        kid,
        "bureau",
        lambda today: (
            lambda child, ctx: departures.suspect(
                child,
                ctx,
                on=today,
                source=SuspicionSource.REGISTER,
                first_absent_on=today,
                rule="register_finding",
                rule_version=0,
                evidence=[],
            )
        ),
    )


def clears(kid: Kid, finding: Finding = Finding.A) -> Do:
    """The check found the child in school."""
    return _decides(
        kid,
        "head",
        lambda today: (
            lambda child, ctx: departures.clear_suspicion(
                child, ctx, on=today, finding=finding, evidence_ref="ref:7", role=PRINCIPAL
            )
        ),
    )


def graduates(kids: Sequence[Kid]) -> Do:
    """毕业 of a class."""

    def do(world: World, site: Site) -> None:
        for kid in kids:
            _decides(kid, "head", lambda on: lambda c, x: departures.graduate(c, x, on=on))(
                world, site
            )

    return do


def begins_in(kids: Sequence[Kid], entry: int, grade: int, *, primary: bool = False) -> Do:
    """Children known to the county begin in another school."""

    def do(world: World, site: Site) -> None:
        key, today = site.key(entry, primary=primary), world.today()
        children = [site.child(kid) for kid in kids]
        world.run(
            site.account("head"),
            lambda unit: enrolment.enrol_again(
                world.office, unit, key, children, grade=grade, on=today, awaited=False
            ),
        )

    return do


def is_taught(kid: Kid) -> Do:
    """A teacher goes to a child that is taught at home."""

    def do(world: World, site: Site) -> None:
        papers, account = Papers(world.store.vault), site.account(f"t{kid.entry}")
        content = noted(papers, "识字一课")
        who = Participant(line=Line.EDUCATION, role=Role.CLASS_TEACHER, account=account)

        def step(work: placement.Placing) -> None:
            visits.visit(
                work.placement,
                work.ctx,
                work.child,
                role=Role.CLASS_TEACHER,
                on=world.today(),
                lessons=3,
                teachers=[who],
                content=content,
            )

        world.office.run(
            world.office.context(account),
            lambda unit: placement.take_step(
                world.office, unit, site.child(kid), step, papers=papers
            ),
        )

    return do


def is_placed(kid: Kid, review_on: date) -> Do:
    """随班就读 after the committee's opinion, to be reviewed by a day."""

    def do(world: World, site: Site) -> None:
        papers, today = Papers(world.store.vault), world.today()
        found = assessing.Found(
            on=today,
            document="特评〔2026〕1",
            advises=PlacementKind.INCLUSIVE,
            opinion=noted(papers, "评估意见书"),
            category=noted(papers, "听力"),
            level=noted(papers, "三级"),
        )
        chosen = deciding.Plan(
            on=today,
            kind=PlacementKind.INCLUSIVE,
            document="教字〔2026〕9号",
            plan_no="特〔2026〕1",
            review_on=review_on,
            teacher=site.account(f"t{kid.entry}"),
            plan=noted(papers, "坐前排，每周资源教室两课"),
        )

        def step(work: placement.Placing) -> None:
            assessing.assess(work.placement, work.ctx, work.child.id, found, role=BUREAU)
            deciding.decide(work.placement, work.ctx, work.child, chosen, role=BUREAU)

        world.office.run(
            world.office.context("bureau"),
            lambda unit: placement.take_step(
                world.office, unit, site.child(kid), step, papers=papers
            ),
        )

    return do


def noted(papers: Papers, words: str) -> UUID:
    """Words that go to the vault."""
    ref = papers.note(words)
    if ref is None:
        raise AssertionError
    return ref


# Reports


def signs_month(month: Month, *, primary: bool = False) -> Do:
    """The principal signs the report of a month."""

    def do(world: World, site: Site) -> None:
        code = site.primary if primary else site.school
        with _looking(world) as look:
            draft = monthly_drafts.draft_of(look, month, code, world.today())
        ctx = world.office.context(site.account("headp" if primary else "head"))
        reports.sign_school(world.office, ctx, draft, school=code, role=PRINCIPAL)

    return do


def sums_up(month: Month) -> Do:
    """The county signs the sum of a month."""

    def do(world: World, _site: Site) -> None:
        with _looking(world) as look:
            draft, schools = monthly_drafts.county_draft(look, month, month.last_day)
        ctx = world.office.context("bureau")
        reports.sign_county(world.office, ctx, draft, due=list(schools), role=BUREAU)

    return do


def _looking(world: World) -> AbstractContextManager[Look]:
    store = world.store
    store.catch_up()
    desk = Desk(store.answers, store.log, store.vault, store.clock)
    question = Question(scope=Scope.county(), as_of=world.today())
    access = Access(actor="bureau", view="bench", purpose="示例")
    return desk.look(question, access, monthly_drafts.ANSWERS)
