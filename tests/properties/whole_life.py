"""A county life in which leaves are applied for and disabled children are placed as well.

Application, opinion, papers, decision, review and return; assessment, placement at school or
teaching at home with its visits. Anything may be refused, by whoever decides or by the rules.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule

from ckbx.application import leave_course, leave_filing, leave_granting, leave_papers, placement
from ckbx.domain.case.people import Participant
from ckbx.domain.leave import applying, deciding
from ckbx.domain.leave.codes import LeaveKind, Proof
from ckbx.domain.leave.conditions import Approval
from ckbx.domain.placement import assessing, visits
from ckbx.domain.placement import deciding as placing
from ckbx.domain.placement.codes import PlacementKind
from ckbx.domain.responsibility.post import Line, Role
from ckbx.domain.shared.errors import CkbxError
from projections import leave, placements
from tests.properties.county_life import EVERYTHING, CountyLife
from tests.properties.test_cases_follow_suspicions import KIDS
from tests.support.case_county import KEY, OTHER

BUREAU, PRINCIPAL = Role.BUREAU_OFFICER, Role.PRINCIPAL
LENGTHS = st.integers(5, 60)
PLACES = st.sampled_from(list(PlacementKind))


class WholeLife(CountyLife):
    """Two children, their cases, their leaves and their placement."""

    def file(self, n: int, act: leave_filing.Act) -> bool:
        """Take a step on the last application of a child; whether it was taken."""
        office = self.county.office
        return self.taken(leave_filing.work_on, office, office.context("bureau"), self.kids[n], act)

    def place(self, n: int, act: placement.Act) -> bool:
        """Take a step on the placement of a child; whether it was taken."""
        office = self.county.office
        return self.taken(placement.work_on, office, office.context("bureau"), self.kids[n], act)

    def taken(self, do: Any, *given: Any) -> bool:
        try:
            do(*given)
        except CkbxError:
            return False
        return True

    def note(self) -> Any:
        return self.county.papers().note("见附件")

    # Applications

    @rule(n=KIDS, kind=st.sampled_from(list(LeaveKind)), proof=st.sampled_from(list(Proof)))
    def applies(self, n: int, kind: LeaveKind, proof: Proof) -> None:
        asked = applying.Asked(
            on=self.now, kind=kind, proof=proof, applicant=self.note(), reason=self.note()
        )
        self.file(n, leave_papers.apply(asked, role=PRINCIPAL))

    @rule(n=KIDS, agrees=st.booleans())
    def the_school_says_what_it_thinks(self, n: int, agrees: bool) -> None:
        day, words = self.now, self.note()
        self.file(
            n,
            lambda filing: applying.give_opinion(
                filing.application,
                filing.ctx,
                role=PRINCIPAL,
                on=day,
                agrees=agrees,
                opinion=words,
            ),
        )

    @rule(n=KIDS)
    def brings_the_paper_of_a_hospital(self, n: int) -> None:
        self.file(
            n,
            leave_papers.give_hospital_paper(
                role=PRINCIPAL,
                on=self.now,
                document="诊1",
                hospital="县人民医院",
                hospital_ref=self.note(),
                paper=self.note(),
                attachments=[],
            ),
        )

    @rule(n=KIDS, later=st.integers(0, 5), days=LENGTHS)
    def its_application_is_approved(self, n: int, later: int, days: int) -> None:
        first = self.now + timedelta(days=later)
        last = first + timedelta(days=days)
        given = Approval(
            on=self.now,
            document="教1",
            effective_from=first,
            until=last,
            review_on=last,
            visits_per_month=2,
            lessons_per_visit=2,
        )
        self.file(n, leave_granting.approve(given, role=BUREAU))

    @rule(n=KIDS)
    def its_application_is_sent_back(self, n: int) -> None:
        day, why = self.now, self.note()
        self.file(
            n,
            lambda filing: deciding.refuse(
                filing.application, filing.ctx, role=BUREAU, on=day, reason=why
            ),
        )

    @rule(n=KIDS, days=LENGTHS)
    def is_granted_its_suspension(self, n: int, days: int) -> None:
        self.applies(n, LeaveKind.SUSPENSION, Proof.HOSPITAL)
        self.the_school_says_what_it_thinks(n, True)
        self.brings_the_paper_of_a_hospital(n)
        self.its_application_is_approved(n, 0, days)

    @rule(n=KIDS)
    def its_leave_is_reviewed(self, n: int) -> None:
        day, note = self.now, self.note()
        self.file(
            n,
            lambda filing: deciding.review(
                filing.application,
                filing.ctx,
                filing.child,
                role=BUREAU,
                on=day,
                note=note,
                review_on=day + timedelta(days=30),
            ),
        )

    @rule(n=KIDS, days=LENGTHS)
    def its_leave_gets_a_later_end(self, n: int, days: int) -> None:
        until = self.now + timedelta(days=days)
        self.file(
            n,
            leave_course.extend(
                role=BUREAU,
                on=self.now,
                until=until,
                review_on=until,
                document="教2",
                paper=self.note(),
                attachments=[],
            ),
        )

    @rule(n=KIDS, key=st.sampled_from([KEY, KEY, OTHER]))
    def comes_back_from_its_leave(self, n: int, key: str) -> None:
        self.file(
            n,
            leave_course.resume(role=PRINCIPAL, on=self.now, class_key=key, paper=self.note()),
        )

    # Placement

    @rule(n=KIDS, advises=PLACES)
    def is_assessed(self, n: int, advises: PlacementKind) -> None:
        found = assessing.Found(on=self.now, document="评1", advises=advises, opinion=self.note())
        self.place(
            n,
            lambda work: assessing.assess(
                work.placement, work.ctx, work.child.id, found, role=BUREAU
            ),
        )

    @rule(n=KIDS, kind=PLACES)
    def is_placed(self, n: int, kind: PlacementKind) -> None:
        """At school by a decision; otherwise by the leave that is applied for."""
        self.is_assessed(n, kind)
        if kind.value in set(LeaveKind):
            self.applies(n, LeaveKind(kind), Proof.COMMITTEE)
            self.its_application_is_approved(n, 0, 60)
            return
        plan = placing.Plan(
            on=self.now,
            kind=kind,
            document="教3",
            plan_no="1",
            review_on=self.now + timedelta(days=60),
        )
        self.place(
            n,
            lambda work: placing.decide(work.placement, work.ctx, work.child, plan, role=BUREAU),
        )

    @rule(n=KIDS, times=st.integers(1, 4))
    def is_taught_at_home(self, n: int, times: int) -> None:
        who = Participant(line=Line.EDUCATION, role=Role.CLASS_TEACHER, account="ct1")
        for _ in range(times):
            self.place(n, self.visit(self.now, who))
            self.days_pass(7)

    def visit(self, day: date, who: Participant) -> placement.Act:
        content = self.note()
        return lambda work: visits.visit(
            work.placement,
            work.ctx,
            work.child,
            role=Role.CLASS_TEACHER,
            on=day,
            lessons=2,
            teachers=[who],
            content=content,
        )

    @rule(n=KIDS)
    def a_visit_is_taken_back(self, n: int) -> None:
        day, why = self.now, self.note()
        self.place(
            n,
            lambda work: visits.void_visit(
                work.placement, work.ctx, role=BUREAU, on=day, number=1, reason=why
            ),
        )

    # What was answered

    def answers(self, day: date, position: int) -> list[Any]:
        at: dict[str, Any] = {"as_of": day, "position": position, "all_": True}
        with self.county.store.answers.reading() as reading:
            asked = (leave.leave, placements.placements)
            more = [ask(reading, EVERYTHING, **at) for ask in asked]
        return [*super().answers(day, position), *more]
