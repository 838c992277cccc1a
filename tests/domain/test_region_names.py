"""A region is called as the titles of its posts say, or not at all."""

from __future__ import annotations

import pytest

from ckbx.domain.responsibility.post import Scope, ScopeKind
from ckbx.domain.responsibility.region_names import region_name, township_of

TOWNSHIP = Scope(ScopeKind.TOWNSHIP, "522629100")
VILLAGE = Scope(ScopeKind.VILLAGE, "522629100201")


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("城关镇镇长", "城关镇"),
        ("桐木乡乡长", "桐木乡"),
        ("东门街道办事处主任", "东门街道"),
        ("新镇镇长", "新镇"),
        ("双河镇党委书记", "双河镇"),
    ],
)
def test_a_township_is_what_stands_before_the_office(title: str, name: str) -> None:
    assert region_name(TOWNSHIP, [title]) == name


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("岩门村包村干部", "岩门村"),
        ("东门社区书记", "东门社区"),
        ("高坡乡大村村主任", "大村"),
        ("新村村主任", "新村"),
    ],
)
def test_a_village_is_named_without_its_township(title: str, name: str) -> None:
    assert region_name(VILLAGE, [title]) == name


@pytest.mark.parametrize(
    "title",
    ["镇长", "乡镇责任人", "分管副镇长", "副镇长", "包村干部", "村主任", "驻村第一书记", ""],
)
def test_a_title_that_names_no_place_gives_no_name(title: str) -> None:
    assert region_name(TOWNSHIP, [title]) == ""
    assert region_name(VILLAGE, [title]) == ""


def test_the_first_title_with_a_name_is_taken_and_a_county_has_none() -> None:
    assert region_name(TOWNSHIP, ["副镇长", "城关镇镇长"]) == "城关镇"
    assert region_name(Scope(ScopeKind.COUNTY, "522629"), ["剑河县县长"]) == ""


def test_a_township_whose_own_posts_name_no_place_is_named_by_those_of_its_villages() -> None:
    assert township_of(["高坡乡大村村主任", "高坡乡上寨村包村干部", "村主任"]) == "高坡乡"
    assert township_of(["岩门村包村干部", "新镇村主任"]) == ""


def test_villages_that_do_not_agree_name_no_township() -> None:
    assert township_of(["高坡乡大村村主任", "平寨镇上寨村主任"]) == ""
