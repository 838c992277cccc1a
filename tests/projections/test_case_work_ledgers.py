"""家访劝返流水, 帮扶教师个案台账, 办理期限台账, 一生一案: as of a day, as known at a position."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid5

import pytest

from ckbx.application import cases as work
from ckbx.application import enrolment, legal
from ckbx.application.unit import Unit
from ckbx.domain.case import letters, persuasion, plan
from ckbx.domain.case.codes import EvidenceKind, LetterAnswer, Means, Measure, Met
from ckbx.domain.case.deadlines import Deadline, Outcome
from ckbx.domain.case.people import Participant
from ckbx.domain.child.status import Finding
from ckbx.domain.legal import service
from ckbx.domain.legal.codes import PaperKind, Recipient, ServiceMode
from ckbx.domain.legal.opening import Subject
from ckbx.domain.legal.service import Delivery
from ckbx.domain.legal.terms import Draft
from ckbx.domain.responsibility.post import Line, Role
from projections import deadlines_facts
from projections.case_file import case_file
from projections.caseload import SOON_DAYS, LoadRow, caseload
from projections.deadlines import KINDS, PostDeadlines, by_post
from projections.dropout import dropout
from projections.scope import Scope
from projections.suspected import suspected
from projections.visits import ACTS, visits
from tests.projections.case_helps import (
    any_county,
    ask,
    brought_back,
    closed,
    county,
    dropped_out,
    looking,
    second_child,
    sheet,
)
from tests.support.case_county import (
    OTHER,
    SPACE,
    CaseCounty,
    a_round,
    looked_after,
    verify,
)
from tests.support.county import SCHOOL

__all__ = ["any_county", "county"]
ELSEWHERE = Scope.schools(["3152354069"])


def acts_on(county: CaseCounty, day: date) -> None:
    """Every kind of act that a case away from school may have, on one day."""
    papers = county.papers()
    ref = papers.note("外县第一小学")
    person = papers.note("王村长")
    liaison = Participant(line=Line.GOVERNMENT, role=Role.LIAISON, person=person)
    at: dict[str, Any] = {"on": day}
    steps: list[work.Act] = [
        lambda w: plan.contact(
            w.case, w.ctx, role="class_teacher", means=Means.CALL, met=[Met.FATHER], **at
        ),
        a_round(day, "10:00"),
        lambda w: persuasion.report(
            w.case, w.ctx, role="principal", document="报1号", note=ref, **at
        ),
        lambda w: letters.visit(
            w.case, w.ctx, role="liaison", participants=[liaison], met=[Met.NOBODY], **at
        ),
        lambda w: plan.give_support(
            w.case, w.ctx, role="case_teacher", measure=Measure.FUNDING, **at
        ),
        lambda w: letters.send_letter(
            w.case,
            w.ctx,
            role="bureau_officer",
            document="函1号",
            region="522601",
            reply_by=day + timedelta(days=15),
            addressee=ref,
            **at,
        ),
        lambda w: letters.answer_letter(
            w.case, w.ctx, role="bureau_officer", number=1, answer=LetterAnswer.NOT_THERE, **at
        ),
    ]
    for number, step in enumerate(steps):
        county.do(step, papers=papers if number == 0 else None)


def test_every_act_with_a_day_is_a_row_in_the_order_of_days(any_county: CaseCounty) -> None:
    county = any_county
    county.away(*range(5))
    day = county.days[4]
    acts_on(county, day)
    other = second_child(county)
    county.away(*range(5), key=f"{SCHOOL}/2023/2")
    county.do(a_round(day, "09:00"))
    rows = ask(county, visits, day)
    assert {row.kind for row in rows} == set(ACTS.values()) - {"follow_up"}
    assert [row.hour for row in rows if row.kind == "round"] == ["09:00", "10:00"]
    assert next(row.child for row in rows if row.kind == "round") == other
    found = {row.kind: row for row in rows}
    assert (found["contact"].means, found["contact"].met) == ("call", ["father"])
    assert (found["letter"].document, found["letter_answer"].outcome) == ("函1号", "not_there")
    assert (found["support"].measure, found["written_report"].document) == ("funding", "报1号")
    assert ask(county, visits, day - timedelta(days=1)) == []
    assert ask(county, visits, day, scope=ELSEWHERE) == []
    named = {row["kind"]: row["participants"] for row in sheet(county, "visits", day)}
    assert named["liaison_visit"] == ["联络员 王村长"]
    assert named["round"] == ["校长 head", "班主任 ct1"]


def test_visits_are_those_known_then_and_of_closed_cases_with_all(county: CaseCounty) -> None:
    county.away(*range(5))
    day = county.days[4]
    county.do(a_round(day))
    before = county.store.log.head()
    county.do(a_round(day, "16:00"))
    assert [r.number for r in ask(county, visits, day, position=before)] == [1]
    assert [r.number for r in ask(county, visits, day)] == [1, 2]
    county.do(verify(Finding.A, day))
    clear = work.clear(role="principal", on=day, finding=Finding.A, evidence_ref="p")
    county.do(clear)
    county.do(closed(day, EvidenceKind.CLEARED), actor="bureau")
    assert ask(county, visits, day) == []
    assert len(ask(county, visits, day, all_=True)) == 2


def test_a_follow_up_is_a_row(county: CaseCounty) -> None:
    dropped_out(county)
    brought_back(county)
    county.do(looked_after(county.days[22]), actor="ct1")
    last = ask(county, visits, county.days[22])[-1]
    assert (last.kind, last.means, last.outcome) == ("follow_up", "visit", "steady")


def loads(county: CaseCounty, on: date, **more: Any) -> dict[str | None, LoadRow]:
    return {row.account: row for row in ask(county, caseload, on, **more)}


def test_the_load_of_a_teacher_counts_open_overdue_and_due_soon(county: CaseCounty) -> None:
    days = county.days
    county.away(*range(5))
    second_child(county)
    county.away(*range(5), key=f"{SCHOOL}/2023/2")
    assert loads(county, days[3]) == {}
    found = loads(county, days[4])
    # nobody is class teacher of the second class
    assert {who: row.open_cases for who, row in found.items()} == {"ct1": 1, None: 1}
    assert found["ct1"].next_due_on == days[7]
    assert (found["ct1"].overdue, found["ct1"].due_soon) == (0, 1)
    county.on(days[9])
    late = loads(county, days[9])
    assert (late["ct1"].overdue, late["ct1"].due_soon) == (1, 1)  # to be verified today
    before = county.store.log.head()
    holder = uuid5(SPACE, "li")
    county.do(work.name_teacher(role="principal", account="li", holder=holder, first_day=days[9]))
    named = loads(county, days[9])
    assert {who: row.open_cases for who, row in named.items()} == {"ct1": 1, "li": 1}
    assert named["li"].teacher == holder
    assert set(loads(county, days[9], position=before)) == {"ct1", None}
    assert set(loads(county, days[8])) == {"ct1", None}
    assert loads(county, days[9], scope=ELSEWHERE) == {}
    assert [row["account"] for row in sheet(county, "caseload", days[9])] == ["ct1", "li"]


def test_due_soon_counts_school_days(county: CaseCounty) -> None:
    days = county.days
    county.away(*range(5))  # the last of them a Friday: the school persuades by Wednesday
    assert (days[7] - days[4]).days > SOON_DAYS
    assert loads(county, days[4])["ct1"].due_soon == 1
    county.do(a_round(days[4]))  # next it is to be verified, five school days after Friday
    assert [loads(county, on)["ct1"].due_soon for on in days[5:7]] == [0, 1]


def test_a_determination_is_due_in_a_list_of_many_cases_too(
    county: CaseCounty, monkeypatch: pytest.MonkeyPatch
) -> None:
    county.away(*range(5))
    county.persuaded_out()
    county.away(*range(5, 19))

    def determine(on: date) -> list[PostDeadlines]:
        return [row for row in ask(county, by_post, on) if row.kind == "determine"]

    monkeypatch.setattr(deadlines_facts, "_FEW", 0)  # as if they were many
    assert determine(county.days[18]) == []
    county.away(19)
    [due] = determine(county.days[19])
    assert due.open == 1
    monkeypatch.setattr(deadlines_facts, "_FEW", 1)
    assert determine(county.days[19]) == [due]


def test_relapses_and_cases_that_wait_for_closing_are_counted_apart(county: CaseCounty) -> None:
    dropped_out(county)
    brought_back(county)
    county.away(23, 24, 25)
    row = loads(county, county.days[25])["ct1"]
    assert (row.open_cases, row.relapses, row.to_close) == (1, 1, 0)
    day = county.days[25]
    county.do(verify(Finding.A, day), episode=2)
    county.do(work.clear(role="principal", on=day, finding=Finding.A, evidence_ref="p"), episode=2)
    row = loads(county, day)["ct1"]
    assert (row.open_cases, row.relapses, row.to_close) == (0, 0, 1)


def lived(county: CaseCounty) -> None:
    """A case with every kind of deadline but that of a child never in class."""
    dropped_out(county)
    brought_back(county)
    county.away(23, 24)
    county.do(looked_after(county.days[24]), actor="ct1")


def as_decided(county: CaseCounty, day: date) -> list[Deadline]:
    """What the use case says of the case's deadlines."""
    found: list[Deadline] = []

    def look(w: work.Work) -> None:
        found.extend(work.deadlines_of(w, day))
        looked_after(day)(w)

    county.do(look, actor="ct1")
    return found


