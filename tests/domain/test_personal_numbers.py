"""Numbers of persons are found in typed text however they are broken up, and nothing else is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckbx.domain.shared.personal import NameRefused, check_name, holds_number, mask_numbers

ID = "522601201605060011"
HELD = [
    ID,
    "G" + ID,
    "G522601 20160506 0011",
    "522601-20160506-001X",
    "522601 20160506 001 X",
    "５２２６０１２０１６０５０６００１１",
    "522601160506001",
    "5 2 2 6 0 1 2 0 1 6 0 5 0 6 0 0 1 1",
    "52260120160506001144",
    "13800138000",
    "138-0013-8000",
    "138 0013 8000",
    "+86 138 0013 8000",
    "(138) 0013.8000",
    "１３８００１３８０００",
    "0855-1234567",
    "0855 123 4567",
    "第3组 138-0013-8000",
    "1 138 0013 8000",
]


@pytest.mark.parametrize("number", HELD)
def test_a_number_is_found_and_masked_in_any_form(number: str) -> None:
    text = f"包保{number}的教师"
    assert holds_number(text)
    shown = mask_numbers(text)
    assert shown.startswith("包保")
    assert shown.endswith("的教师")
    assert "*" in shown
    assert not holds_number(shown)


PLAIN = [
    "2026-09-01", "2026年9月1日 08:47", "2026-09-01 至 2026-09-30", "2026-09-01 2026-12-31",
    "2152939972/3/1", "215293997201", "522699100201", "2026-2027学年", "第 3 2026-11-20",
    "t2152939972.01", "45/42", "包 3 年级 1-9 班",
]  # fmt: skip


@pytest.mark.parametrize("text", PLAIN)
def test_dates_codes_and_counts_are_left_alone(text: str) -> None:
    assert not holds_number(text)
    assert mask_numbers(text) == text


@given(st.text(st.sampled_from(ID), min_size=18, max_size=18), st.text(max_size=5))
def test_eighteen_digits_are_never_shown(digits: str, around: str) -> None:
    shown = mask_numbers(f"{around}\n{digits}\n{around}")
    assert digits not in shown


@given(st.lists(st.sampled_from(["", " ", "-", " - ", "."]), min_size=10, max_size=10))
def test_a_phone_is_found_with_any_separators(gaps: list[str]) -> None:
    text = "".join(a + b for a, b in zip("13912345678", [*gaps, ""], strict=True))
    assert holds_number(text)
    assert mask_numbers(text) == "13" + "*" * 9


@pytest.mark.parametrize("name", ["", " ", "校" * 61, "小学13800138000", "小学 138-0013-8000", ID])
def test_a_name_for_events_holds_no_number(name: str) -> None:
    with pytest.raises(NameRefused, match="不能含证件号或电话号"):
        check_name(name, "学校名称")


@pytest.mark.parametrize("name", ["凯里市第18小学", "测试小学72", "81校", "八一学校（2026年新建）"])
def test_a_name_may_hold_a_short_number(name: str) -> None:
    check_name(name, "学校名称")
