"""The legal steps of one made-up case, for tests: papers on chosen days, served as usual."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from ckbx.calendar_data import national_holidays
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.legal import answers, papers, remedies, revoking, service
from ckbx.domain.legal.codes import (
    BODY_OF_ROLE,
    CODE_LENGTH,
    PAPERS,
    Body,
    Obeyed,
    PaperKind,
    Recipient,
    ServiceMode,
    SkipReason,
)
from ckbx.domain.legal.legal_steps import LegalSteps
from ckbx.domain.legal.opening import Subject
from ckbx.domain.legal.periods import Law
from ckbx.domain.legal.service import Delivery
from ckbx.domain.legal.skipping import SkipDecision, skip_step
from ckbx.domain.legal.terms import Draft
from ckbx.domain.rules.rule_book import DEFAULT_ADOPTED
from ckbx.domain.shared.event import CommandContext, DomainEvent
from ckbx.eventlog.codec import decode_event, encode_event
from tests.dsl import an_id, context

COUNTY = "530829"
CASE, CHILD = an_id(500), an_id(7)
CODES = {
    Body.SCHOOL: "2153082901",
    Body.VILLAGE: "530829103201",
    Body.TOWNSHIP: "530829103",
    Body.COUNTY: COUNTY,
    Body.COURT: COUNTY,
}
BASIS = "县政规〔2018〕1号"
K = PaperKind
CALENDARS = CountyCalendars(COUNTY, national_holidays())


def law(basis: str | None = BASIS) -> Law:
    """The default rules, the national calendar, and the county's basis for a fine."""
    return Law(lambda _: DEFAULT_ADOPTED, CALENDARS.add_working_days, basis)


def usual_role(kind: PaperKind) -> str:
    """Who issues such a paper in these tests."""
    return "principal" if PAPERS[kind].step == 1 else "township_officer"