def test_the_ledger_counts_what_the_use_case_decides(any_county: CaseCounty) -> None:
    county = any_county
    lived(county)
    day = county.days[24]
    with looking(county) as reading:
        at: dict[str, Any] = {"as_of": day, "position": county.store.log.head()}
        file = case_file(reading, Scope.county(), county.case_id(), **at)
        counted = by_post(reading, Scope.county(), **at)
    assert file is not None
    decided = as_decided(county, day)
    assert file.deadlines == decided
    assert {each.kind for each in decided} <= set(KINDS)
    total = sum(row.kept + row.missed + row.open + row.void for row in counted)
    assert total == len(decided)
    by = {(row.role, row.kind): row for row in counted}
    assert by[Role.PRINCIPAL, "verify"].share == 100
    assert by[Role.VILLAGE_OFFICER, "persuade_village"].missed == 1
    assert by[Role.CLASS_TEACHER, "follow_daily"].kept > 0
    assert by[Role.CASE_TEACHER, "relapse_visit"].kept == 1


def test_days_of_a_former_class_stay_days_of_that_class(any_county: CaseCounty) -> None:
    county = any_county
    dropped_out(county)
    brought_back(county)
    moved, after = county.days[23], county.days[24]

    def to_other(unit: Unit) -> None:
        enrolment.change_class(county.office, unit, county.child, OTHER, grade=3, on=moved)

    county.on(moved)
    county.run(to_other)
    county.there(24, key=OTHER)
    with looking(county) as reading:
        at: dict[str, Any] = {"as_of": after, "position": county.store.log.head()}
        file = case_file(reading, Scope.county(), county.case_id(), **at)
    assert file is not None
    assert file.deadlines == as_decided(county, after)
    daily = [each for each in file.deadlines if each.kind == "follow_daily"]
    assert [each.outcome for each in daily if each.on < moved] == [Outcome.KEPT, Outcome.KEPT]


