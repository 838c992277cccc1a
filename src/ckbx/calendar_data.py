"""Which public holidays and make-up days does the installed package know?

The only module that reads ``chinese_calendar``. A year counts as known when the package has
its National Day: a stray day of a neighbouring year does not make a year known.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.metadata import version

from chinese_calendar import constants  # type: ignore[import-untyped]

from ckbx.domain.calendar.holidays import HolidayData

_CHINESE: dict[str, str] = {item.value: item.chinese for item in constants.Holiday}


@cache
def national_holidays() -> HolidayData:
    """Holidays and make-up days by the State Council's notices (2004 on), with their names."""
    national_day = constants.Holiday.national_day.value
    years = frozenset(day.year for day, name in constants.holidays.items() if name == national_day)
    return HolidayData(
        source=f"chinesecalendar {version('chinesecalendar')}",
        years=years,
        days_off=_named(constants.holidays, years),
        make_up=_named(constants.workdays, years),
    )


def _named(days: Mapping[date, str], years: frozenset[int]) -> dict[date, str]:
    return {day: _CHINESE[name] for day, name in sorted(days.items()) if day.year in years}
