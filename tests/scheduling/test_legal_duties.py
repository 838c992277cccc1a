"""What the clock tells about the papers of the four legal steps; whose they are to issue."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from ckbx.application import legal
from ckbx.application.legal import At
from ckbx.application.unit import Unit
from ckbx.domain.case.case import Case, case_stream
from ckbx.domain.case.deadlines import Deadline, Outcome
from ckbx.domain.legal import answers, service
from ckbx.domain.legal.codes import Obeyed, PaperKind, Recipient, ServiceMode
from ckbx.domain.legal.errors import IssuerElsewhere, NotThisTownship
from ckbx.domain.legal.opening import Subject
from ckbx.domain.legal.service import Delivery
from ckbx.domain.legal.terms import Draft
from ckbx.domain.responsibility.post import Line, Role, Scope, ScopeKind
from ckbx.scheduling import case_duties
from ckbx.scheduling.gather import gather
from projections import case_file
from projections.deadlines import by_post
from projections.scope import Scope as Seen
from tests.scheduling.due_kit import AUTUMN, A, U, World, alerts, local
from tests.support.county import COUNTY, SCHOOL, opened

K = PaperKind
TOWNSHIP, VILLAGE = f"{COUNTY}100", f"{COUNTY}100200"
DAY = timedelta(days=1)


class LegalWorld(World):
    """A child away in a county whose posts are all held; its case has legal steps."""

    def begin(self) -> None:
        (self.one, *_) = self.add(A, on=AUTUMN[2], village=VILLAGE)
        gov = Line.GOVERNMENT
        self.post(Scope(ScopeKind.VILLAGE, VILLAGE), "village", Role.VILLAGE_OFFICER, line=gov)
        self.post(Scope(ScopeKind.TOWNSHIP, TOWNSHIP), "town", Role.TOWNSHIP_OFFICER, line=gov)
        elsewhere = Scope(ScopeKind.TOWNSHIP, f"{COUNTY}101")
        self.post(elsewhere, "othertown", Role.TOWNSHIP_OFFICER, line=gov)
        self.post(Scope(ScopeKind.SCHOOL, SCHOOL), "head", Role.PRINCIPAL)
        self.post(Scope(ScopeKind.CLASS, A), "ct1", Role.CLASS_TEACHER)
        self.post(Scope(ScopeKind.COUNTY, COUNTY), "bureau", Role.BUREAU_OFFICER)
        for day in self.days()[:5]:
            self.hand_in(A, day, {self.one: U})
        self.since = self.days()[4]

    @property
    def case(self) -> UUID:
        return case_stream(COUNTY, self.one, 1)

    def act(self, decide: legal.Decide, role: str, actor: str) -> None:
        at = At(Subject(self.case, self.one))
        legal.act(self.office, self.office.context(actor), at, decide, role=role)

    def issue(
        self,
        kind: PaperKind,
        on: date,
        days: int,
        *,
        actor: str = "town",
        issuer: str = TOWNSHIP,
    ) -> None:
        role = Role.PRINCIPAL if kind.step == 1 else Role.TOWNSHIP_OFFICER
        draft = Draft(
            kind=kind,
            on=on,
            document=f"{kind.value}-{on}",
            issuer=SCHOOL if kind.step == 1 else issuer,
            due_days=days,
        )
        ctx = self.office.context("head" if kind.step == 1 else actor)
        at = At(Subject(self.case, self.one))
        legal.issue_paper(self.office, ctx, at, draft, role=role)

    def serve(self, number: int, on: date, role: Role, actor: str) -> None:
        delivery = Delivery(
            mode=ServiceMode.DIRECT,
            on=on,
            place=VILLAGE,
            evidence_ref="receipt-1",
            recipient=Recipient.MOTHER,
            recipient_ref="person-1",
            servers=("town", "village"),
        )
        self.act(
            lambda s, x, law: service.serve(s, x, number, delivery, role=role, law=law),
            role,
            actor,
        )

    def ordered(self) -> date:
        """A notice of five days, then an order of ten; the last day of the order."""
        self.issue(K.PERSUASION_NOTICE, self.since, 5)
        self.serve(1, self.since, Role.PRINCIPAL, "head")
        on = self.since + timedelta(days=6)
        self.issue(K.ORDER_TO_ATTEND, on, 10)
        self.serve(2, on, Role.TOWNSHIP_OFFICER, "town")
        return on + timedelta(days=10)

    def told(self, rule: str) -> tuple[date, str, tuple[str, ...]] | None:
        found = [a for a in alerts(self.store).values() if a.rule == rule]
        assert len(found) <= 1
        return (found[0].day, found[0].state, found[0].to) if found else None

    def states(self) -> dict[str, str | None]:
        """Of the three alerts of an order."""
        found = {how: self.told(f"notice_expired{how}") for how in ("", "_up", "_copy")}
        return {how: each and each[1] for how, each in found.items()}


@pytest.fixture
def world(store_url: str, tmp_path: Path) -> Iterator[LegalWorld]:
    with opened(store_url, tmp_path / "secrets") as store:
        made = LegalWorld(store, terms=[AUTUMN])
        made.begin()
        yield made


def test_an_order_is_told_on_its_last_day_and_rises_when_nobody_obeyed(world: LegalWorld) -> None:
    last = world.ordered()
    world.due(last - DAY)
    assert world.told("notice_expired") is None
    world.due(last)
    assert world.told("notice_expired") == (last, "open", ("town",))
    assert world.told("notice_expired_up") is None
    world.due(last + DAY)
    assert world.told("notice_expired_up") == (last + DAY, "open", ("bureau",))
    assert world.told("notice_expired_copy") == (last + DAY, "open", ("bureau",))
    assert world.due(last + DAY).nothing


def test_an_order_followed_by_the_next_paper_is_no_longer_told(world: LegalWorld) -> None:
    last = world.ordered()
    world.due(last + DAY)
    world.issue(K.ORDER_TO_RETURN, last + 2 * DAY, 10)
    world.due(last + 2 * DAY)
    assert world.states() == {"": "closed", "_up": "closed", "_copy": "closed"}


def test_an_order_that_was_obeyed_in_time_after_all_was_never_missed(world: LegalWorld) -> None:
    last = world.ordered()
    world.due(last + DAY)
    told: dict[str, Any] = {
        "scope": Obeyed.SCHOOL,
        "evidence_ref": "back-1",
        "role": Role.TOWNSHIP_OFFICER,
    }
    world.act(
        lambda s, x, _law: answers.comply(s, x, 2, on=last, **told),
        Role.TOWNSHIP_OFFICER,
        "town",
    )
    world.due(last + DAY)
    assert world.states() == {"": "closed", "_up": "withdrawn", "_copy": "withdrawn"}


def test_a_notice_of_the_school_rises_on_the_education_line(world: LegalWorld) -> None:
    world.ordered()
    world.due(world.since + timedelta(days=5))
    assert world.told("persuasion_notice_expired") == (
        world.since + timedelta(days=5),
        "open",
        ("head",),
    )


def test_the_clock_the_ledger_and_the_page_say_the_same_of_every_day(world: LegalWorld) -> None:
    last = world.ordered()
    store = world.store
    store.catch_up()
    seen: set[Outcome] = set()
    for day in (world.since, last, last + DAY):
        (watched,) = gather(store.office, store.answers, local(day, 20)).cases
        facts = gather(store.office, store.answers, local(day, 20))
        clock = case_duties.legal_deadlines_of(facts, watched)
        case = Case(world.case).replay(store.log.load([world.case])[world.case])
        page = legal.deadlines_of_steps(store.office, case, day)
        with store.answers.reading() as reading:
            at = {"as_of": day, "position": store.log.head()}
            file = case_file.case_file(reading, Seen.county(), world.case, **at)
            rows = by_post(reading, Seen.county(), **at)
        assert file is not None
        shown = [d for d in file.deadlines if d.kind.startswith("legal_")]
        assert [_plain(d) for d in clock] == [_plain(d) for d in page] == [_plain(d) for d in shown]
        ledger = {(r.kind, r.role, o) for r in rows for o in Outcome if getattr(r, o.value)}
        assert {(d.kind, d.role, d.outcome) for d in clock} == {
            row for row in ledger if row[0].startswith("legal_")
        }
        seen |= {d.outcome for d in clock}
    assert seen == {Outcome.OPEN, Outcome.MISSED}


def _plain(deadline: Deadline) -> tuple[object, ...]:
    return deadline.kind, deadline.on, deadline.due_on, deadline.outcome, deadline.role


def test_an_officer_of_another_township_is_refused_by_name_of_who_may(world: LegalWorld) -> None:
    world.issue(K.PERSUASION_NOTICE, world.since, 5)
    world.serve(1, world.since, Role.PRINCIPAL, "head")
    on = world.since + timedelta(days=6)
    with pytest.raises(NotThisTownship, match="town 办理"):
        world.issue(K.ORDER_TO_ATTEND, on, 10, actor="othertown")
    with pytest.raises(NotThisTownship):
        world.issue(K.ORDER_TO_ATTEND, on, 10, actor="nobody")
    world.issue(K.ORDER_TO_ATTEND, on, 10, actor="cli:clerk")
    with pytest.raises(NotThisTownship):
        world.serve(2, on, Role.TOWNSHIP_OFFICER, "othertown")


def test_a_paper_of_another_township_is_refused_with_the_childs_own(world: LegalWorld) -> None:
    world.issue(K.PERSUASION_NOTICE, world.since, 5)
    world.serve(1, world.since, Role.PRINCIPAL, "head")
    with pytest.raises(IssuerElsewhere, match=TOWNSHIP):
        world.issue(K.ORDER_TO_ATTEND, world.since + timedelta(days=6), 10, issuer=f"{COUNTY}101")
    unit = Unit(world.office.map, world.office.context("test"))
    assert unit.touched() == []
