"""How do a report, a list of reports and a comparison look on a screen?"""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from ckbx.domain.shared.system_actors import actor_name
from ckbx.ledgers.calibers import caliber_words


def print_report(found: dict[str, Any], console: Console) -> None:
    """The figures, then what stands beside a 零报告, then what seals it."""
    name = found["school_name"] or found["school_code"] or "全县"
    kind = "县汇总" if found["report"] == "county_summary" else "学校月报"
    version = (
        f"第 {found['version']} 版（已签字封存）" if found["version"] else "未签字，按现有记录"
    )
    title = f"{kind}　{name}　{found['month']}　{version}"
    system = any("system_numerator" in row for row in found["rows"])
    table = Table(title=title, title_justify="left")
    for heading in ("项目", "分子", "分母", "百分比", "分母是", "口径"):
        table.add_column(heading, justify="right" if heading in _NUMBERS else "left")
    if system:
        table.add_column("系统全县数", justify="right")
    for row in found["rows"]:
        cells = [
            row["title"],
            str(row["numerator"]),
            str(row["denominator"]),
            "—" if row["value"] is None else f"{row['value']:.2f}",
            row["over"],
            caliber_words(row["caliber"]),
        ]
        if system:
            cells.append(str(row["system_numerator"]))
        table.add_row(*map(Text, cells))
    console.print(table)
    for line in _lines(found):
        console.print(line, markup=False, highlight=False)


_NUMBERS = ("分子", "分母", "百分比")


def _lines(found: dict[str, Any]) -> list[str]:
    over = "" if found["month_over"] else "（月份未结束）"
    lines = [
        f"截至 {found['as_of']}{over}　按 {found['known_at']} 已记录的情况　记录位置 {found['position']}"
    ]
    if found["zero"]:
        beside = "、".join(f"{each['title']} {each['numerator']}" for each in found["beside"])
        lines.append(
            f"零报告：没有辍学，本月没有认定辍学。同时：{beside or '没有未结的缺勤和疑似'}"
        )
    if found["version"]:
        holds = "一致" if found["digest_holds"] else "不一致，请核查"
        late = f"，晚于期限 {found['due_on']}" if found["late"] else ""
        lines += [
            f"{found['signed_on']} 由 {actor_name(found['signed_by'])} 签字{late}",
            f"封存摘要 {found['digest']}（重新计算：{holds}）",
        ]
    else:
        lines.append(f"签字期限 {found['due_on']}")
    return lines + [f"注意：{note}" for note in found["notes"]]


def print_list(found: dict[str, Any], console: Console) -> None:
    """One line a version, and one a school that has not signed."""
    table = Table(title="月报和县汇总", title_justify="left")
    for heading in ("月份", "学校", "版", "截至", "签字日", "签字人", "零报告", "封存摘要"):
        table.add_column(heading)
    for row in found["rows"]:
        signed = row["version"] is not None
        shown = (
            row["month"],
            row["school_name"] or row["school_code"] or "县汇总",
            str(row["version"]) if signed else "未签",
            str(row["as_of"]) if signed else "",
            str(row["signed_on"]) if signed else f"期限 {row['due_on']}",
            actor_name(row["signed_by"]) if signed else "",
            "是" if row["zero"] else "",
            row["digest"][:16] if signed else "",
        )
        table.add_row(*map(Text, shown))
    console.print(table)
    if not found["rows"]:
        console.print("还没有签过月报")


def print_comparison(found: dict[str, Any], console: Console) -> None:
    """Only what differs is marked; everything is listed."""
    name = found["school_name"] or found["school_code"] or "全县"
    before, after = found["from"], found["to"]
    table = Table(title=f"{name}　{found['month']}　版本比较", title_justify="left")
    table.add_column("项目")
    if before:
        table.add_column(f"第 {before['version']} 版", justify="right")
    table.add_column(f"第 {after['version']} 版", justify="right")
    table.add_column("现在", justify="right")
    table.add_column("变化")
    for row in found["rows"]:
        cells = [row["title"]]
        cells += [_over(row, each) for each in (("from",) if before else ())]
        cells += [_over(row, "to"), _over(row, "now")]
        marks = [w for w, on in (("两版不同", row["changed"]), ("现在不同", row["moved"])) if on]
        table.add_row(*map(Text, [*cells, "、".join(marks)]))
    console.print(table)
    for label, each in (("较早", before), ("较晚", after), ("现在", found["now"])):
        if each:
            day = f"，截至 {each['as_of']}" if "as_of" in each else ""
            console.print(
                f"{label}：按 {each['known_at']} 已记录的情况{day}，记录位置 {each['position']}",
                markup=False,
                highlight=False,
            )
    console.print(f"两版不同 {found['changed']} 项，与现在不同 {found['moved']} 项")


def _over(row: dict[str, Any], name: str) -> str:
    above, below = row[f"{name}_numerator"], row[f"{name}_denominator"]
    return "—" if above is None else f"{above}/{below}"
