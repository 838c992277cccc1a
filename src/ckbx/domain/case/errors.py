"""Why a step on a case is refused: what is missing, and who supplies it."""

from __future__ import annotations

from ckbx.domain.shared.errors import RuleRefusal


class CaseUnknown(RuleRefusal):
    code = "case_unknown"
    message = "没有编号为 {case} 的个案；请从疑似辍学台账或个案台账进入"


class CaseChangedMeanwhile(RuleRefusal):
    """ids: case, changes (Chinese list). ``between``: (title, actor, ISO date) of each."""

    code = "case_changed_meanwhile"
    message = "您填写期间，该个案已有新情况：{changes}。您填写的内容没有丢失，请核对后再提交"

    def __init__(self, *, case: object, between: list[tuple[str, str, str]]) -> None:
        self.between = between
        said = "；".join(f"{day} {actor} {title}" for title, actor, day in between)
        super().__init__(case=case, changes=said)


class StageRefuses(RuleRefusal):
    code = "stage_refuses"
    message = "个案现为“{stage}”，不能{action}；{instead}"


class RoleRefused(RuleRefusal):
    code = "role_refused"
    message = "{action}由{who}办理，请转交办理"


class CaseDayRefused(RuleRefusal):
    code = "case_day_refused"
    message = "日期 {day} {why}；请核对日期后再提交"


class TooFewPersons(RuleRefusal):
    code = "too_few_persons"
    message = "每次劝返至少 {needed} 人参加，现登记 {given} 人；请补上参加人员"


class ParticipantUnnamed(RuleRefusal):
    code = "participant_unnamed"
    message = "每名参加人员须有账号或姓名；请劝返登记人补上"


class TierIncomplete(RuleRefusal):
    code = "tier_incomplete"
    message = "{tier}劝返须有{who}参加；请补上参加人员，或改选劝返层级"


class NobodySaidMet(RuleRefusal):
    code = "nobody_said_met"
    message = "须写明见到了谁（没有见到人的选“未见到人”）；请登记人补上"


class MetContradicts(RuleRefusal):
    code = "met_contradicts"
    message = "“{met}”与结果“{outcome}”不符；请登记人核对"


class PromiseUndated(RuleRefusal):
    code = "promise_undated"
    message = "承诺返校须写明承诺日期，且不早于 {day}；请登记人补上"


class HourUnreadable(RuleRefusal):
    code = "hour_unreadable"
    message = "时刻“{hour}”应为 24 小时制，如 15:30；请登记人更正"


class RoundRepeated(RuleRefusal):
    code = "round_repeated"
    message = "{day} {hour} 的劝返已登记为第 {number} 次，没有再记"


class NoFailedRound(RuleRefusal):
    code = "no_failed_round"
    message = "书面报告在学校劝返无效之后提交，现在没有这样的劝返记录；请学校先登记劝返"


class DocumentMissing(RuleRefusal):
    code = "document_missing"
    message = "{action}须写明文号；请{who}补上"


class WordsMissing(RuleRefusal):
    code = "words_missing"
    message = "{action}须写明{what}；请{who}补上"


class EvidenceMissing(RuleRefusal):
    code = "case_evidence_missing"
    message = "{action}须附{what}；请{who}补上后再办"


class CauseUnknown(RuleRefusal):
    code = "cause_unknown"
    message = "没有代码为“{given}”的辍学原因；请从原因代码表中选择"


class FindingContradicts(RuleRefusal):
    code = "finding_contradicts"
    message = (
        "本案登记的核查结论是 {found}，不能按 {given} 排除；"
        "情况有变的请学校、村（社区）或乡镇先重新核查并登记"
    )


class NotFoundDroppedOut(RuleRefusal):
    code = "not_found_dropped_out"
    message = (
        "认定辍学前须有核查结论 K（真辍学），现为{finding}；请学校、村（社区）或乡镇先核查并登记"
    )


class ReturnNotYetAttended(RuleRefusal):
    code = "return_not_yet_attended"
    message = (
        "返校确认须点名连续到校 {needed} 个教学日，自 {since} 起现为 {days} 个；"
        "请班主任照实点名，满后再由校长确认"
    )


class FollowUpsMissing(RuleRefusal):
    code = "follow_ups_missing"
    message = "巩固期有 {count} 次回访未做（应于 {days} 前）；请帮扶教师今后按期回访；办结前由县教育局写明缺访缘由"


class FollowUpOpen(RuleRefusal):
    code = "follow_up_open"
    message = "巩固期内还没有人回访过；请帮扶教师先回访并登记，再由县教育局办结"


class WrongEvidence(RuleRefusal):
    code = "wrong_evidence"
    message = "该个案以“{how}”了结，销号依据应为{wanted}，不能是“{given}”；请县教育局更正"


class NotGoneYet(RuleRefusal):
    code = "not_gone_yet"
    message = "该生现为“{status}”，尚未由对方确认，不能销号；请{who}先办理{what}"


class LetterUnknown(RuleRefusal):
    code = "letter_unknown"
    message = "没有第 {number} 号发函；请核对函号"


class LetterAlreadyAnswered(RuleRefusal):
    code = "letter_already_answered"
    message = "第 {number} 号函已于 {day} 收到复函"


class FilesMissing(RuleRefusal):
    code = "case_files_missing"
    message = "补充附件须附文件（JPG、PNG、PDF 或 DOCX）；请登记人选好文件后再提交"


class FactUnknown(RuleRefusal):
    code = "case_fact_unknown"
    message = "个案没有序号为 {number} 的经过（现有 1 至 {last}）；请核对序号"


class TeacherAlready(RuleRefusal):
    code = "teacher_already"
    message = "{account} 已是该生的帮扶教师，无需再次确定"


class NoTeacher(RuleRefusal):
    code = "no_teacher"
    message = "该个案还没有帮扶教师；请校长先确定"
