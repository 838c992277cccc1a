"""How do applications and placements look on a screen?"""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ckbx.vault import mask_id

_FACTS = ("日期", "事项", "内容", "经办")


def print_list(found: dict[str, Any], console: Console) -> None:
    """One line an application, the oldest first."""
    rows = [
        (
            row["name"],
            row["school_name"] or "",
            _class(row),
            f"{row['kind_title']}（第 {row['number']} 次）",
            row["applied_on"],
            "是" if row["after_suspicion"] else "",
            row["stage_title"],
            "、".join(row["missing"]),
            row["who"],
        )
        for row in found["rows"]
    ]
    headings = ("姓名", "学校", "班级", "申请", "申请日期", "疑似后补办", "情况", "还缺", "谁决定")
    _table(console, f"休学、缓学、免学、送教上门的申请　截至 {found['as_of']}", headings, rows)
    if not rows:
        console.print("没有待决定的申请")


def print_applications(found: dict[str, Any], console: Console) -> None:
    """Who, and each application with what was said and decided and what may follow."""
    _head(found, console)
    for each in found["applications"]:
        late = "　疑似后补办" if each["after_suspicion"] else ""
        title = f"第 {each['number']} 次申请：{each['kind_title']}　{each['stage_title']}{late}"
        again = f"　{each['review_on']} 复核" if each["review_on"] else ""
        console.print(Text(f"{title}（版本 {each['version']}）{again}"))
        _table(console, "经过", _FACTS, [_fact(fact) for fact in each["facts"]])
        if each["missing"]:
            console.print(Text(f"还缺：{'、'.join(each['missing'])}"))
        steps = [(step["action"], step["who"]) for step in each["next"]]
        _table(console, "下一步可办", ("事项", "谁可以办"), steps)
    if not found["applications"]:
        console.print("没有申请")


def print_placement(found: dict[str, Any], console: Console) -> None:
    """Who, how the child is placed, the visits month by month, and what happened."""
    _head(found, console)
    placed = found["kind_title"] or "未安置"
    plan = f"　一人一案 {found['plan_no']}" if found["plan_no"] else ""
    again = f"　{found['review_on']} 复核" if found["review_on"] else ""
    console.print(Text(f"安置：{placed}{plan}{again}（版本 {found['version']}）"))
    months = [
        (
            each["month"],
            "校历未定" if each["planned"] is None else each["planned"],
            each["done"],
            each["outcome_title"],
        )
        for each in found["months"]
    ]
    if months:
        _table(console, "送教", ("月份", "应送", "已送", "情况"), months)
    _table(console, "经过", _FACTS, [_fact(fact) for fact in found["facts"]])


def _head(found: dict[str, Any], console: Console) -> None:
    number = mask_id(found["student_no"]) if found["student_no"] else "无学籍号"
    place = f"{found['school_name'] or '无在读学校'} {_class(found)}".strip()
    status = found["status_title"] or ""
    console.print(Text(f"{found['name']}　{number}　{place}　{status}　截至 {found['as_of']}"))


def _fact(fact: dict[str, Any]) -> tuple[Any, ...]:
    return fact["occurred_on"], fact["title"], fact["about"], fact["actor"]


def _class(row: dict[str, Any]) -> str:
    return f"{row['grade']} 年级 {row['class']} 班" if row["grade"] and row["class"] else ""


def _table(console: Console, title: str, headings: tuple[str, ...], rows: list[Any]) -> None:
    table = Table(title=title, title_justify="left")
    for heading in headings:
        table.add_column(heading)
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    console.print(table)
