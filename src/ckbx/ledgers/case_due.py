"""How is a deadline of a case said: what it is, until when, whose, and how it came out?"""

from __future__ import annotations

from typing import Final

from ckbx.domain.case.deadlines import Deadline
from ckbx.domain.case.steps import ROLE_TITLES
from ckbx.domain.legal.deadlines import LEGAL_KINDS
from ckbx.ledgers.model import Row

DEADLINES: Final = {
    "verify": "核实",
    "attending_decision": "恢复到校后的决定",
    "persuade_school": "学校劝返",
    "persuade_village": "校村联合劝返",
    "persuade_township": "乡镇劝返",
    "written_report": "书面报告",
    "determine": "认定辍学",
    "letter_reply": "复函",
    "return_confirm": "确认返校",
    "follow_daily": "每日到校点名",
    "follow_weekly": "每周回访",
    "follow_monthly": "每月回访",
    "relapse_visit": "缺勤两天当日上门",
    **LEGAL_KINDS,
}


_OUTCOMES: Final = {"open": "未到期", "kept": "按期", "missed": "逾期", "void": "免除"}


def deadline_row(each: Deadline) -> Row:
    """One deadline, as JSON."""
    return {
        "kind": each.kind,
        "title": DEADLINES.get(each.kind, each.kind),
        "since": each.on,
        "due_on": each.due_on,
        "role": each.role.value,
        "who": ROLE_TITLES.get(each.role, each.role.value),
        "rule": each.rule,
        "rule_version": each.rule_version,
        "outcome": each.outcome.value,
        "outcome_title": _OUTCOMES[each.outcome.value],
        "outcome_on": each.outcome_on,
    }
