"""Why a dropout, or a return from it, cannot be recorded: what is missing, who supplies it."""

from __future__ import annotations

from ckbx.domain.shared.errors import RuleRefusal


class OnlyCountyDecides(RuleRefusal):
    code = "only_county_decides"
    message = "{action}只能由县教育局控辍保学专干办理；请上报县教育局"


class OnlyPrincipalDecides(RuleRefusal):
    code = "only_principal_decides"
    message = "{action}须由校长办理；请报校长"


class UnexplainedTooFew(RuleRefusal):
    code = "unexplained_too_few"
    message = (
        "认定辍学须无故缺勤满 {needed} 个教学日，该生自 {since} 起为 {days} 个；"
        "请学校继续点名上报、劝返，满期后由县教育局认定"
    )


class RoundsTooFew(RuleRefusal):
    code = "rounds_too_few"
    message = (
        "认定辍学须已登记 {needed} 次劝返，现有 {rounds} 次；"
        "请学校、村（社区）或乡镇完成劝返并登记后再认定"
    )


class CauseNotRecorded(RuleRefusal):
    code = "cause_not_recorded"
    message = "认定辍学须先登记辍学原因；请帮扶教师或学校在个案中登记"


class LeaveToCome(RuleRefusal):
    code = "leave_to_come"
    message = "儿童 {child} 已批准的{kind}将于 {day} 开始，不能认定辍学；请县教育局先核对该批件"


class AbsentOnReturnDay(RuleRefusal):
    code = "absent_on_return_day"
    message = "{day} 点名上报该生缺勤，不能登记为当日返校；请校长核对日期，或由班主任更正点名"


class BeforeEpisode(RuleRefusal):
    code = "before_episode"
    message = "返校日期 {day} 早于{what}（{began}）；请校长核对日期"


class PlacementContradicts(RuleRefusal):
    code = "placement_contradicts"
    message = "安置方式“{placement}”与班级不符：{why}；请校长核对班级或安置方式"


class ConsolidationNotOver(RuleRefusal):
    code = "consolidation_not_over"
    message = "巩固期到 {until} 为止，还不能办结；请帮扶教师继续回访，期满后由县教育局办理"


class ConsolidationUndated(RuleRefusal):
    code = "consolidation_undated"
    message = "巩固期截止日要看下一学期的校历，而校历尚未设定；请县教育局先导入下一学期校历"