def test_a_deadline_has_one_outcome_a_day_and_that_known_then_stays(county: CaseCounty) -> None:
    days = county.days
    county.away(*range(5))

    def school(on: date, **more: Any) -> Any:
        rows = ask(county, by_post, on, **more)
        return next(row for row in rows if row.kind == "persuade_school")

    county.on(days[8])
    before = county.store.log.head()
    assert (school(days[7]).open, school(days[8]).missed) == (1, 1)
    assert school(days[8]).made_up == 0
    county.do(a_round(days[6]))
    assert (school(days[8]).kept, school(days[8]).missed) == (1, 0)
    assert school(days[8], position=before).missed == 1
    assert school(days[5]).open == 1
    assert ask(county, by_post, days[8], scope=ELSEWHERE) == []
    rows = sheet(county, "deadlines", days[8])
    assert [(r["kind"], r["kept"], r["share"]) for r in rows if r["kind"] == "persuade_school"] == [
        ("persuade_school", 1, 100)
    ]


def test_what_was_done_too_late_is_missed_and_made_up(county: CaseCounty) -> None:
    days = county.days
    county.away(*range(5))
    county.on(days[9])
    county.do(a_round(days[9]))
    rows = ask(county, by_post, days[9])
    row = next(row for row in rows if row.kind == "persuade_school")
    assert (row.missed, row.made_up, row.share) == (1, 1, 0)


def test_a_case_file_holds_its_facts_in_order_and_names_the_other_cases(
    county: CaseCounty,
) -> None:
    lived(county)
    second_child(county)
    county.away(*range(5), key=f"{SCHOOL}/2023/2")
    other = county.case_id()
    county.child = county.pupils[f"{SCHOOL}/2023/1"][0]
    day, before = county.days[24], county.store.log.head()
    county.away(25)
    first, second = county.case_id(), county.case_id(2)
    with looking(county) as reading:
        now: dict[str, Any] = {"as_of": county.days[25], "position": county.store.log.head()}
        file = case_file(reading, Scope.county(), first, **now)
        new = case_file(reading, Scope.county(), second, **now)
        then = case_file(reading, Scope.county(), first, as_of=day, position=before)
        assert case_file(reading, ELSEWHERE, first, **now) is None
        assert case_file(reading, Scope.county(), other, **now) is not None
        assert case_file(reading, Scope.county(), second, as_of=day, position=before) is None
    assert file is not None
    assert new is not None
    assert then is not None
    order = [(line.occurred_on, line.position) for line in file.entries]
    assert order == sorted(order)
    titles = [line.title for line in file.entries]
    assert titles[0] == "个案建立"
    assert titles[-1] == "复辍，转入新案"
    assert "认定" in "".join(titles)
    assert (file.later, new.earlier) == ([second], [first])
    assert (then.later, [line.title for line in then.entries]) == ([], titles[:-1])
    assert file.teacher is not None
    assert file.teacher.account == "ct1"


