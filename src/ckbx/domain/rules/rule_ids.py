"""What is each rule called, in alerts and on pages?

An id is a name, never a number: ``absence_run_3`` keeps its name where a county adopts four
days. Which number held stands in the rule version beside it.
"""

from __future__ import annotations

import msgspec

BLUE, YELLOW, ORANGE, RED = "蓝", "黄", "橙", "红"


class RuleTitle(msgspec.Struct, frozen=True):
    """``kind``: of the alert or duty it raises; ``level``: of its first alert."""

    id: str
    title: str
    kind: str
    level: str


_TABLE = (
    # id, title, kind, level
    ("absence_run_3", "连续无故缺勤达到预警天数", "absence_warning", YELLOW),
    ("absence_5_in_20", "近期累计无故缺勤达到预警天数", "absence_warning", YELLOW),
    ("absence_run_5", "连续无故缺勤列为疑似辍学", "dropout_suspected", ORANGE),
    ("opening_day_5", "开学未报到列为疑似辍学", "dropout_suspected", ORANGE),
    ("register_finding", "登记册比对发现疑似", "dropout_suspected", ORANGE),
    ("person", "人工登记疑似", "dropout_suspected", ORANGE),
    ("long_leave_5", "连续事假需核查", "long_leave_check", YELLOW),
    ("long_leave_10", "连续病假或混合请假需核查", "long_leave_check", YELLOW),
    ("long_leave_unconfirmed", "长期请假未在期限内核实", "long_leave_unconfirmed", ORANGE),
    ("roll_call_silent", "班级未报点名", "roll_call_silent", YELLOW),
    ("roll_call_silent_up", "班级未报点名（报年级组长、校长）", "roll_call_still_silent", ORANGE),
    ("roll_call_silent_county", "班级次日仍未补报点名（报县局）", "roll_call_still_silent", ORANGE),
    ("absence_warning_village", "缺勤预警（告知村）", "absence_warning", YELLOW),
    ("data_audit", "未成年人个人信息合规审计", "audit_due", BLUE),
    ("backup_overdue", "超过规定天数没有备份", "backup_overdue", YELLOW),
    ("closure_unconfirmed", "学校停课待县局确认", "closure_unconfirmed", YELLOW),
    ("contact_same_day", "未到校当日联系监护人", "contact_due", BLUE),
    ("visit_run_2", "连续无故缺勤家访", "visit_due", YELLOW),
    ("visit_focus_1", "重点关注且联系不上家访", "visit_due", YELLOW),
    ("opening_unregistered", "开学未报到待核", "not_checked_in", YELLOW),
    ("verification_5", "疑似辍学核实期限", "verification_due", ORANGE),
    ("finding_10", "比对线索核实期限", "verification_due", YELLOW),
    ("attending_decision_3", "疑似学生到校后待校长认定", "verification_due", YELLOW),
    ("persuasion_school", "学校劝返期限", "persuasion_due", ORANGE),
    ("persuasion_village", "校村联合劝返期限", "persuasion_due", ORANGE),
    ("persuasion_township", "乡镇劝返期限", "persuasion_due", RED),
    ("written_report_24h", "劝返无效书面报告期限", "report_due", ORANGE),
    ("dropout_determination_20", "达到认定辍学条件", "determination_due", RED),
    ("letter_reply", "发函回复期限", "letter_due", YELLOW),
    ("child_returned_county", "劝返复学（告知县）", "child_returned", BLUE),
    ("child_returned_township", "劝返复学（告知乡镇）", "child_returned", BLUE),
    ("return_confirm_3", "返校确认期限", "return_due", YELLOW),
    ("notice_expired", "责令通知书期限届满", "legal_step_due", ORANGE),
    ("reminder_10", "催告期满", "legal_step_due", ORANGE),
    ("persuasion_notice_expired", "劝返通知书期限届满", "legal_step_due", YELLOW),
    ("fine_decision_expired", "处罚决定履行期限届满", "legal_step_due", ORANGE),
    ("verdict_expired", "调解、判决履行期限届满", "legal_step_due", ORANGE),
    ("statement_5", "陈述申辩、要求听证期满", "legal_step_due", BLUE),
    ("review_60", "行政复议期满", "legal_step_due", BLUE),
    ("lawsuit_6m", "行政诉讼期满", "legal_step_due", BLUE),
    ("legal_serve", "文书送达期限", "legal_step_due", ORANGE),
    ("remind_in_time", "可以催告，催告书送达期限", "legal_step_due", YELLOW),
    ("enforcement_3m", "可以申请强制执行，申请期限", "legal_step_due", ORANGE),
    ("court_term_24m", "可以申请执行法院文书，申请期限", "legal_step_due", ORANGE),
    ("leave_expiring", "免缓休即将到期", "leave_expiring", YELLOW),
    ("leave_expired", "免缓休已到期未返校", "leave_expired", ORANGE),
    ("leave_review_due", "免缓休、送教和安置到复核日期", "leave_review_due", YELLOW),
    ("home_visits_short", "上月送教次数不足", "home_visits_short", YELLOW),
    ("transfer_step_10", "转学环节超期未确认", "transfer_unconfirmed", ORANGE),
    ("missing_review", "失联每学期复核", "missing_review_due", ORANGE),
    ("missing_review_village", "失联将到复核日（告知村）", "missing_review_due", YELLOW),
    ("elsewhere_review", "外地就读每学期复核", "elsewhere_review_due", YELLOW),
    ("elsewhere_review_village", "外地就读将到复核日（告知村）", "elsewhere_review_due", BLUE),
    ("arrival_10", "转入校已确认而未入学", "arrival_due", ORANGE),
    ("follow_up_daily", "巩固期每日跟踪", "follow_up_due", BLUE),
    ("follow_up_weekly", "巩固期每周跟踪", "follow_up_due", BLUE),
    ("follow_up_monthly", "巩固期每月跟踪", "follow_up_due", BLUE),
    ("follow_up_absent_2", "巩固期再次无故缺勤", "relapse", RED),
    ("relapse_run_3", "巩固期连续缺勤复辍", "relapse", RED),
    ("relapse_5_in_20", "巩固期累计缺勤复辍", "relapse", RED),
    ("post_vacant", "责任岗位空岗", "post_vacant", YELLOW),
    ("school_report_28", "学校月报期限", "report_due", YELLOW),
    ("county_report_5", "县月度汇总期限", "report_due", YELLOW),
    ("quarter_recheck", "县季度复核", "report_due", YELLOW),
    ("chain_unset", "开学前责任岗位未设", "post_vacant", YELLOW),
    ("opening_t14", "开学前两周：到期与未确认", "leave_expiring", BLUE),
    ("opening_silent", "开学第一天中午未报", "roll_call_silent", YELLOW),
    ("opening_close_1", "开学第一天未报到", "not_checked_in", YELLOW),
    ("opening_close_3", "开学第三天未报到", "not_checked_in", ORANGE),
    ("opening_close_3_village", "开学第三天未报到（告知村）", "not_checked_in", ORANGE),
    ("opening_close_3_primary", "小升初未入学", "primary_gap", ORANGE),
    ("opening_close_3_primary_village", "小升初未入学（告知村）", "primary_gap", ORANGE),
    ("opening_close_5_primary_township", "小升初未入学（告知乡镇）", "primary_gap", RED),
    ("opening_close_5_primary_county", "小升初未入学（告知县）", "primary_gap", RED),
    ("opening_close_5_township", "开学第五天疑似辍学（告知乡镇）", "dropout_suspected", ORANGE),
    ("opening_close_5_county", "开学第五天疑似辍学（告知县）", "dropout_suspected", ORANGE),
    ("opening_report_7", "开学第七天学校汇总", "report_due", BLUE),
    ("opening_report_7_county", "开学第七天县汇总", "report_due", BLUE),
    ("transfer_lapsed", "转出逾期未确认", "dropout_suspected", ORANGE),
    ("corrected_withdrawal", "更正后仍未到校", "long_leave_check", YELLOW),
    ("count_mismatch", "人数与名册不符", "count_mismatch", BLUE),
    ("graduation_due", "九年级毕业未登记", "graduation_due", YELLOW),
    ("missing_from_roster", "在籍不在册", "roster_finding", BLUE),
    ("other_school", "在他校名册上", "roster_finding", BLUE),
    ("listed_after_leaving", "已离校仍列在册", "roster_finding", BLUE),
    ("calendar_unset", "开学前校历未设定", "calendar_due", YELLOW),
    ("calendar_year_unknown", "年度放假安排未核定", "calendar_due", YELLOW),
)

