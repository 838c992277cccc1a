"""Places beyond the county by their names, so that nobody looks a code up."""

from __future__ import annotations

import pytest

from ckbx.domain.shared.identifiers import RegionCodeMalformed
from ckbx.web.national_regions import (
    RegionNameShared,
    RegionNameUnknown,
    code_of,
    counties_near,
    name_of,
)
from ckbx.web.pages.known_places import OUTSIDE, KnownPlaces

TOWNSHIP, VILLAGE = "522699101", "522699101200"
KNOWN = KnownPlaces(
    county="522699",
    county_name="青屏县",
    regions={TOWNSHIP: "岩门镇", VILLAGE: "岩门村", "522699102": ""},
)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("贵州省黔东南苗族侗族自治州榕江县", "522632"),
        ("贵州省榕江县", "522632"),
        ("贵州 榕江", "522632"),
        ("黔东南州", "522600"),
        ("西盟县", "530829"),
        ("广东省东莞市", "441900"),
        ("重庆万州", "500101"),
        ("湖北省仙桃市", "429004"),
        ("内蒙古", "150000"),
        ("吉林朝阳区", "220104"),
    ],
)
def test_a_place_is_found_by_the_names_people_write(written: str, code: str) -> None:
    assert code_of(written) == code


@pytest.mark.parametrize(
    "written", ["翁当寨", "贵州省长春市", "崇文区", "县", "贵州省榕江县某某镇"]
)
def test_a_name_that_no_place_has_is_refused_with_an_example(written: str) -> None:
    with pytest.raises(RegionNameUnknown, match="请写到县（市、区），如“贵州省榕江县”"):
        code_of(written)


def test_of_places_with_one_name_all_are_told() -> None:
    with pytest.raises(RegionNameShared, match=r"2 处：北京市朝阳区、吉林省长春市朝阳区；请照其中"):
        code_of("朝阳区")


def test_a_code_says_its_name_and_the_province_its_other_places() -> None:
    assert name_of("522632103") == "贵州省黔东南苗族侗族自治州榕江县"
    assert name_of("529999") == ""
    near = counties_near("522632")
    assert "贵州省贵阳市云岩区" in near
    assert "贵州省黔东南苗族侗族自治州榕江县" not in near
    assert all(name.startswith("贵州省") for name in near)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("岩门镇", TOWNSHIP),
        ("岩门镇岩门村", VILLAGE),
        ("青屏县", "522699"),
        ("榕江县", "522632"),
        (" 522632103 ", "522632103"),
    ],
)
def test_the_own_county_is_known_by_its_names_too(written: str, code: str) -> None:
    assert KNOWN.code_of(written) == code


def test_a_code_of_another_length_is_refused() -> None:
    with pytest.raises(RegionCodeMalformed):
        KNOWN.code_of("5226")


def test_the_places_of_the_county_stand_by_township_the_home_in_front() -> None:
    groups = KNOWN.places([VILLAGE])
    assert groups == [
        ("孩子的家", [(VILLAGE, "岩门镇岩门村")]),
        ("岩门镇", [(TOWNSHIP, "岩门镇（乡镇）")]),
        ("522699102（没有名称）", [("522699102", "522699102（乡镇，没有名称）")]),
        ("其他", [("522699", "青屏县（县）"), (OUTSIDE, "不在本县（写在下面）")]),
    ]