class Steps:
    """The four steps of a case; a command a method, its day its first argument."""

    def __init__(self, today: date, basis: str | None = BASIS) -> None:
        self.state = LegalSteps(LegalSteps.stream(COUNTY, CASE))
        self.of = Subject(CASE, CHILD)
        self.today = today
        self.law = law(basis)
        self.events: list[DomainEvent] = []

    def _do(self, step: Callable[[CommandContext], Any]) -> Any:
        before = self.state.version
        try:
            made = step(context(self.today))
        finally:
            new = self.state.collect_events()
            for event in new:
                assert decode_event(event.TOPIC, encode_event(event)) == event
            self.events += new
        assert self.state.version == before + len(new)
        if new:
            again = LegalSteps(self.state.id).replay(self.events)
            assert all(getattr(again, n) == getattr(self.state, n) for n in LegalSteps.__slots__)
        return made

    def role_for(self, number: int) -> str:
        """Who issued a paper, as a rule."""
        paper = self.state.papers.get(number)
        return usual_role(paper.kind) if paper else "township_officer"

    def issue(
        self,
        on: date,
        kind: PaperKind,
        *,
        role: str | None = None,
        document: str | None = None,
        **fields: Any,
    ) -> int:
        """Issue a paper; the number is its own unless given."""
        role = role or usual_role(kind)
        body = Body.COURT if PAPERS[kind].by_court else BODY_OF_ROLE.get(role, Body.COUNTY)
        draft = Draft(
            kind=kind,
            on=on,
            document=document or f"{kind.label[:2]}〔{on.year}〕{len(self.state.papers) + 1}号",
            issuer=CODES[body],
            **fields,
        )
        assert len(draft.issuer) == CODE_LENGTH.get(body, 6)

        number: int = self._do(
            lambda ctx: papers.issue(self.state, ctx, draft, role=role, law=self.law, of=self.of)
        )
        return number

    def serve(self, on: date, number: int, *, role: str | None = None, **fields: Any) -> None:
        """Hand a paper to the mother, by two servers, unless said otherwise."""
        values: dict[str, Any] = {
            "mode": ServiceMode.DIRECT,
            "place": "530829103201",
            "evidence_ref": "receipt-1",
            "recipient": Recipient.MOTHER,
            "recipient_ref": "person-1",
            "servers": ("to1", "vo1"),
            **fields,
        }
        delivery = Delivery(on=on, **values)
        self._do(
            lambda ctx: service.serve(
                self.state, ctx, number, delivery, role=role or self.role_for(number), law=self.law
            )
        )

    def give(self, on: date, kind: PaperKind, **fields: Any) -> int:
        """Issue a paper and serve it the same day."""
        number = self.issue(on, kind, **fields)
        self.serve(on, number)
        return number

    def comply(self, on: date, number: int, scope: Obeyed = Obeyed.SCHOOL, **fields: Any) -> None:
        values: dict[str, Any] = {"role": "township_officer", "evidence_ref": "back-1", **fields}
        self._do(lambda x: answers.comply(self.state, x, number, on=on, scope=scope, **values))

    def cease(self, on: date, **fields: Any) -> None:
        values: dict[str, Any] = {"role": "principal", "text_ref": "text-1", **fields}
        self._do(lambda x: answers.cease(self.state, x, on=on, **values))

    def promise(self, on: date, number: int, promised_on: date, **fields: Any) -> None:
        values: dict[str, Any] = {"role": "principal", "evidence_ref": "pledge-1", **fields}
        self._do(
            lambda x: answers.promise(
                self.state, x, number, on=on, promised_on=promised_on, law=self.law, **values
            )
        )

    def note_lapse(self, number: int, role: str = "township_officer") -> None:
        self._do(lambda x: answers.note_lapse(self.state, x, number, role=role, law=self.law))

    def revoke(self, on: date, number: int, **fields: Any) -> None:
        values: dict[str, Any] = {
            "role": self.role_for(number),
            "reason": "content_wrong",
            "text_ref": "text-1",
            "document": "撤〔2018〕1号",
            **fields,
        }
        self._do(lambda x: revoking.revoke(self.state, x, number, on=on, **values))

    def void_service(self, on: date, number: int, **fields: Any) -> None:
        values: dict[str, Any] = {
            "role": self.role_for(number),
            "reason": "wrong_person",
            "text_ref": "text-1",
            **fields,
        }
        self._do(lambda x: service.void_service(self.state, x, number, on=on, **values))

    def fail_service(self, on: date, number: int, **fields: Any) -> None:
        values: dict[str, Any] = {
            "role": self.role_for(number),
            "reason": "whereabouts_unknown",
            "place": "530829103201",
            "servers": ("to1",),
            "evidence_ref": "visit-1",
            **fields,
        }
        self._do(lambda x: service.fail_service(self.state, x, number, on=on, **values))

    def skip(
        self,
        on: date,
        step: int,
        reason: SkipReason,
        *,
        role: str = "bureau_officer",
        **fields: Any,
    ) -> None:
        values: dict[str, Any] = {
            "approver": "bl1",
            "document": "教办〔2018〕9号",
            "text_ref": "text-1",
            **fields,
        }
        decision = SkipDecision(step=step, on=on, reason=reason, **values)
        self._do(
            lambda ctx: skip_step(self.state, ctx, decision, role=role, law=self.law, of=self.of)
        )

    def answer(self, on: date, number: int, answer: str, role: str = "township_officer") -> None:
        """陈述申辩, hearing asked for, or a waiver."""
        values: dict[str, Any] = {"answer": answer, "text_ref": "text-1", "role": role}
        self._do(lambda x: remedies.receive_statement(self.state, x, number, on=on, **values))

    def hear(self, on: date, number: int, role: str = "township_officer") -> None:
        self._do(
            lambda x: remedies.hold_hearing(
                self.state, x, number, on=on, evidence_ref="hearing-1", role=role
            )
        )

    def appeal(self, on: date, number: int, kind: Any, **fields: Any) -> None:
        values: dict[str, Any] = {"role": "township_officer", "document": "受〔2018〕1号", **fields}
        self._do(
            lambda x: remedies.file_appeal(
                self.state, x, number, on=on, kind=kind, law=self.law, **values
            )
        )

    def end_appeal(self, on: date, number: int, outcome: Any, **fields: Any) -> None:
        values: dict[str, Any] = {
            "role": "township_officer",
            "document": "复决〔2018〕1号",
            **fields,
        }
        self._do(
            lambda x: remedies.end_appeal(self.state, x, number, on=on, outcome=outcome, **values)
        )


def days(day: date, n: int) -> date:
    """The day n calendar days on."""
    return day + timedelta(days=n)


def newest(steps: Steps, kind: PaperKind) -> int:
    """The number of the last paper of a kind."""
    paper = steps.state.newest(kind)
    assert paper is not None
    return paper.number


def case_id(n: int) -> UUID:
    """The id of another case."""
    return an_id(1000 + n)
