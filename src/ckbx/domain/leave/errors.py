"""Why a step on an application is refused: what is missing, and who supplies it."""

from __future__ import annotations

from ckbx.domain.shared.errors import RuleRefusal


class LeaveRefusal(RuleRefusal):
    """Root of everything an application refuses (exit code 5)."""

    code = "leave_refusal"
    message = "申请不能办理"


class ApplicationUnknown(LeaveRefusal):
    code = "application_unknown"
    message = "该生没有休学、缓学、免学或送教上门的申请；请先由监护人向学校、乡镇或县教育局提出，登记后再办"


class ApplicationOpen(LeaveRefusal):
    code = "application_open"
    message = "该生 {day} 已申请{kind}，还没有决定；请先由乡镇或县教育局决定，或由监护人撤回"


class ApplicationStageRefuses(LeaveRefusal):
    code = "application_stage_refuses"
    message = "该生的{kind}申请{stage}，不能{action}；{instead}"


class LeaveRoleRefused(LeaveRefusal):
    code = "leave_role_refused"
    message = "{action}由{who}办理，请转交办理"


class LeaveDayRefused(LeaveRefusal):
    code = "leave_day_refused"
    message = "日期 {day} {why}；请经办人核对日期后再登记"


class LeaveWordsMissing(LeaveRefusal):
    code = "leave_words_missing"
    message = "{action}须写明{what}；请{who}补上"


class LeaveDocumentMissing(LeaveRefusal):
    code = "leave_document_missing"
    message = "{action}须有{what}；请{who}补上"


class NumberInDocument(LeaveRefusal):
    code = "leave_number_in_document"
    message = "{what}只写编号，不能含证件号或电话号；请经办人改正"


class LeaveTooLong(LeaveRefusal):
    code = "leave_too_long"
    message = (
        "{kind}一次不超过一年，{first} 起最晚到 {last}；"
        "请审批机关（乡镇或县教育局）缩短期限，期满前仍需要的由监护人申请延期"
    )


class SchoolOpinionMissing(LeaveRefusal):
    code = "school_opinion_missing"
    message = "在校学生的休学须先有学校意见；请校长签署，学校不签的由县教育局代为登记"


class CommitteeAdvisesOtherwise(LeaveRefusal):
    code = "committee_advises_otherwise"
    message = (
        "专家委员会（{document}）建议的是{advised}，不是{kind}；"
        "请按建议办理，或由县教育局提请专家委员会重新评估"
    )


class HospitalNotNamed(LeaveRefusal):
    code = "hospital_not_named"
    message = (
        "免学的医院证明须由县指定的医院出具（现指定：{named}）；"
        "请监护人到指定医院取得证明，或由县教育局登记指定医院后重新提交证明"
    )


class HospitalStandsSo(LeaveRefusal):
    code = "hospital_stands_so"
    message = "{hospital}{state}；请县教育局核对名称"


class TeachingPlanMissing(LeaveRefusal):
    code = "teaching_plan_missing"
    message = "送教上门须写明每月送教次数（1–31）和每次课时（1–8）；请县教育局补上"


class NoLeaveInForce(LeaveRefusal):
    code = "no_leave_in_force"
    message = "该生现为「{status}」，没有休学、缓学、免学或送教上门，不能{action}；请经办人核对"


class ApplicationChangedMeanwhile(LeaveRefusal):
    """``between``: (title, actor, ISO date) of each fact in between."""

    code = "application_changed_meanwhile"
    message = "您填写期间，该申请已有新情况：{changes}。您填写的内容没有丢失，请核对后再提交"

    def __init__(self, *, between: list[tuple[str, str, str]]) -> None:
        self.between = between
        said = "；".join(f"{day} {actor} {title}" for title, actor, day in between)
        super().__init__(changes=said)
