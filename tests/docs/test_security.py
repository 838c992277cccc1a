"""The table of security checks: every check is in it, and every test it names is there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TABLE = (ROOT / "docs/security.md").read_text(encoding="utf-8")
CHECKS = range(1, 81)
_ROW = re.compile(r"^\| (\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
_NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def wrong(table: str) -> Iterator[str]:
    """What is wrong with a table of checks."""
    rows = _ROW.findall(table)
    numbers = [int(number) for number, *_ in rows]
    if numbers != list(CHECKS):
        yield f"numbers: {sorted(set(CHECKS).symmetric_difference(numbers))}"
    for number, _, how, tests in rows:
        named = _NAMED.findall(tests)
        if not named and not re.search("尚未做|不适用|由运维设置", how):
            yield f"{number}: neither a test nor a reason"
        if len(named) != tests.count("`") // 2:
            yield f"{number}: a test that cannot be read"
        for file, name in named:
            path = ROOT / file
            if not path.is_file() or f"def {name}(" not in path.read_text(encoding="utf-8"):
                yield f"{number}: {file}::{name} is not there"


def test_every_check_stands_in_the_table_and_every_test_it_names_is_there() -> None:
    assert list(wrong(TABLE)) == []
    assert len(_NAMED.findall(TABLE)) > 100


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("| 52 |", "| 520 |"), "numbers: [52, 520]"),
        (("::test_a_redirect_is_not_followed", "::test_nobody_wrote_this"), "is not there"),
        (("tests/web/test_pages.py", "tests/web/test_gone.py"), "is not there"),
        (("不适用：没有由人填写的网址字段", "没有"), "3: neither a test nor a reason"),
    ],
)
def test_control_a_gap_in_the_table_is_found(change: tuple[str, str], told: str) -> None:
    assert any(told in each for each in wrong(TABLE.replace(*change)))


def test_every_test_named_outside_the_numbered_rows_is_there() -> None:
    """Those of the unified sign-in have numbers of the ASVS."""
    missing = [
        f"{file}::{name}"
        for file, name in _NAMED.findall(TABLE)
        if not (ROOT / file).is_file() or f"def {name}(" not in (ROOT / file).read_text("utf-8")
    ]
    assert missing == []


def test_the_table_is_linked() -> None:
    for file, link in (("README.md", "docs/security.md"), ("docs/architecture.md", "security.md")):
        assert f"({link})" in (ROOT / file).read_text(encoding="utf-8")
