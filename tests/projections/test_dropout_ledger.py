"""辍学学生台账: who dropped out or came back, as of a day, as known at a position."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from ckbx.application import cases as work
from ckbx.application import legal
from ckbx.domain.case.codes import RiskLevel, RoundOutcome, Stage
from ckbx.domain.child.return_codes import Placement, Whereabouts
from ckbx.domain.legal.codes import PaperKind
from ckbx.domain.legal.opening import Subject
from ckbx.domain.legal.terms import Draft
from projections.dropout import DropoutRow, dropout
from projections.scope import Scope
from tests.projections.case_helps import (
    any_county,
    ask,
    brought_back,
    closed,
    county,
    dropped_out,
    second_child,
    sheet,
)
from tests.support.case_county import CaseCounty, a_round, back, looked_after
from tests.support.county import COUNTY, SCHOOL

__all__ = ["any_county", "county"]
LAST = date(2026, 7, 6)


def one(county: CaseCounty, on: date, child: UUID, *, all_: bool = False) -> DropoutRow:
    [row] = [row for row in ask(county, dropout, on, all_=all_) if row.child == child]
    return row


def test_a_row_says_what_was_found_and_done_by_the_day(any_county: CaseCounty) -> None:
    county = any_county
    first = county.child
    dropped_out(county)
    other = second_child(county)
    dropped_out(county)
    county.child = first
    brought_back(county)
    county.do(looked_after(county.days[22]), actor="ct1")
    days = county.days
    assert ask(county, dropout, days[18]) == []
    row = one(county, days[22], first)
    assert (row.school_code, row.stage, row.episode) == (SCHOOL, Stage.CONSOLIDATING, 1)
    assert (row.suspected_on, row.confirmed_on) == (days[4], days[19])
    assert (row.whereabouts, row.risk) == (Whereabouts.WORK_OUTSIDE, RiskLevel.RED)
    assert (row.rounds, row.last_round_on) == (2, days[4])
    assert row.last_outcome is RoundOutcome.WAVERING
    assert (row.returned_on, row.placement) == (days[20], Placement.ORIGINAL_CLASS)
    assert (row.consolidation_until, row.follow_ups) == (date(2026, 7, 3), 1)
    assert (row.case_teacher, row.second_time, row.closed_on) == ("ct1", False, None)
    assert row.due_on is None  # the week's follow-up is made
    week = days[20] + timedelta(days=7)
    assert one(county, days[21], first).due_on == week
    before = one(county, days[19], first)
    assert (before.stage, before.returned_on, before.follow_ups) == (Stage.DETERMINED, None, 0)
    still = one(county, days[22], other)
    assert (still.stage, still.returned_on) == (Stage.DETERMINED, None)


def test_the_answer_as_known_before_stays_what_it_was(county: CaseCounty) -> None:
    dropped_out(county)
    before = county.store.log.head()
    brought_back(county)
    day = county.days[22]
    [known] = ask(county, dropout, day, position=before)
    assert (known.stage, known.returned_on) == (Stage.DETERMINED, None)
    assert one(county, day, county.child).returned_on == county.days[20]


def test_a_promised_day_is_that_of_the_latest_round(county: CaseCounty) -> None:
    dropped_out(county)
    day = county.days[19]
    told = {"outcome": RoundOutcome.PROMISED}
    county.do(a_round(day, "18:00", promised_on=day + timedelta(days=3), **told))
    county.do(a_round(day, "09:00", promised_on=day + timedelta(days=1), **told))
    row = one(county, day, county.child)
    assert row.promised_on == day + timedelta(days=3)
    assert (row.rounds, row.last_outcome) == (4, RoundOutcome.PROMISED)


def test_a_child_persuaded_back_before_a_determination_is_in_the_ledger(
    county: CaseCounty,
) -> None:
    county.away(*range(5))
    county.there(5)
    assert ask(county, dropout, county.days[5]) == []
    county.do(back(county.days[5]))
    row = one(county, county.days[5], county.child)
    assert (row.confirmed_on, row.returned_on) == (None, county.days[5])


def test_a_relapse_is_a_second_time_and_its_old_case_shows_with_all(county: CaseCounty) -> None:
    dropped_out(county)
    brought_back(county)
    county.away(*range(23, 28))
    assert ask(county, dropout, county.days[27]) == []
    [old] = ask(county, dropout, county.days[27], all_=True)
    assert (old.stage, old.second_time) == (Stage.RELAPSED, False)
    county.there(28)
    county.do(back(county.days[28]), episode=2)
    rows = ask(county, dropout, county.days[28], all_=True)
    assert [(r.episode, r.second_time) for r in rows] == [(1, False), (2, True)]


def test_a_closed_case_leaves_the_ledger_and_says_who_closed_it(county: CaseCounty) -> None:
    dropped_out(county)
    brought_back(county)
    county.do(looked_after(county.days[22]), actor="ct1")
    county.on(LAST)
    papers = county.papers()
    why = papers.note("帮扶教师生病")
    settle = work.settle(role="bureau_officer", on=LAST, reason=why)
    county.do(settle, actor="bureau", papers=papers)
    assert one(county, LAST, county.child).stage is Stage.SETTLED
    county.do(closed(LAST), actor="bureau")
    assert ask(county, dropout, LAST) == []
    row = one(county, LAST, county.child, all_=True)
    assert (row.stage, row.closed_on, row.closed_by) == (Stage.CLOSED, LAST, "bureau")
    yesterday = LAST - timedelta(days=1)
    assert one(county, yesterday, county.child).stage is Stage.CONSOLIDATING


def test_the_newest_paper_that_stands_is_the_legal_step(county: CaseCounty) -> None:
    dropped_out(county)
    day = county.days[19]
    of = Subject(county.case_id(), county.child)
    draft = Draft(
        kind=PaperKind.PERSUASION_NOTICE,
        document="剑劝〔2025〕1号",
        issuer=SCHOOL,
        on=day,
        due_on=day + timedelta(days=5),
    )
    ctx = county.office.context("head")
    legal.issue_paper(county.office, ctx, legal.At(of), draft, role="principal")
    stand = one(county, day, county.child).legal
    assert stand is not None
    assert (stand.step, stand.paper, stand.issued_on) == (1, PaperKind.PERSUASION_NOTICE, day)
    assert stand.served_on is None
    [row] = sheet(county, "dropout", day)
    assert (row["legal_step"], row["legal_document"]) == (1, "剑劝〔2025〕1号")


def test_only_the_scope_sees_a_row(county: CaseCounty) -> None:
    dropped_out(county)
    day = county.days[19]
    for scope, seen in (
        (Scope.schools([SCHOOL]), 1),
        (Scope.schools(["3152354069"]), 0),
        (Scope.villages([COUNTY]), 0),  # these children have no village
        (Scope.nothing(), 0),
    ):
        assert len(ask(county, dropout, day, scope=scope)) == seen


def test_causes_come_from_the_vault_with_one_access_record(county: CaseCounty) -> None:
    dropped_out(county, "04")
    before = len(county.store.vault.access_records())
    [row] = sheet(county, "dropout", county.days[19])
    assert row["causes"] == ["04"]
    assert len(county.store.vault.access_records()) == before + 1
    assert {"confirmed_on", "whereabouts", "second_time", "case_id", "child_id"} <= set(row)
