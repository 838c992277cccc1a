"""What is a recorded look called by people? The record keeps the code, the page says the name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from ckbx.imports.job import TITLES
from ckbx.ledgers.exporting import export_in
from ckbx.web.pages.cases.papers import CASE_PAPERS
from ckbx.web.pages.ledgers.sight import SHOWN
from ckbx.web.reading_quota import ALARM, STOPPED
from ckbx.web.words import opened

_PAPERS: Final = dict(CASE_PAPERS)
_PAGES: Final[Mapping[str, str]] = {
    "account": "我的账号",
    "accounts": "账号",
    "alerts": "待办",
    "call": "班主任电话",
    "case": "个案",
    "case_file": "个案附件",
    "case_step": "个案办理页",
    "cases": "个案列表",
    "chains": "责任链",
    "check_in": "开学报到",
    "child": "一生一档",
    "child_act": "学籍事项办理页",
    "child_file": "附件",
    "child_files": "附件和佐证清单",
    "closures": "停课报告",
    "county_basis": "指定医院和法律依据",
    "county_reports": "县汇总",
    "imports": "导入",
    "imports_blank": "空白花名册",
    "imports_rows": "导入写入的行",
    "indicators": "指标",
    "inspect": "督导",
    "leaves": "休缓免学",
    "ledger": "台账",
    "ledgers": "台账目录",
    "number": "整个身份证件号",
    "overview": "总览",
    "own_name": "页头写本人姓名",
    "place": "本地儿童",
    "recheck": "复核结果登记页",
    "rechecks": "季度复核",
    "reports": "学校月报",
    "returns": "返校待确认",
    "roll-call": "班级点名",
    "roll-call-leave": "请假条与代课",
    "roll-call-substitute": "指定代课",
    "roll-calls": "点名",
    "rules": "规则试算",
    "school": "学校",
    "search": "查找学生",
    "suspected": "疑似辍学学生台账",
    "transfer_class": "整班转学",
    "transfers": "转学",
    "walk": "走访清单",
}
_INSPECTED: Final[Mapping[str, str]] = {
    "access": "督导：查阅记录",
    "class": "督导：某班某天",
    "compare": "督导：两个时点比较",
    "day": "督导：某天点名",
    "sample": "督导：抽查",
    "reports": "督导：月报",
}
_ASKED: Final[Mapping[str, str]] = {
    "alerts": "接口：待办",
    "case": "接口：个案",
    "cases": "接口：个案列表",
    "child": "接口：一生一档",
    "indicators": "接口：指标",
    "roll-call": "接口：班级点名",
}
_OTHERS: Final[Mapping[str, str]] = {
    ALARM: "报警：一小时内逐个看得太多",
    STOPPED: "报警：看得太多，已暂停查看",
    "password": "设密码时核对姓名",
    "posts": "交接岗位",
    "demo": "示例县",
    "bench": "性能测量",
}
_FORMS: Final = ("web:case_step", "web:child_act")


def view_name(code: str) -> str:
    """The Chinese name of a recorded view; empty for a code that nobody named."""
    if code in _OTHERS:
        return _OTHERS[code]
    if export := export_in(code):
        title = SHOWN[export.ledger].title if export.ledger in SHOWN else "台账"
        how = "，用命令" if code.startswith("ckbx ") else ""
        return f"导出：{title}（{export.form} 文件）{how}"
    of, _, rest = code.partition(":")
    if of in _KINDS and rest:
        return _KINDS[of](rest)
    return f"命令 {code}" if code.startswith("ckbx ") else ""


def purpose_said(view: str, purpose: str) -> str:
    """Why it was looked at; records of before told of an opened form by the title of the deed."""
    if view not in _FORMS or purpose.startswith("打开"):
        return purpose
    return opened(purpose.removeprefix("办理个案："))


def _page(rest: str) -> str:
    first, _, more = rest.partition(":")
    if first == "ledger" and more:
        return SHOWN[more].title if more in SHOWN else "台账"
    if first == "inspect" and more:
        return _INSPECTED.get(more, "督导")
    if first.startswith("paper "):
        return f"打印：{_PAPERS.get(first.removeprefix('paper '), '文书')}"
    return _PAGES.get(first, "")


def _interface(rest: str) -> str:
    if rest.startswith("ledger "):
        name = rest.removeprefix("ledger ").partition("（")[0]
        full = "（全号）" if "（全号）" in rest else ""
        return f"接口：{SHOWN[name].title if name in SHOWN else '台账'}{full}"
    return _ASKED.get(rest, "")


def _import(rest: str) -> str:
    return f"导入{TITLES[rest]}" if rest in TITLES else "导入"


_KINDS: Final[Mapping[str, Callable[[str], str]]] = {
    "web": _page,
    "api": _interface,
    "import": _import,
}
