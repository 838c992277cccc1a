"""How does one child's file look on a screen? Numbers masked, codes in Chinese."""

from __future__ import annotations

from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ckbx.domain.child.status import RegisterStatus, TrackingStatus
from ckbx.domain.responsibility.answer import State
from ckbx.domain.shared.system_actors import actor_name
from ckbx.vault import mask_id

_LINES: Final = (("government", "政府线"), ("education", "教育线"))


def print_student(found: dict[str, Any], console: Console) -> None:
    """Who, where, both chains, what happened."""
    _print_head(found, console)
    placed = [found["school_name"] or "无在读学校"]
    if found["grade"]:
        placed.append(f"{found['grade']} 年级")
    if found["class"]:
        placed.append(f"{found['class']} 班")
    tracking = TrackingStatus(found["tracking_status"]).label
    registered = RegisterStatus(found["register_status"]).label
    console.print(" ".join(placed))
    console.print(f"就学状态：{tracking}（自 {found['since']}）　学籍状态：{registered}")
    _print_lines(found["chains"], console)
    for sentence in found["incomplete"]:
        console.print(f"不完整：{sentence}", soft_wrap=True)
    _print_timeline(found["timeline"], console)


def print_chains(found: dict[str, Any], console: Console) -> None:
    """Who, and both chains."""
    _print_head(found, console)
    _print_lines(found["chains"], console)


def _print_head(found: dict[str, Any], console: Console) -> None:
    number = mask_id(found["student_no"]) if found["student_no"] else "无学籍号"
    console.print(Text(f"{found['name']}　{number}　截至 {found['as_of']}"))


def _print_lines(chains: dict[str, Any], console: Console) -> None:
    for key, title in _LINES:
        table = Table(title=title, title_justify="left")
        for heading in ("层级", "范围", "岗位", "责任人", "账号", "起", "止"):
            table.add_column(heading)
        for node in chains[key]:
            for row in _rows(node):
                table.add_row(*map(Text, row))
        console.print(table)


def _rows(node: dict[str, Any]) -> list[tuple[str, ...]]:
    head = (str(node["level"] or ""), node["scope_name"], node["post"] or "")
    if not node["holders"]:
        return [(*head, State(node["state"]).zh, "", "", "")]
    return [
        (
            *head,
            holder["name"] or "",
            holder["account"] or "",
            str(holder["first_day"] or ""),
            str(holder["last_day"] or ""),
        )
        for holder in node["holders"]
    ]


def _print_timeline(entries: list[dict[str, Any]], console: Console) -> None:
    table = Table(title="经过", title_justify="left")
    for heading in ("日期", "事项", "说明", "记录时间（UTC）", "经办", "位置"):
        table.add_column(heading, overflow="fold")
    for each in entries:
        shown = (
            str(each["occurred_on"]),
            each["title"],
            each["about"],
            each["recorded_at"][:19].replace("T", " "),
            actor_name(each["actor"]),
            str(each["position"]),
        )
        table.add_row(*map(Text, shown))
    console.print(table)
