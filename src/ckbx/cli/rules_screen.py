"""How does a rule try-out look, on a screen and as JSON?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ckbx.application.rule_tryout import TryOut
from ckbx.cli.context import say
from ckbx.domain.attendance.tryout import KIND_OF, Difference
from ckbx.domain.rules.rule_ids import rule_title
from ckbx.domain.rules.rule_pack import RULE_FIELDS
from projections.deadlines import KINDS
from projections.deadlines_tried import TriedDeadline

_KINDS: Final = (("warning", "预警"), ("suspicion", "疑似辍学"), ("long_leave", "长期请假核查"))
_MISSED: Final = "逾期的期限"
_CHANGES: Final = {"new": "新增", "gone": "不再有", "moved": "日期变动", "same": "不变"}


def _counts(by_rule: dict[str, int]) -> dict[str, int]:
    return {
        kind: sum(n for rule, n in by_rule.items() if KIND_OF[rule] == kind) for kind, _ in _KINDS
    }


def document(
    found: TryOut, missed: Sequence[TriedDeadline], names: dict[UUID, str]
) -> dict[str, Any]:
    """The machine form; names only where somebody asked for them."""
    now, then = _totals(missed)
    return {
        "from": found.first,
        "to": found.last,
        "position": found.position,
        "changes": [
            {"name": c.name, "old": c.old, "new": c.new, "counted": c.counted}
            for c in found.changes
        ],
        "in_force": {**_counts(found.in_force), "missed_deadlines": now, "by_rule": found.in_force},
        "tried": {**_counts(found.tried), "missed_deadlines": then, "by_rule": found.tried},
        "children": [
            {
                "child": each.child,
                **({"name": names.get(each.child, "")} if names else {}),
                "school": each.school,
                "class_key": each.class_key,
                "rules": [
                    {
                        "rule": d.rule,
                        "change": d.change,
                        "in_force": list(d.in_force),
                        "tried": list(d.tried),
                    }
                    for d in each.rules
                ],
            }
            for each in found.children
        ],
        "deadlines": [
            {
                "child": each.child,
                **({"name": names.get(each.child, "")} if names else {}),
                "case": each.case,
                "school": each.school,
                "kind": each.kind,
                "change": _difference(each).change,
                "in_force": list(each.in_force),
                "tried": list(each.tried),
            }
            for each in missed
        ],
    }


def _totals(missed: Sequence[TriedDeadline]) -> tuple[int, int]:
    return sum(len(m.in_force) for m in missed), sum(len(m.tried) for m in missed)


def _difference(each: TriedDeadline) -> Difference:
    return Difference(each.kind, each.in_force, each.tried)


def print_tryout(
    found: TryOut,
    missed: Sequence[TriedDeadline],
    names: dict[UUID, str],
    console: Console,
    *,
    every: bool,
) -> None:
    """The changed rules, the counts side by side, and whom they concern."""
    changed = [
        [RULE_FIELDS[c.name].title, str(c.old), str(c.new), "" if c.counted else "本试算不涉及"]
        for c in found.changes
    ]
    table(console, ("规则", "现行", "试算", "说明"), changed)
    now, then = _counts(found.in_force), _counts(found.tried)
    numbers = [
        [title, str(now[kind]), str(then[kind]), f"{then[kind] - now[kind]:+d}"]
        for kind, title in _KINDS
    ]
    old, new = _totals(missed)
    numbers.append([_MISSED, str(old), str(new), f"{new - old:+d}"])
    table(console, ("结果", "现行规则", "试算规则", "增减"), numbers)
    rows = [
        [
            *([names.get(each.child, "")] if names else []),
            str(each.child),
            each.school,
            each.class_key.split("/", 1)[1],
            rule_title(d.rule),
            _CHANGES[d.change],
            "、".join(map(str, d.in_force)) or "—",
            "、".join(map(str, d.tried)) or "—",
        ]
        for each in found.children
        for d in each.rules
        if every or d.change != "same"
    ]
    heads = ("内部编号", "学校", "班级", "规则", "变化", "现行规则", "试算规则")
    if rows:
        table(console, (("姓名",) if names else ()) + heads, rows)
    due = [
        [
            *([names.get(each.child, "")] if names else []),
            str(each.child),
            each.school or "",
            KINDS.get(each.kind, each.kind),
            _CHANGES[_difference(each).change],
            "、".join(map(str, each.in_force)) or "—",
            "、".join(map(str, each.tried)) or "—",
        ]
        for each in missed
        if every or each.in_force != each.tried
    ]
    if due:
        of_due = ("内部编号", "学校", "期限", "变化", "现行规则逾期", "试算规则逾期")
        table(console, (("姓名",) if names else ()) + of_due, due)
    say(
        f"{found.first} 至 {found.last}，按截至记录 {found.position} 的点名和个案重算，没有写入任何记录"
    )


def table(console: Console, heads: tuple[str, ...], rows: list[list[str]]) -> None:
    """A plain table; what is too long is folded."""
    drawn = Table()
    for head in heads:
        drawn.add_column(head, overflow="fold")
    for row in rows:
        drawn.add_row(*map(Text, row))
    console.print(drawn)
