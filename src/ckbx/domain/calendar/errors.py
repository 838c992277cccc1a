"""Why can the calendar not answer, or not accept a line?

``CalendarRefusal``: a question about days that has no answer yet (exit code 5).
``LineRefused``: a row of a calendar file that cannot be accepted (exit code 3).
"""

from __future__ import annotations

from ckbx.domain.shared.errors import InputRefused, RuleRefusal


class CalendarRefusal(RuleRefusal):
    """Root of everything the calendar refuses to compute."""

    code = "calendar_refusal"
    message = "校历无法给出结果"


class CalendarYearUnknown(CalendarRefusal):
    """Days of a year whose holidays nobody has made known lie in the way. ids: year."""

    code = "calendar_year_unknown"
    message = (
        "{year} 年的放假调休安排尚未核定，不能推算教学日。"
        "请县教育局在校历中导入该年的放假、补课日和一行“已核定”"
    )


class NotASchoolDay(CalendarRefusal):
    """The day has no lessons, or it is not known whether it has. ids: day, kind (Chinese)."""

    code = "not_a_school_day"
    message = "{day} 不是教学日（{kind}）。请核对日期；当天确实上课的，请先在校历中登记“补课”"


class OutsideTerm(CalendarRefusal):
    """The day lies in no term. ids: day."""

    code = "outside_term"
    message = "{day} 不在任何学期之内。请核对日期，或先导入该学期的校历"


class TermNotSet(OutsideTerm):
    """Counting school days from a day runs beyond the terms imported so far. ids: day."""

    code = "term_not_set"
    message = "从 {day} 推算教学日时遇到尚未设定的学期。请先导入前后学期的校历"


class ClosureNotToday(CalendarRefusal):
    """One-tap closures are for today only; they cannot be dated back. ids: day, today."""

    code = "closure_not_today"
    message = "一键停课只能报告当天（{today}），不能报告 {day}。其他日期请由县教育局登记校历"


class ClosureNotReported(CalendarRefusal):
    """There is no reported closure to confirm or reject. ids: school, day."""

    code = "closure_not_reported"
    message = "学校 {school} 没有报告过 {day} 停课，无从确认或驳回。请核对学校和日期"


class ClosureAlreadyRejected(CalendarRefusal):
    """The county has refused this closure. ids: school, day."""

    code = "closure_already_rejected"
    message = "学校 {school} 报告的 {day} 停课已被县局驳回，请照常点名，或与县教育局联系"


class LineRefused(InputRefused):
    """Root of everything wrong with one line of a calendar file."""

    code = "calendar_line_refused"
    message = "校历的这一行不能接受"


class LineEmpty(LineRefused):
    code = "calendar_line_empty"
    message = "这一行既没有学期起止，也没有日期和类型。请补全或删去这一行"


class LineIncomplete(LineRefused):
    """ids: missing (the Chinese heading)."""

    code = "calendar_line_incomplete"
    message = "这一行缺少“{missing}”。请补全后重新导入"


class UnknownWord(LineRefused):
    """A word that the column does not know. ids: column, value, known."""

    code = "calendar_unknown_word"
    message = "“{column}”不能是“{value}”，可以写：{known}"


class TermEndsBeforeStart(LineRefused):
    """ids: first_day, last_day."""

    code = "term_ends_before_start"
    message = "学期结束日 {last_day} 早于开始日 {first_day}。请核对“开始”和“结束”"


class TermOutsideSchoolYear(LineRefused):
    """ids: title, first_day, last_day."""

    code = "term_outside_school_year"
    message = "{first_day} 至 {last_day} 不像{title}的起止。请核对“学年”“学期”和日期"


class TermOverlaps(LineRefused):
    """ids: title, other, first_day, last_day (of the other term)."""

    code = "term_overlaps"
    message = "{title}与{other}（{first_day} 至 {last_day}）重叠或先后颠倒。请核对起止日期"


class DayOutsideSchoolYear(LineRefused):
    """ids: day, school_year (as written)."""

    code = "day_outside_school_year"
    message = "{day} 不属于 {school_year} 学年。请核对“学年”和“日期”"


class YearConfirmedByCountyOnly(LineRefused):
    """ids: school."""

    code = "year_confirmed_by_county_only"
    message = "“已核定”只能由县一级登记，不能写学校 {school}。请把“适用”改为县代码"


class YearNotNamed(LineRefused):
    code = "calendar_year_not_named"
    message = "看不出“已核定”的是哪一年。请在“日期”中写该年的任意一天"
