"""Legal steps through the office, on both stores: stored together, replayed, never lost."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from ckbx.application import legal
from ckbx.application.erasure import ChildNeverRegistered
from ckbx.application.legal import At
from ckbx.application.office import Office
from ckbx.domain.legal import errors, service
from ckbx.domain.legal.codes import PaperKind, Recipient, ServiceMode, SkipReason
from ckbx.domain.legal.next_step import Action
from ckbx.domain.legal.opening import Subject
from ckbx.domain.legal.service import Delivery
from ckbx.domain.legal.skipping import SkipDecision
from ckbx.domain.legal.terms import Draft
from ckbx.domain.shared.errors import CkbxError
from ckbx.store import Store
from ckbx.vault import Access
from tests.support.county import COUNTY, SCHOOL, SmallCounty, opened

K = PaperKind
ISSUERS = {1: (SCHOOL, "principal"), 2: ("522699103", "township_officer")}


class Desk:
    """One case of one child, and who acts on it."""

    def __init__(self, store: Store) -> None:
        self.store, self.office = store, store.office
        county = SmallCounty(store.office)
        self.child = county.pupils[f"{SCHOOL}/2026/1"][0]
        self.case = uuid4()

    def at(self, seen: int | None = None) -> At:
        return At(Subject(self.case, self.child), seen)

    def issue(
        self,
        on: date,
        kind: PaperKind,
        *,
        seen: int | None = None,
        command: UUID | None = None,
        office: Office | None = None,
        **fields: Any,
    ) -> Any:
        desk = office or self.office
        issuer, role = ISSUERS[min(kind.step, 2)]
        values = {"document": f"{kind.value}-{on}", "issuer": issuer, **fields}
        draft = Draft(kind=kind, on=on, **values)
        ctx = desk.context("to1", command)
        return legal.issue_paper(desk, ctx, self.at(seen), draft, role=role)

    def serve(self, on: date, number: int) -> None:
        delivery = Delivery(
            mode=ServiceMode.DIRECT,
            on=on,
            place="522699103201",
            evidence_ref="receipt-1",
            recipient=Recipient.MOTHER,
            recipient_ref="person-1",
            servers=("to1", "vo1"),
        )
        role = "principal" if number == 1 else "township_officer"
        legal.act(
            self.office,
            self.office.context("to1"),
            self.at(),
            lambda s, x, law: service.serve(s, x, number, delivery, role=role, law=law),
        )

    def order_lapsed(self) -> None:
        """Steps 1 and 2 done; the order's term ended on 2026-10-05."""
        self.issue(date(2026, 9, 10), K.PERSUASION_NOTICE, due_days=7)
        self.serve(date(2026, 9, 10), 1)
        self.issue(date(2026, 9, 21), K.ORDER_TO_ATTEND, due_days=14)
        self.serve(date(2026, 9, 21), 2)

    def look(self, day: date) -> legal.LegalView:
        return legal.look_at_steps(self.office, self.case, day)

    def basis(self, matter: str = "fine", document: str = "县政规〔2026〕1号") -> None:
        legal.record_basis(
            self.office,
            self.office.context("bo1"),
            matter=matter,
            document=document,
            on=date(2026, 9, 1),
            role="bureau_officer",
        )


@pytest.fixture
def desk(store_url: str, tmp_path: Path) -> Iterator[Desk]:
    with opened(store_url, tmp_path / "secrets") as store:
        yield Desk(store)


def test_the_steps_of_a_case_stand_in_a_stream_of_their_own(desk: Desk) -> None:
    head = desk.store.log.head()
    desk.order_lapsed()
    events = [r.event for r in desk.store.log.read(head, 100)]
    assert [e.TOPIC.rsplit(".", 1)[1] for e in events] == [
        "LegalStepsOpened",
        "PaperIssued",
        "PaperServed",
        "PaperIssued",
        "PaperServed",
    ]
    assert len({e.originator_id for e in events}) == 1
    view = desk.look(date(2026, 10, 8))
    assert view.version == 5
    assert view.steps[0].opens_on == date(2026, 10, 6)


def test_the_fine_waits_for_the_basis_that_the_county_records(desk: Desk) -> None:
    desk.order_lapsed()
    day = date(2026, 10, 8)
    assert desk.look(day).steps[0].action == Action.SKIP
    with pytest.raises(errors.FineBasisMissing):
        desk.issue(day, K.FINE_NOTICE, amount=500)
    desk.basis()
    assert desk.look(day).steps[0].kind == K.FINE_NOTICE
    desk.issue(day, K.FINE_NOTICE, amount=500)
    assert desk.look(day).state.papers[3].basis == "县政规〔2026〕1号"


def test_a_basis_another_process_withdrew_is_seen_before_the_fine_is_stored(desk: Desk) -> None:
    desk.order_lapsed()
    desk.basis()
    other = Office(desk.store.log, desk.store.clock)
    desk.look(date(2026, 10, 8))
    legal.withdraw_basis(
        other,
        other.context("bo1"),
        desk.store.vault,
        matter="fine",
        on=date(2026, 10, 7),
        why="省里的办法废止了",
        role="bureau_leader",
    )
    with pytest.raises(errors.FineBasisMissing):
        desk.issue(date(2026, 10, 8), K.FINE_NOTICE, amount=500)


