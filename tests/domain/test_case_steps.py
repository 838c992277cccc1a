"""What a step on a case needs and refuses: rounds, plans, letters, checks, returns, closings."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest

from ckbx.domain.case import (
    closing,
    follow_up,
    opening,
    plan,
    returning,
    verification,
)
from ckbx.domain.case import work_events as wk
from ckbx.domain.case.codes import (
    EvidenceKind,
    Measure,
    Met,
    RoundOutcome,
    Stage,
    Tier,
)
from ckbx.domain.case.errors import (
    CaseDayRefused,
    CauseUnknown,
    DocumentMissing,
    EvidenceMissing,
    FollowUpOpen,
    FollowUpsMissing,
    HourUnreadable,
    LetterAlreadyAnswered,
    LetterUnknown,
    MetContradicts,
    NobodySaidMet,
    NoFailedRound,
    NoTeacher,
    NotFoundDroppedOut,
    NotGoneYet,
    ParticipantUnnamed,
    PromiseUndated,
    ReturnNotYetAttended,
    RoleRefused,
    RoundRepeated,
    TeacherAlready,
    TierIncomplete,
    TooFewPersons,
    WordsMissing,
    WrongEvidence,
)
from ckbx.domain.case.people import Participant
from ckbx.domain.child.status import Finding, TrackingStatus
from ckbx.domain.responsibility.post import Line, Role
from tests.domain.case_kit import (
    NOTE,
    SINCE,
    TAKEN,
    TODAY,
    S,
    Step,
    a_case,
    a_round,
    answered,
    closed,
    concluded,
    determined,
    letter,
    reported,
    teacher,
    verified,
)

# Persuasion

ONE = Participant(line=Line.EDUCATION, role=Role.PRINCIPAL, account="head")
VILLAGE = Participant(line=Line.GOVERNMENT, role=Role.VILLAGE_OFFICER, account="v")
TOWN = Participant(line=Line.GOVERNMENT, role=Role.TOWNSHIP_OFFICER, person=NOTE)
NAMELESS = Participant(line=Line.EDUCATION, role=Role.CLASS_TEACHER)


@pytest.mark.parametrize(
    ("changes", "error", "word"),
    [
        ({"participants": [ONE]}, TooFewPersons, "2 人"),
        ({"participants": [ONE, ONE]}, TooFewPersons, "现登记 1 人"),
        ({"participants": [ONE, NAMELESS]}, ParticipantUnnamed, "姓名"),
        ({"participants": [VILLAGE, TOWN]}, TierIncomplete, "学校人员"),
        ({"tier": Tier.SCHOOL_VILLAGE}, TierIncomplete, "村"),
        (
            {"tier": Tier.TOWNSHIP, "participants": [ONE, VILLAGE]},
            TierIncomplete,
            "乡镇责任人",
        ),
        ({"met": []}, NobodySaidMet, "未见到人"),
        ({"met": [Met.NOBODY, Met.CHILD]}, NobodySaidMet, "见到了谁"),
        ({"met": [Met.NOBODY]}, MetContradicts, "仍在犹豫"),
        ({"outcome": RoundOutcome.NOT_MET}, MetContradicts, "未见到人"),
        ({"outcome": RoundOutcome.PROMISED}, PromiseUndated, "承诺日期"),
        (
            {"outcome": RoundOutcome.PROMISED, "promised_on": date(2026, 11, 19)},
            PromiseUndated,
            "2026-11-20",
        ),
        ({"hour": "24:00"}, HourUnreadable, "24:00"),
        ({"hour": "下午三点"}, HourUnreadable, "15:30"),
    ],
)
def test_a_round_that_cannot_have_been_one_is_refused(
    changes: dict[str, Any], error: type, word: str
) -> None:
    a_case(Stage.OPEN).when(a_round(**changes)).then_refused(error, word)


@pytest.mark.parametrize(
    "changes",
    [
        {"tier": Tier.SCHOOL_VILLAGE, "participants": [ONE, VILLAGE]},
        {"tier": Tier.TOWNSHIP, "participants": [TOWN, VILLAGE]},
        {"outcome": RoundOutcome.NOT_MET, "met": [Met.NOBODY]},
        {"outcome": RoundOutcome.PROMISED, "promised_on": TODAY},
    ],
)
def test_a_round_with_all_it_needs_is_recorded(changes: dict[str, Any]) -> None:
    a_case(Stage.OPEN).when(a_round(**changes)).then((wk.PersuasionHeld, {"number": 1}))


def test_one_round_is_entered_once() -> None:
    twice = a_case(Stage.OPEN).after(a_round()).when(a_round())
    twice.then_refused(RoundRepeated, "第 1 次")


def test_the_written_report_follows_a_round_that_failed() -> None:
    a_case(Stage.OPEN).when(reported).then_refused(NoFailedRound)
    kept = a_round(outcome=RoundOutcome.PROMISED, promised_on=TODAY)
    a_case(Stage.OPEN).after(kept).when(reported).then_refused(NoFailedRound)
    failed = a_case(Stage.OPEN).after(a_round())
    failed.when(lambda c, x: reported(c, x, document="")).then_refused(DocumentMissing, "校长")
    a_case(Stage.OPEN).after(a_round()).when(lambda c, x: reported(c, x, note=None)).then_refused(
        WordsMissing
    )


# Plans, teachers and letters


def test_a_cause_has_a_code_of_the_table() -> None:
    a_case(Stage.OPEN).when(
        lambda c, x: plan.record_cause(
            c, x, role="principal", on=TODAY, cause="16", ref=NOTE, primary=True
        )
    ).then_refused(CauseUnknown, "16")


def test_no_event_tells_the_cause() -> None:
    outcome = a_case(Stage.OPEN).when(TAKEN["record_cause"])
    (event,) = outcome.events
    told = msgspec.structs.asdict(event).values()
    assert "04" not in repr([each for each in told if not isinstance(each, UUID | date | int)])
    assert event.cause_ref == NOTE  # type: ignore[attr-defined]


def test_a_plan_says_what_is_to_be_done() -> None:
    for plan_ref, measures in ((None, [Measure.STUDY]), (NOTE, [])):
        a_case(Stage.OPEN).when(
            lambda c, x, p=plan_ref, m=measures: plan.make_plan(  # type: ignore[misc]
                c, x, role="principal", on=TODAY, plan=p, measures=m
            )
        ).then_refused(WordsMissing, "帮扶教师")


def test_a_teacher_hands_over_to_another_only() -> None:
    outcome = a_case(Stage.OPEN, teacher("li"))
    outcome.when(teacher("wang")).then((wk.TeacherNamed, {"previous": "li"}))
    a_case(Stage.OPEN, teacher("li")).when(teacher("li")).then_refused(TeacherAlready, "li")
    a_case(Stage.OPEN).when(TAKEN["release_teacher"]).then_refused(NoTeacher, "校长")


def test_a_letter_needs_a_number_an_addressee_and_a_day_and_is_answered_once() -> None:
    a_case(Stage.OPEN).when(lambda c, x: letter(c, x, document="")).then_refused(DocumentMissing)
    a_case(Stage.OPEN).when(lambda c, x: letter(c, x, addressee=None)).then_refused(WordsMissing)
    a_case(Stage.OPEN).when(lambda c, x: letter(c, x, reply_by=date(2026, 11, 19))).then_refused(
        CaseDayRefused
    )
    a_case(Stage.OPEN, letter).when(answered(2)).then_refused(LetterUnknown, "第 2 号")
    a_case(Stage.OPEN, letter).when(answered(1, date(2026, 11, 19))).then_refused(CaseDayRefused)
    a_case(Stage.OPEN, letter, answered()).when(answered()).then_refused(LetterAlreadyAnswered)


# Checks, returns and what a case is closed on


@pytest.mark.parametrize("finding", list(Finding))
def test_every_finding_needs_the_evidence_of_its_own(finding: Finding) -> None:
    bare = a_case(Stage.OPEN).when(
        lambda c, x: verification.verify(
            c, x, role="principal", on=TODAY, finding=finding, evidence_ref=""
        )
    )
    bare.then_refused(EvidenceMissing, finding.label, verification.EVIDENCE[finding])


def test_a_later_check_may_find_something_else_until_the_county_has_determined() -> None:
    outcome = a_case(Stage.PERSUADING).after(verified(Finding.C))
    assert outcome.aggregate.stage is Stage.VERIFIED
    outcome.when(determined).then_refused(NotFoundDroppedOut, "C（信息错误）")


def test_a_return_is_confirmed_by_days_attended_not_by_words() -> None:
    a_case(Stage.RETURNED).when(
        lambda c, x: returning.confirm_return(
            c, x, role="principal", attended=[TODAY, TODAY], needed=3
        )
    ).then_refused(ReturnNotYetAttended, "现为 2 个", "班主任")


def test_the_consolidation_ends_with_follow_ups_made_or_explained() -> None:
    def check(reason: object = None) -> Step:
        return lambda c, x: follow_up.check_followed_up(
            c,
            x,
            role="bureau_officer",
            missing=[SINCE],
            reason=reason,  # type: ignore[arg-type]
        )

    a_case(Stage.CONSOLIDATING).when(check()).then_refused(FollowUpOpen)
    made = a_case(Stage.CONSOLIDATING).after(TAKEN["follow_up"])
    made.when(check()).then_refused(FollowUpsMissing, "1 次")
    explained = a_case(Stage.CONSOLIDATING).after(TAKEN["follow_up"], check(NOTE))
    explained.when(check()).then_nothing()


@pytest.mark.parametrize(
    ("how", "wanted"),
    [
        (S.ENROLLED, EvidenceKind.CLEARED),
        (S.SUSPENDED, EvidenceKind.LEAVE),
        (S.HOME_TAUGHT, EvidenceKind.HOME_TEACHING),
        (S.ENROLLED_ELSEWHERE, EvidenceKind.ELSEWHERE),
        (S.GRADUATED, EvidenceKind.GRADUATION),
        (S.DECEASED, EvidenceKind.DEATH),
        (S.ABROAD, EvidenceKind.ABROAD),
        (S.MISSING, EvidenceKind.MISSING),
        (S.DEREGISTERED, EvidenceKind.HOUSEHOLD),
    ],
)
def test_a_case_is_closed_on_the_document_of_what_it_came_to(
    how: TrackingStatus, wanted: EvidenceKind
) -> None:
    for given_kind in EvidenceKind:
        outcome = a_case(Stage.OPEN).after(concluded(how, None)).when(closed(given_kind))
        if given_kind is wanted:
            assert outcome.aggregate.stage is Stage.CLOSED
        else:
            outcome.then_refused(WrongEvidence, wanted.label)
    bare = a_case(Stage.OPEN).after(concluded(how, None))
    bare.when(closed(wanted, ref="")).then_refused(EvidenceMissing, wanted.label)


def test_a_transfer_closes_a_case_only_once_the_receiver_has_confirmed() -> None:
    gone = concluded(S.TRANSFERRING, None)
    paper = EvidenceKind.TRANSFER
    a_case(Stage.OPEN).after(gone).when(closed(paper, status=S.TRANSFERRING)).then_refused(
        NotGoneYet, "转入学校"
    )
    a_case(Stage.OPEN).after(gone).when(closed(paper, status=S.SUSPECTED)).then_refused(NotGoneYet)
    done = a_case(Stage.OPEN).after(gone).when(closed(paper, status=S.TRANSFERRED))
    assert done.error is None


def test_the_principal_closes_what_a_b_or_c_cleared_and_nothing_else() -> None:
    kind = EvidenceKind.CLEARED
    mine = a_case(Stage.CONCLUDED).when(closed(kind, role="principal"))
    assert mine.error is None
    other = a_case(Stage.OPEN).after(concluded(S.ENROLLED, Finding.G))
    other.when(closed(kind, role="principal")).then_refused(RoleRefused, "县教育局")
    a_case(Stage.SETTLED).when(closed(role="principal")).then_refused(RoleRefused, "县教育局")


def test_a_return_is_its_own_evidence() -> None:
    outcome = a_case(Stage.SETTLED)
    confirmation = outcome.aggregate.confirmed
    outcome.when(closed(ref=""))
    (event,) = outcome.events
    assert confirmation is not None
    assert event.evidence_ref == confirmation.event  # type: ignore[attr-defined]


def test_a_closing_is_taken_back_with_a_reason_and_the_case_is_where_it_was() -> None:
    a_case(Stage.CLOSED).when(
        lambda c, x: closing.reopen(c, x, role="bureau_officer", on=TODAY, reason=None)
    ).then_refused(WordsMissing, "理由")
    outcome = a_case(Stage.CLOSED).when(TAKEN["reopen"])
    assert outcome.aggregate.stage is Stage.SETTLED


def test_a_relapse_taken_back_lets_the_case_go_on() -> None:
    outcome = a_case(Stage.RELAPSED).after(lambda c, x: opening.take_back_relapse(c, x, on=TODAY))
    assert outcome.aggregate.stage is Stage.CONSOLIDATING
