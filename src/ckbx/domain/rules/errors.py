"""Why is a rule pack refused?"""

from __future__ import annotations

from ckbx.domain.shared.errors import RuleRefusal


class RulePackRefused(RuleRefusal):
    """Root of everything wrong with a rule pack."""

    code = "rule_pack_refused"
    message = "规则包不能采用"


class RuleUnknown(RulePackRefused):
    """ids: name."""

    code = "rule_unknown"
    message = "规则包中没有“{name}”这一项。请核对名称"


class RuleNotOfType(RulePackRefused):
    """ids: name, title, value, expected (Chinese)."""

    code = "rule_not_of_type"
    message = "规则“{title}”（{name}）不能是 {value}，应为{expected}"


class RuleOutOfRange(RulePackRefused):
    """ids: name, title, value, low, high, unit (Chinese)."""

    code = "rule_out_of_range"
    message = "规则“{title}”（{name}）不能是 {value}，应在 {low} 到 {high} {unit}之间"


class RulesContradict(RulePackRefused):
    """ids: first, second (Chinese titles), relation (Chinese)."""

    code = "rules_contradict"
    message = "规则“{first}”必须{relation}“{second}”。请同时调整这两项"


class RulePackDatedBack(RulePackRefused):
    """ids: effective_from, today."""

    code = "rule_pack_dated_back"
    message = "规则包不能从过去的日期（{effective_from}）起生效，最早为今天（{today}）"
