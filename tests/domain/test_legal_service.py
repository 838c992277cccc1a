"""送达: who took a paper, who handed it over, from when the law counts, how it is corrected."""

from __future__ import annotations

from typing import Any

import pytest

from ckbx.domain.legal import errors
from ckbx.domain.legal.codes import PaperKind, Recipient, ServiceMode
from ckbx.domain.legal.events import PaperServed, ServiceVoided
from tests.domain.legal_cells import at, noticed
from tests.domain.test_legal_papers import state
from tests.support.legal import Steps

K, M, R = PaperKind, ServiceMode, Recipient


def order(**fields: Any) -> Steps:
    """An order that waits to be served."""
    steps = state("notice lapsed")
    steps.today = at(60)
    steps.issue(at(8), K.ORDER_TO_ATTEND, **(fields or {"due_on": at(20)}))
    return steps


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"servers": ("to1",)}, errors.ServersMissing),
        ({"servers": ("to1", "to1")}, errors.ServersMissing),
        ({"recipient": None}, errors.RecipientWrong),
        ({"recipient": R.ADULT_RELATIVE}, errors.RecipientWrong),
        ({"recipient_ref": None}, errors.ReferenceMissing),
        ({"evidence_ref": ""}, errors.ReferenceMissing),
        ({"recipient_ref": "杨某"}, errors.PersonalTextRefused),
        ({"servers": ("王乡长", "to1")}, errors.PersonalTextRefused),
        ({"place": "翁当寨3号"}, errors.PersonalTextRefused),
        ({"refused": True}, errors.RefusedMeansLeft),
        ({"mode": M.HOUSEHOLD, "recipient": R.AGENT}, errors.RecipientWrong),
        ({"mode": M.LEFT}, errors.RefusalNotNoted),
        ({"mode": M.LEFT, "refused": True, "servers": ("to1",)}, errors.ServersMissing),
        ({"mode": M.LEFT, "refused": True, "servers": ()}, errors.ServersMissing),
        ({"mode": M.POSTED}, errors.ReceiptMissing),
        ({"mode": M.POSTED, "received_on": at(8)}, errors.LegalDateOrder),
        ({"mode": M.PUBLIC}, errors.PublicNoticeTooEarly),
    ],
)
def test_a_receipt_that_lacks_something_is_refused_by_name(
    fields: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        order().serve(at(9), 2, **fields)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"mode": M.HOUSEHOLD, "recipient": R.ADULT_RELATIVE},
        {"mode": M.LEFT, "refused": True, "servers": ("to1", "to2")},
        {"mode": M.LEFT, "refused": True, "servers": ("to1",), "witnesses": ("person-3",)},
        {"mode": M.POSTED, "received_on": at(11), "servers": ("to1",), "recipient": None},
    ],
)
def test_each_lawful_way_of_serving_is_recorded_and_counts(fields: dict[str, Any]) -> None:
    steps = order()
    steps.serve(at(9), 2, at="15:30", **fields)
    (served,) = [e for e in steps.events if isinstance(e, PaperServed) and e.paper == 2]
    assert served.effective_on == fields.get("received_on", at(9))
    assert served.refused == (served.mode == M.LEFT)


def test_a_teacher_alone_may_hand_over_a_notice_of_the_first_step() -> None:
    noticed().serve(at(0), 1, servers=("ct1",))


def test_a_paper_is_served_by_those_who_may_issue_it() -> None:
    with pytest.raises(errors.NotThisRole, match="乡镇人民政府或县教育局"):
        order().serve(at(9), 2, role="principal")


def test_too_late_a_service_leaves_the_guardian_too_little_time() -> None:
    steps = order(due_on=at(20))
    with pytest.raises(errors.ServedTooLate, match="只剩 6 日"):
        steps.serve(at(14), 2)
    steps.serve(at(13), 2)


def test_the_receipt_of_the_post_decides_whether_there_is_time_left() -> None:
    with pytest.raises(errors.ServedTooLate):
        order(due_on=at(20)).serve(at(9), 2, mode=M.POSTED, received_on=at(14))


def test_public_notice_follows_a_failed_attempt_and_counts_after_thirty_days() -> None:
    steps = order(due_days=10)
    steps.fail_service(at(9), 2)
    steps.serve(at(10), 2, mode=M.PUBLIC, recipient=None, recipient_ref=None)
    steps.today = at(51)
    with pytest.raises(errors.DeadlineNotPassed):
        steps.issue(at(50), K.FINE_NOTICE, amount=500)
    steps.issue(at(51), K.FINE_NOTICE, amount=500)


def test_public_notice_needs_a_term_in_days() -> None:
    steps = order(due_on=at(20))
    steps.fail_service(at(9), 2)
    with pytest.raises(errors.PublicNoticeNeedsDays):
        steps.serve(at(10), 2, mode=M.PUBLIC, recipient=None)


def test_a_service_is_never_changed_but_corrected_and_recorded_anew() -> None:
    steps = order()
    steps.serve(at(9), 2)
    with pytest.raises(errors.AlreadyServed, match="说明原因"):
        steps.serve(at(10), 2)
    with pytest.raises(errors.ReferenceMissing):
        steps.void_service(at(11), 2, text_ref="")
    steps.void_service(at(11), 2)
    steps.serve(at(12), 2)
    (voided,) = [e for e in steps.events if isinstance(e, ServiceVoided)]
    first, second = [e for e in steps.events if isinstance(e, PaperServed) and e.paper == 2]
    assert voided.service == first.event_id != second.event_id


def test_what_is_filed_with_the_court_is_not_served_on_the_guardian() -> None:
    with pytest.raises(errors.WrongPaper, match="法院"):
        state("applied").serve(at(231), 6)


def test_the_court_serves_its_own_papers() -> None:
    steps = state("applied")
    steps.serve(at(231), steps.issue(at(231), K.ENFORCEMENT_GRANTED), servers=())


@pytest.mark.parametrize("hour", ["25:00", "9:30", "noon", "15:60", "１５:30"])
def test_the_hour_of_a_service_is_an_hour(hour: str) -> None:
    with pytest.raises(errors.PersonalTextRefused, match="时刻"):
        order().serve(at(9), 2, at=hour)
