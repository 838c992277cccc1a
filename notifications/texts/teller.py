"""How do notices become the words of one message?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from ckbx.domain.alert.kinds import BLUE, KINDS, ORANGE, RED, YELLOW
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.rules.rule_ids import rule_echo
from ckbx.domain.shared.ids import LAST_GRADE, grade_of, split_class_key
from ckbx.domain.shared.marked_text import fill_marks
from notifications.outbox_tables import NoticeRow
from notifications.persons import mark
from notifications.recipients import GROUP
from notifications.rules import COUNTED, DIGEST
from notifications.wording import PLACEHOLDERS, Book

FOLDER: Final = Path(__file__).parent
LISTED: Final = 20
"""So many persons or classes stand in a line; the rest is counted."""
LEVELS: Final = (RED, ORANGE, YELLOW, BLUE)
_NOON: Final = 12
_NONE: Final = "无"


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of alert in a message. ``due``: the earliest day, in words, empty for none;
    ``echo``: why it is told to somebody who does not act first (``（逾期，报上一级）``).
    """

    kind: str
    echo: str = ""
    title: str
    level: str
    count: int
    unit: str
    listing: str
    due: str
    text: str = ""


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """A message's subject, text and level."""

    subject: str
    body: str
    level: str


@cache
def _texts(channel: str) -> Environment:
    """The files of a kind of channel, before the common ones. No value is ever a template."""
    folders = [str(FOLDER / name) for name in (channel, "common")]
    return Environment(  # noqa: S701 - plain text, not HTML
        loader=FileSystemLoader(folders),
        undefined=StrictUndefined,
        trim_blocks=False,
        lstrip_blocks=False,
        keep_trailing_newline=False,
    )


class Teller:
    """Words messages. ``school_names`` by code; ``county``: the county's name."""

    def __init__(
        self,
        county: str,
        school_names: Mapping[str, str],
        wording: Book,
        zone: ZoneInfo,
    ) -> None:
        self._county = county
        self._schools = school_names
        self._wording = wording
        self._zone = zone

    def words(
        self, notices: Sequence[NoticeRow], *, fold: str, channel: str, slot: datetime
    ) -> Words:
        """The words of one message to one recipient. ``channel``: the kind of channel."""
        local = slot.astimezone(self._zone)
        told = [notice for notice in notices if notice.state != COUNTED]
        lines = self._lines(told, channel, local.date())
        levels = {line.level for line in lines}
        level = next((level for level in LEVELS if level in levels), BLUE)
        values = {
            "digest": fold == DIGEST,
            "title": fold_title(fold),
            "county": self._county,
            "day": day_text(local.date()),
            "part_of_day": "早间" if local.hour < _NOON else "晚间",
            "lines": lines,
            "total": sum(line.count for line in lines),
            "level": level,
            "stale": len({notice.alert for notice in notices if notice.state == COUNTED}),
        }
        texts = _texts(channel)
        subject = texts.get_template("subject.txt").render(values).strip()
        body = texts.get_template("message.txt").render(values).strip()
        return Words(subject=subject, body=body, level=level)

    def _lines(self, notices: Sequence[NoticeRow], channel: str, day: date) -> list[Line]:
        by_kind: dict[tuple[str, str], list[NoticeRow]] = {}
        for notice in notices:
            key = notice.kind, rule_echo(notice.rule)
            by_kind.setdefault(key, []).append(notice)
        lines = [self._line(*key, rows, channel, day) for key, rows in by_kind.items()]
        return sorted(lines, key=lambda line: (LEVELS.index(line.level), line.kind, line.echo))

    def _line(
        self, kind: str, echo: str, rows: Sequence[NoticeRow], channel: str, day: date
    ) -> Line:
        about = {(row.child or row.subject): row for row in rows}
        items = sorted(
            about.values(), key=lambda row: (row.school or "", row.class_key or "", row.subject)
        )
        due = [row.due_on for row in rows if row.due_on is not None]
        levels = {row.level for row in rows}
        line = Line(
            kind=kind,
            echo=echo,
            title=title_of(kind) + echo,
            level=next((level for level in LEVELS if level in levels), BLUE),
            count=len(items),
            unit=_unit(items),
            listing=self._listing(items, day),
            due=day_text(date.fromordinal(min(due))) if due else "",
        )
        return msgspec.structs.replace(line, text=self.line_text(line, channel))

    def line_text(self, line: Line, channel: str) -> str:
        """The line in the county's words, else in the program's; a county words what is told
        to whoever acts first.
        """
        own = None if line.echo else self._wording.text_for(line.kind, channel)
        return program_text(line, channel) if own is None else own_text(own, line, self._county)

    def _listing(self, items: Sequence[NoticeRow], day: date) -> str:
        """Who: each with its class; to a group only how many of each school."""
        if items[0].recipient.startswith(GROUP):
            counts: dict[str, int] = {}
            for row in items:
                counts[row.school or ""] = counts.get(row.school or "", 0) + 1
            return "、".join(
                f"{self._school(code)} {count} {_unit(items)}"
                for code, count in counts.items()
                if code
            )
        labels = [label for label in (self._label(row, day) for row in items) if label]
        more = f"等 {len(labels)} {_unit(items)}" if len(labels) > LISTED else ""
        return "、".join(labels[:LISTED]) + more

    def _label(self, row: NoticeRow, day: date) -> str:
        where = self._class(row.class_key, day) if row.class_key else self._school(row.school or "")
        if row.child is None:
            return where
        return mark(UUID(bytes=row.child)) + (f"（{where}）" if where else "")

    def _class(self, key: str, day: date) -> str:
        """The class as it is called that year; one past its ninth grade by its entry year."""
        school, entry, number = split_class_key(key)
        grade = grade_of(entry, school_year_of(day))
        year = f"{grade} 年级" if 1 <= grade <= LAST_GRADE else f"{entry} 级"
        return f"{self._school(school)} {year} {number} 班"

    def _school(self, code: str) -> str:
        return self._schools.get(code) or code