RULES: dict[str, RuleTitle] = {row[0]: RuleTitle(*row) for row in _TABLE}

RISEN, COPIED = "_up", "_copy"
"""A missed deadline: told to the next post on its own line, and in copy to the other line."""
CASE_DEADLINES = (
    "verification_5",
    "finding_10",
    "attending_decision_3",
    "persuasion_school",
    "persuasion_village",
    "persuasion_township",
    "written_report_24h",
    "dropout_determination_20",
    "letter_reply",
    "return_confirm_3",
    "follow_up_daily",
    "follow_up_weekly",
    "follow_up_monthly",
    "follow_up_absent_2",
)
"""Rules of deadlines of a case."""
LEGAL_DEADLINES = (
    "legal_serve",
    "persuasion_notice_expired",
    "notice_expired",
    "fine_decision_expired",
    "remind_in_time",
    "reminder_10",
    "enforcement_3m",
    "verdict_expired",
    "court_term_24m",
)
"""Rules of deadlines of a case's legal papers that can be missed."""
LEGAL_PERIODS = ("statement_5", "review_60", "lawsuit_6m")
"""Periods of the guardian's that only run out."""
REPORT_DEADLINES = ("school_report_28", "county_report_5")
"""Rules of reports that are signed by a day of the month."""
_REVIEWS = ("missing_review", "elsewhere_review", "arrival_10")
REVIEW_RULES = frozenset(
    {
        "missing_review_village",
        "elsewhere_review_village",
        *_REVIEWS,
        *(rule + suffix for rule in _REVIEWS for suffix in (RISEN, COPIED)),
    }
)
"""Rules of children who are to be looked for again, or are to arrive."""
RULES |= {
    rule + suffix: RuleTitle(rule + suffix, RULES[rule].title + words, RULES[rule].kind, level)
    for rule in (*CASE_DEADLINES, *LEGAL_DEADLINES, *REPORT_DEADLINES, *_REVIEWS)
    for suffix, words, level in (
        (RISEN, "（逾期，报上一级）", RED),
        (COPIED, "（逾期，抄送另一线）", ORANGE),
    )
}


