"""``docs/ledgers.md``: every ledger, its columns and its 口径, written from the catalogue.

python -m ckbx.ledgers.manual > docs/ledgers.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

from ckbx.domain.indicators.calibers import CALIBERS
from ckbx.ledgers.catalogue import ALERTS, INDICATORS, LEDGERS
from ckbx.ledgers.model import Column, Kind, Ledger

_KINDS = {
    Kind.TEXT: "文本",
    Kind.NUMBER: "整数",
    Kind.DAY: "日期",
    Kind.INSTANT: "时刻",
    Kind.CALIBER: "代码",
}
_INTRO = """# 台账

本文由台账目录生成（`python -m ckbx.ledgers.manual > docs/ledgers.md`），不要手改。

`ckbx ledgers` 列出台账，`ckbx ledger 名称` 输出一本。两条时间轴可以同时给出：

- `--as-of 日期`：问那一天的情况。默认今天；给了 `--known-at` 时为那一天。
- `--known-at 日期或时刻`：只按那时已经记录的内容作答。只写日期指当天结束；时刻不带时区按本地时间。

输出形式：

- `--format json`：一个 JSON 文档，键为英文；代码（如 `suspected`）不翻译，日期为 `YYYY-MM-DD`，时刻为 UTC、
  微秒、以 `Z` 结尾。除 `rows` 外有 `ledger, title, as_of, known_at, caliber, position, complete, notes`：
  `known_at` 是所问的时刻，没有问时是作答的时刻，且不早于 `position` 的记录时刻；`complete` 为 `false` 时
  `notes` 说明缺了什么。
- `--format csv`：一行中文表头，UTF-8（带 BOM）。会被表格软件当作公式的内容前面加 `'`。最后多一列，是导出编号。
- `--format xlsx`：标题、截至与已记录时刻、口径、中文表头；A3 横向，每页重复表头。所有文字按文本写入。
- csv、xlsx、pdf 印着导出编号、谁、何时、用途（`--why`），`ckbx export trace` 凭文件或编号查得出；JSON 没有。
- 默认在屏幕上显示表格：学籍号遮盖中段，次要的列不显示（下表“屏幕”一栏）。
- 口径在 JSON 里是代码，别的形式写名称和版本，如“学校汇总 2026.1 版”。

`-o 文件` 写到文件，只有本人可读；不写 `--format` 时按后缀。学籍号在 JSON、csv、xlsx 中为全号。
行按学校、班级、内部编号排列；预警按期限，家访劝返流水按学校、日期、时刻，
办理期限按学校、岗位、事项排列。每条命令写一条查阅记录（操作人、命令、用途 `--why`、所涉的人）。
网页 `/ledgers` 上是同样的台账：只有查看者岗位看得到的行，每页 50 行，只读取和记录这一页的人；
整校、全县才算得出的台账，只管一个年级、一个村的人看不到，不按一部分人给出数字。
导出要有导出权限（只管一个班的人可以导出本班），写明用途，文件与命令行的相同。
性别在各种形式中都是“男”“女”。年级按截至日所在学年由入学年推算。
"""


def manual() -> str:
    """The whole document."""
    return "\n".join([_INTRO, *(line for each in _all() for line in _with_more(each))])


def _all() -> list[Ledger]:
    return [*LEDGERS.values(), ALERTS]


def _with_more(ledger: Ledger) -> Iterator[str]:
    yield from _chapter(ledger)
    if ledger is INDICATORS:
        yield "| 指标 | 名称 | 口径 | 算法 |"
        yield "|---|---|---|---|"
        for each in CALIBERS:
            yield f"| {each.id} | {each.name} | `{each.code}` | {each.formula} |"
        yield ""


def _chapter(ledger: Ledger) -> Iterator[str]:
    yield f"## {ledger.title} `{ledger.name}`\n"
    yield f"{ledger.about}。\n"
    yield f"口径 `{ledger.caliber}`：{ledger.rule}\n"
    yield "| 键 | 表头 | 类型 | 屏幕 | 说明 |"
    yield "|---|---|---|---|---|"
    for column in ledger.columns:
        shown = "是" if column.brief else ""
        yield f"| `{column.key}` | {column.heading} | {_kind(column)} | {shown} | {_note(column)} |"
    yield ""


def _kind(column: Column) -> str:
    return "代码" if column.labels else _KINDS[column.kind]


def _note(column: Column) -> str:
    codes = "，".join(f"`{code}` {label}" for code, label in column.labels.items() if label)
    return "；".join(part for part in (column.note, codes) if part)


if __name__ == "__main__":
    sys.stdout.write(manual())
