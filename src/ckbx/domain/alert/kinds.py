"""The catalogue of alerts: kind, Chinese title, level, which line answers first."""

from __future__ import annotations

from typing import NamedTuple

BLUE, YELLOW, ORANGE, RED = "蓝", "黄", "橙", "红"


class AlertKind(NamedTuple):
    """One kind of alert; ``level`` as in national practice (蓝 黄 橙 红)."""

    kind: str
    title: str
    level: str


KINDS = {
    k.kind: k
    for k in (
        AlertKind("absence_warning", "缺勤预警", YELLOW),
        AlertKind("dropout_suspected", "列入疑似辍学", RED),
        AlertKind("roll_call_silent", "未报点名", YELLOW),
        AlertKind("roll_call_still_silent", "仍未报点名", ORANGE),
        AlertKind("not_checked_in", "开学未报到", ORANGE),
        AlertKind("verification_due", "疑似辍学待核查", ORANGE),
        AlertKind("persuasion_due", "劝返待办", ORANGE),
        AlertKind("determination_due", "达到认定辍学条件", RED),
        AlertKind("letter_due", "函复到期", YELLOW),
        AlertKind("return_due", "返校待确认", YELLOW),
        AlertKind("child_returned", "劝返复学告知", BLUE),
        AlertKind("leave_expiring", "休缓免学到期提醒", BLUE),
        AlertKind("leave_expired", "休缓免学到期未复学", ORANGE),
        AlertKind("leave_review_due", "休缓免学和安置待复核", YELLOW),
        AlertKind("home_visits_short", "送教上门次数不足", YELLOW),
        AlertKind("transfer_unconfirmed", "转出未确认", YELLOW),
        AlertKind("missing_review_due", "失联待复核", ORANGE),
        AlertKind("elsewhere_review_due", "外地就读待复核", YELLOW),
        AlertKind("arrival_due", "转入未入学", ORANGE),
        AlertKind("primary_gap", "小升初未入学", ORANGE),
        AlertKind("post_vacant", "责任岗位空缺", YELLOW),
        AlertKind("report_due", "报表或书面报告到期", BLUE),
        AlertKind("follow_up_due", "巩固期回访", YELLOW),
        AlertKind("relapse", "再次疑似辍学", RED),
        AlertKind("long_leave_check", "长期请假待核查", YELLOW),
        AlertKind("long_leave_unconfirmed", "长期请假逾期未核", ORANGE),
        AlertKind("calendar_missing", "校历未设", YELLOW),
        AlertKind("calendar_year_unknown", "校历年份待核定", BLUE),
        AlertKind("closure_unconfirmed", "停课待确认", YELLOW),
        AlertKind("suspicion_ground_changed", "疑似辍学依据已变", ORANGE),
        AlertKind("attending_decision_due", "疑似学生已到校待处理", YELLOW),
        AlertKind("count_mismatch", "人数与名册不符", BLUE),
        AlertKind("roster_finding", "花名册核对", BLUE),
        AlertKind("opening_report", "开学县级汇总", BLUE),
        AlertKind("legal_step_due", "依法控辍期限", ORANGE),
        AlertKind("graduation_due", "毕业未登记", YELLOW),
        AlertKind("contact_due", "未到校当日联系监护人", BLUE),
        AlertKind("visit_due", "连续缺勤待家访", YELLOW),
        AlertKind("audit_due", "个人信息合规审计", BLUE),
        AlertKind("backup_overdue", "备份逾期", YELLOW),
    )
}
_OF_RULES = {
    "written_report_24h": "学校书面报告到期",
    "school_report_28": "学校月报到期",
    "county_report_5": "县月度汇总到期",
}
"""Kinds that several duties raise: what each of them is called."""
_OF_LEAVES = ("leave_expiring", "leave_expired")


def late_word(kind: str) -> str:
    """What is said of an alert whose day is past: a leave is then over, anything else overdue."""
    return "已过期" if kind in _OF_LEAVES else "逾期"


def alert_title(kind: str, rule: str) -> str:
    """What people call an alert: by its rule where the kind has several, else by its kind.

    ``rule`` as in the alert, with what is added to it when it goes to another post.
    """
    for known, title in _OF_RULES.items():
        if rule == known or rule.startswith(f"{known}_"):
            return title
    return KINDS[kind].title if kind in KINDS else kind