UNREAD, UNREAD_COPIED = "_unread", "_unread_copy"
SILENT_UP, SILENT_COUNTY = "roll_call_silent_up", "roll_call_silent_county"
"""Nobody has acknowledged it by its hours: to the next post up, and in copy to the other line."""
TOLD_RULES = (
    "absence_run_3",
    "absence_5_in_20",
    "absence_run_5",
    "opening_day_5",
    "register_finding",
    "person",
    "transfer_lapsed",
    "long_leave_5",
    "long_leave_10",
    "corrected_withdrawal",
    "attending_decision_3",
    "follow_up_absent_2",
    "relapse_run_3",
    "relapse_5_in_20",
)
"""Rules whose alerts go with a person's act (mostly a roll call) and ask for action."""
RISING_RULES = (
    "chain_unset",
    "post_vacant",
    "leave_expired",
    "leave_review_due",
    "transfer_step_10",
    "graduation_due",
    "home_visits_short",
    "opening_report_7",
)
"""Rules of the clock that ask for action and whose deadline has no alert of its own."""
RULES |= {
    rule + suffix: RuleTitle(rule + suffix, RULES[rule].title + words, RULES[rule].kind, level)
    for rule in (*TOLD_RULES, *RISING_RULES)
    for suffix, words, level in (
        (UNREAD, "（未签收，报上一级）", RED),
        (UNREAD_COPIED, "（未签收，抄送另一线）", ORANGE),
        (RISEN, "（逾期，报上一级）", RED),
        (COPIED, "（逾期，抄送另一线）", ORANGE),
    )
    if rule + suffix not in RULES
}


def rule_title(rule_id: str) -> str:
    """The Chinese title of a rule. Raises KeyError for an id that is not in the table."""
    return RULES[rule_id].title


def rule_echo(rule_id: str) -> str:
    """What is added to a rule's title where it is told to another post, ``（逾期，报上一级）``;
    empty for the first told, and for a rule that is not in the table.
    """
    if rule_id not in RULES:
        return ""
    whole, parts = RULES[rule_id].title, rule_id.split("_")
    for length in range(len(parts) - 1, 0, -1):
        first = RULES.get("_".join(parts[:length]))
        if first is not None and whole.startswith(f"{first.title}（"):
            return whole.removeprefix(first.title)
    return ""
