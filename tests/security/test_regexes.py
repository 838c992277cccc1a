"""No text holds up an expression of the program, however it was made to."""

from __future__ import annotations

import re
from datetime import UTC
from zoneinfo import ZoneInfo

import pytest

from ckbx.imports.date_values import parse_date, parse_instant
from ckbx.imports.value_errors import DateRefused
from tests.security.regexes import Found, expressions, harm

MADE_AS_IT_RUNS = {
    "src/ckbx/access/common_passwords.py": "words of the program, each escaped",
    "src/ckbx/imports/workbook_extent.py": "bytes of a part that was bounded, without repetition",
    "src/ckbx/vault/photos.py": "bytes of a photo of bounded size, two bytes without repetition",
    "src/ckbx/vault/key_files.py": "bytes of a key file of fixed length",
}


def test_every_expression_of_the_program_is_known() -> None:
    found, unknown = expressions()
    assert len(found) > 100
    assert {where.partition(":")[0] for where in unknown} == set(MADE_AS_IT_RUNS)


def test_no_text_holds_an_expression_up() -> None:
    found, _ = expressions()
    once = {(each.pattern, each.flags, each.anchored): each for each in found}
    assert {each.where: why for each in once.values() if (why := harm(each))} == {}


@pytest.mark.parametrize("pattern", ["(a+)+$", r"(\w|\d)+!", r"\s*\s*\s*,", "x*$"])
def test_control_an_expression_that_can_be_held_up_is_found(pattern: str) -> None:
    assert harm(Found("planted", pattern, 0))


@pytest.mark.parametrize("pattern", [r"\d{4}-\d{2}", "a+b", "(?:ab)*"])
def test_control_a_plain_one_is_not(pattern: str) -> None:
    assert not harm(Found("planted", pattern, re.ASCII, anchored=True))


def test_a_cell_longer_than_any_date_is_none() -> None:
    long = " " * 20_000 + "2026-09-01" + " " * 20_000 + "8:00"
    for written in (long.strip(), "2026-09-01" + "　" * 30_000 + "x8:00"):
        with pytest.raises(DateRefused):
            parse_date(written)
        with pytest.raises(DateRefused):
            parse_instant(written, ZoneInfo("Asia/Shanghai"))
    assert parse_instant("2026-09-01 08:47:12.5", ZoneInfo("Asia/Shanghai")).tzinfo is UTC