def program_text(line: Line, channel: str) -> str:
    """The line in the words that come with the program."""
    texts = _texts(channel)
    template = texts.select_template([f"{line.kind}.txt", "line.txt"])
    values: dict[str, Any] = msgspec.structs.asdict(line)
    return template.render(values).strip()


def own_text(text: str, line: Line, county: str) -> str:
    """The line in a county's words: placeholders filled as text, nothing executed."""
    values = {
        "预警名称": line.title,
        "等级": line.level,
        "数量": str(line.count),
        "单位": line.unit,
        "名单": line.listing or _NONE,
        "期限": line.due or _NONE,
        "县名": county,
    }
    return fill_marks(text, lambda name: values.get(name, _NONE))


def sample_line(kind: str) -> Line:
    """A made-up line for previews; nobody's data."""
    samples = {name: sample for name, (_, sample) in PLACEHOLDERS.items()}
    return Line(
        kind=kind,
        title=title_of(kind),
        level=KINDS[kind].level,
        count=int(samples["数量"]),
        unit=samples["单位"],
        listing=samples["名单"],
        due=samples["期限"],
    )


def title_of(kind: str) -> str:
    """What a kind of alert is called; a kind of a later program by its code."""
    return KINDS[kind].title if kind in KINDS else kind


def fold_title(fold: str) -> str:
    """What a message tells: a kind of alert, or a digest."""
    return "汇总" if fold == DIGEST else title_of(fold)


def day_text(day: date) -> str:
    """``9月12日``."""
    return f"{day.month}月{day.day}日"


def _unit(items: Sequence[NoticeRow]) -> str:
    if all(row.child is not None for row in items):
        return "人"
    if all(row.class_key is not None for row in items):
        return "班"
    return "所" if all(row.school is not None for row in items) else "项"
