"""Applications, placements and visits at home in the demo county, through the use cases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ckbx.application import leave_filing, leave_granting, leave_papers, placement
from ckbx.application.case_papers import Papers
from ckbx.application.unit import Unit
from ckbx.demo.chain import teacher_account
from ckbx.demo.county import MadeUp, Pupil
from ckbx.demo.walk import Walk
from ckbx.domain.case.people import Participant
from ckbx.domain.leave import applying, deciding
from ckbx.domain.leave.applying import Asked
from ckbx.domain.leave.conditions import Approval
from ckbx.domain.legal import basis
from ckbx.domain.placement import assessing, visits
from ckbx.domain.placement import deciding as placing
from ckbx.domain.placement.codes import PlacementKind
from ckbx.domain.responsibility.post import Line, Role

if TYPE_CHECKING:
    from ckbx.demo.story import Act

_COUNTY, _PRINCIPAL, _TEACHER = Role.BUREAU_OFFICER, Role.PRINCIPAL, Role.CLASS_TEACHER
_TOWNSHIP = Role.TOWNSHIP_OFFICER


class CareActs:
    """Guardians apply, schools speak, township and county decide, teachers go to the child."""

    def __init__(self, walk: Walk, county: MadeUp) -> None:
        self._walk = walk
        self._schools = {school.code: n for n, school in enumerate(county.schools)}

    def act(self, act: Act, child: UUID, last_day: date) -> None:
        """Carry out one step; ``last_day``: of the story, from which its days are counted."""
        makers: dict[str, Callable[[Act, Papers, date], tuple[str, Any]]] = {
            "care_apply": self._apply,
            "care_opinion": self._opinion,
            "care_hospital": self._hospital,
            "care_approve": self._approve,
            "care_refuse": self._refuse,
            "care_assess": self._assess,
            "care_place": self._place,
            "care_visit": self._visit,
        }
        office, papers = self._walk.lane.office, Papers(self._walk.store.vault)
        if act.kind == "care_basis":
            self._record_basis(act)
            return
        actor, step = makers[act.kind](act, papers, last_day)
        of_placement = act.kind in ("care_assess", "care_place", "care_visit")
        take: Any = placement.take_step if of_placement else leave_filing.take_step
        self._walk.go(act.day, act.at)
        self._walk.submit(
            f"{act.day} {act.kind}",
            actor,
            lambda unit: take(office, unit, child, step, papers=papers),
        )

    def _record_basis(self, act: Act) -> None:
        """The county names the document by which it may exempt."""
        office = self._walk.lane.office

        def decide(unit: Unit) -> bytes:
            basis.record_basis(
                office.county_of(unit),
                unit.ctx,
                matter=basis.EXEMPTION,
                document=f"青政规〔{act.day.year}〕3号（示例）",
                on=act.day,
                role=_COUNTY,
            )
            return b"basis"

        self._walk.go(act.day, act.at)
        self._walk.submit(f"{act.day} {act.kind}", "bureau", decide)

    def _principal(self, pupil: Pupil) -> str:
        return f"principal{self._schools[pupil.now.split('/')[0]]}"

    def _apply(self, act: Act, papers: Papers, _: date) -> tuple[str, leave_filing.Act]:
        more: Any = act.more
        asked = Asked(
            on=act.day,
            kind=more["kind"],
            proof=more["proof"],
            applicant=papers.note("孩子的父亲"),
            reason=papers.note("孩子身体状况不适合到校"),
        )
        return self._principal(act.pupil), leave_papers.apply(asked, role=_PRINCIPAL)

    def _opinion(self, act: Act, papers: Papers, _: date) -> tuple[str, leave_filing.Act]:
        agrees, words = bool(act.more["agrees"]), papers.note("已家访，情况属实与否见附记")
        return self._principal(act.pupil), lambda filing: applying.give_opinion(
            filing.application,
            filing.ctx,
            role=_PRINCIPAL,
            on=act.day,
            agrees=agrees,
            opinion=words,
        )

    def _hospital(self, act: Act, papers: Papers, _: date) -> tuple[str, leave_filing.Act]:
        name = "县人民医院"
        return self._principal(act.pupil), leave_papers.give_hospital_paper(
            role=_PRINCIPAL,
            on=act.day,
            document=f"诊〔{act.day.year}〕{act.day:%m%d}",
            hospital=name,
            hospital_ref=papers.note(name),
            paper=papers.note("示例材料：诊断证明，建议休养"),
            attachments=[],
        )

    def _approve(self, act: Act, papers: Papers, last: date) -> tuple[str, leave_filing.Act]:
        more: Any = act.more
        home = "visits" in more
        county = home or "exempt" in more
        review = last + timedelta(days=more["review"]) if "review" in more else None
        given = Approval(
            on=act.day,
            document=f"青教字〔{act.day.year}〕{act.day:%m%d}号",
            effective_from=act.day,
            until=last + timedelta(days=more["until"]),
            review_on=review,
            visits_per_month=more.get("visits"),
            lessons_per_visit=3 if home else None,
        )
        return "bureau" if county else "town1", leave_granting.approve(
            given,
            role=_COUNTY if county else _TOWNSHIP,
            plan_no=f"青特〔{act.day.year}〕1" if home else None,
            teacher=teacher_account(act.pupil.now) if home else None,
            plan=papers.note("每次识字一课、生活技能一课、康复一课") if home else None,
        )

    def _refuse(self, act: Act, papers: Papers, _: date) -> tuple[str, leave_filing.Act]:
        why = papers.note("证明材料不能说明需要休学")
        return "town1", lambda filing: deciding.refuse(
            filing.application, filing.ctx, role=_TOWNSHIP, on=act.day, reason=why
        )

    def _assess(self, act: Act, papers: Papers, _: date) -> tuple[str, placement.Act]:
        advises: Any = act.more["advises"]
        found = assessing.Found(
            on=act.day,
            document=f"青特评〔{act.day.year}〕{act.day:%m%d}",
            advises=advises,
            opinion=papers.note("示例材料：评估意见书"),
            category=papers.note("听力" if advises is PlacementKind.INCLUSIVE else "肢体"),
            level=papers.note("三级" if advises is PlacementKind.INCLUSIVE else "一级"),
        )
        return "bureau", lambda work: assessing.assess(
            work.placement, work.ctx, work.child.id, found, role=_COUNTY
        )

    def _place(self, act: Act, papers: Papers, last: date) -> tuple[str, placement.Act]:
        plan = placing.Plan(
            on=act.day,
            kind=PlacementKind.INCLUSIVE,
            document=f"青教字〔{act.day.year}〕{act.day:%m%d}号",
            plan_no=f"青特〔{act.day.year}〕2",
            review_on=last + timedelta(days=int(str(act.more["review"]))),
            teacher=teacher_account(act.pupil.now),
            plan=papers.note("坐前排，佩戴助听器，每周资源教室两课"),
        )
        return "bureau", lambda work: placing.decide(
            work.placement, work.ctx, work.child, plan, role=_COUNTY
        )

    def _visit(self, act: Act, papers: Papers, _: date) -> tuple[str, placement.Act]:
        account = teacher_account(act.pupil.now)
        who = Participant(line=Line.EDUCATION, role=_TEACHER, account=account)
        content = papers.note("识字、生活技能、康复各一课")
        return account, lambda work: visits.visit(
            work.placement,
            work.ctx,
            work.child,
            role=_TEACHER,
            on=act.day,
            lessons=3,
            teachers=[who],
            content=content,
        )
