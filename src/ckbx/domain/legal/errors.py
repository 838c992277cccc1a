"""Why a legal step is refused: what is missing and who can supply it."""

from __future__ import annotations

from ckbx.domain.shared.errors import RuleRefusal


class LegalRefusal(RuleRefusal):
    """Root of everything the four steps refuse (exit code 5)."""

    code = "legal_refusal"
    message = "依法控辍步骤不能办理"


class NotThisRole(LegalRefusal):
    code = "legal_not_this_role"
    message = "{action}不由「{role}」办理；请{who}办理"


class NotThisTownship(LegalRefusal):
    code = "legal_not_this_township"
    message = (
        "孩子的居住地、户籍在乡镇 {township}，{account} 不在这里任职；请该乡镇的 {holders} 办理，"
        "或由县教育局办理"
    )


class IssuerElsewhere(LegalRefusal):
    code = "legal_issuer_elsewhere"
    message = "{paper}由 {issuer} 出具，孩子的居住地、户籍在 {homes}；请经办人核对出具机关代码"


class LegalDayInFuture(LegalRefusal):
    code = "legal_day_in_future"
    message = "{day} 还没有到（今天是 {today}）；文书、送达和结果只能登记已发生的，请核对日期"


class LegalDateOrder(LegalRefusal):
    code = "legal_date_order"
    message = "{what}的日期 {day} 早于{before}的日期 {earlier}，请经办人对照文书核对"


class DocumentNumberMissing(LegalRefusal):
    code = "legal_document_number_missing"
    message = "{paper}须有文书编号，请出具机关编号后再登记"


class DocumentNumberUsed(LegalRefusal):
    code = "legal_document_number_used"
    message = "文书编号 {document} 在本个案中已用于{paper}，请出具机关核对编号"


class ReferenceMissing(LegalRefusal):
    code = "legal_reference_missing"
    message = "{action}须附{what}，请{who}上传后再登记"


class PersonalTextRefused(LegalRefusal):
    code = "legal_personal_text_refused"
    message = "{field}只能填编号或代码，姓名和手写文字请由经办人录入个人信息库后引用编号"


class IssuerCodeWrong(LegalRefusal):
    code = "legal_issuer_code_wrong"
    message = "出具机关代码 {shown} 不对：{body}应为 {digits} 位数字，请经办人核对"


class DeadlineMissing(LegalRefusal):
    code = "legal_deadline_missing"
    message = "{paper}须写明期限（某日前，或送达后几日内，二者择一），请出具机关补上"


class DeadlineNotAllowed(LegalRefusal):
    code = "legal_deadline_not_allowed"
    message = "{paper}不自定期限（由法律规定或无期限），请经办人去掉期限"


class DeadlineOutOfBounds(LegalRefusal):
    code = "legal_deadline_out_of_bounds"
    message = "{paper}的期限应在 {low}–{high} 日之间，现为 {days} 日；请出具机关重定期限"


class AmountMissing(LegalRefusal):
    code = "legal_amount_missing"
    message = "{paper}须写明罚款金额（元），请出具机关补上"


class AmountNotAllowed(LegalRefusal):
    code = "legal_amount_not_allowed"
    message = "{paper}不写罚款金额，请经办人去掉"


class FineHeavier(LegalRefusal):
    code = "legal_fine_heavier"
    message = (
        "决定罚款 {amount} 元高于告知的 {told} 元：不得因陈述申辩加重（行政处罚法第四十五条）；"
        "请出具机关改正金额，或重新告知"
    )


class BasisNotRecorded(LegalRefusal):
    code = "legal_basis_not_recorded"
    message = "本县没有登记{title}的法律依据，或已经撤销，没有要撤销的；请县教育局核对事项"


class FineBasisMissing(LegalRefusal):
    code = "legal_fine_basis_missing"
    message = (
        "本县没有行政处罚的法律依据（尚未登记，或已经撤销；义务教育法第五十八条的责令限期改正不是行政处罚）；"
        "请县教育局先登记依据文号，或批准跳过行政处罚、改走诉讼"
    )


