"""Identity, register, disability, school and region numbers: what is read, what is refused."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckbx.domain.shared import identifiers as ids
from ckbx.domain.shared.identifiers import Sex

VALID = "11010519491231002X"  # the example of GB 11643-1999


def with_check(first_17: str) -> str:
    return first_17 + ids.check_character(first_17)


def test_the_standards_example_is_read() -> None:
    found = ids.parse_id_number(VALID)
    assert found == (VALID, date(1949, 12, 31), Sex.FEMALE, "110105", ())


@pytest.mark.parametrize(
    "written",
    [
        "11010519491231002x",
        " 110105 19491231 002X\u3000",
        "１１０１０５１９４９１２３１００２Ｘ",
        "'" + VALID,
    ],
)
def test_an_id_number_is_normalised(written: str) -> None:
    assert ids.parse_id_number(written).number == VALID


def test_fifteen_digits_become_eighteen_of_the_nineteen_hundreds() -> None:
    found = ids.parse_id_number("110105491231002")
    assert (found.number, found.birth) == (VALID, date(1949, 12, 31))


def test_an_odd_seventeenth_digit_is_male() -> None:
    assert ids.parse_id_number(with_check("11010520160229123")).sex is Sex.MALE
    assert ids.parse_id_number(with_check("11010520160229124")).sex.label == "女"


@pytest.mark.parametrize(
    ("written", "error"),
    [
        ("110105194912310021", ids.IdNumberCheckDigit),
        (with_check("11010520150229123"), ids.IdNumberBirthDate),
        (with_check("11010518991231123"), ids.IdNumberBirthDate),
        ("11010519491231002", ids.IdNumberMalformed),
        ("1101051949123100XX", ids.IdNumberMalformed),
        ("", ids.IdNumberMalformed),
    ],
)
def test_a_wrong_id_number_is_refused_by_name(written: str, error: type[Exception]) -> None:
    with pytest.raises(error):
        ids.parse_id_number(written)


def test_a_birth_after_the_day_given_is_refused() -> None:
    number = with_check("11010520260902123")
    assert ids.parse_id_number(number, on=date(2026, 9, 2)).birth == date(2026, 9, 2)
    with pytest.raises(ids.IdNumberBirthDate):
        ids.parse_id_number(number, on=date(2026, 9, 1))


def test_an_unknown_or_too_new_region_is_a_warning() -> None:
    assert ids.parse_id_number(with_check("00010519491231002")).warnings
    found = ids.parse_id_number(VALID, region_check=lambda region, year: f"{region} {year}")
    assert found.warnings == ("110105 1949",)


@given(st.integers(0, 16), st.integers(1, 9))
def test_every_single_wrong_digit_is_found(at: int, shift: int) -> None:
    wrong = VALID[:at] + str((int(VALID[at]) + shift) % 10) + VALID[at + 1 :]
    with pytest.raises(ids.NumberRefused):
        ids.parse_id_number(wrong)


@pytest.mark.parametrize("read", [ids.parse_id_number, ids.parse_student_number])
def test_a_refusal_masks_the_number(read: ids.RegionCheck) -> None:
    with pytest.raises(ids.NumberRefused) as refused:
        read("5226992019091174461")  # type: ignore[call-arg]
    assert "522699" in str(refused.value)
    assert "20190911" not in str(refused.value) + str(refused.value.as_dict())


def test_a_mask_keeps_six_and_four() -> None:
    assert ids.mask_number(VALID) == "110105********002X"
    assert ids.mask_number("13812345678") == "13*********"


@pytest.mark.parametrize("kind", ["J", "L", "g", "Ｇ"])
def test_a_student_number_has_a_letter_and_eighteen_characters(kind: str) -> None:
    found = ids.parse_student_number(kind + VALID.lower())
    assert found.number[1:] == VALID
    assert found.kind == found.number[0]


def test_a_student_number_whose_id_number_fails_is_only_warned_about() -> None:
    assert ids.parse_student_number("G110105194912310021").warnings
    assert not ids.parse_student_number("L110105194912310021").warnings


@pytest.mark.parametrize("written", [VALID, "X" + VALID, "G" + VALID + "1", "G1101051949123100XX"])
def test_a_malformed_student_number_is_refused(written: str) -> None:
    with pytest.raises(ids.StudentNumberMalformed):
        ids.parse_student_number(written)


def test_a_disability_number_holds_category_and_grade() -> None:
    assert ids.parse_disability_number(VALID + "54b1")[1:] == (VALID, 5, 4)


@pytest.mark.parametrize("written", [VALID + "84", VALID + "45", VALID, "11010519491231002152"])
def test_a_malformed_disability_number_is_refused(written: str) -> None:
    with pytest.raises(ids.DisabilityNumberMalformed):
        ids.parse_disability_number(written)


def test_a_school_code_has_ten_digits_and_names_its_kind() -> None:
    assert ids.parse_school_code("２１５２ 939972") == "2152939972"
    assert ids.school_kind("2152939972") is ids.SchoolKind.PRIMARY
    assert ids.school_kind("3152354069") is ids.SchoolKind.JUNIOR
    assert ids.school_kind("5152354069") is ids.SchoolKind.SPECIAL
    with pytest.raises(ids.SchoolCodeMalformed):
        ids.parse_school_code("215293997")


@pytest.mark.parametrize("code", ["522699", "522699100", "522699100202"])
def test_a_region_has_six_nine_or_twelve_digits(code: str) -> None:
    assert ids.parse_region_code(code) == code
    with pytest.raises(ids.RegionCodeMalformed):
        ids.parse_region_code(code + "1")


def test_a_village_is_asked_for_by_length() -> None:
    with pytest.raises(ids.RegionCodeMalformed, match="12 位"):
        ids.parse_region_code("522699", lengths=(12,))
