"""Which schools and places does this county know, so that nobody has to type their codes?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from typing import Final

import msgspec

from ckbx.domain.shared.identifiers import normalise, parse_region_code
from ckbx.ledgers.question import Look
from ckbx.web import national_regions
from ckbx.web.pages.cases.fields import Field, Groups, Kind, Options
from ckbx.web.pages.frame import county_name
from projections.townships import region_names, region_words, unnamed

OUTSIDE: Final = "outside"
"""What is chosen where a place is none of the county's: it is written below."""
NAMED: Final = "写省、市、县名，如“贵州省榕江县”，不必写代码"
SCHOOL_CODE: Final = "10 位数字，如 2152260012；对方学校的接收函、学籍系统里都有"
_NOT_HERE: Final = "不在本县（写在下面）"
_COUNTY: Final = 6
_TOWNSHIP: Final = 9
_VILLAGE: Final = 12


class KnownPlaces(msgspec.Struct, frozen=True, dict=True):
    """The county's code and name, its schools (code, name), its townships and villages by code
    (empty: nobody says a name).
    """

    county: str = ""
    county_name: str = ""
    schools: Options = ()
    regions: Mapping[str, str] = {}

    @cached_property
    def _codes(self) -> dict[str, str]:
        """Codes by the names in which places of the county are written."""
        named = {self.words(code): code for code in self.regions}
        return {
            normalise(name): code for name, code in {**named, self.county_name: self.county}.items()
        }

    @cached_property
    def near(self) -> list[str]:
        """Names to suggest for a place beyond the county: those of its province."""
        return national_regions.counties_near(self.county)

    def words(self, code: str) -> str:
        """A place in words: “岩门镇岩门村”, “贵州省榕江县”; where nobody says a name, its code."""
        if code == self.county and self.county_name:
            return self.county_name
        township = self.regions.get(code[:_TOWNSHIP], "")
        if len(code) == _VILLAGE and self.regions.get(code):
            return township + self.regions[code]
        if len(code) == _TOWNSHIP and township:
            return township
        named = national_regions.name_of(code) if len(code) == _COUNTY else ""
        return named or unnamed(code, township if len(code) == _VILLAGE else "")

    def code_of(self, typed: str) -> str:
        """The region code of a place by its name, or as it was typed.

        Raises RegionCodeMalformed, RegionNameUnknown, RegionNameShared.
        """
        plain = normalise(typed)
        if plain.isascii() and any(each.isdigit() for each in plain):
            return parse_region_code(plain)
        return self._codes.get(plain) or national_regions.code_of(typed)

    def places(self, homes: Iterable[str] = ()) -> Groups:
        """The county's places to choose from, by township; ``homes``: those of a child, in front.

        The last one says that it is none of these.
        """
        near = list(dict.fromkeys(home for home in homes if home))
        found = [("孩子的家", [(code, self.words(code)) for code in near])] if near else []
        county = [] if self.county in near else [(self.county, f"{self.words(self.county)}（县）")]
        townships = self.by_township(lambda code: code not in near)
        return [*found, *townships, ("其他", [*county, (OUTSIDE, _NOT_HERE)])]

    def by_township(self, wanted: Callable[[str], bool]) -> list[tuple[str, Options]]:
        """The townships and villages of the county that are wanted."""
        found: list[tuple[str, Options]] = []
        for township in (code for code in self.regions if len(code) == _TOWNSHIP):
            here = [code for code in self.regions if code.startswith(township) and wanted(code)]
            if here:
                found.append((self.words(township), [(code, self._within(code)) for code in here]))
        return found

    def _within(self, code: str) -> str:
        """A place in the list of its township."""
        if len(code) == _TOWNSHIP:
            named = self.regions.get(code)
            return f"{named}（乡镇）" if named else f"{code}（乡镇，没有名称）"
        return self.regions[code] or unnamed(code)


def known_places(look: Look) -> KnownPlaces:
    """As a look at the answers has them."""
    names = look.school_names()
    return KnownPlaces(
        county=look.reading.county,
        county_name=county_name(look),
        schools=sorted(((code, name or code) for code, name in names.items()), key=_by_name),
        regions=region_names(look.reading, look.position),
    )


def home_words(look: Look, code: str) -> str:
    """Where a child is registered or lives, in words; of another county that county. Empty where
    nobody says a name.
    """
    named = region_words(look.reading, code, look.position)
    if named or not code or code.startswith(look.reading.county):
        return named
    return national_regions.name_of(code)


def _by_name(school: tuple[str, str]) -> tuple[str, str]:
    code, name = school
    return name, code


def beyond(name: str) -> str:
    """The field for what is not in the list of another."""
    return f"{name}_outside"


def region_field(
    known: KnownPlaces, name: str, label: str, *, hint: str = NAMED, required: bool = True
) -> Field:
    """A place that is seldom the county's own, by its name."""
    return Field(
        name=name, label=label, hint=hint, suggestions=known.near, required=required, most=60
    )


def place_fields(
    known: KnownPlaces, name: str, label: str, elsewhere: str, homes: Sequence[str]
) -> tuple[Field, Field]:
    """A place of the county to choose, and, under ``elsewhere``, the name of another.

    ``homes``: of the child, the first of them chosen at first.
    """
    near = [home for home in homes if home] or [known.county]
    chosen = Field(
        name=name,
        label=label,
        kind=Kind.SELECT,
        groups=known.places(homes),
        start=near[:1],
    )
    other = region_field(known, beyond(name), elsewhere, required=False)
    return chosen, msgspec.structs.replace(other, empty_if="在本县的")


def school_fields(
    known: KnownPlaces, name: str, label: str, own: str | None = None
) -> tuple[Field, Field]:
    """A school of the county to choose, and the code of another. ``own``: the one left out."""
    schools = [each for each in known.schools if each[0] != own]
    chosen = Field(
        name=name,
        label=label,
        kind=Kind.SELECT,
        options=[*schools, (OUTSIDE, "县外学校（在下面写标识码）")],
    )
    other = Field(
        name=beyond(name),
        label="县外学校的标识码",
        hint=SCHOOL_CODE,
        inputmode="numeric",
        most=10,
        required=False,
        empty_if="转到本县学校的",
    )
    return chosen, other


__all__ = [
    "NAMED",
    "OUTSIDE",
    "SCHOOL_CODE",
    "KnownPlaces",
    "beyond",
    "home_words",
    "known_places",
    "place_fields",
    "region_field",
    "school_fields",
]
