"""Why a transfer, an ending or a check again is refused: what is wrong, who can put it right."""

from __future__ import annotations

from ckbx.domain.shared.errors import RuleRefusal


class NotTheirsToDecide(RuleRefusal):
    code = "not_theirs_to_decide"
    message = "{action}由{who}办理，请转交办理"


class SameSchool(RuleRefusal):
    code = "transfer_to_same_school"
    message = "该生现在就在学校 {school}，不能转到同一所学校；换班请由学籍管理员更新花名册"


class OtherReceiver(RuleRefusal):
    code = "transfer_other_receiver"
    message = "该生办理转出时写的转入学校是 {wanted}，不能由 {given} 确认；学校有变的请先取消转出，再重新办理"


class DocumentMissing(RuleRefusal):
    code = "transfer_document_missing"
    message = "{action}须写明文号，请由{who}补上"


class BeforeDecision(RuleRefusal):
    code = "before_last_decision"
    message = "{day} 早于该生最近一次办理的日期 {since}；请核对日期，或由经办人更正"


class ReviewTooLate(RuleRefusal):
    code = "review_too_late"
    message = (
        "下次复核日期 {day} 不能用：须在 {first} 到 {last} 之间（每学期复核一次），请由县教育局更正"
    )


class ArrivalKnown(RuleRefusal):
    code = "arrival_known"
    message = "该生这次入学已登记为县外转入，没有再记；再次转入的请先由学校办理入学"


class ArrivalNeedsClass(RuleRefusal):
    code = "arrival_needs_class"
    message = (
        "该生现为「{status}」，不在本县任何班级，登记县外转入须写明转入的班级；"
        "第一次来本县的学生请先由学籍管理员导入花名册"
    )


class FoundAnew(RuleRefusal):
    code = "recheck_of_nobody_missing"
    message = "该生现为「{status}」，没有可复核的失联或外地就读；请核对学生"


class ClassListChanged(RuleRefusal):
    code = "transfer_class_changed"
    message = "办理期间名单有变化，一个也没有办；现在能办的是 {now} 人，请核对现在的名单，再由经办人确认一次"
