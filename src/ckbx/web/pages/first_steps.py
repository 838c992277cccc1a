"""What has to come first where a deed on a case or a child is refused, and on which page is it?

Places: ``case:PATH`` is the form of a step on the case, ``child:PATH`` that of a decision on the
child, else an address. Of several the first counts that is open to the viewer; where none is,
the sentence alone says who is to do it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from ckbx.domain.case.codes import Stage
from ckbx.domain.case.errors import StageRefuses
from ckbx.domain.shared.errors import CkbxError
from ckbx.web.desk import WebDesk
from ckbx.web.permissions import Permission


class FirstStep(NamedTuple):
    """A link to what comes first."""

    words: str
    address: str


Places = Sequence[str]

PAGES: Final = {
    "/roll-calls": ("点名", Permission.ROLL_CALL),
    "/imports": ("导入", Permission.IMPORT),
    "/leaves/basis": ("指定医院和法律依据", Permission.DECIDE_COUNTY),
}
"""Pages of no single child: what they are called, and who may open them."""

BY_REFUSAL: Final[Mapping[str, Places]] = {
    "absent_on_return_day": ("/roll-calls",),
    "application_open": ("child:leave-approve", "child:leave-withdraw"),
    "application_unknown": ("child:leave",),
    "arrival_needs_class": ("child:enrol",),
    "assessment_missing": ("child:assessment",),
    "calendar_year_unknown": ("/imports",),
    "cause_not_recorded": ("case:cause",),
    "check_in_during_leave": ("child:leave-resume",),
    "class_not_listed": ("/imports",),
    "committee_advises_otherwise": ("child:leave-committee",),
    "committee_opinion_missing": ("child:leave-committee", "child:assessment"),
    "consolidation_not_over": ("case:follow-up",),
    "consolidation_undated": ("/imports",),
    "finding_contradicts": ("case:verify",),
    "finding_is_dropout": ("case:determine", "case:visit"),
    "follow_up_open": ("case:follow-up",),
    "hospital_not_named": ("/leaves/basis", "child:leave-hospital"),
    "hospital_paper_missing": ("child:leave-hospital",),
    "hospital_stands_so": ("/leaves/basis",),
    "legal_already_complied": ("case:legal-cease",),
    "legal_already_served": ("case:legal-void",),
    "legal_appeal_pending": ("case:legal-result",),
    "legal_basis_missing": ("/leaves/basis",),
    "legal_decision_missing": ("case:legal-issue",),
    "legal_fine_basis_missing": ("/leaves/basis", "case:legal-skip"),
    "legal_fine_notice_missing": ("case:legal-issue",),
    "legal_ground_gone": ("case:legal-revoke", "case:legal-void"),
    "legal_hearing_pending": ("case:legal-hearing",),
    "legal_no_hearing_asked": ("case:legal-statement",),
    "legal_not_filed": ("case:legal-issue",),
    "legal_not_served_yet": ("case:legal-serve",),
    "legal_order_missing": ("case:legal-issue",),
    "legal_paper_not_served": ("case:legal-serve",),
    "legal_paper_stands": ("case:legal-revoke",),
    "legal_pledge_is_an_answer": ("case:legal-promise",),
    "legal_public_notice_too_early": ("case:legal-fail",),
    "legal_reminder_missing": ("case:legal-issue",),
    "legal_statement_closed": ("case:legal-revoke",),
    "legal_step_missing": ("case:legal-issue", "case:legal-skip"),
    "legal_step_passed": ("case:legal-revoke",),
    "no_absence_to_visit": ("/roll-calls",),
    "no_failed_round": ("case:visit",),
    "no_placement": ("child:placement",),
    "no_teacher": ("case:teacher",),
    "not_a_school_day": ("/imports",),
    "not_away_that_day": ("/roll-calls",),
    "not_found_dropped_out": ("case:verify",),
    "not_gone_yet": ("child:transfer-confirm", "child:enrol", "child:leave-approve"),
    "not_in_a_class": ("/imports",),
    "not_taught_at_home": ("child:leave", "child:leave-approve"),
    "outside_term": ("/imports",),
    "placement_against_advice": ("child:assessment",),
    "placement_needs_application": ("child:leave", "child:leave-approve"),
    "placement_needs_school": ("child:enrol", "child:leave-resume"),
    "return_not_yet_attended": ("/roll-calls",),
    "rounds_too_few": ("case:visit",),
    "school_opinion_missing": ("child:leave-opinion",),
    "term_not_set": ("/imports",),
    "transfer_other_receiver": ("child:transfer-cancel",),
    "unexplained_too_few": ("case:visit",),
    "visit_repeated": ("child:home-lesson-void",),
}
"""By the code of a refusal."""

NO_STEP: Final = frozenset(
    """
    already_registered already_suspected application_changed_meanwhile application_stage_refuses
    arrival_known before_enrolment before_episode before_last_decision calendar_line_empty
    calendar_line_incomplete calendar_line_refused calendar_refusal calendar_unknown_word
    calendar_year_not_named case_account_unknown case_changed_meanwhile case_day_refused
    case_evidence_missing case_fact_unknown case_files_missing case_unknown category_unknown
    cause_unknown class_not_of_receiver class_over closure_already_rejected closure_not_reported
    closure_not_today day_outside_school_year document_missing evidence_missing
    finding_needs_decision finding_not_for_principal fit_to_study_paper_missing focus_days_cross
    focus_not_theirs follow_ups_missing home_visit_unknown home_visit_withdrawal_unexplained
    hour_unreadable in_the_future leave_day_refused leave_document_missing leave_needs_end
    leave_number_in_document leave_refusal leave_role_refused leave_to_come leave_too_long
    leave_words_missing legal_amount_missing legal_amount_not_allowed legal_appeal_too_late
    legal_basis_not_recorded legal_date_order legal_day_in_future legal_deadline_missing
    legal_deadline_not_allowed legal_deadline_not_passed legal_deadline_out_of_bounds
    legal_decision_revoked legal_document_number_missing legal_document_number_used
    legal_fine_heavier legal_issuer_code_wrong legal_issuer_elsewhere legal_matter_unknown
    legal_no_appeal legal_not_complied legal_not_this_role legal_not_this_township
    legal_other_way_open legal_paper_unknown legal_personal_text_refused legal_promise_stands
    legal_promise_too_far legal_public_notice_needs_days legal_receipt_missing
    legal_recipient_wrong legal_reference_missing legal_refusal legal_refusal_not_noted
    legal_refused_means_left legal_served_too_late legal_servers_missing legal_skip_not_needed
    legal_skip_reason_wrong legal_steps_changed legal_window_closed legal_wrong_paper
    letter_already_answered letter_unknown met_contradicts no_leave_in_force no_open_suspicion
    nobody_said_met not_on_focus_list not_theirs_to_decide on_focus_list_already
    only_county_decides only_principal_decides participant_unnamed placement_changed_meanwhile
    placement_contradicts placement_day_refused placement_paper_missing placement_refusal
    placement_role_refused promise_undated punishment_forbidden recheck_of_nobody_missing
    review_day_missing review_too_late role_refused round_repeated school_cannot_decide_leave
    teacher_already teaching_plan_missing term_ends_before_start term_outside_school_year
    term_overlaps tier_incomplete too_few_persons transfer_class_changed transfer_document_missing
    transfer_to_same_school transition_refused visit_belongs_to_case visit_unknown words_missing
    wrong_evidence year_confirmed_by_county_only
    """.split()
)
"""Codes of refusals after which no other step comes first: what was filled in is mended in its
own form, somebody else is to do it, a day has to come, or nothing is to be done.
"""

BY_STAGE: Final[Mapping[Stage, Places]] = {
    Stage.OPEN: ("case:verify",),
    Stage.VERIFIED: ("case:clear", "case:verify"),
    Stage.PERSUADING: ("case:visit", "case:determine", "case:return"),
    Stage.DETERMINED: ("case:visit", "case:return"),
    Stage.RETURNED: ("case:confirm", "case:follow-up"),
    Stage.CONSOLIDATING: ("case:settle", "case:follow-up"),
    Stage.SETTLED: ("case:close",),
    Stage.CONCLUDED: ("case:close",),
    Stage.CLOSED: ("case:reopen",),
    Stage.WITHDRAWN: (),
    Stage.RELAPSED: (),
}
"""What a case asks for first where its stage refuses a step (code ``stage_refuses``)."""

NOT_NOW: Final[Mapping[str, Places]] = {
    "case:answer": ("case:letter",),
    "case:clear": ("case:verify",),
    "case:legal-appeal": ("case:legal-result", "case:legal-serve", "case:legal-issue"),
    "case:legal-cease": ("case:legal-comply",),
    "case:legal-comply": ("case:legal-serve", "case:legal-issue"),
    "case:legal-fail": ("case:legal-issue",),
    "case:legal-hearing": ("case:legal-statement",),
    "case:legal-lapse": ("case:legal-serve",),
    "case:legal-promise": ("case:legal-serve", "case:legal-issue"),
    "case:legal-result": ("case:legal-appeal",),
    "case:legal-revoke": ("case:legal-issue",),
    "case:legal-serve": ("case:legal-issue",),
    "case:legal-statement": ("case:legal-serve", "case:legal-issue"),
    "case:legal-void": ("case:legal-serve",),
    "case:release": ("case:teacher",),
    "child:abroad": ("child:leave-resume", "child:enrol"),
    "child:arrive": ("child:enrol",),
    "child:assessment": ("child:enrol",),
    "child:death": ("child:leave-resume", "child:enrol"),
    "child:deregister": ("child:leave-resume", "child:enrol"),
    "child:elsewhere": ("child:leave-resume", "child:enrol"),
    "child:enrol": ("child:leave-resume",),
    "child:home-lesson": ("child:leave", "child:leave-approve"),
    "child:home-lesson-void": ("child:home-lesson",),
    "child:home-visit-withdraw": ("child:home-visit",),
    "child:leave": ("child:leave-approve", "child:leave-resume"),
    "child:leave-approve": ("child:leave",),
    "child:leave-committee": ("child:leave",),
    "child:leave-extend": ("child:leave-approve", "child:leave"),
    "child:leave-hospital": ("child:leave",),
    "child:leave-opinion": ("child:leave",),
    "child:leave-refuse": ("child:leave",),
    "child:leave-resume": ("child:leave-approve", "child:leave"),
    "child:leave-review": ("child:leave-approve", "child:leave"),
    "child:leave-withdraw": ("child:leave",),
    "child:missing": ("child:leave-resume", "child:enrol"),
    "child:placement": ("child:assessment",),
    "child:placement-end": ("child:placement", "child:assessment"),
    "child:placement-review": ("child:placement", "child:assessment"),
    "child:still-away": ("child:missing", "child:elsewhere"),
    "child:transfer": ("child:transfer-cancel", "child:enrol", "child:leave-resume"),
    "child:transfer-cancel": ("child:transfer",),
}
"""By the place of a form that has nothing to be done on now."""

NOTHING_FIRST: Final = frozenset(
    {"case:close", "case:legal-skip", "child:home-visit", "child:suspect", "child:transfer-confirm"}
)
"""Places of forms whose sentence leads to no other step."""


def places_of(refused: CkbxError, stage: Stage | None = None) -> Places:
    """Where what comes first may be done; ``stage``: of the case in hand."""
    if isinstance(refused, StageRefuses):
        return BY_STAGE[stage] if stage is not None else ()
    return BY_REFUSAL.get(refused.code, ())


def first_step(
    desk: WebDesk, places: Places, open_: Iterable[tuple[str, FirstStep]]
) -> FirstStep | None:
    """The first of the places that is open to the viewer; ``open_``: forms that are, by place."""
    if not places:
        return None
    able = dict(open_)
    for address, (words, permission) in PAGES.items():
        if desk.may(permission):
            able[address] = FirstStep(words, address)
    return next((able[place] for place in places if place in able), None)
