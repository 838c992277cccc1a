"""A county in which anything may happen to two children, and what must hold whatever does.

Roll calls and corrections, every step of a case, teachers who hand over, posts that are left,
legal papers, leaves, transfers, days with the clock's run. Anything may be refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid5

from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule

from ckbx.application import cases, legal
from ckbx.application.legal import At
from ckbx.application.routing import directory, place_of
from ckbx.application.unit import Unit
from ckbx.domain.alert.events import AlertRaised
from ckbx.domain.case import closing
from ckbx.domain.case.case import Case, case_stream
from ckbx.domain.case.codes import AWAY, EvidenceKind, Stage
from ckbx.domain.case.deadlines import Deadline, Outcome
from ckbx.domain.child import leaves
from ckbx.domain.child.child import Child
from ckbx.domain.legal import answers, papers, service, skipping
from ckbx.domain.legal.codes import (
    PAPERS,
    Obeyed,
    PaperKind,
    Recipient,
    ServiceMode,
    SkipReason,
)
from ckbx.domain.legal.legal_steps import LegalSteps
from ckbx.domain.legal.next_step import Action, NextStep, next_steps
from ckbx.domain.legal.opening import Subject
from ckbx.domain.legal.service import Delivery
from ckbx.domain.legal.skipping import SkipDecision
from ckbx.domain.legal.terms import FINES, Draft, term_bounds
from ckbx.domain.responsibility.post import Line, Post, Scope, ScopeKind
from ckbx.domain.responsibility.register import PostRegister, posts_stream
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.event import CommandContext
from ckbx.scheduling.run_due import run_due
from projections import cases as case_answers
from projections import timeline
from projections.caseload import caseload
from projections.deadlines import by_post, of_cases
from projections.dropout import dropout
from projections.roster import children_of
from projections.scope import Scope as Seen
from projections.suspected import suspected
from projections.visits import visits
from tests.properties.test_cases_follow_suspicions import KIDS, Life
from tests.support.case_county import KEY, SPACE, case_county
from tests.support.county import COUNTY, SCHOOL

__all__ = ["CountyLife", "case_county"]
EVERYTHING = Seen.county()
DAY = timedelta(days=1)
LATER = (timedelta(0), timedelta(days=9), timedelta(days=70))
POSTS = (Scope(ScopeKind.CLASS, KEY), Scope(ScopeKind.SCHOOL, SCHOOL))
BASIS = "县政规〔2018〕1号"


class CountyLife(Life):
    """The life of two children with everything that the county does about them."""

    CHECKED = False  # done by ``end``

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[date, int, list[Any]]] = []
        office = self.county.office
        ctx = office.context("bureau")
        with suppress(CkbxError):
            legal.record_basis(
                office, ctx, matter="fine", document=BASIS, on=self.now, role="bureau_officer"
            )

    # Time

    def days_pass(self, days: int) -> None:
        """Nobody reports them; the next roll call is of the first school day from then on."""
        last = self.county.days[-1]
        self.county.on(min(self.now + timedelta(days=days), last))
        while self.county.days[self.today] < self.now and self.today + 1 < len(self.county.days):
            self.today += 1

    @rule(days=st.integers(1, 25))
    def nobody_reports(self, days: int) -> None:
        self.days_pass(days)

    @rule()
    def the_clock_runs(self) -> None:
        """Twice: the second run of the same instant finds nothing to do."""
        day = self.now
        instant = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
        run_due(self.county.store, instant)
        assert run_due(self.county.store, instant).nothing, "the clock is not done"

    @rule(n=KIDS)
    def stays_away_and_the_clock_runs(self, n: int) -> None:
        self.stays_away(n, 6)
        self.days_pass(12)
        self.the_clock_runs()

    # People

    @rule(n=KIDS, who=st.sampled_from(["ct7", "ct8"]))
    def is_given_a_teacher(self, n: int, who: str) -> None:
        named = cases.name_teacher(
            role="principal", account=who, holder=uuid5(SPACE, who), first_day=self.now
        )
        self.on_case(n, named)

    @rule(n=KIDS)
    def its_teacher_leaves(self, n: int) -> None:
        self.on_case(n, cases.release_teacher(role="principal", last_day=self.now))

    @rule(at=st.sampled_from(POSTS), who=st.sampled_from(["new1", "new2"]))
    def a_post_is_handed_over(self, at: Scope, who: str) -> None:
        def decide(register: PostRegister, post: Post, ctx: CommandContext) -> None:
            held = post.holders(self.now)
            holder, first = uuid5(SPACE, who), self.now
            if held:
                register.hand_over(
                    ctx,
                    post.id,
                    tenure=held[0].number,
                    account=who,
                    holder=holder,
                    first_day=first,
                )
            else:
                register.hold(ctx, post.id, account=who, holder=holder, first_day=first)

        self.on_post(at, decide)

    @rule(at=st.sampled_from(POSTS))
    def a_post_is_left(self, at: Scope) -> None:
        self.leave_post(at)

    def leave_post(self, at: Scope) -> None:
        def decide(register: PostRegister, post: Post, ctx: CommandContext) -> None:
            for tenure in post.holders(self.now):
                register.vacate(ctx, post.id, tenure=tenure.number, last_day=self.now)

        self.on_post(at, decide)

    def on_post(self, at: Scope, decide: Any) -> None:
        def run(unit: Unit) -> None:
            register = unit.get(posts_stream(COUNTY, at), partial(PostRegister, county=COUNTY))
            for post in list(register.posts.values()):
                if post.scope == at:
                    decide(register, post, unit.ctx)

        with suppress(CkbxError):
            self.county.run(run)

    # The case

    @rule(n=KIDS, how=st.sampled_from([EvidenceKind.RETURN, EvidenceKind.CLEARED]))
    def is_closed(self, n: int, how: EvidenceKind) -> None:
        close = cases.close(role="bureau_officer", on=self.now, evidence=how, evidence_ref="p")
        self.on_case(n, close, "bureau")

    @rule(n=KIDS)
    def is_opened_again(self, n: int) -> None:
        day, reason = self.now, uuid5(SPACE, "reason")
        self.on_case(
            n,
            lambda work: closing.reopen(
                work.case, work.ctx, role="bureau_officer", on=day, reason=reason
            ),
            "bureau",
        )

    @rule(n=KIDS)
    def its_return_is_settled(self, n: int) -> None:
        self.days_pass(150)
        reason = uuid5(SPACE, "gaps")
        self.on_case(n, cases.settle(role="bureau_officer", on=self.now, reason=reason), "bureau")

    @rule(n=KIDS, days=st.integers(5, 40))
    def its_leave_is_extended(self, n: int, days: int) -> None:
        day = self.now
        self.attempt(
            n,
            lambda child, ctx: leaves.extend(
                child,
                ctx,
                on=day,
                until=day + timedelta(days=days),
                approver="a",
                approver_role="bureau_officer",
                document="d",
                evidence_ref="r",
            ),
        )

    # Legal steps

    @rule(n=KIDS, acts=st.integers(1, 8), choice=st.integers(0, 2))
    def the_law_takes_its_course(self, n: int, acts: int, choice: int) -> None:
        """What is proposed next is done, on the day from which it may be."""
        for _ in range(acts):
            state, law = self.steps(n)
            doable = (Action.ISSUE, Action.SERVE, Action.SKIP)
            proposed = [
                s for s in next_steps(state, law, self.now) if s.action in doable and not s.missing
            ]
            if not proposed:
                return
            step = proposed[choice % len(proposed)]
            if step.opens_on is not None and step.opens_on > self.now:
                self.days_pass((step.opens_on - self.now).days)
            if step.is_open(self.now):
                self.take(n, step)

    @rule(n=KIDS)
    def stays_away_until_the_law_begins(self, n: int) -> None:
        self.stays_away(n, 6)
        self.the_law_takes_its_course(n, 4, 0)

    @rule(n=KIDS, back=st.booleans())
    def the_guardian_obeys_or_no_longer(self, n: int, back: bool) -> None:
        state, _ = self.steps(n)
        paper, day = state.newest(), self.now
        if paper is None:
            return
        if back:
            fine = any(p.kind == PaperKind.FINE_DECISION for p in state.valid())
            scope = Obeyed.ALL if fine else Obeyed.SCHOOL
            self.legally(
                n,
                lambda s, x, _law: answers.comply(
                    s,
                    x,
                    paper.number,
                    on=day,
                    scope=scope,
                    evidence_ref="r",
                    role="bureau_officer",
                ),
            )
        else:
            self.legally(
                n, lambda s, x, _law: answers.cease(s, x, on=day, text_ref="r", role="principal")
            )

    def steps(self, n: int) -> tuple[LegalSteps, Any]:
        view = legal.look_at_steps(self.county.office, self.newest_case(n), self.now)
        return view.state, view.law

    def newest_case(self, n: int) -> UUID:
        return case_stream(COUNTY, self.kids[n], max(self.child(n).episodes, 1))

    def take(self, n: int, step: NextStep) -> None:
        day = self.now
        if step.action is Action.SERVE and step.paper is not None:
            number, role = step.paper, step.who[0]
            delivery = Delivery(
                mode=ServiceMode.DIRECT,
                on=day,
                place=COUNTY,
                evidence_ref="r",
                recipient=Recipient.MOTHER,
                recipient_ref="r",
                servers=("a", "b"),
            )
            self.legally(
                n, lambda s, x, law: service.serve(s, x, number, delivery, role=role, law=law)
            )
        elif step.action is Action.SKIP:
            decision = SkipDecision(
                step=step.step,
                on=day,
                reason=SkipReason.OTHER,
                approver="a",
                document="d",
                text_ref="r",
            )
            of = self.subject(n)
            self.legally(
                n,
                lambda s, x, law: skipping.skip_step(
                    s, x, decision, role="bureau_officer", law=law, of=of
                ),
            )
        elif step.kind is not None:
            self.issue(n, step.kind)

    def issue(self, n: int, kind: PaperKind) -> None:
        _, law = self.steps(n)
        bounds = term_bounds(kind, law.rules_on(self.now).pack)
        role = "principal" if kind.step == 1 else "bureau_officer"
        decision = kind is PaperKind.FINE_DECISION
        draft = Draft(
            kind=kind,
            on=self.now,
            document=f"{kind.value}-{len(self.steps(n)[0].papers)}",
            issuer=SCHOOL if kind.step == 1 else COUNTY,
            due_days=None if bounds is None else max(bounds[0], 7),
            amount=100 if kind in FINES else None,
            pay_by=self.now + timedelta(days=15) if decision else None,
        )
        of = self.subject(n)
        assert PAPERS[kind]
        self.legally(n, lambda s, x, law: papers.issue(s, x, draft, role=role, law=law, of=of))

    def subject(self, n: int) -> Subject:
        return Subject(self.newest_case(n), self.kids[n])

    def legally(self, n: int, decide: legal.Decide) -> None:
        """Only on a case there is, as the commands do."""
        office = self.county.office
        if self.child(n).episodes:
            with suppress(CkbxError):
                legal.act(office, office.context("bureau"), At(self.subject(n)), decide)

    # What must hold

    def logged(self) -> Iterator[tuple[Child, Case]]:
        """Every case there ever was, from the log."""
        for n, id_ in enumerate(self.kids):
            child = self.child(n)
            ids = [case_stream(COUNTY, id_, k) for k in range(1, child.episodes + 1)]
            loaded = self.county.store.log.load(ids) if ids else {}
            for stream in ids:
                case = Case(stream).replay(loaded.get(stream, []))
                if case.exists and case.stage is not Stage.WITHDRAWN:
                    yield child, case

    @invariant()
    def somebody_is_responsible_for_every_open_case_on_every_day(self) -> None:
        office = self.county.office
        unit = Unit(office.map, office.context("t"))
        for child, case in self.logged():
            if case.stage not in (*AWAY, Stage.RETURNED, Stage.CONSOLIDATING):
                continue
            known = directory(office, unit, school=child.school or "", child=str(child.id))
            turns = {
                day
                for post in known.posts.values()
                for t in post.tenures
                for day in (t.first_day, t.last_day and t.last_day + DAY)
                if day
            }
            days = {case.suspected_on, self.now, self.now + timedelta(days=30), *turns}
            for day in (d for d in days if d >= case.suspected_on):
                for line in Line:
                    answer = known.answerable(line, place_of(office, child, day), day)
                    assert answer.accounts, f"nobody answers on {day}"

    @invariant()
    def every_deadline_has_one_outcome_that_stays(self) -> None:
        office = self.county.office
        for child, case in self.logged():
            settled: dict[tuple[Any, ...], Outcome] = {}
            for ahead in LATER:
                found = list(self.deadlines(child, case, self.now + ahead))
                keys = [key for key, _ in found]
                assert len(set(keys)) == len(keys), "a deadline with two outcomes"
                for key, deadline in found:
                    check(deadline, self.now + ahead)
                    before = settled.get(key)
                    assert before in (None, deadline.outcome), "an outcome that changes"
                    if deadline.outcome is not Outcome.OPEN:
                        settled[key] = deadline.outcome
        office.forget_all()

    def deadlines(
        self, child: Child, case: Case, day: date
    ) -> Iterator[tuple[tuple[Any, ...], Deadline]]:
        office = self.county.office
        unit = Unit(office.map, office.context("t", today=day))
        work = cases.Work(office, unit, unit.get(case.id, Case), unit.get(child.id, Child))
        count: dict[tuple[Any, ...], int] = {}
        found = [
            *cases.deadlines_of(work, day),
            *legal.deadlines_of_steps(office, case, day),
        ]
        for deadline in found:
            key: tuple[Any, ...] = (deadline.kind, deadline.on)
            if deadline.kind == "letter_reply" or deadline.kind.startswith("legal_"):
                count[key] = count.get(key, 0) + 1  # several papers of one day
                key = (*key, count[key])
            yield key, deadline

    # What was answered

    @rule()
    def is_asked(self) -> None:
        self.county.store.catch_up()
        day, position = self.now, self.county.store.log.head()
        self.told.append((day, position, self.answers(day, position)))

    def answers(self, day: date, position: int) -> list[Any]:
        at: dict[str, Any] = {"as_of": day, "position": position}
        store = self.county.store
        with store.answers.reading() as reading:
            asked = (dropout, visits, suspected, children_of)
            lists = [ask(reading, EVERYTHING, all_=True, **at) for ask in asked]
            story = [
                timeline.timeline(reading, store.log, EVERYTHING, kid, **at) for kid in self.kids
            ]
            posts = by_post(reading, EVERYTHING, all_=True, **at)
            return [*lists, *story, posts, caseload(reading, EVERYTHING, **at)]

    def teardown(self) -> None:
        try:
            self.end()
        finally:
            super().teardown()

    def end(self) -> None:
        """Folded anew it says the same; what was answered then is answered again."""
        store = self.county.store
        store.catch_up()
        for projection in store.projector.projections:
            report = store.projector.check(projection.name)
            assert report.equal, f"{projection.name}: rebuilt is not live: {report}"
        assert [lag.parked for lag in store.projector.lag()] == [0] * len(
            store.projector.projections
        )
        for day, position, said in self.told:
            assert self.answers(day, position) == said, f"as known at {position}"
        self.ledger_is_what_the_log_says()
        for fact in store.log.read(0, 1_000_000):
            if isinstance(fact.event, AlertRaised) and fact.event.child is not None:
                assert fact.event.to, f"nobody is told of {fact.event.rule}"

    def ledger_is_what_the_log_says(self) -> None:
        store = self.county.store
        at: dict[str, Any] = {"as_of": self.now, "position": store.log.head()}
        with store.answers.reading() as reading:
            found = case_answers.cases_on(reading, EVERYTHING, **at)
            due = of_cases(reading, found, **at)
        logged = {case.id: (child, case) for child, case in self.logged()}
        assert {each.case.id for each in found} == set(logged)
        for id_, (child, case) in logged.items():
            mine = [d for _, d in self.deadlines(child, case, self.now)]
            plain = [d for d in mine if not d.kind.startswith("legal_")]
            odd = [d for d in (*due[id_], *plain) if (d in due[id_]) != (d in plain)]
            assert due[id_] == plain, f"the ledger's deadlines: {odd}"


def check(deadline: Deadline, day: date) -> None:
    """An outcome says of a day what it may say."""
    due, on = deadline.due_on, deadline.outcome_on
    assert deadline.on <= day
    match deadline.outcome:
        case Outcome.OPEN:
            assert on is None
            assert due is None or day <= due, "open after its day"
        case Outcome.KEPT:
            assert on is not None
            assert due is None or on <= due, "kept after its day"
        case Outcome.MISSED:
            assert due is not None
            assert due < day, "missed before its day"
            assert on == due
        case Outcome.VOID:
            assert on is not None
            assert due is None or on <= due