class StepMissing(LegalRefusal):
    code = "legal_step_missing"
    message = "第 {step} 步「{title}」还没有办（缺{paper}），请{who}先办，或由县教育局批准跳过"


class PaperNotServed(LegalRefusal):
    code = "legal_paper_not_served"
    message = "{paper}（{document}）还没有送达回证，请{who}先送达并登记"


class DeadlineNotPassed(LegalRefusal):
    code = "legal_deadline_not_passed"
    message = "{paper}要到 {opens} 才能办：{because}；请到期后再办"


class WindowClosed(LegalRefusal):
    code = "legal_window_closed"
    message = "{paper}应在 {closed} 以前提出，已过期限（行政强制法第五十三条）；请县教育局会商法院"


class AlreadyComplied(LegalRefusal):
    code = "legal_already_complied"
    message = "监护人已于 {since} 履行，不能再办{paper}；孩子又离校的，请先由学校登记"


class OrderMissing(LegalRefusal):
    code = "legal_order_missing"
    message = (
        "行政处罚以责令改正逾期不改为前提，第 2 步跳过的不能处罚；请乡镇或县教育局先下达责令通知书"
    )


class FineNoticeMissing(LegalRefusal):
    code = "legal_fine_notice_missing"
    message = "作出处罚决定前须先送达行政处罚事先告知书（行政处罚法第四十四条），请{who}先告知"


class HearingPending(LegalRefusal):
    code = "legal_hearing_pending"
    message = "监护人已要求听证，听证尚未举行；请{who}先举行听证并登记笔录"


class DecisionMissing(LegalRefusal):
    code = "legal_decision_missing"
    message = "没有已送达的行政处罚决定书，不能办{paper}；请乡镇或县教育局先作出决定，或改走诉讼"


class DecisionRevoked(LegalRefusal):
    code = "legal_decision_revoked"
    message = "处罚决定已在复议或诉讼中被撤销，不能办{paper}；请乡镇或县教育局重新处理或改走诉讼"


class AppealPending(LegalRefusal):
    code = "legal_appeal_pending"
    message = "监护人已提出{kind}，结果出来以前不能办{paper}；请{who}登记结果"


class ReminderMissing(LegalRefusal):
    code = "legal_reminder_missing"
    message = "申请强制执行前须先送达催告书（行政强制法第五十四条），请{who}先催告"


class OtherWayOpen(LegalRefusal):
    code = "legal_other_way_open"
    message = "已经{way}，尚无结果，不能同时办{paper}；请等法院结果，或先撤回"


class NotFiled(LegalRefusal):
    code = "legal_not_filed"
    message = "还没有{filing}，法院不会出具{paper}；请经办人核对文书，或先登记{filing}"


class PaperStands(LegalRefusal):
    code = "legal_paper_stands"
    message = "{paper}（{document}）仍然有效，不能再出一份；有误的请先由{who}撤销"


class StepPassed(LegalRefusal):
    code = "legal_step_passed"
    message = "已办到第 {step} 步，不能再出{paper}；有误的请先由出具机关撤销后面的文书"


class GroundGone(LegalRefusal):
    code = "legal_ground_gone"
    message = "{paper}（{document}）的前提已变：{why}；请{who}先撤销这份文书，或更正送达"


class PledgeIsAnAnswer(LegalRefusal):
    code = "legal_pledge_is_an_answer"
    message = "承诺书由监护人出具：请经办人在它答复的文书下登记「监护人承诺」"


class PaperUnknown(LegalRefusal):
    code = "legal_paper_unknown"
    message = "本个案没有第 {paper} 号文书，或它已撤销；请经办人刷新后核对"


class WrongPaper(LegalRefusal):
    code = "legal_wrong_paper"
    message = "{paper}不能{action}；请经办人核对所选文书"


class AlreadyServed(LegalRefusal):
    code = "legal_already_served"
    message = "{paper}已于 {served} 送达，送达后不得改动；送达登记有误的，请由经办人更正并说明原因"


