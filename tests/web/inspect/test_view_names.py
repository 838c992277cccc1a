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
from ckbx.web.pages.view_names import view_name
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
