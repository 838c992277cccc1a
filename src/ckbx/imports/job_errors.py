"""Why an import is not begun or not undone."""

from __future__ import annotations

from collections.abc import Sequence

from ckbx.domain.shared.errors import InputRefused, RuleRefusal

_LISTED = 20
"""How many of a list a sentence names."""


class StoreUnnamed(RuleRefusal):
    """Only a calendar may come into a store that has no county yet."""

    code = "county_not_named"
    message = (
        "这个库还没有指定县（区），不能导入{kind}。请先运行 ckbx import calendar 校历文件，"
        "或 ckbx init --county 代码 --name 名称"
    )


class CalendarFirst(RuleRefusal):
    """A roster without dates counts from the first day of the running term."""

    code = "calendar_first"
    message = (
        "{why}，不知道花名册从哪一天算起。请先运行 ckbx import calendar 校历文件，"
        "或用 --effective 日期 指明"
    )


class RosterFirst(RuleRefusal):
    """Compared with nothing, every child would be found in no school."""

    code = "roster_first"
    message = "还没有导入过花名册，{kind}没有可以比对的。请先运行 ckbx import roster 花名册文件"


class EffectiveInFuture(InputRefused):
    code = "effective_in_future"
    message = "--effective {day} 还没有到（今天是 {today}）。请在当天或之后导入，或改日期"


class SchoolOfOthers(InputRefused):
    """The row is of a school for which whoever imports is not answerable."""

    code = "school_of_others"
    message = "{what}。{mend}"
    what = "这一行不是您负责的学校"
    mend = "请只留本校的行；外校的由该校或县教育局导入"

    def __init__(self) -> None:
        super().__init__(what=self.what, mend=self.mend)


class KindOfCounty(RuleRefusal):
    code = "kind_of_county"
    message = "{kind}由县教育局导入，学校只能导入本校的花名册、点名和报到。请联系县教育局专干"


class BatchUnknown(InputRefused):
    code = "batch_unknown"
    message = "没有批次 {batch}。批次号在导入完成时显示，请核对后重试"


class UndoRefused(RuleRefusal):
    """Later facts rest on what the batch did; ``listed`` names them, ``facts`` is the list."""

    code = "undo_refused"
    message = (
        "不能撤销批次 {batch}：有 {count} 处后来的记录以它为依据，什么也没有改\n{listed}\n"
        "请先更正或撤销这些记录，再撤销本批次"
    )

    def __init__(self, batch: str, facts: Sequence[str]) -> None:
        self.facts = list(facts)
        shown = self.facts[:_LISTED]
        if len(self.facts) > _LISTED:
            shown.append(f"……另有 {len(self.facts) - _LISTED} 处")
        super().__init__(batch=batch, count=len(self.facts), listed="\n".join(shown))
