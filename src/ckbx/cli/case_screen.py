"""How do cases look on a screen?"""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ckbx.vault import mask_id


def print_cases(found: dict[str, Any], console: Console) -> None:
    """One line a case, what falls due first in front."""
    table = Table(title=f"个案　截至 {found['as_of']}", title_justify="left")
    for heading in (
        "编号",
        "姓名",
        "学校",
        "班级",
        "阶段",
        "疑似日",
        "劝返",
        "帮扶教师",
        "最近期限",
        "逾期",
        "完整编号",
    ):
        table.add_column(heading)
    for row in found["rows"]:
        due = f"{row['due_on']} {row['due']}" if row["due_on"] else ""
        shown = (
            row["case"],
            row["name"],
            row["school_name"] or "",
            _class(row),
            row["stage_title"],
            str(row["suspected_on"]),
            str(row["rounds"]),
            row["teacher"] or "",
            due,
            str(row["missed"] or ""),
            row["case_id"],
        )
        table.add_row(*map(Text, shown))
    console.print(table)
    if not found["rows"]:
        console.print("没有未结的个案")


def _class(row: dict[str, Any]) -> str:
    return f"{row['grade']} 年级 {row['class']} 班" if row["grade"] and row["class"] else ""


def print_case(found: dict[str, Any], console: Console) -> None:
    """Who, where it stands, what happened, what is due, what may follow."""
    number = mask_id(found["student_no"]) if found["student_no"] else "无学籍号"
    console.print(Text(f"个案 {found['case']}　{found['name']}　{number}　截至 {found['as_of']}"))
    place = f"{found['school_name'] or '无在读学校'} {_class(found)}".strip()
    teacher = found["teacher"] or "未定"
    stage = f"{found['stage_title']}（版本 {found['version']}）"
    console.print(Text(f"{place}　阶段：{stage}　帮扶教师：{teacher}"))
    if found["ground_changed"]:
        console.print("依据已变：点名更正后原来的依据不再成立，请校长或县教育局决定")
    facts = [
        (_number(f), f["occurred_on"], f["title"], f["about"], _by(f))
        for f in (*found["before"], *found["facts"])
    ]
    _table(console, "经过", ("序号", "日期", "事项", "内容", "经办"), facts)
    due = [
        (d["title"], d["since"], d["due_on"] or "校历未定", d["who"], d["outcome_title"])
        for d in found["deadlines"]
    ]
    _table(console, "期限", ("事项", "起", "止", "谁办", "结果"), due)
    steps = [(step["action"], step["who"]) for step in found["next"]]
    _table(console, "下一步可办", ("事项", "谁可以办"), steps)


def _number(fact: dict[str, Any]) -> str:
    """What names a fact of the case; a legal paper has a number of its own."""
    return str(fact["number"]) if fact["event"].startswith("ckbx.case.") else ""


def _by(fact: dict[str, Any]) -> str:
    """Who acted, and in which role."""
    role = fact["acted_as_title"]
    return f"{fact['actor']}（{role}）" if role else str(fact["actor"])


def _table(console: Console, title: str, headings: tuple[str, ...], rows: list[Any]) -> None:
    table = Table(title=title, title_justify="left")
    for heading in headings:
        table.add_column(heading)
    for row in rows:
        table.add_row(*(Text(str(cell)) for cell in row))
    console.print(table)


def print_steps(found: dict[str, Any], console: Console) -> None:
    """The papers of the four steps, and what comes next."""
    papers = [
        (p["paper"], p["title"], p["document"], p["issued_on"], p["served"], p["due"])
        for p in found["papers"]
    ]
    headings = ("份", "文书", "文号", "日期", "送达", "期限")
    console.print(Text(f"个案 {found['case']}　依法控辍步骤（版本 {found['version']}）"))
    _table(console, "文书", headings, papers)
    steps = [
        (s["title"], s["who"], s["opens_on"] or "", s["due_on"] or "", "；".join(s["missing"]))
        for s in found["next"]
    ]
    _table(console, "下一步", ("事项", "谁办", "最早", "最晚", "还缺"), steps)
