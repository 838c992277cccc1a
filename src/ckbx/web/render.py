"""How does a page become HTML: one environment, Chinese dates and numbers, nothing unescaped?"""

from __future__ import annotations

import re
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from ckbx.domain.alert.kinds import late_word
from ckbx.domain.shared.system_actors import actor_name
from ckbx.ledgers.calibers import caliber_version, caliber_words
from ckbx.vault import mask_id
from ckbx.web.assets import asset
from ckbx.web.cells import apart, cells_html, without_direction
from ckbx.web.permissions import ROLE_ZH
from ckbx.web.tones import tone_of

_TEMPLATES: Final = Path(__file__).with_name("templates")
_WEEK: Final = "一二三四五六日"
_ISO: Final = re.compile(
    r"(?<![\w-])((?:19|20)\d\d)-(?:Q([1-4])|(\d\d))(?:-(\d\d))?(?![\w-])(?: (?=[前起止发]))?"
)


def chinese_day(day: date | None) -> str:
    """2026年11月20日; a dash where there is none."""
    return f"{day.year}年{day.month}月{day.day}日" if day else "—"


def short_day(day: date | None) -> str:
    """11月20日; a dash where there is none."""
    return f"{day.month}月{day.day}日" if day else "—"


def due_day(day: date | None) -> str:
    """12月4日（周五）: a day to plan for; a dash where there is none."""
    return f"{short_day(day)}（周{_WEEK[day.weekday()]}）" if day else "—"


def chinese_month(month: str) -> str:
    """2026年10月, of ``2026-10``."""
    year, number = month.split("-")
    return f"{year}年{int(number)}月"


def with_chinese_days(said: str) -> str:
    """A sentence that was written for the command line too, its days, months and quarters as a
    page writes them.
    """
    return _ISO.sub(_chinese, said)


def _chinese(found: re.Match[str]) -> str:
    year, quarter, month, day = found.groups()
    if quarter:
        return f"{year}年第{quarter}季度"
    return f"{year}年{int(month)}月" + (f"{int(day)}日" if day else "")


def caliber(code: str, *, named: bool = False) -> Markup:
    """A counting rule (口径) in words: which, and its version; its id goes along unseen.
    ``named``: the name stands beside it.
    """
    words = caliber_version(code) if named else caliber_words(code)
    return Markup('<data value="{}">{}</data>').format(code, words)


def actor(who: str) -> str:
    """Who acted, in words: an account, the system, or somebody at the server's command line."""
    at, _, name = who.partition("cli:")
    return f"服务器管理员 {name}" if name and not at else actor_name(who)


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

    def second(at: datetime) -> str:
        return f"{instant(at)}:{at.astimezone(zone):%S}"

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
        due_day=due_day,
        month=chinese_month,
        said=with_chinese_days,
        apart=apart,
        caliber=caliber,
        actor=actor,
        weekday=weekday,
        number=number,
        instant=instant,
        clock=clock,
        late=late_word,
        second=second,
        tone=tone_of,
        mask=mask_id,
        bidi=without_direction,
        cells=cells_html,
        role_zh=lambda role: ROLE_ZH.get(role, role),
    )
    env.globals.update(asset=asset, percent=percent)
    return env
