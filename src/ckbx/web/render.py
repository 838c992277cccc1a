"""How does a page become HTML: one environment, Chinese dates and numbers, nothing unescaped?"""

from __future__ import annotations

from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from ckbx.vault import mask_id
from ckbx.web.assets import asset
from ckbx.web.permissions import ROLE_ZH

_TEMPLATES: Final = Path(__file__).with_name("templates")
_WEEK: Final = "一二三四五六日"


def chinese_day(day: date | None) -> str:
    """2026年11月20日; a dash where there is none."""
    return f"{day.year}年{day.month}月{day.day}日" if day else "—"


def short_day(day: date | None) -> str:
    """11月20日; a dash where there is none."""
    return f"{day.month}月{day.day}日" if day else "—"


def weekday(day: date) -> str:
    """星期五."""
    return f"星期{_WEEK[day.weekday()]}"


def number(value: float) -> str:
    """Thousands apart."""
    return f"{value:,}"


def percent(part: int, whole: int) -> str:
    """One decimal; a dash where there is nothing to divide by. Never rounded up to 100."""
    if not whole:
        return "—"
    tenths = part * 1000 // whole if part < whole else 1000
    return f"{tenths / 10:.1f}%"


class Pages:
    """Renders templates. ``zone`` is the county's time zone."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._env = _environment(zone)

    def html(self, name: str, status: int = 200, **context: Any) -> HTMLResponse:
        """A page with its status."""
        text = self._env.get_template(name).render(**context)
        return HTMLResponse(text, status_code=status)


@cache
def _environment(zone: ZoneInfo) -> Environment:
    """The one of a zone: whoever makes several apps compiles their templates once."""

    def instant(at: datetime) -> str:
        local = at.astimezone(zone)
        return f"{chinese_day(local.date())} {local:%H:%M}"

    def clock(at: datetime) -> str:
        local = at.astimezone(zone)
        return f"{local.month}月{local.day}日 {local:%H:%M}"

    env = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(
        day=chinese_day,
        short_day=short_day,
        weekday=weekday,
        number=number,
        instant=instant,
        clock=clock,
        mask=mask_id,
        bidi=_without_direction,
        role_zh=lambda role: ROLE_ZH.get(role, role),
    )
    env.globals.update(asset=asset, percent=percent)
    return env


_DIRECTION: Final = dict.fromkeys(
    map(ord, "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)


def _without_direction(text: str) -> str:
    """A name without marks that would turn the letters around it."""
    return text.translate(_DIRECTION)
