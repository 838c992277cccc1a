"""The whole way of one child, from suspicion to 销号, as people walk it, on both stores."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid5

import pytest

from ckbx.application import cases, enrolment
from ckbx.application.routing import route_child
from ckbx.application.unit import Unit
from ckbx.domain.case import letters
from ckbx.domain.case.codes import EvidenceKind, LetterAnswer, Stage
from ckbx.domain.case.deadlines import Outcome
from ckbx.domain.case.errors import (
    CaseChangedMeanwhile,
    CaseUnknown,
    FindingContradicts,
    FollowUpsMissing,
    NotFoundDroppedOut,
    ReturnNotYetAttended,
    StageRefuses,
    WrongEvidence,
)
from ckbx.domain.child import departures
from ckbx.domain.child.return_errors import (
    AbsentOnReturnDay,
    CauseNotRecorded,
    ConsolidationNotOver,
    RoundsTooFew,
    UnexplainedTooFew,
)
from ckbx.domain.child.status import Finding, SuspicionSource, TrackingStatus
from ckbx.eventlog.codec import encode_event
from ckbx.vault import Access
from tests.support.case_county import (
    OTHER,
    SPACE,
    CaseCounty,
    a_round,
    back,
    case_county,
    cause,
    determined,
    looked_after,
    verify,
)
from tests.support.photos import jpeg

S = TrackingStatus


@pytest.fixture
def county(store_url: str, tmp_path: Path) -> Iterator[CaseCounty]:
    with case_county(store_url, tmp_path) as made:
        yield made


def register_finding(county: CaseCounty, day: date) -> None:
    """A register says that the child is nowhere."""
    county.decide(
        lambda child, ctx: departures.suspect(
            child,
            ctx,
            on=day,
            source=SuspicionSource.REGISTER,
            first_absent_on=day,
            rule="register_finding",
            rule_version=0,
            evidence=[],
        )
    )


def dropped_out(county: CaseCounty) -> None:
    """Twenty days away, two rounds, confirmed by the county."""
    county.away(*range(5))
    county.persuaded_out()
    county.away(*range(5, 20))
    county.do(determined(county.days[19]), actor="bureau")


def in_consolidation(county: CaseCounty) -> None:
    """Confirmed, brought back on the 21st day, confirmed by three days attended."""
    dropped_out(county)
    county.on(county.days[20])
    county.do(back(county.days[20]))
    county.there(20, 21, 22)
    county.do(cases.confirm_return(role="principal"))


def test_a_child_returns_after_two_rounds_and_the_case_is_closed(county: CaseCounty) -> None:
    days = county.days
    county.away(*range(5))
    assert county.case().stage is Stage.OPEN
    with pytest.raises(NotFoundDroppedOut, match="尚未核查"):
        county.do(determined(days[4]), actor="bureau")
    made = county.do(verify(Finding.K, days[4]))
    names = {type(event).__name__ for event in made}
    assert names == {"EpisodeActedOn", "SuspicionVerified"}
    county.do(a_round(days[4]))
    county.away(*range(5, 10))
    with pytest.raises(UnexplainedTooFew, match="为 10 个"):
        county.do(determined(days[9]), actor="bureau")
    county.away(*range(10, 20))
    with pytest.raises(RoundsTooFew, match="现有 1 次"):
        county.do(determined(days[19]), actor="bureau")
    county.do(a_round(days[19]))
    with pytest.raises(CauseNotRecorded):
        county.do(determined(days[19]), actor="bureau")
    papers = county.papers()
    county.do(cause(days[19], papers, "04"), papers=papers)
    county.do(determined(days[19]), actor="bureau")
    assert (county.state().base, county.case().stage) == (S.DROPPED_OUT, Stage.DETERMINED)
    county.there(20)  # nobody expects it: it is off the roll
    assert not county.state().said.get(days[20].toordinal())
    county.on(days[21])
    made = county.do(back(days[21]))
    names = {type(event).__name__ for event in made}
    assert {"PersuadedBack", "ChildReturned", "PupilAway"} <= names
    county.there(21, 22)
    with pytest.raises(ReturnNotYetAttended, match="现为 2 个"):
        county.do(cases.confirm_return(role="principal"))
    county.there(23)
    county.do(cases.confirm_return(role="principal"))
    assert county.case().stage is Stage.CONSOLIDATING
    county.do(looked_after(days[23]), actor="ct1")
    with pytest.raises(ConsolidationNotOver, match="2026-07-03"):
        county.do(cases.settle(role="bureau_officer", on=days[23]), actor="bureau")
    county.on(date(2026, 7, 6))
    with pytest.raises(FollowUpsMissing):
        county.do(cases.settle(role="bureau_officer", on=date(2026, 7, 6)), actor="bureau")
    papers = county.papers()
    why = papers.note("帮扶教师生病")
    settle = cases.settle(role="bureau_officer", on=date(2026, 7, 6), reason=why)
    county.do(settle, actor="bureau", papers=papers)
    assert (county.state().base, county.case().stage) == (S.ENROLLED, Stage.SETTLED)
    with pytest.raises(WrongEvidence, match="复学"):
        county.do(_close(county, EvidenceKind.DEATH), actor="bureau")
    county.do(_close(county, EvidenceKind.RETURN), actor="bureau")
    assert county.case().stage is Stage.CLOSED


def _close(county: CaseCounty, evidence: EvidenceKind, role: str = "bureau_officer") -> cases.Act:
    on = county.office.today()
    return cases.close(role=role, on=on, evidence=evidence, evidence_ref="paper")


def test_a_relapse_in_the_consolidation_opens_a_linked_case(county: CaseCounty) -> None:
    in_consolidation(county)
    county.away(23)
    assert county.alerts("relapse") == []
    county.away(24)
    assert county.alerts("relapse") == ["open"]
    assert county.state().base is S.PERSUADED_BACK
    county.do(looked_after(county.days[24]), actor="ct1")
    assert county.alerts("relapse") == ["closed"]
    county.away(25)
    assert county.alerts("relapse") == ["closed", "open"]
    assert county.alerts("dropout_suspected") == ["closed", "open"]
    old, new = county.case(), county.case(2)
    assert (old.stage, old.next_case) == (Stage.RELAPSED, new.id)
    assert (new.stage, new.relapse_of, new.source) == (
        Stage.OPEN,
        old.id,
        SuspicionSource.RELAPSE,
    )
    assert (new.first_absent_on, new.suspected_on) == (county.days[23], county.days[25])
    assert county.state().base is S.SUSPECTED


def test_a_relapse_that_a_correction_takes_back_lets_the_consolidation_go_on(
    county: CaseCounty,
) -> None:
    in_consolidation(county)
    county.away(23, 24, 25)
    county.there(24)
    assert county.case(2).stage is Stage.WITHDRAWN
    assert set(county.alerts("relapse")) <= {"withdrawn", "closed"}
    assert county.case().stage is Stage.CONSOLIDATING
    child = county.state()
    assert (child.base, child.episode) == (S.PERSUADED_BACK, None)
    county.away(26, 27)
    assert county.case(3).relapse_of == county.case_id(1)


def test_five_days_in_twenty_are_a_relapse_although_no_run_is_long(county: CaseCounty) -> None:
    in_consolidation(county)
    for n in (23, 25, 27, 29):
        county.away(n)
        county.there(n + 1)
    assert county.state().base is S.PERSUADED_BACK
    county.away(31)
    assert county.state().base is S.SUSPECTED
    assert county.case(2).rule == "relapse_5_in_20"


def test_a_false_match_is_cleared_as_c_and_closed_by_the_principal(county: CaseCounty) -> None:
    day = county.days[3]
    county.on(day)
    register_finding(county, day)
    county.do(verify(Finding.C, day))
    other = cases.clear(role="principal", on=day, finding=Finding.A, evidence_ref="考勤")
    with pytest.raises(FindingContradicts, match="C"):
        county.do(other)
    clear = cases.clear(role="principal", on=day, finding=Finding.C, evidence_ref="户口簿")
    county.do(clear)
    case = county.case()
    assert case.stage is Stage.CONCLUDED
    assert case.concluded is not None
    assert (case.concluded.how, case.concluded.finding) == (S.ENROLLED, Finding.C)
    county.do(_close(county, EvidenceKind.CLEARED, "principal"))
    assert county.case().stage is Stage.CLOSED


def test_a_child_found_elsewhere_by_letter_is_concluded_by_the_county(county: CaseCounty) -> None:
    day = county.days[3]
    county.on(day)
    register_finding(county, day)
    papers = county.papers()
    addressee = papers.note("外县第一小学")
    county.do(
        lambda work: letters.send_letter(
            work.case,
            work.ctx,
            role="bureau_officer",
            on=day,
            document="剑教函〔2025〕1号",
            region="522601",
            reply_by=day + timedelta(days=15),
            addressee=addressee,
        ),
        actor="bureau",
        papers=papers,
    )
    access = Access(actor="t", view="t", purpose="t")
    kept = county.store.vault.read([county.child], [f"note:{addressee}"], access)
    assert list(kept[county.child].notes.values()) == ["外县第一小学"]
    county.on(day + timedelta(days=10))
    county.do(
        lambda work: letters.answer_letter(
            work.case,
            work.ctx,
            role="bureau_officer",
            on=day + timedelta(days=10),
            number=1,
            answer=LetterAnswer.STUDIES_THERE,
        ),
        actor="bureau",
    )
    county.do(verify(Finding.B, day + timedelta(days=10)))
    county.decide(
        lambda child, ctx: departures.verify_elsewhere(
            child,
            ctx,
            on=day + timedelta(days=10),
            evidence_ref="函复",
            review_by=date(2026, 3, 1),
        )
    )
    assert county.case().stage is Stage.CONCLUDED
    county.do(_close(county, EvidenceKind.ELSEWHERE), actor="bureau")
    assert county.case().stage is Stage.CLOSED


def test_a_suspicion_nobody_worked_on_is_withdrawn_with_its_case(county: CaseCounty) -> None:
    county.away(*range(5))
    county.there(2)
    assert county.case().stage is Stage.WITHDRAWN
    assert county.state().episode is None
    with pytest.raises(StageRefuses, match="另立新案"):
        county.do(verify(Finding.A, county.days[4]))


def test_once_somebody_has_acted_the_ground_is_marked_changed_and_a_person_decides(
    county: CaseCounty,
) -> None:
    county.away(*range(5))
    county.do(a_round(county.days[4]))
    county.there(2)
    child, case = county.state(), county.case()
    assert child.episode is not None
    assert child.episode.ground_changed
    assert (case.stage, case.ground_changed is not None) == (Stage.OPEN, True)
    assert county.alerts("suspicion_ground_changed") == ["open"]
    county.do(
        cases.clear(role="principal", on=county.days[4], finding=Finding.A, evidence_ref="点名")
    )
    assert county.case().stage is Stage.CONCLUDED


def test_a_confirmed_dropout_whose_ground_fell_away_is_cleared_by_the_county(
    county: CaseCounty,
) -> None:
    dropped_out(county)
    for n in range(5):
        county.there(n * 4)
    child = county.state()
    assert child.episode is not None
    assert child.episode.ground_changed
    assert (child.base, county.case().stage) == (S.DROPPED_OUT, Stage.DETERMINED)
    on = county.days[19]
    county.do(
        cases.clear(role="bureau_officer", on=on, finding=Finding.A, evidence_ref="点名"),
        actor="bureau",
    )
    assert (county.state().base, county.case().stage) == (S.ENROLLED, Stage.CONCLUDED)


def test_when_the_teacher_leaves_the_class_teacher_answers_until_another_is_named(
    county: CaseCounty,
) -> None:
    days = county.days
    county.away(*range(5))

    def answers(day: date) -> tuple[str, ...]:
        unit = Unit(county.office.map, county.office.context("t"))
        return route_child(county.office, unit, county.state(), day).to

    def named(account: str, day: date) -> cases.Act:
        holder = uuid5(SPACE, account)
        return cases.name_teacher(role="principal", account=account, holder=holder, first_day=day)

    assert answers(days[4]) == ("ct1",)
    county.do(named("li", days[4]))
    assert answers(days[4]) == ("li",)
    county.on(days[8])
    county.do(cases.release_teacher(role="principal", last_day=days[8]))
    assert (answers(days[8]), answers(days[9])) == (("li",), ("ct1",))
    county.on(days[10])
    county.do(named("wang", days[10]))
    assert (answers(days[8]), answers(days[9]), answers(days[10])) == (
        ("li",),
        ("ct1",),
        ("wang",),
    )
    county.on(days[12])
    county.do(named("zhao", days[12]))
    case = county.case()
    assert case.teacher is not None
    assert (case.teacher.account, answers(days[11]), answers(days[12])) == (
        "zhao",
        ("wang",),
        ("zhao",),
    )
    county.do(verify(Finding.A, days[12]))
    clear = cases.clear(role="principal", on=days[12], finding=Finding.A, evidence_ref="p")
    county.do(clear)
    county.do(_close(county, EvidenceKind.CLEARED, "principal"))
    assert answers(days[12] + timedelta(days=1)) == ("ct1",)


def test_with_the_enrolment_that_never_was_its_open_case_is_withdrawn(
    county: CaseCounty,
) -> None:
    county.away(*range(5))
    county.there(5)
    county.do(back(county.days[5]))
    office, child = county.office, county.child
    county.run(lambda unit: enrolment.undo_enrolment(office, unit, child, batch="b"))
    assert county.state().back is None
    assert county.case().stage is Stage.WITHDRAWN


def test_of_two_people_on_one_case_one_is_told_what_the_other_did(county: CaseCounty) -> None:
    county.away(*range(5))
    seen = county.case().version
    county.do(a_round(county.days[4]), actor="ct1", seen=seen)
    head = county.store.log.head()
    with pytest.raises(CaseChangedMeanwhile, match="ct1 劝返") as told:
        county.do(a_round(county.days[4], "16:00"), actor="head", seen=seen)
    assert told.value.between == [("劝返", "ct1", county.days[4].isoformat())]
    assert county.store.log.head() == head
    county.do(a_round(county.days[4], "16:00"), actor="head", seen=county.case().version)
    assert len(county.case().rounds) == 2


def test_back_in_another_class_the_child_is_on_that_roll_only(county: CaseCounty) -> None:
    dropped_out(county)
    county.on(county.days[22])
    county.do(back(county.days[20], OTHER))
    county.there(20, 21, 22, 23, key=OTHER)
    with pytest.raises(ReturnNotYetAttended, match="现为 2 个"):
        # days before the return was recorded say nothing of the child
        county.do(cases.confirm_return(role="principal"))
    county.away(22, key=OTHER)
    county.there(23, 24, 25, key=OTHER)
    county.do(cases.confirm_return(role="principal"))
    assert county.state().class_key == OTHER
    assert county.case().stage is Stage.CONSOLIDATING


def test_a_child_reported_absent_did_not_come_back_that_day(county: CaseCounty) -> None:
    county.away(*range(5))
    with pytest.raises(AbsentOnReturnDay):
        county.do(back(county.days[4]))


def test_from_suspected_a_child_that_came_back_is_in_its_consolidation(
    county: CaseCounty,
) -> None:
    county.away(*range(5))
    county.there(5)
    county.do(back(county.days[5]))
    county.there(6, 7)
    county.do(cases.confirm_return(role="principal"))
    assert (county.state().base, county.case().stage) == (S.PERSUADED_BACK, Stage.CONSOLIDATING)
    assert county.alerts("dropout_suspected") == ["closed"]


def test_a_return_dated_back_is_judged_by_the_days_reported_since(county: CaseCounty) -> None:
    county.away(*range(5))
    county.there(5)
    county.away(6, 7, 8)
    made = county.do(back(county.days[5]))
    assert {"PersuadedBack", "Relapsed", "CaseRelapsed"} <= {type(x).__name__ for x in made}
    assert county.case().stage is Stage.RELAPSED
    assert (county.case(2).stage, county.state().base) == (Stage.OPEN, S.SUSPECTED)


def test_every_deadline_of_a_lived_case_has_an_outcome(county: CaseCounty) -> None:
    in_consolidation(county)
    found: dict[str, list[Outcome]] = {}

    def look(work: cases.Work) -> None:
        for each in cases.deadlines_of(work, county.office.today()):
            found.setdefault(each.kind, []).append(each.outcome)
        looked_after(county.office.today())(work)

    county.do(look, actor="ct1")
    assert found["verify"] == [Outcome.KEPT]
    assert found["persuade_school"] == [Outcome.KEPT]
    assert found["persuade_village"] == [Outcome.MISSED]
    assert found["written_report"] == [Outcome.MISSED]
    assert found["determine"] == [Outcome.KEPT]
    assert found["return_confirm"] == [Outcome.KEPT]
    assert found["follow_daily"] == [Outcome.KEPT] * 2
    assert found["follow_weekly"] == [Outcome.OPEN]


def test_the_events_of_a_case_and_its_words_stand_in_one_append(county: CaseCounty) -> None:
    county.away(*range(5))
    papers = county.papers()
    words = papers.note("孩子说在家帮奶奶放牛")
    photo = papers.file(jpeg())
    made = county.do(a_round(county.days[4], words=words, attachments=(photo,)), papers=papers)
    assert len({event.command_id for event in made}) == 1
    access = Access(actor="t", view="t", purpose="t")
    fields = [f"note:{words}", f"file:{photo.file}"]
    kept = county.store.vault.read([county.child], fields, access)[county.child]
    assert kept.notes == {words: "孩子说在家帮奶奶放牛"}
    assert kept.files == {photo.file: jpeg()}
    stored = b"".join(encode_event(r.event) for r in county.store.log.read(0, 10_000))
    assert "放牛".encode() not in stored
    assert b"ct1" in stored, "control: what may stand in events is found"


def test_a_case_that_was_never_opened_takes_no_step(county: CaseCounty) -> None:
    with pytest.raises(CaseUnknown, match=str(county.case_id())):
        county.do(a_round(county.days[0]))
