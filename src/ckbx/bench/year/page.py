"""``docs/alerts-year.md``: every alert of the year by day, for a person to read and check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from zoneinfo import ZoneInfo

from ckbx.bench.year.told import Told, told
from ckbx.bench.year.world import World
from ckbx.domain.rules.rule_ids import RULES

_STATES = {"open": "未办结", "closed": "已办结", "withdrawn": "已撤销"}
_WEEKDAYS = "一二三四五六日"
_WHO = {
    "head": "校长", "headp": "村小校长", "tp": "村小班主任", "new": "2026级新班主任",
    "village": "村", "town": "乡镇", "bureau": "县教育局专干", "gov": "县政府专干",
}  # fmt: skip
HEAD = """# 一学年的提醒

一所九年一贯制学校（9 个班、90 名学生，另有一所村小）从 2026 年 8 月 17 日到 2027 年 8 月
31 日的全部提醒，按天列出：什么时刻、依哪条规则、关于谁、发给谁、最后怎样。人物都是虚构的，
写成“级+号”。

本页由程序生成，请不要手改：`python -m ckbx.bench.year > docs/alerts-year.md`。这一学年发生
了什么，见 `src/ckbx/bench/year/script.py`，谁签收、谁手工办结，见同一目录的 `answers.py`；
应当提醒什么，另按规则逐条推算在同一目录的 `expected.py`、`expected_daily.py`（每天的）、
`expected_ladder.py`（逐级上报），测试逐条核对两者：不漏、不重、不多。

“最后怎样”是学年结束时的状态：已撤销，指依据后来没有了（补报了点名、定了校历）；已办结，指
事情办了，或不用再办（未签收的，签收了或已逾期）；未办结，指没有人处理。
"""


def page(world: World) -> str:
    """The page for a world of one school."""
    found = sorted(told(world).values(), key=lambda each: (each.at, each.rule, each.subject))
    zone = world.clock.zone
    lines = [HEAD, f"共 {len(found)} 条。", ""]
    for month, of_month in groupby(found, key=lambda each: f"{each.at.astimezone(zone):%Y-%m}"):
        lines += _month(month, of_month, zone)
    return "\n".join(lines)


def _month(month: str, alerts: Iterable[Told], zone: ZoneInfo) -> Iterator[str]:
    year, number = month.split("-")
    yield f"## {year} 年 {int(number)} 月"
    yield ""
    yield "| 日 | 时刻 | 级别 | 规则 | 关于 | 发给 | 最后怎样 |"
    yield "|---|---|---|---|---|---|---|"
    before: date | None = None
    for each in alerts:
        there = each.at.astimezone(zone)
        day = "" if there.date() == before else _day(there.date())
        before = there.date()
        title = RULES[each.rule].title
        who = "、".join(_who(account) for account in each.to)
        state = _STATES[each.state]
        yield (
            f"| {day} | {there:%H:%M} | {each.level} | {title} `{each.rule}` "
            f"| {each.subject} | {who} | {state} |"
        )
    yield ""


def _day(day: date) -> str:
    return f"{day.day} 日（{_WEEKDAYS[day.weekday()]}）"


def _who(account: str) -> str:
    name = account.partition(".")[0]
    if name in _WHO:
        return _WHO[name]
    return f"{name.removeprefix('t')}级班主任"
