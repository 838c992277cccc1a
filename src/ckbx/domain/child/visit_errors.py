"""Why is a visit before there is a case not recorded: what is wrong, who can help?"""

from __future__ import annotations

from ckbx.domain.shared.errors import RuleRefusal


class NoAbsenceToVisit(RuleRefusal):
    code = "no_absence_to_visit"
    message = (
        "该生在 {day} 以前没有尚未到校的无故或未核缺勤，不能登记缺勤家访；"
        "请核对家访日期，或由班主任先上报、更正点名"
    )


class VisitBelongsToCase(RuleRefusal):
    code = "visit_belongs_to_case"
    message = "该生 {since} 已列入疑似辍学，{day} 的家访请在个案里登记（登记劝返或联系监护人）"


class HomeVisitUnknown(RuleRefusal):
    code = "home_visit_unknown"
    message = "该生没有 {day} 的缺勤家访登记，或已经撤销；请班主任核对家访日期"


class WithdrawalUnexplained(RuleRefusal):
    code = "home_visit_withdrawal_unexplained"
    message = "撤销家访登记须写明理由，请登记人补上"
