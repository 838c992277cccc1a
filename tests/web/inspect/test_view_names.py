"""查阅记录 names the view in the words of the people who read it; the code stands beside it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import ckbx
from ckbx.store import Store
from ckbx.vault import Access
from ckbx.web.pages.view_names import purpose_said, view_name
from tests.web.ledgers.kit import places

SOURCES = Path(ckbx.__file__).parent
KINDS = ("web:", "api:")
FILLED = {"web:ledger:": "web:ledger:roster", "web:inspect:": "web:inspect:class"}
"""Codes whose end is filled in while the program runs, with one end."""


def codes() -> Iterator[str]:
    """Every view that the sources name; of one put together, its beginning."""
    for file in (*SOURCES.glob("web/**/*.py"), *SOURCES.glob("application/*.py")):
        if file.name == "view_names.py":
            continue
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and str(node.value).startswith(KINDS):
                yield FILLED.get(str(node.value), str(node.value))


def test_every_view_of_the_program_has_a_name() -> None:
    found = set(codes())
    assert len(found) > 40
    assert [code for code in sorted(found) if not view_name(code)] == []


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("web:child", "一生一档"),
        ("web:ledger:suspected", "疑似辍学学生台账"),
        ("web:ledger:roster:xlsx:17", "导出：适龄儿童台账（xlsx 文件）"),
        ("web:paper home_visit", "打印：家访记录"),
        ("web:inspect:compare", "督导：两个时点比较"),
        ("api:ledger roster（全号）", "接口：适龄儿童台账（全号）"),
        ("import:roster", "导入花名册"),
        ("ckbx child show", "命令 ckbx child show"),
        ("ckbx ledger:roster:csv:7F3K2M9Q", "导出：适龄儿童台账（csv 文件），用命令"),
    ],
)
def test_a_view_is_called_as_its_page_or_file_is(code: str, name: str) -> None:
    assert view_name(code) == name


def test_a_code_that_nobody_named_has_no_name() -> None:
    assert view_name("test") == ""
    assert view_name("web:nothing") == ""


def test_the_page_shows_the_name_and_the_code(county: Store, inspector: TestClient) -> None:
    child = min(places(county))
    for view in ("web:child", "unheard-of"):
        access = Access(actor="reader", view=view, purpose="看看")
        county.vault.read([child], ("identity",), access)
    page = inspector.get("/inspect/access?account=reader").text
    assert 'data-label="页面或命令" class="wide"><span>一生一档 <code' in page
    assert ">web:child</code>" in page
    assert ">unheard-of</code>" in page


LOOKING = ("查看", "打开", "查找", "取看", "取走", "下载", "导出", "比较", "督导", "接口取", "程序")
"""With which words a purpose says that somebody was looked at; 核对 says it anywhere."""


def purposes() -> Iterator[str]:
    """Why the pages look at people, as far as the sources have it in one piece."""
    for file in SOURCES.glob("web/**/*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call | ast.Tuple):
                given = node.args if isinstance(node, ast.Call) else node.elts
                words = [str(e.value) for e in given[:2] if isinstance(e, ast.Constant)]
                if [word.startswith(KINDS) for word in words] == [True, False]:
                    yield words[1]


def test_a_purpose_says_what_was_looked_at_and_never_a_deed() -> None:
    found = sorted(set(purposes()))
    assert len(found) > 35
    assert [each for each in found if not each.startswith(LOOKING) and "核对" not in each] == []


@pytest.mark.parametrize(
    ("view", "purpose", "said"),
    [
        ("web:child_act", "登记死亡", "打开“登记死亡”办理页"),
        ("web:case_step", "办理个案：登记劝返", "打开“登记劝返”办理页"),
        ("web:child_act", "打开“登记死亡”办理页", "打开“登记死亡”办理页"),
        ("web:child", "查看一生一档", "查看一生一档"),
    ],
)
def test_a_record_of_before_is_told_as_the_look_it_was(view: str, purpose: str, said: str) -> None:
    assert purpose_said(view, purpose) == said