class NotServedYet(LegalRefusal):
    code = "legal_not_served_yet"
    message = "{paper}还没有送达，不能{action}；请{who}先登记送达"


class ServedTooLate(LegalRefusal):
    code = "legal_served_too_late"
    message = "{paper}送达时距期限 {deadline} 只剩 {days} 日，不足 {low} 日；请{who}重定期限另发"


class ServersMissing(LegalRefusal):
    code = "legal_servers_missing"
    message = "{mode}须有{needed}，请{who}补登送达人、见证人"


class RecipientWrong(LegalRefusal):
    code = "legal_recipient_wrong"
    message = "{mode}须写明收件人与孩子的关系（{allowed}），请送达人补上"


class RefusalNotNoted(LegalRefusal):
    code = "legal_refusal_not_noted"
    message = "留置送达须记明拒收情况，请送达人在送达回证上注明后登记"


class RefusedMeansLeft(LegalRefusal):
    code = "legal_refused_means_left"
    message = "拒收的不是{mode}，请送达人按留置送达登记"


class ReceiptMissing(LegalRefusal):
    code = "legal_receipt_missing"
    message = "邮寄送达以回执上的收件日期为准，请送达人登记邮件号和收件日期"


class PublicNoticeTooEarly(LegalRefusal):
    code = "legal_public_notice_too_early"
    message = "只有其他方式无法送达的才能公告，请送达人先登记至少一次送达未成"


class PublicNoticeNeedsDays(LegalRefusal):
    code = "legal_public_notice_needs_days"
    message = "公告送达的{paper}期限须写成「送达后几日内」，请{who}另发文书"


class PromiseTooFar(LegalRefusal):
    code = "legal_promise_too_far"
    message = "承诺日期 {promised} 超出期限后 {days} 日，不予延后；请经办人与监护人另定日期"


class PromiseStands(LegalRefusal):
    code = "legal_promise_stands"
    message = "这份文书已有一次承诺（{promised}），期限只延后一次；请按期限办下一步"


class NotComplied(LegalRefusal):
    code = "legal_not_complied"
    message = "没有登记过监护人履行，无需登记再次离校；请经办人核对"


class AppealTooLate(LegalRefusal):
    code = "legal_appeal_too_late"
    message = "{kind}期限至 {until}，{day} 已过；逾期被受理的，请县教育局附受理文书说明"


class NoAppeal(LegalRefusal):
    code = "legal_no_appeal"
    message = "没有未了结的复议或诉讼，请经办人核对"


class NoHearingAsked(LegalRefusal):
    code = "legal_no_hearing_asked"
    message = "监护人没有要求听证，请经办人先登记听证申请，或核对所选文书"


class StatementClosed(LegalRefusal):
    code = "legal_statement_closed"
    message = "处罚决定已作出，不能再登记对告知书的陈述申辩；有误的请先由出具机关撤销决定"


class SkipReasonWrong(LegalRefusal):
    code = "legal_skip_reason_wrong"
    message = "第 {step} 步不能以「{reason}」为由跳过；可用的理由：{allowed}。请县教育局改选"


class SkipNotNeeded(LegalRefusal):
    code = "legal_skip_not_needed"
    message = "第 {step} 步「{title}」已经办了或已批准跳过，无需再跳过；请经办人办下一步"


class LegalStepsChanged(LegalRefusal):
    """Somebody else acted in between. ``between``: (title, actor, ISO date) of each act."""

    code = "legal_steps_changed"
    message = "您填写期间，依法控辍步骤已有新情况：{changes}。您填写的内容没有丢失，请核对后再提交"

    def __init__(self, *, case: object, between: list[tuple[str, str, str]]) -> None:
        self.between = between
        said = "；".join(f"{day} {actor} {title}" for title, actor, day in between)
        super().__init__(case=case, changes=said)


class LegalMatterUnknown(LegalRefusal):
    code = "legal_matter_unknown"
    message = "依据事项 {matter} 不认识；请县教育局选「行政处罚」或「免学」"
