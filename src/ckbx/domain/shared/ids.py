"""Stream ids: derived (uuid5) where the thing has a natural key, random for a child.

The county is part of every derived id, so that two counties never share a stream.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from uuid import UUID, uuid4, uuid5

LAST_GRADE = 9
_NAMESPACE = UUID("6f1d6a0e-6c0e-5f6e-9a3b-0d5f5e8c9b10")


@lru_cache(maxsize=65_536)
def stream_id(county: str, kind: str, *key: object) -> UUID:
    """The stream of one thing, e.g. ``stream_id("522699", "class", "2152939972/2026/1")``."""
    return uuid5(_NAMESPACE, "/".join((county, kind, *map(str, key))))


def new_child_id() -> UUID:
    """A child's internal id: random, so that it says nothing about the child."""
    return uuid4()


def class_key(school: str, entry_year: int, number: int) -> str:
    """A class is (school, entry year, number); it keeps its key while it moves up.

    ``entry_year`` is counted from grade 1 for every class (a grade 7 of 2026-27 has entry
    year 2020), so that grades 1 and 7 of a nine-year school never share a key.
    """
    return f"{school}/{entry_year}/{number}"


def entry_year_of(grade: int, school_year: int) -> int:
    """The entry year of a class in ``grade`` (1-9) in the school year that began that autumn."""
    return school_year - grade + 1


def grade_of(entry_year: int, school_year: int) -> int:
    """The grade (1-9) of a class in the school year that began in autumn ``school_year``."""
    return school_year - entry_year + 1


def last_grade_from(key: str) -> date:
    """The first day of the school year in which a class is in its ninth grade."""
    return date(split_class_key(key)[1] + LAST_GRADE - 1, 9, 1)


def finished_from(key: str) -> date:
    """The first day after the ninth grade of a class: its years of schooling are over.

    From then on the class expects no roll call; its children wait for 毕业 to be recorded.
    """
    return date(split_class_key(key)[1] + LAST_GRADE, 9, 1)


def split_class_key(key: str) -> tuple[str, int, int]:
    """``class_key`` undone: (school, entry year, number)."""
    school, entry, number = key.split("/")
    return school, int(entry), int(number)
