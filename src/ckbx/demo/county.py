"""What is there in the demo county: townships, villages, schools, classes and pupils?"""

from __future__ import annotations

import math
from collections.abc import Iterator
from random import Random
from typing import Final

import msgspec

from ckbx.demo.names import REGION, People
from ckbx.domain.shared.ids import class_key, entry_year_of, grade_of, split_class_key

NAME: Final = "青屏县（示例）"
CLASS_SIZE: Final = 48
SMALL: Final = 600
"""Below this many children only the schools marked ``small`` are there."""

SNOWY: Final = "2152697005"
"""The mountain school that snow closes; no story is told there."""
TOWNSHIPS: Final = ("城关镇", "岩门镇", "双河镇", "桐木乡", "石板乡", "高坡乡")
_VILLAGES: Final = "东街 新民 柳树 上寨 大坪 水井 花桥 青杠".split()


class School(msgspec.Struct, frozen=True):
    """A school. ``share`` of each primary and each junior grade of the county; ``feeds`` is
    where its sixth grade goes on (empty: the school has a seventh grade).
    """

    code: str
    name: str
    township: int
    primary: float = 0.0
    junior: float = 0.0
    feeds: str = ""
    small: bool = False

    @property
    def grades(self) -> range:
        """The grades it teaches."""
        return range(1 if self.primary else 7, 10 if self.junior else 7)


_TOWN_JUNIOR, _YANMEN_JUNIOR = "3152697001", "3152697002"
SCHOOLS: Final = (
    School("2152697001", "城关镇第一小学", 0, primary=0.27, feeds=_TOWN_JUNIOR),
    School("2152697002", "城关镇第二小学", 0, primary=0.18, feeds=_TOWN_JUNIOR, small=True),
    School("2152697003", "岩门镇中心小学", 1, primary=0.16, feeds=_YANMEN_JUNIOR),
    School("2152697004", "双河镇中心小学", 2, primary=0.13, feeds=_TOWN_JUNIOR),
    School(SNOWY, "高坡乡上寨小学", 5, primary=0.04, feeds=_YANMEN_JUNIOR, small=True),
    School("2152697006", "双河镇柳树小学", 2, primary=0.03, feeds=_TOWN_JUNIOR),
    School(_TOWN_JUNIOR, "城关镇初级中学", 0, junior=0.45, small=True),
    School(_YANMEN_JUNIOR, "岩门镇初级中学", 1, junior=0.28, small=True),
    School("3152697003", "桐木乡九年一贯制学校", 3, primary=0.12, junior=0.15, small=True),
    School("3152697004", "石板乡九年一贯制学校", 4, primary=0.07, junior=0.12),
)


class Pupil(msgspec.Struct, kw_only=True):
    """A child and the classes it sits in: ``then`` in the earlier, ``now`` in the later
    school year (the same where there is only one); empty: in none.
    """

    number: int
    name: str
    male: bool
    id_number: str
    birth: str
    village: str
    residence: str
    guardian: str
    phone: str
    marks: str = ""
    then: str = ""
    now: str = ""

    @property
    def student_no(self) -> str:
        """The 学籍号."""
        return "G" + self.id_number

    @property
    def steady(self) -> bool:
        """Whether it sits in one class all the time."""
        return self.then == self.now


class Village(msgspec.Struct, frozen=True):
    """A village or community with its 12-digit code."""

    code: str
    name: str
    township: int


class MadeUp(msgspec.Struct):
    """Everything about the demo county that is decided before a day passes."""

    school_year: int
    schools: tuple[School, ...]
    villages: list[Village]
    pupils: list[Pupil]
    people: People

    def school(self, code: str) -> School:
        """The school of a 标识码."""
        return next(each for each in self.schools if each.code == code)

    def classes(self, *, later: bool) -> dict[str, list[Pupil]]:
        """Pupils by class key, in the earlier or the later school year."""
        found: dict[str, list[Pupil]] = {}
        for pupil in self.pupils:
            key = pupil.now if later else pupil.then
            if key:
                found.setdefault(key, []).append(pupil)
        return dict(sorted(found.items()))

    def class_name(self, key: str, school_year: int) -> str:
        """What people call a class in a school year."""
        school, entry, number = split_class_key(key)
        return f"{self.school(school).name}{grade_of(entry, school_year)}年级{number}班"


