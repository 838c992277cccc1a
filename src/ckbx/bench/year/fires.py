"""An alert that must be told, and the words for those that it is about and goes to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from ckbx.bench.year.days import ONE_DAY

DAY, REPORTED, CALL, NOON, CLOSE = "00:00", "08:30", "10:00", "12:00", "18:00"
"""When something falls due: with its day, with the morning's roll call, at 10:00, 12:00, 18:00."""
COUNTY = ("bureau", "gov")
SCHOOL_SELF, PRIMARY_SELF, COUNTY_SELF = "本校", "村小", "全县"


class Fire(NamedTuple):
    """One alert: when, by which rule, about what, to whom; ``once``: for the whole county."""

    day: date
    hour: str
    rule: str
    subject: str
    to: tuple[str, ...]
    once: bool = False


def d(month: int, day: int) -> date:
    """A day from 17 August 2026 to 16 August 2027."""
    return date(2026 if (month, day) > (8, 16) else 2027, month, day)


def kid(entry: int, number: int) -> str:
    """A child of the school."""
    return f"{entry}级{number}号"


def cls(entry: int) -> str:
    """A class of the school."""
    return f"{entry}级"


def teacher(entry: int) -> tuple[str, ...]:
    """The account of its teacher."""
    return (f"t{entry}",)


HEAD, VILLAGE, TOWN = ("head",), ("village",), ("town",)


def principal_missed(rule: str, subject: str, due: date) -> Iterator[Fire]:
    """A deadline of the principal's that nobody met on its last day."""
    yield Fire(due, DAY, rule, subject, HEAD)
    yield Fire(due + ONE_DAY, DAY, rule + "_up", subject, COUNTY)
    yield Fire(due + ONE_DAY, DAY, rule + "_copy", subject, TOWN)


def village_missed(rule: str, subject: str, due: date) -> Iterator[Fire]:
    """A deadline of the village's."""
    yield Fire(due, DAY, rule, subject, VILLAGE)
    yield Fire(due + ONE_DAY, DAY, rule + "_up", subject, TOWN)
    yield Fire(due + ONE_DAY, DAY, rule + "_copy", subject, HEAD)


def township_missed(rule: str, subject: str, due: date) -> Iterator[Fire]:
    """A deadline of the township's."""
    yield Fire(due, DAY, rule, subject, TOWN)
    yield Fire(due + ONE_DAY, DAY, rule + "_up", subject, COUNTY)
    yield Fire(due + ONE_DAY, DAY, rule + "_copy", subject, COUNTY)


def county_missed(rule: str, subject: str, due: date) -> Iterator[Fire]:
    """A deadline of the county's."""
    yield Fire(due, DAY, rule, subject, COUNTY)
    yield Fire(due + ONE_DAY, DAY, rule + "_up", subject, COUNTY)
    yield Fire(due + ONE_DAY, DAY, rule + "_copy", subject, COUNTY)


def teacher_missed(rule: str, entry: int, subject: str, due: date) -> Iterator[Fire]:
    """A deadline of the class's or the case's teacher."""
    yield Fire(due, DAY, rule, subject, teacher(entry))
    yield Fire(due + ONE_DAY, DAY, rule + "_up", subject, HEAD)
    yield Fire(due + ONE_DAY, DAY, rule + "_copy", subject, VILLAGE)
