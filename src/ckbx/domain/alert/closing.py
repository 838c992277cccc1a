"""Which alerts does a person close, because no record in the system can say that it was done?

All others close themselves when what they ask for has been recorded: a person who could close
them by hand could make a child disappear from the list without anybody having gone to it.
"""

from __future__ import annotations

from enum import StrEnum

RETURNED = "returned"
"""The reason with which an early warning closes itself: the child is at school again."""


class ClosedBecause(StrEnum):
    """Why a person closed an alert. A code: what was found belongs into the case."""

    DONE = "done"
    ELSEWHERE = "recorded_elsewhere"
    NOT_NEEDED = "not_needed"

    @property
    def label(self) -> str:
        """The Chinese word shown to people."""
        return _LABELS[self]


_LABELS = {
    ClosedBecause.DONE: "已办理",
    ClosedBecause.ELSEWHERE: "已在别处登记",
    ClosedBecause.NOT_NEEDED: "核对后不用办",
}

_BY_HAND = {
    "absence_warning": "返校的自动办结；怎样处置没有单独的登记，联系、家访各有登记，办结的是各自的提醒",
    "contact_due": "逐人登记联系结果的自动办结；没有逐人登记的在这里办结",
    "visit_due": "登记了缺勤家访的自动办结；核对后不用去的在这里办结",
    "child_returned": "只是告知，没有要登记的；过一周也自动了结",
    "long_leave_check": "请假核实材料由校长留存，系统没有登记",
    "suspicion_ground_changed": "决定维持疑似时没有新的记录",
    "count_mismatch": "人数差异在名册外核对",
    "roster_finding": "名册核对结论在名册外作出",
    "opening_report": "县级开学汇总可在系统外上报",
    "audit_due": "合规审计在系统外进行",
}
"""Kinds, and why no record can close them."""
_RULES_BY_HAND = {
    "opening_report_7": "学校开学汇总可在系统外上报",
    "quarter_recheck": "没有可抽样的季度没有复核记录",
}
"""Rules of kinds whose other alerts close themselves."""


def closes_by_hand(kind: str, rule: str) -> bool:
    """Whether a person may close an alert of this kind and rule."""
    return kind in _BY_HAND or rule in _RULES_BY_HAND
