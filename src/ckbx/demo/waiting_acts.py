"""What lies waiting in the demo county: papers of a township to serve, a closure to answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time
from typing import TYPE_CHECKING, Final
from uuid import UUID

from ckbx.application import closures
from ckbx.application.legal import At, KeptTexts, act, issue_paper, keep_texts
from ckbx.demo.chain import teacher_account
from ckbx.demo.county import TOWNSHIPS, MadeUp, township_code
from ckbx.demo.walk import DemoFailed, Walk
from ckbx.domain.case.case import case_stream
from ckbx.domain.legal import service
from ckbx.domain.legal.codes import PaperKind, Recipient, ServiceMode
from ckbx.domain.legal.opening import Subject
from ckbx.domain.legal.terms import Draft
from ckbx.domain.responsibility.post import Role
from ckbx.domain.shared.errors import CkbxError

if TYPE_CHECKING:
    from ckbx.demo.story import Act, Story

_NOTICE_DAYS, _ORDER_DAYS = 1, 10
_WATER: Final = "供水管道爆裂，全校停水，13:30 起陆续放学"
_PRINCIPAL, _TOWNSHIP = Role.PRINCIPAL, Role.TOWNSHIP_OFFICER


class WaitingActs:
    """The school persuades in writing, the township orders; a school without water closes."""

    def __init__(self, walk: Walk, county: MadeUp) -> None:
        self._walk = walk
        self._schools = {school.code: n for n, school in enumerate(county.schools)}
        self._townships = {township_code(n): n for n in range(len(TOWNSHIPS))}

    def act(self, act: Act, child: UUID) -> None:
        """Carry out one step of the story."""
        self._walk.go(act.day, act.at)
        self._walk.finish()
        case = case_stream(self._walk.store.office.county, child, 1)
        makers: dict[str, Callable[[Act, At], None]] = {
            "legal_notice": self._notice,
            "legal_order": self._order,
        }
        makers[act.kind](act, At(Subject(case, child)))

    def tap(self, story: Story) -> None:
        """At noon of its last day a school says that it is closed."""
        self._walk.go(story.day(0), time(13, 20))
        self._walk.finish()
        store = self._walk.store
        context = self._walk.context(self._principal(story.school))
        self._carry(
            "停课",
            lambda: closures.report(
                store.office, context, store.vault, school=story.school, why=_WATER
            ),
        )

    def waits(self, story: Story) -> dict[str, str]:
        """By role: the account for which something lies waiting."""
        school = self._schools[story.school]
        return {
            _PRINCIPAL: f"principal{school}",
            Role.BUREAU_LEADER: f"leader{school}",
            _TOWNSHIP: self._town(story.township),
        }

    def _notice(self, act: Act, at: At) -> None:
        """劝返通知书 of the school, handed to the father the same day."""
        school = act.pupil.now.split("/")[0]
        actor = self._principal(school)
        draft = Draft(
            kind=PaperKind.PERSUASION_NOTICE,
            on=act.day,
            document=f"劝返〔{act.day.year}〕6号",
            issuer=school,
            due_days=_NOTICE_DAYS,
        )
        self._issue(act.day, actor, at, draft, _PRINCIPAL)
        names = {"taker": act.pupil.guardian, "proof": "示例材料：送达回证"}
        texts = keep_texts(self._walk.store.vault, at.of.child, names)
        delivery = service.Delivery(
            mode=ServiceMode.DIRECT,
            on=act.day,
            place=act.pupil.residence or act.pupil.village,
            evidence_ref=texts.refs["proof"],
            recipient=Recipient.FATHER,
            recipient_ref=texts.refs["taker"],
            servers=(actor, teacher_account(act.pupil.now)),
        )
        self._serve(act.day, actor, at, delivery, texts)

    def _order(self, act: Act, at: At) -> None:
        """The township orders the guardian to send the child; nobody has taken it there yet."""
        code = (act.pupil.residence or act.pupil.village)[:9]
        draft = Draft(
            kind=PaperKind.ORDER_TO_ATTEND,
            on=act.day,
            document=f"{TOWNSHIPS[self._townships[code]]}教通〔{act.day.year}〕3号",
            issuer=code,
            due_days=_ORDER_DAYS,
        )
        self._issue(act.day, self._town(code), at, draft, _TOWNSHIP)

    def _issue(self, day: date, actor: str, at: At, draft: Draft, role: Role) -> None:
        office, context = self._walk.store.office, self._walk.context(actor)
        self._carry(
            f"{day} {draft.kind.label}",
            lambda: issue_paper(office, context, at, draft, role=role),
        )

    def _serve(
        self, day: date, actor: str, at: At, delivery: service.Delivery, texts: KeptTexts
    ) -> None:
        office, context = self._walk.store.office, self._walk.context(actor)
        self._carry(
            f"{day} 送达",
            lambda: act(
                office,
                context,
                at,
                lambda steps, x, law: service.serve(
                    steps, x, 1, delivery, role=_PRINCIPAL, law=law
                ),
                role=_PRINCIPAL,
                texts=texts,
            ),
        )

    def _carry(self, step: str, run: Callable[[], object]) -> None:
        """One command by the store's own office. Raises DemoFailed."""
        try:
            run()
        except CkbxError as error:
            raise DemoFailed(step=step, why=error) from error
        self._walk.lane.office.forget_all()

    def _principal(self, school: str) -> str:
        return f"principal{self._schools[school]}"

    def _town(self, code: str) -> str:
        return f"town{self._townships[code]}"
