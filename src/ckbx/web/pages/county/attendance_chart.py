"""出勤走势 as a drawing: where do the points, the lines and the strip of reports go?

Pure geometry in the units of the drawing; what it says stands in words beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from projections.attendance_line import AttendanceDay

STEP: Final = 5
"""The floor of the scale is a multiple of so many per cent …"""
HIGHEST_FLOOR: Final = 90
"""… and no higher than this, or a day like any other would look like a fall."""


class Size(msgspec.Struct, frozen=True, kw_only=True):
    """Of a drawing. ``left``: the width of the labels of the scale; ``strip``: the height of
    the reports below the line; ``text``: the height of letters.
    """

    name: str
    width: float
    height: float
    left: float
    strip: float
    text: float


WIDE: Final = Size(name="wide", width=1200, height=190, left=96, strip=26, text=13)
PHONE: Final = Size(name="phone", width=360, height=170, left=44, strip=22, text=12)


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """A day. ``y`` None: no class reported. ``left``, ``wide``: its column; ``top``, ``tall``:
    the part of the strip that the reported classes fill; ``whole``: all reported.
    """

    day: AttendanceDay
    x: float
    y: float | None
    left: float
    wide: float
    top: float
    tall: float
    whole: bool


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """A drawing. ``scale``: per cent and height of each line of the scale, the highest in
    front; ``lines``: the points of each unbroken run of days.
    """

    size: Size
    points: list[Point]
    scale: list[tuple[int, float]]
    lines: list[str]
    strip_top: float


def chart(days: Sequence[AttendanceDay], size: Size) -> Chart:
    """Draw these days, the oldest to the left, each in a column of the same width."""
    rates = [each.rate for each in days if each.rate is not None]
    floor = min(HIGHEST_FLOOR, int(min(rates, default=100) // STEP * STEP))
    over, under = size.text, size.height - size.strip - size.text
    strip_top = size.height - size.strip
    column = (size.width - size.left) / max(len(days), 1)

    def height(rate: float) -> float:
        return round(under - (rate - floor) / (100 - floor) * (under - over), 1)

    points = [
        _point(
            each,
            size.left + n * column,
            column,
            None if each.rate is None else height(each.rate),
            size,
        )
        for n, each in enumerate(days)
    ]
    middle = (100 + floor) // 2
    return Chart(
        size=size,
        points=points,
        scale=[(rate, height(rate)) for rate in (100, middle, floor)],
        lines=_lines(points),
        strip_top=strip_top,
    )


def _point(day: AttendanceDay, left: float, column: float, y: float | None, size: Size) -> Point:
    tall = round(size.strip * day.reported / day.classes, 1) if day.classes else 0.0
    return Point(
        day=day,
        x=round(left + column / 2, 1),
        y=y,
        left=round(left, 1),
        wide=round(column, 1),
        top=round(size.height - tall, 1),
        tall=tall,
        whole=day.reported == day.classes,
    )


def _lines(points: Sequence[Point]) -> list[str]:
    """A day of which nobody reported breaks the line: nothing is guessed across it."""
    runs: list[list[str]] = [[]]
    for point in points:
        if point.y is None:
            runs.append([])
        else:
            runs[-1].append(f"{point.x},{point.y}")
    return [" ".join(run) for run in runs if len(run) > 1]