@pytest.mark.parametrize("name", ["dropout", "visits", "caseload", "deadlines"])
def test_a_ledger_of_an_empty_county_has_no_rows(county: CaseCounty, name: str) -> None:
    assert sheet(county, name, county.days[0]) == []


def test_live_answers_equal_rebuilt_ones_and_the_past_stays_as_known(
    any_county: CaseCounty,
) -> None:
    county = any_county
    lived(county)
    position, day = county.store.log.head(), county.days[24]
    county.store.catch_up()
    before = everything(county, day, position)
    second_child(county)
    county.away(*range(20, 25), key=f"{SCHOOL}/2023/2")
    county.do(a_round(day))
    county.store.catch_up()
    assert everything(county, day, position) == before
    projector = county.store.projector
    assert projector.check("cases").equal
    assert [lag.parked for lag in projector.lag()] == [0] * len(projector.projections)
    live = everything(county, day, county.store.log.head())
    projector.rebuild()
    assert everything(county, day, county.store.log.head()) == live
    assert everything(county, day, position) == before


def everything(county: CaseCounty, day: date, position: int) -> list[Any]:
    asked = (dropout, visits, by_post)
    said = [ask(county, each, day, position=position, all_=True) for each in asked]
    return [*said, ask(county, caseload, day, position=position)]


def test_a_suspicion_shows_what_is_to_be_done_first_of_all_that_its_case_asks_for(
    county: CaseCounty,
) -> None:
    days = county.days
    county.away(*range(5))

    def due(on: date, position: int | None = None) -> tuple[str | None, date | None]:
        [row] = ask(county, suspected, on, position=position)
        return row.due, row.due_on

    before = county.store.log.head()
    first = ("persuade_school", days[7])  # before it is to be verified
    assert (due(days[4]), due(days[12])) == (first, first)  # overdue stays to be seen
    county.on(days[5])
    county.do(a_round(days[5]))
    report = ("written_report", days[5] + timedelta(days=1))  # the round failed
    assert (due(days[5]), due(days[7])) == (report, report)
    papers = county.papers()
    note = papers.note("没有成功")
    county.do(
        lambda w: persuasion.report(
            w.case, w.ctx, role="principal", document="报1号", note=note, on=days[5]
        ),
        papers=papers,
    )
    assert due(days[5]) == ("verify", days[9])
    county.do(verify(Finding.K, days[5]))
    assert due(days[5]) == ("persuade_village", days[11])
    assert due(days[4]) == first  # as of the day before nobody had done anything
    assert due(days[5], before) == first
    [row] = sheet(county, "suspected", days[5])
    assert (row["due"], row["due_on"]) == ("persuade_village", days[11])


def test_a_paper_to_be_served_may_be_what_is_to_be_done_first(county: CaseCounty) -> None:
    county.away(*range(5))
    day = county.days[4]
    draft = Draft(
        kind=PaperKind.PERSUASION_NOTICE,
        document="剑劝〔2025〕1号",
        issuer=SCHOOL,
        on=day,
        due_on=day + timedelta(days=5),
    )
    at = legal.At(Subject(county.case_id(), county.child))
    legal.issue_paper(county.office, county.office.context("head"), at, draft, role="principal")
    [row] = ask(county, suspected, day)
    assert (row.due, row.due_on) == ("legal_serve", day + timedelta(days=4))
    ctx = county.office.context("head")
    delivery = Delivery(
        mode=ServiceMode.DIRECT,
        on=day,
        place="522634101000",
        evidence_ref="receipt",
        recipient=Recipient.MOTHER,
        recipient_ref="mother",
        servers=("head", "vo1"),
    )
    legal.act(
        county.office,
        ctx,
        at,
        lambda s, x, law: service.serve(s, x, 1, delivery, role="principal", law=law),
    )
    [row] = ask(county, suspected, day)  # what the guardian has to do is nobody's to do here
    assert (row.due, row.due_on) == ("persuade_school", county.days[7])
