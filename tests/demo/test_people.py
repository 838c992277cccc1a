"""The people of the demo county are made up, valid in form, and the same each time."""

from __future__ import annotations

from datetime import date
from random import Random

from ckbx.demo.county import Pupil, make_county
from ckbx.demo.names import REGION
from ckbx.domain.shared.identifiers import parse_id_number, parse_student_number
from ckbx.imports.identity_values import region_warning


def pupils(seed: int = 1) -> list[Pupil]:
    return make_county(400, 2026, Random(seed), two_years=True).pupils


def test_every_id_number_has_a_right_check_character_and_says_birth_and_sex() -> None:
    for pupil in pupils():
        number = parse_id_number(pupil.id_number)
        assert number.birth == date.fromisoformat(pupil.birth)
        assert (number.sex.label == "男") is pupil.male
        assert parse_student_number(pupil.student_no).kind == "G"


def test_the_region_exists_nowhere() -> None:
    assert "不在行政区划表里" in (region_warning(REGION, 2018) or "")
    assert all(pupil.id_number.startswith(REGION) for pupil in pupils())


def test_no_phone_number_can_belong_to_anybody() -> None:
    phones = [pupil.phone for pupil in pupils()]
    assert all(len(phone) == 11 and phone.startswith("100") for phone in phones)
    assert len(set(phones)) == len(phones)


def test_a_child_in_grade_one_is_six_years_old_by_the_end_of_august() -> None:
    for pupil in pupils():
        if not pupil.then and pupil.now:
            assert date(2019, 9, 1) <= date.fromisoformat(pupil.birth) <= date(2020, 8, 31)


def test_the_same_seed_makes_the_same_people() -> None:
    assert pupils(7) == pupils(7)
    assert pupils(7) != pupils(8)


def test_whoever_finishes_a_primary_school_has_a_class_in_a_junior_school() -> None:
    moved = [p for p in pupils() if p.then and p.now and p.then != p.now]
    assert moved
    assert all(p.then.startswith("21") and p.now.startswith("31") for p in moved)
