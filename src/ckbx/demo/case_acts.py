"""What people do on the cases of the demo county, through the use cases of a real one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

from ckbx.application import cases
from ckbx.application.case_papers import Papers
from ckbx.application.cases import Act as CaseAct
from ckbx.application.cases import Work, take_step
from ckbx.application.routing import directory
from ckbx.demo.chain import teacher_account
from ckbx.demo.county import MadeUp, Pupil
from ckbx.demo.walk import Walk
from ckbx.domain.case import attaching, follow_up, letters, plan, verification
from ckbx.domain.case.case import case_stream
from ckbx.domain.case.codes import (
    EvidenceKind,
    FollowUpKind,
    FollowUpResult,
    LetterAnswer,
    Means,
    Measure,
    Met,
    Place,
    Tier,
)
from ckbx.domain.case.errors import NoTeacher
from ckbx.domain.case.people import Participant
from ckbx.domain.case.persuasion import RoundHeld
from ckbx.domain.child.return_codes import Placement, Whereabouts
from ckbx.domain.responsibility.post import Line, Role

if TYPE_CHECKING:
    from ckbx.demo.story import Act

_COUNTY, _PRINCIPAL, _TEACHER = Role.BUREAU_OFFICER, Role.PRINCIPAL, Role.CLASS_TEACHER
_HOUR = "12:30"
_PHOTO = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb0043001b12141714111b1716171e1c1b2028422b282525"
    "28513a3d3042605565645f555d5b6a7899816a7190735b5d85b586909ea3abadab6780bcc9baa6c799a8aba4ff"
    "c0000b080008000801011100ffc40014000100000000000000000000000000000003ffc4001410010000000000"
    "0000000000000000000000ffda0008010100003f0077ffd9"
)
"""A small grey picture."""


class CaseActs:
    """Schools, townships and the county work on the first case of each child of the story."""

    def __init__(self, walk: Walk, county: MadeUp) -> None:
        self._walk = walk
        self._schools = {school.code: n for n, school in enumerate(county.schools)}

    def act(self, act: Act, child: UUID) -> None:
        """Carry out one step of the story."""
        office = self._walk.lane.office
        makers: dict[str, Callable[[Act, Papers], tuple[str, CaseAct]]] = {
            "case_teacher": self._teacher,
            "case_plan": self._plan,
            "case_contact": self._contact,
            "case_cause": self._cause,
            "case_verify": self._verify,
            "case_round": self._round,
            "case_determine": self._determine,
            "case_return": self._return,
            "case_confirm": self._confirm,
            "case_follow": self._follow,
            "case_clear": self._clear,
            "case_close": self._close,
            "case_letter": self._letter,
            "case_answer": self._answer,
            "case_attach": self._attach,
        }
        papers = Papers(self._walk.store.vault)
        actor, step = makers[act.kind](act, papers)
        self._walk.go(act.day, act.at)
        case = case_stream(office.county, child, 1)
        self._walk.submit(
            f"{act.day} {act.kind}",
            actor,
            lambda unit: take_step(office, unit, case, step, papers=papers),
        )

    def _principal(self, pupil: Pupil) -> str:
        return f"principal{self._schools[pupil.now.split('/')[0]]}"

    def _teacher(self, act: Act, _: Papers) -> tuple[str, CaseAct]:
        return self._principal(act.pupil), partial(
            _name_teacher, account=teacher_account(act.pupil.now), on=act.day
        )

    def _plan(self, act: Act, papers: Papers) -> tuple[str, CaseAct]:
        words = papers.note("每周补课两次，落实寄宿生补助，班主任每周家访一次")
        return teacher_account(act.pupil.now), lambda work: plan.make_plan(
            work.case,
            work.ctx,
            role=_TEACHER,
            on=act.day,
            plan=words,
            measures=[Measure.STUDY, Measure.FUNDING],
        )

    def _contact(self, act: Act, papers: Papers) -> tuple[str, CaseAct]:
        note = papers.note("电话联系，家长称孩子在亲戚家")
        return teacher_account(act.pupil.now), lambda work: plan.contact(
            work.case,
            work.ctx,
            role=_TEACHER,
            on=act.day,
            means=Means.CALL,
            met=[Met.MOTHER],
            note=note,
        )

    def _cause(self, act: Act, papers: Papers) -> tuple[str, CaseAct]:
        code = str(act.more["cause"])
        ref = papers.note(code) or uuid4()
        return self._principal(act.pupil), lambda work: plan.record_cause(
            work.case, work.ctx, role=_PRINCIPAL, on=act.day, cause=code, ref=ref, primary=True
        )

    def _verify(self, act: Act, papers: Papers) -> tuple[str, CaseAct]:
        finding: Any = act.more["finding"]
        ref = str(papers.note("示例材料：核查记录"))
        return self._principal(act.pupil), lambda work: verification.verify(
            work.case, work.ctx, role=_PRINCIPAL, on=act.day, finding=finding, evidence_ref=ref
        )

    def _round(self, act: Act, papers: Papers) -> tuple[str, CaseAct]:
        more: Any = act.more
        held = RoundHeld(
            on=act.day,
            hour=_HOUR,
            tier=more["tier"],
            place=Place.HOME,
            means=Means.VISIT,
            participants=self._people(act.pupil, more["tier"]),
            met=[more["met"]],
            outcome=more["outcome"],
            promised_on=more.get("promised_on"),
            words=papers.note("家长说再想想办法"),
        )
        return self._principal(act.pupil), cases.persuade(held, role=_PRINCIPAL)

    def _people(self, pupil: Pupil, tier: Tier) -> list[Participant]:
        found = [
            Participant(line=Line.EDUCATION, role=_PRINCIPAL, account=self._principal(pupil)),
            Participant(line=Line.EDUCATION, role=_TEACHER, account=teacher_account(pupil.now)),
        ]
        local = {
            Tier.TOWNSHIP: (Role.TOWNSHIP_OFFICER, "town0"),
            Tier.SCHOOL_VILLAGE: (Role.VILLAGE_OFFICER, "village0"),
        }.get(tier)
        if local is not None:
            role, account = local
            found.append(Participant(line=Line.GOVERNMENT, role=role, account=account))
        return found

    def _determine(self, act: Act, _: Papers) -> tuple[str, CaseAct]:
        where = Whereabouts.WORK_OUTSIDE
        return "bureau", cases.determine(role=_COUNTY, on=act.day, whereabouts=where)

    def _return(self, act: Act, _: Papers) -> tuple[str, CaseAct]:
        return self._principal(act.pupil), cases.bring_back(
            role=_PRINCIPAL,
            on=act.day,
            placement=Placement.ORIGINAL_CLASS,
            class_key=act.pupil.now,
        )

    def _confirm(self, act: Act, _: Papers) -> tuple[str, CaseAct]:
        return self._principal(act.pupil), cases.confirm_return(role=_PRINCIPAL)

    def _follow(self, act: Act, papers: Papers) -> tuple[str, CaseAct]:
        note = papers.note("到校正常，已补上落下的课")
        return teacher_account(act.pupil.now), lambda work: follow_up.follow_up(
            work.case,
            work.ctx,
            role=_TEACHER,
            on=act.day,
            kind=FollowUpKind.VISIT,
            result=FollowUpResult.STEADY,
            note=note,
        )

    def _letter(self, act: Act, papers: Papers) -> tuple[str, CaseAct]:
        addressee = papers.note("示例：外县第九小学")
        return "bureau", lambda work: letters.send_letter(
            work.case,
            work.ctx,
            role=_COUNTY,
            on=act.day,
            document=f"青教函〔{act.day.year}〕9号",
            region="440100",
            reply_by=act.day + timedelta(days=15),
            addressee=addressee,
        )

    def _answer(self, act: Act, papers: Papers) -> tuple[str, CaseAct]:
        paper = papers.file(b"%PDF-1.4\n% sample answer of a school elsewhere\n")
        return "bureau", lambda work: letters.answer_letter(
            work.case,
            work.ctx,
            role=_COUNTY,
            on=act.day,
            number=1,
            answer=LetterAnswer.STUDIES_THERE,
            document=f"九小函〔{act.day.year}〕3号",
            attachments=[paper],
        )

    def _attach(self, act: Act, papers: Papers) -> tuple[str, CaseAct]:
        photo = papers.file(_PHOTO)
        return self._principal(act.pupil), lambda work: attaching.attach(
            work.case, work.ctx, role=_PRINCIPAL, on=act.day, fact=None, attachments=[photo]
        )

    def _clear(self, act: Act, papers: Papers) -> tuple[str, CaseAct]:
        finding: Any = act.more["finding"]
        ref = str(papers.note("示例材料：学籍卡和班级点名记录"))
        return self._principal(act.pupil), cases.clear(
            role=_PRINCIPAL, on=act.day, finding=finding, evidence_ref=ref
        )

    def _close(self, act: Act, papers: Papers) -> tuple[str, CaseAct]:
        ref = str(papers.note("示例材料：学籍卡复印件"))
        return self._principal(act.pupil), cases.close(
            role=_PRINCIPAL, on=act.day, evidence=EvidenceKind.CLEARED, evidence_ref=ref
        )


def _name_teacher(work: Work, *, account: str, on: date) -> None:
    known = directory(work.office, work.unit, school=work.case.school or "")
    holder = known.subject_of(account)
    if holder is None:
        raise NoTeacher
    cases.name_teacher(role=_PRINCIPAL, account=account, holder=holder, first_day=on)(work)