def test_the_same_command_again_gets_its_first_answer_and_appends_nothing(desk: Desk) -> None:
    command = uuid4()
    day = date(2026, 9, 10)
    first = desk.issue(day, K.PERSUASION_NOTICE, due_days=7, seen=0, command=command)
    head = desk.store.log.head()
    again = desk.issue(day, K.PERSUASION_NOTICE, due_days=7, seen=0, command=command)
    assert (again.replayed, again.position) == (True, first.position)
    assert desk.store.log.head() == head


def test_who_comes_second_is_told_what_changed_in_between_and_loses_nothing(desk: Desk) -> None:
    desk.order_lapsed()
    seen = desk.look(date(2026, 10, 8)).version
    desk.basis()
    desk.issue(date(2026, 10, 8), K.FINE_NOTICE, amount=500, seen=seen)
    other = Office(desk.store.log, desk.store.clock)
    with pytest.raises(errors.LegalStepsChanged, match="2026-10-08 to1 出具文书") as refusal:
        desk.issue(date(2026, 10, 8), K.ORDER_TO_RETURN, due_days=7, seen=seen, office=other)
    assert refusal.value.between == [("出具文书", "to1", "2026-10-08")]


def test_of_two_who_act_at_once_one_wins(desk: Desk) -> None:
    desk.order_lapsed()
    desk.basis()
    seen = desk.look(date(2026, 10, 8)).version
    outcomes: list[str] = []

    def clerk(n: int) -> None:
        office = Office(desk.store.log, desk.store.clock)
        try:
            desk.issue(
                date(2026, 10, 8),
                K.FINE_NOTICE,
                amount=500,
                seen=seen,
                office=office,
                document=f"告〔2026〕{n}号",
            )
            outcomes.append("won")
        except CkbxError as error:
            outcomes.append(error.code)

    clerks = [threading.Thread(target=clerk, args=(n,)) for n in range(4)]
    for thread in clerks:
        thread.start()
    for thread in clerks:
        thread.join()
    assert sorted(outcomes) == ["legal_steps_changed"] * 3 + ["won"]
    assert len(desk.look(date(2026, 10, 8)).state.papers) == 3


def test_a_skip_keeps_its_reason_in_the_vault_under_the_childs_key(desk: Desk) -> None:
    desk.order_lapsed()
    said = "杨家三个孩子靠低保，罚款无益"
    kept = legal.keep_texts(desk.store.vault, desk.child, {"why": said})
    decision = SkipDecision(
        step=3,
        on=date(2026, 10, 8),
        reason=SkipReason.HARDSHIP,
        approver="bl1",
        document="教办〔2026〕9号",
        text_ref=kept.refs["why"],
    )
    ctx = desk.office.context("bo1")
    legal.skip_step(desk.office, ctx, desk.at(), decision, role="bureau_officer", texts=kept)
    view = desk.look(date(2026, 10, 8))
    assert 3 in view.state.skips
    assert view.steps[0].kind == K.COMPLAINT
    field = kept.refs["why"]
    access = Access(actor="bo1", view="legal", purpose="核对")
    person = desk.store.vault.read([desk.child], [field], access)[desk.child]
    assert person.notes == {UUID(field.removeprefix("note:")): said}
    for row in desk.store.log.read(0, 10_000):
        assert said not in repr(row.event)


def test_a_refused_act_leaves_neither_event_nor_text(desk: Desk) -> None:
    desk.order_lapsed()
    head = desk.store.log.head()
    kept = legal.keep_texts(desk.store.vault, desk.child, {"why": "无"})
    decision = SkipDecision(
        step=3,
        on=date(2026, 10, 5),
        reason=SkipReason.HARDSHIP,
        approver="bl1",
        document="教办〔2026〕9号",
        text_ref=kept.refs["why"],
    )
    with pytest.raises(errors.DeadlineNotPassed):
        legal.skip_step(
            desk.office,
            desk.office.context("bo1"),
            desk.at(),
            decision,
            role="bureau_officer",
            texts=kept,
        )
    assert desk.store.log.head() == head
    assert desk.look(date(2026, 10, 8)).version == 5


def test_a_child_nobody_registered_has_no_legal_steps(desk: Desk) -> None:
    desk.child = uuid4()
    with pytest.raises(ChildNeverRegistered):
        desk.issue(date(2026, 9, 10), K.PERSUASION_NOTICE, due_days=7)


def test_what_belongs_to_the_act_stands_in_the_same_append(desk: Desk) -> None:
    """The hook by which the case learns that a person acted on it."""
    ran: list[str] = []
    draft = Draft(
        kind=K.PERSUASION_NOTICE, on=date(2026, 9, 10), document="1", issuer=SCHOOL, due_days=7
    )

    def decide(steps: Any, ctx: Any, law: Any) -> None:
        from ckbx.domain.legal.papers import issue

        issue(steps, ctx, draft, role="principal", law=law, of=desk.at().of)

    done = legal.act(
        desk.office,
        desk.office.context("pr1"),
        desk.at(),
        decide,
        also=lambda unit: ran.append(unit.ctx.actor),
    )
    assert ran == ["pr1"]
    assert done.reply == legal.ACTED


def test_the_rules_of_the_county_hold_for_what_is_issued_under_them(desk: Desk) -> None:
    assert desk.office.county == COUNTY
    with pytest.raises(errors.DeadlineOutOfBounds, match="1–15"):
        desk.issue(date(2026, 9, 10), K.PERSUASION_NOTICE, due_days=16)
