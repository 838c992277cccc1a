"""Why a report is not signed: what is missing, and who can do what about it."""

from __future__ import annotations

from ckbx.domain.shared.errors import InputRefused, RuleRefusal


class MonthUnreadable(InputRefused):
    code = "month_unreadable"
    message = "月份“{text}”不能用：请写成 2026-11 这样"


class ReportRoleRefused(RuleRefusal):
    code = "report_role_refused"
    message = "{what}由{who}签字，请转交签字"


class ReportTooEarly(RuleRefusal):
    code = "report_too_early"
    message = "{month} 的学校月报自 {opens} 起可以签字；在此之前请用 ckbx report show 查看"


class MonthNotOver(RuleRefusal):
    code = "month_not_over"
    message = "{month} 还没有结束，县汇总自 {opens} 起可以签字；请到时由县教育局控辍保学专干办理"


class ReportDayOutside(RuleRefusal):
    code = "report_day_outside"
    message = "截至日 {as_of} 不能用：应在 {first} 至 {last} 之间，且不晚于今天；请签字人改正"


class ReportUnchanged(RuleRefusal):
    """``actor`` signed that version on ``day``."""

    code = "report_unchanged"
    message = (
        "{month} 第 {number} 版（{day} {actor} 签）的数字与现在完全相同，没有再签；要重签须先有更正"
    )


class ReportOvertaken(RuleRefusal):
    """``actor`` signed that version on ``day``."""

    code = "report_overtaken"
    message = (
        "{month} 第 {number} 版（{day} {actor} 签）是按更新的记录签的，您看到的数字已过时，"
        "没有签；请重新查看后再签"
    )


class ReportWhileImporting(RuleRefusal):
    code = "report_while_importing"
    message = "正在导入（{batches}），数字不完整，不能签字；请等导入完成，或由导入人重新运行该导入"


class ReportOfNobody(RuleRefusal):
    code = "report_of_nobody"
    message = "学校 {school} 在 {as_of} 没有班级，也没有应入学儿童，没有可报的数字；请核对学校标识码和月份"


class NoSchoolSigned(RuleRefusal):
    code = "no_school_signed"
    message = "{month} 还没有一所学校签过月报，县汇总无数可汇；请先由各校校长签字"


class ReportVersionUnknown(InputRefused):
    code = "report_version_unknown"
    message = "{month} 没有第 {number} 版（现有 {count} 版）；请用 ckbx report list 查看"
