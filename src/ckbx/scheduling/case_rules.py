"""Which rules of the clock speak of a case's deadlines, and by which suffix does one rise?"""

from __future__ import annotations

from ckbx.domain.rules.rule_ids import (
    CASE_DEADLINES,
    COPIED,
    LEGAL_DEADLINES,
    LEGAL_PERIODS,
    REPORT_DEADLINES,
    RISEN,
)

TOLD_BY_ROLL_CALL = frozenset({"attending_decision_3", "follow_up_absent_2"})
"""Rules whose first alert goes with the roll call; the clock only adds what was missed."""
_RESTING_ON_ROLL_CALLS = (
    "dropout_determination_20",
    "attending_decision_3",
    "follow_up_absent_2",
    "follow_up_daily",
)


def _with_risen(rules: tuple[str, ...]) -> frozenset[str]:
    risen = {rule + suffix for rule in rules for suffix in (RISEN, COPIED)}
    return frozenset(rules) - TOLD_BY_ROLL_CALL | risen


CASE_RULES = _with_risen((*CASE_DEADLINES, *LEGAL_DEADLINES)) | frozenset(LEGAL_PERIODS)
REPORT_RULES = _with_risen(REPORT_DEADLINES)
CASE_ROLL_CALL_RULES = _with_risen(_RESTING_ON_ROLL_CALLS)
"""Those that cannot be judged while roll calls or rosters are being read in."""
