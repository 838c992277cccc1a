"""Why something is refused for a child: what is missing and who can supply it."""

from __future__ import annotations

from ckbx.domain.shared.errors import RuleRefusal


class TransitionRefused(RuleRefusal):
    code = "transition_refused"
    message = "儿童 {child} 现为「{status}」，不能{action}；{instead}"


class AlreadyRegistered(RuleRefusal):
    code = "already_registered"
    message = "儿童 {child} 已登记"


class BeforeEnrolment(RuleRefusal):
    code = "before_enrolment"
    message = "儿童 {child}：{day} 早于入学日期 {began}，请核对日期，或由学籍管理员更正入学日期"


class InTheFuture(RuleRefusal):
    code = "in_the_future"
    message = "{day} 还没有到（今天是 {today}），只能登记已发生的事；以后生效的请填生效日期"


class NotInAClass(RuleRefusal):
    code = "not_in_a_class"
    message = "这名学生 {day} 不在任何班的名册上，不能报到；请核对日期，或先由学籍管理员导入花名册"


class CheckInDuringLeave(RuleRefusal):
    code = "check_in_during_leave"
    message = (
        "这名学生 {day} 在休学、缓学或免学期内，或期满还没有复学，不能只登记报到；"
        "请由学校办理复学，或在点名表里给这名学生写一行“到校”"
    )


class LeaveNeedsEnd(RuleRefusal):
    code = "leave_needs_end"
    message = "{kind}必须有截止日期或复核日期，且不早于开始日期；请由审批机关（乡镇或县教育局）补上"


class SchoolCannotDecideLeave(RuleRefusal):
    code = "school_cannot_decide_leave"
    message = "{kind}须由乡镇人民政府或县教育局批准（义务教育法第十一条），学校不能自行决定；请上报"


class CommitteeOpinionMissing(RuleRefusal):
    code = "committee_opinion_missing"
    message = "{kind}须有县残疾人教育专家委员会的评估意见，请由县教育局补上后再办"


class HospitalPaperMissing(RuleRefusal):
    code = "hospital_paper_missing"
    message = "{kind}须有医院证明（免学须由县指定的医院出具），请监护人提供后由{who}登记"


class LegalBasisMissing(RuleRefusal):
    code = "legal_basis_missing"
    message = (
        "本县没有免学的法律依据（尚未登记，或已经撤销；义务教育法第十一条只规定缓学和休学），"
        "请县教育局先登记依据"
    )


class PunishmentForbidden(RuleRefusal):
    code = "punishment_forbidden"
    message = (
        "义务教育阶段不得开除、劝退、责令退学或长期停课"
        "（义务教育法第二十七条、未成年人保护法第二十八条）；"
        "请改用教育惩戒措施，或由学校报县教育局商转专门学校"
    )


class FitToStudyPaperMissing(RuleRefusal):
    code = "fit_to_study_paper_missing"
    message = "因病休学的复学须有医院的康复证明，请监护人提供后由学校上传"


class NoOpenSuspicion(RuleRefusal):
    code = "no_open_suspicion"
    message = "儿童 {child} 没有未了结的疑似辍学，无需排除"


class FindingNotForPrincipal(RuleRefusal):
    code = "finding_not_for_principal"
    message = "结论 {finding}（{label}）须由县教育局认定，校长只能认定 A、B、C；请上报县教育局"


class FindingIsDropout(RuleRefusal):
    code = "finding_is_dropout"
    message = "结论 K（真辍学）不是排除：请由县教育局按个案流程认定辍学"


class FindingNeedsDecision(RuleRefusal):
    code = "finding_needs_decision"
    message = "结论 {finding}（{label}）不能单独排除疑似：请{decision}，登记后这条疑似自动了结"


class ReviewDayMissing(RuleRefusal):
    code = "review_day_missing"
    message = "{action}须写明下次核查日期（每学期复核一次），请由县教育局补上"


class EvidenceMissing(RuleRefusal):
    code = "evidence_missing"
    message = "{action}须附{what}，请由{who}上传后再办"


class AlreadySuspected(RuleRefusal):
    code = "already_suspected"
    message = "儿童 {child} 已在疑似辍学台账中（自 {since}）"
