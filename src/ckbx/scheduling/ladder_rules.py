"""Which alerts ask for action, and so rise when nobody has seen them or done it?

Not the others: what only informs; deadlines told on their last day (they rise as overdue the
day after, by a rule of their own); the opening programme, whose days 1, 3 and 5 are a ladder
already; and what the county is told, above which nobody stands.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from ckbx.domain.responsibility.post import ScopeKind
from ckbx.domain.rules.rule_ids import RISING_RULES


class Asks(NamedTuple):
    """``at``: where it is answered on the education line; ``overdue``: whether it also rises
    when it was acknowledged and not done by its day; ``why`` it asks for action.
    """

    at: ScopeKind
    overdue: bool
    why: str


TOLD_KINDS: Final = {
    "absence_warning": Asks(ScopeKind.STUDENT, True, "联系监护人、家访，等不到列入疑似"),
    "dropout_suspected": Asks(ScopeKind.STUDENT, False, "核查和劝返从当天起算；逾期另有规则"),
    "relapse": Asks(ScopeKind.SCHOOL, False, "巩固期再次失学，当天要有人去；逾期另有规则"),
    "long_leave_check": Asks(ScopeKind.SCHOOL, True, "校长核实长期请假；逾期报县"),
    "suspicion_ground_changed": Asks(ScopeKind.SCHOOL, True, "依据已变，校长认定是否维持"),
    "attending_decision_due": Asks(ScopeKind.SCHOOL, False, "校长认定；逾期另有规则"),
}
"""Kinds of alerts that go with somebody's act."""
TOLD_TO_TEACHER: Final = frozenset({"follow_up_absent_2"})
"""Rules of kinds answered at the school that are told to the child's own teacher."""

RISING: Final = {
    "chain_unset": "开学第一天没有人负责",
    "post_vacant": "预警已转给上一级，长期空缺等于少一级",
    "leave_expired": "期满未复学，等不到列入疑似",
    "leave_review_due": "到了复核日还没有复核（到期前的提醒不报）",
    "transfer_step_10": "转出途中的孩子没有学校负责",
    "graduation_due": "不登记，应入学人数就不对",
    "home_visits_short": "送教不足要补上",
    "opening_report_7": "开学汇总要签",
}
"""Rules of the clock; all rise when they are overdue, too."""
assert set(RISING) == set(RISING_RULES)  # noqa: S101 - one table, told twice
FROM_ITS_DAY: Final = frozenset({"leave_review_due"})
"""Told before their day, too: that is a reminder, and comes again by itself."""
TOLD_ON_BOTH_LINES: Final = frozenset({"absence_warning"})
"""The village was told with it: it gets no copy of what rises."""
