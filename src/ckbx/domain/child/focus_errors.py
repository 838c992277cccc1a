"""Why is the focus list, or a call to a guardian, not recorded: what is wrong, who can help?"""

from __future__ import annotations

from ckbx.domain.shared.errors import RuleRefusal


class FocusNotTheirs(RuleRefusal):
    code = "focus_not_theirs"
    message = "{action}由{who}办理，请转交办理"


class OnFocusListAlready(RuleRefusal):
    code = "on_focus_list_already"
    message = "该生自 {since} 起已在重点关注名单；原因有变的，请先移出再列入"


class NotOnFocusList(RuleRefusal):
    code = "not_on_focus_list"
    message = "该生 {day} 不在重点关注名单，不能移出；请核对学生和日期"


class FocusDaysCross(RuleRefusal):
    code = "focus_days_cross"
    message = "{day} 早于该生上次列入或移出重点关注的日期 {since}；请核对日期"


class NotAwayThatDay(RuleRefusal):
    code = "not_away_that_day"
    message = (
        "点名没有该生 {day} 无故或未核的缺勤，不能登记联系结果；"
        "请核对日期，或由班主任先上报、更正点名"
    )
