"""Which numbers do a county's rules use, in which unit, and where does each come from?

Units: 教学日 school days of the school's calendar; 日 calendar days; 工作日 working days of
public offices; 小时 hours; 月 calendar months. Defaults are those of the design's chapter on
the rule pack; a source that is a law is named by its article, practice found in counties
by its kind. Two rules of that chapter are no numbers and stand where they are used: the
village is told with the early warning, monthly follow-up lasts to the end of the next term.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, get_type_hints

import msgspec

from ckbx.domain.rules.errors import (
    RuleNotOfType,
    RuleOutOfRange,
    RulesContradict,
    RuleUnknown,
)
from ckbx.domain.rules.events import RuleValue

SCHOOL_DAYS, CALENDAR_DAYS, WORKING_DAYS = "教学日", "日", "工作日"
PRACTICE = "各地通行做法"
DECIDED = "本系统默认，可由县调整"


class RuleField(msgspec.Struct, frozen=True):
    """What stands beside a rule on a page: Chinese title, unit, bounds, source."""

    title: str
    unit: str
    low: int
    high: int
    source: str


def _rule(title: str, unit: str, low: int, high: int, source: str = DECIDED) -> RuleField:
    return RuleField(title, unit, low, high, source)


def _clock(title: str, source: str = DECIDED) -> RuleField:
    return RuleField(title, "时:分", 0, 0, source)


_MORNING = "晨检一小时内上报的做法，放宽"
_LAW_REPORT = "未成年人保护法 28"
_WARN_SOURCE = "多地三日报告制度"
_PERSUADE = "三次劝返（校—村—乡镇）的做法"
_NOTICE = "限期送读通知书实例（西盟 12 日）"
_FOLLOW = "复学巩固期的做法，全国无统一时长"
_APPEAL_60 = "行政复议法 20"
_APPEAL_6M = "行政诉讼法 46"


class RulePack(msgspec.Struct, frozen=True, kw_only=True):
    """Every number a rule uses. Build a changed one with :func:`make_rule_pack`."""

    # Roll call
    roll_call_due: Annotated[str, _clock("班级点名截止时刻", _MORNING)] = "10:00"
    contact_within: Annotated[int, _rule("未到校联系监护人", SCHOOL_DAYS, 0, 3, PRACTICE)] = 0
    back_dated_after: Annotated[int, _rule("超过几日算补录", CALENDAR_DAYS, 0, 30)] = 3
    closure_confirm_days: Annotated[int, _rule("县局确认一键停课", SCHOOL_DAYS, 1, 5)] = 2

    # Absence
    visit_run: Annotated[int, _rule("连续无故缺勤几日家访", SCHOOL_DAYS, 1, 5, PRACTICE)] = 2
    visit_run_focus: Annotated[
        int, _rule("重点关注且联系不上，几日家访", SCHOOL_DAYS, 1, 5, PRACTICE)
    ] = 1
    warn_run: Annotated[int, _rule("连续无故缺勤预警", SCHOOL_DAYS, 1, 20, _WARN_SOURCE)] = 3
    warn_count: Annotated[int, _rule("累计无故缺勤预警", SCHOOL_DAYS, 1, 40)] = 5
    warn_window: Annotated[int, _rule("累计缺勤统计窗口", SCHOOL_DAYS, 5, 60)] = 20
    suspect_run: Annotated[
        int, _rule("连续无故缺勤列为疑似辍学", SCHOOL_DAYS, 2, 20, "超过一周即疑似辍学的做法")
    ] = 5
    attending_from: Annotated[int, _rule("疑似期间连续到校几日计入在校", SCHOOL_DAYS, 1, 10)] = 3
    attending_decision: Annotated[int, _rule("到校后校长作出认定", SCHOOL_DAYS, 1, 10)] = 3

    # Long leave
    long_leave_personal: Annotated[int, _rule("连续事假核查", SCHOOL_DAYS, 2, 20)] = 5
    long_leave_excused: Annotated[int, _rule("连续病假或混合请假核查", SCHOOL_DAYS, 2, 40)] = 10
    long_leave_confirm: Annotated[int, _rule("长期请假核实期限", SCHOOL_DAYS, 1, 10)] = 3

    # Verification and determination
    verify_within: Annotated[int, _rule("疑似辍学核实期限", SCHOOL_DAYS, 1, 10)] = 5
    finding_within: Annotated[int, _rule("比对线索核实期限", WORKING_DAYS, 1, 30)] = 10
    report_hours: Annotated[int, _rule("劝返无效后书面报告", "小时", 1, 72, _LAW_REPORT)] = 24
    dropout_days: Annotated[
        int, _rule("认定辍学所需无故缺勤", SCHOOL_DAYS, 5, 60, "省级学籍规定：四周未到校")
    ] = 20
    dropout_rounds: Annotated[int, _rule("认定辍学所需劝返次数", "次", 1, 5, PRACTICE)] = 2
    transfer_step: Annotated[int, _rule("转学每一环节办理期限", WORKING_DAYS, 1, 30)] = 10

    # Persuasion
    persuade_school: Annotated[int, _rule("学校劝返期限", SCHOOL_DAYS, 1, 10, _PERSUADE)] = 3
    persuade_village: Annotated[int, _rule("校村联合劝返期限", SCHOOL_DAYS, 1, 20, _PERSUADE)] = 7
    persuade_township: Annotated[int, _rule("乡镇劝返期限", CALENDAR_DAYS, 1, 60, _PERSUADE)] = 15
    persuade_persons: Annotated[int, _rule("每次劝返最少人数", "人", 1, 5, PRACTICE)] = 2

    # Legal steps
    notice_min: Annotated[int, _rule("责令通知书最短期限", CALENDAR_DAYS, 1, 60, _NOTICE)] = 7
    notice_max: Annotated[int, _rule("责令通知书最长期限", CALENDAR_DAYS, 1, 60, _NOTICE)] = 15
    statement_days: Annotated[
        int, _rule("处罚告知后陈述申辩、要求听证", WORKING_DAYS, 5, 15, "行政处罚法 64、85")
    ] = 5
    public_notice_days: Annotated[
        int, _rule("公告送达期满", CALENDAR_DAYS, 30, 60, "民事诉讼法 95")
    ] = 30
    reminder_days: Annotated[
        int, _rule("催告后等待", WORKING_DAYS, 10, 30, "行政强制法 54、69")
    ] = 10
    review_days: Annotated[int, _rule("申请行政复议期限", CALENDAR_DAYS, 60, 60, _APPEAL_60)] = 60
    lawsuit_months: Annotated[int, _rule("提起行政诉讼期限", "个月", 6, 6, _APPEAL_6M)] = 6
    enforcement_months: Annotated[
        int, _rule("期满后申请强制执行", "个月", 1, 3, "行政强制法 53")
    ] = 3

    # Return and follow-up
    return_days: Annotated[int, _rule("复学认定所需连续到校", SCHOOL_DAYS, 1, 20)] = 3
    follow_daily: Annotated[int, _rule("巩固期每日跟踪", SCHOOL_DAYS, 1, 40, _FOLLOW)] = 10
    follow_weekly_months: Annotated[int, _rule("巩固期每周跟踪至", "个月", 1, 12, _FOLLOW)] = 3
    follow_alarm_days: Annotated[int, _rule("巩固期无故缺勤红色预警", SCHOOL_DAYS, 1, 10)] = 2
    relapse_run: Annotated[int, _rule("巩固期连续无故缺勤为复辍", SCHOOL_DAYS, 1, 20)] = 3
    relapse_count: Annotated[int, _rule("巩固期累计无故缺勤为复辍", SCHOOL_DAYS, 1, 40)] = 5

    # Leave, opening, reports
    leave_warn: Annotated[
        tuple[int, ...], _rule("免缓休到期提醒（到期日前为负）", CALENDAR_DAYS, -365, 60)
    ] = (-30, -10, 0, 5)
    opening_before: Annotated[
        tuple[int, ...], _rule("开学前检查（开学日前）", CALENDAR_DAYS, 1, 60)
    ] = (14, 7)
    opening_days: Annotated[
        tuple[int, ...],
        _rule("开学后检查（第几个教学日）", SCHOOL_DAYS, 1, 20, "开学一周内逐一核实"),
    ] = (1, 3, 5, 7)
    opening_suspect_day: Annotated[int, _rule("未报到列为疑似辍学", SCHOOL_DAYS, 1, 20)] = 5
    opening_silent_at: Annotated[str, _clock("开学第一天未报班级提醒时刻")] = "12:00"
    opening_close_at: Annotated[str, _clock("开学检查日截止时刻")] = "18:00"
    school_report_day: Annotated[int, _rule("学校月报日", "号", 1, 28, "各县月报制度")] = 28
    county_report_day: Annotated[int, _rule("县汇总日（次月）", "号", 1, 28, "各县月报制度")] = 5
    recheck_percent: Annotated[
        int, _rule("县季度复核销号比例", "%", 10, 100, "教基厅函〔2024〕15号：县季复核")
    ] = 10

    # Ladder: who is told when nobody has seen an alert, or done what it asks for
    silent_rise_at: Annotated[str, _clock("未报点名报年级组长、校长的时刻", PRACTICE)] = "14:00"
    rise_at: Annotated[str, _clock("未签收的预警报上一级的时刻")] = "16:00"
    ack_red_hours: Annotated[int, _rule("红色预警签收期限", "小时", 1, 72)] = 4
    ack_days: Annotated[int, _rule("其他预警签收期限", WORKING_DAYS, 1, 10)] = 2
    act_within: Annotated[int, _rule("没有自己期限的待办办理期限", WORKING_DAYS, 1, 30)] = 5

    backup_days: Annotated[int, _rule("最长几日备份一次", CALENDAR_DAYS, 1, 90, "本系统默认")] = 7

    message_fresh_days: Annotated[int, _rule("逾期几日以上不再推送", SCHOOL_DAYS, 1, 20)] = 3

    # Messages
    morning_digest: Annotated[str, _clock("早间汇总消息时刻")] = "07:30"
    evening_digest: Annotated[str, _clock("晚间汇总消息时刻")] = "17:30"
    urgent_fold_minutes: Annotated[int, _rule("紧急消息合并时间", "分钟", 1, 60)] = 10
    quiet_from: Annotated[str, _clock("消息静默开始时刻", PRACTICE)] = "21:00"
    quiet_to: Annotated[str, _clock("消息静默结束时刻", PRACTICE)] = "07:00"


def _read_fields() -> dict[str, RuleField]:
    hints = get_type_hints(RulePack, include_extras=True)
    return {name: hints[name].__metadata__[0] for name in RulePack.__struct_fields__}


RULE_FIELDS: dict[str, RuleField] = _read_fields()
"""What people see of every field, in order."""

DEFAULT_RULES = RulePack()

_NOT_LESS = "不小于"
_ORDER = (  # the first may not be smaller than the second
    ("suspect_run", "warn_run"),
    ("warn_window", "warn_count"),
    ("warn_window", "relapse_count"),
    ("dropout_days", "suspect_run"),
    ("long_leave_excused", "long_leave_personal"),
    ("persuade_village", "persuade_school"),
    ("notice_max", "notice_min"),
    ("evening_digest", "morning_digest"),
)


def make_rule_pack(changes: Mapping[str, Any], base: RulePack = DEFAULT_RULES) -> RulePack:
    """``base`` with changed rules, checked.

    Raises RuleUnknown, RuleNotOfType, RuleOutOfRange, RulesContradict.
    """
    for name in changes:
        if name not in RULE_FIELDS:
            raise RuleUnknown(name=name)
        _check_value(name, changes[name], getattr(DEFAULT_RULES, name))
    given = {k: tuple(v) if isinstance(v, list) else v for k, v in changes.items()}
    pack = msgspec.structs.replace(base, **given)
    for first, second in _ORDER:
        if getattr(pack, first) < getattr(pack, second):
            raise RulesContradict(
                first=RULE_FIELDS[first].title,
                second=RULE_FIELDS[second].title,
                relation=_NOT_LESS,
            )
    return pack


def _check_value(name: str, value: object, default: object) -> None:
    field = RULE_FIELDS[name]
    ids = {"name": name, "title": field.title, "value": value}
    if isinstance(default, str):
        if not _is_clock_time(value):
            raise RuleNotOfType(**ids, expected="24 小时制时刻，如 10:00")
        return
    several = isinstance(default, tuple)
    numbers = value if several else [value]
    if not isinstance(numbers, list | tuple) or not all(type(n) is int for n in numbers):
        raise RuleNotOfType(**ids, expected="整数列表" if several else "整数")
    if any(not field.low <= number <= field.high for number in numbers):
        raise RuleOutOfRange(**ids, low=field.low, high=field.high, unit=field.unit)


def _is_clock_time(value: object) -> bool:
    if not isinstance(value, str) or len(value) != 5 or value[2] != ":":
        return False
    hour, minute = value[:2], value[3:]
    digits = (hour + minute).isascii() and (hour + minute).isdigit()
    return digits and int(hour) < 24 and int(minute) < 60


def rules_as_map(pack: RulePack) -> dict[str, RuleValue]:
    """Every rule by name, the form in which an event keeps it."""
    values: dict[str, Any] = msgspec.structs.asdict(pack)
    return {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}


def rules_from_map(rules: Mapping[str, RuleValue]) -> RulePack:
    """The pack an event holds, unchecked: what was adopted stays readable.

    A rule added since takes its default; one that is no longer known is left out.
    """
    known = {name: value for name, value in rules.items() if name in RULE_FIELDS}
    return msgspec.convert(known, RulePack)