def township_code(index: int) -> str:
    """The 9-digit code of a township."""
    return f"{REGION}{100 + index:03d}"


def make_county(students: int, school_year: int, rng: Random, *, two_years: bool) -> MadeUp:
    """A county of about ``students`` children in the school year that began that autumn.

    ``two_years``: the earlier term lies in the school year before; pupils move up between.
    """
    schools = tuple(s for s in SCHOOLS if students >= SMALL or s.small)
    villages = _villages()
    people = People(rng)
    county = MadeUp(school_year, schools, villages, [], people)
    primary = sum(s.primary for s in schools)
    junior = sum(s.junior for s in schools)
    per_grade = students / 9
    for school in schools:
        for grade in range(0 if two_years else 1, 10):
            share = _share(school, grade or 1, primary, junior)
            if share:
                size = max(round(per_grade * share), 2)
                _grade(county, school, grade, size, rng, two_years=two_years)
    if two_years:
        _move_up(county)
    county.pupils.sort(key=lambda pupil: pupil.number)
    return county


def _share(school: School, grade: int, primary: float, junior: float) -> float:
    return school.primary / primary if grade <= 6 else school.junior / junior


def _villages() -> list[Village]:
    return [
        Village(f"{township_code(t)}{200 + n:03d}", f"{name}村" if t else f"{name}社区", t)
        for t in range(len(TOWNSHIPS))
        for n, name in enumerate(_VILLAGES[t % 4 : t % 4 + 4])
    ]


def _grade(
    county: MadeUp, school: School, grade: int, size: int, rng: Random, *, two_years: bool
) -> None:
    """One grade of a school in the earlier year; grade 0 is the coming first grade."""
    year = county.school_year - 1 if two_years else county.school_year
    entry = entry_year_of(grade, year)
    rooms = math.ceil(size / CLASS_SIZE)
    for order in range(size):
        key = class_key(school.code, entry, order * rooms // size + 1)
        pupil = _pupil(county, school, entry, rng)
        pupil.then = key if grade else ""
        pupil.now = key if not two_years or grade < 9 else ""
        if two_years and grade == 6 and school.feeds:
            pupil.now = school.feeds
        county.pupils.append(pupil)


def _move_up(county: MadeUp) -> None:
    """Those whose school ends after grade 6 get a class of the junior school."""
    coming: dict[str, list[Pupil]] = {}
    for pupil in county.pupils:
        if pupil.now and "/" not in pupil.now:
            coming.setdefault(pupil.now, []).append(pupil)
    entry = entry_year_of(7, county.school_year)
    for code, pupils in coming.items():
        rooms = math.ceil(len(pupils) / CLASS_SIZE)
        for order, pupil in enumerate(pupils):
            pupil.now = class_key(code, entry, order * rooms // len(pupils) + 1)


def _pupil(county: MadeUp, school: School, entry: int, rng: Random) -> Pupil:
    people = county.people
    male = rng.random() < 0.52
    birth = people.birth(entry)
    name = people.child(male=male)
    near = [v.code for v in county.villages if v.township == school.township]
    village = rng.choice(near)
    residence = rng.choice(county.villages).code if rng.random() < 0.06 else ""
    return Pupil(
        number=len(county.pupils),
        name=name,
        male=male,
        id_number=people.id_number(birth, male=male),
        birth=birth.isoformat(),
        village=village,
        residence=residence if residence != village else "",
        guardian=people.adult(name[0]),
        phone=people.phone(),
        marks="、".join(_marks(rng)),
    )


def _marks(rng: Random) -> Iterator[str]:
    for mark, share in (("留守", 0.22), ("脱贫户", 0.15), ("低保", 0.05), ("监测户", 0.03)):
        if rng.random() < share:
            yield mark
