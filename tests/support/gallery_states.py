"""What has to be done in the demo county before every form has somebody to be used on?

Handed in by the forms themselves; what takes weeks, the course of a fine, is entered with its own
days. A case or a child that is needed as it is for another picture is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from ckbx.application import legal
from ckbx.domain.case.case import Case
from ckbx.domain.case.codes import AWAY, Stage
from ckbx.domain.child.status import TrackingStatus
from ckbx.domain.legal.codes import AppealKind, PaperKind
from ckbx.domain.legal.legal_steps import LegalSteps
from ckbx.domain.legal.opening import Subject
from ckbx.domain.legal.papers import issue
from ckbx.domain.legal.periods import Law
from ckbx.domain.legal.terms import Draft
from ckbx.domain.placement.codes import PlacementKind
from ckbx.domain.responsibility.post import Role
from ckbx.domain.shared.event import CommandContext
from ckbx.store import Store
from projections import cases, roster
from projections.roster import Place
from projections.scope import Scope
from tests.support.legal import Steps
from tests.web.cases.visiting import sent_by, words
from tests.web.every_page import County

OFFICER: Final = Role.BUREAU_OFFICER
FINES: Final = "青府规〔2025〕1号"
FORMS: Final = 5
K = PaperKind


def make_states(county: County) -> None:
    """A letter that waits for its answer, a closed case, a child placed at school; fines that
    wait for an answer, a hearing, an appeal and its result; a guardian who obeyed.
    """
    found = _cases(county.store)
    today = county.store.office.today()
    later = (today + timedelta(days=20)).isoformat()
    concluded = [case for case in found if case.stage is Stage.CONCLUDED]
    letter = {"document": "青教函〔2026〕12号", "region": "522699", "reply_by": later}
    working = next(case for case in found if case.stage is Stage.PERSUADING)
    _do(county, f"/cases/{working.id}/letter", {**letter, "to": "县外某镇中心校"})
    _do(county, f"/cases/{concluded[0].id}/close", {"evidence": "已看原件"})
    child = _enrolled(county.store)
    assessed = {"advises": PlacementKind.INCLUSIVE.value, "document": "青残评〔2026〕3号"}
    _do(county, f"/children/{child}/assessment", {**assessed, "evidence": "建议随班就读"})
    placed = {"document": "青教安〔2026〕3号", "plan_no": "2026-03", "plan": "每周两次个别辅导"}
    _do(county, f"/children/{child}/placement", {**placed, "review_on": later})
    _fines(county.store, [case for case in found if case.stage in AWAY and case is not working])


class Course(Steps):
    """The legal steps of a case of the store, entered by the county's officer."""

    def __init__(self, store: Store, case: Case, school: str) -> None:
        super().__init__(store.office.today())
        self._store, self._school, self.of = store, school, Subject(case.id, case.child)

    def _do(self, step: Callable[[CommandContext], Any]) -> Any:
        made: list[Any] = []

        def decide(steps: LegalSteps, ctx: CommandContext, law: Law) -> None:
            self.state, self.law = steps, law
            made.append(step(ctx))

        office, log = self._store.office, self._store.log
        legal.act(office, office.context("bureau"), legal.At(self.of), decide)
        stream = LegalSteps.stream(office.county, self.of.case)
        self.state = LegalSteps(stream).replay(log.load([stream])[stream])
        return made[-1]

    def role_for(self, number: int) -> str:
        return "principal" if number == 1 else str(OFFICER)

    def paper(self, ago: int, kind: PaperKind, **terms: Any) -> int:
        """Issued and served so many days ago."""
        role = self.role_for(len(self.state.papers) + 1)
        on, county = self.ago(ago), self._store.office.county
        issuer = self._school if role == "principal" else county
        number = len(self.state.papers) + 1
        draft = Draft(kind=kind, on=on, document=f"青教〔2026〕{ago}号", issuer=issuer, **terms)
        self._do(lambda x: issue(self.state, x, draft, role=role, law=self.law, of=self.of))
        self.serve(on, number, role=role, place=f"{county}100")
        return number

    def ago(self, days: int) -> date:
        """The day so many days ago."""
        return self.today - timedelta(days=days)


def _fines(store: Store, away: list[Case]) -> None:
    """Four fines, each as far as one of the forms needs it, and an order that was obeyed."""
    office = store.office
    streams = {case.id: LegalSteps.stream(office.county, case.id) for case in away}
    begun = {id_ for id_, events in store.log.load(list(streams.values())).items() if events}
    by_absence = sorted(away, key=lambda case: case.first_absent_on)
    fresh = [case for case in by_absence if streams[case.id] not in begun]
    assert len(fresh) >= FORMS, "a case for each form of the course of a fine"
    with store.answers.reading() as reading:
        at: Any = {"as_of": office.today(), "position": store.log.head()}
        places = roster.place_of(reading, Scope.county(), [case.child for case in fresh], **at)
    legal.record_basis(
        office,
        office.context("bureau"),
        matter="fine",
        document=FINES,
        on=office.today() - timedelta(days=60),
        role=OFFICER,
    )
    for steps, case in zip(range(FORMS), fresh, strict=False):
        _course(Course(store, case, places[case.child].school or ""), steps)


def _course(of: Course, steps: int) -> None:
    of.paper(45, K.PERSUASION_NOTICE, due_days=7)
    order = of.paper(36, K.ORDER_TO_ATTEND, due_days=10)
    if steps == 0:
        of.comply(of.ago(28), order, role=OFFICER)
        return
    told = of.paper(24, K.FINE_NOTICE, amount=200)
    if steps == 2:
        of.answer(of.ago(22), told, "hearing", role=OFFICER)
    if steps > 2:
        decided = of.paper(12, K.FINE_DECISION, amount=200, due_days=15, pay_by=of.ago(-3))
        if steps == 4:
            of.appeal(of.ago(3), decided, AppealKind.REVIEW, role=OFFICER)


def _do(county: County, address: str, changed: Mapping[str, str]) -> None:
    """Open a form, fill it in, hand it in."""
    store, client = county.store, county.client(OFFICER)
    assert store.projector.wait_for(store.log.head(), 20)
    filled: dict[str, Any] = {**sent_by(client.get(address).text, address), **changed}
    answer = client.post(address, data=filled)
    assert answer.status_code == 303, (address, words(answer.text)[-600:])


def _cases(store: Store) -> list[Case]:
    with store.answers.reading() as reading:
        at: Any = {"as_of": store.office.today(), "position": store.log.head()}
        found = cases.cases_on(reading, Scope.county(), which=cases.OPEN, **at)
    return [each.case for each in found]


def _enrolled(store: Store) -> str:
    """A child of whom nothing else is told."""
    with store.answers.reading() as reading:
        at: Any = {"as_of": store.office.today(), "position": store.log.head()}
        places: list[Place] = roster.children_of(reading, Scope.county(), **at)
    return str(next(p.child for p in places if p.status is TrackingStatus.ENROLLED))
