"""What is shown to somebody who need not see the whole."""

from __future__ import annotations

import pytest

from ckbx.vault import mask_id, mask_phone, short_name


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("52260120150101001X", "5226**********001X"),
        (" 52260120150101001X ", "5226**********001X"),
        ("G52260120150101001X", "G5226**********001X"),
        ("L52260120150101001X", "L5226**********001X"),
        ("52260120150101001X43B1", "5226**************43B1"),
        ("E12345678", "E*******8"),
        ("1234", "****"),
        ("", ""),
    ],
)
def test_id_numbers_keep_region_and_tail(number: str, shown: str) -> None:
    assert mask_id(number) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13885501234", "138****1234"),
        ("0855-8223456", "085*****3456"),
        ("8223456", "*****56"),
        ("110", "***"),
        ("", ""),
    ],
)
def test_phones_keep_operator_and_tail(phone: str, shown: str) -> None:
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [("王小明", "王**"), ("王五", "王**"), ("阿依古丽·买买提", "阿**"), (" ", "")],
)
def test_names_keep_their_first_character_and_hide_their_length(name: str, shown: str) -> None:
    assert short_name(name) == shown
