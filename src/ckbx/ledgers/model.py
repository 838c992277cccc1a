"""What is a ledger as people see it: title, columns with Chinese headings, 口径, filled rows?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from ckbx.ledgers.calibers import caliber_words
from ckbx.ledgers.marking import Mark
from ckbx.vault import mask_id
from projections.scope import Scope

Row = dict[str, Any]
"""Values by column key, as JSON carries them: text, numbers, dates, lists of text."""


class Kind(StrEnum):
    """How a value is written."""

    TEXT = "text"
    NUMBER = "number"
    DAY = "day"
    INSTANT = "instant"
    CALIBER = "caliber"
    """A counting rule, by its id; people read its name."""


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column.

    ``key`` is the English key of JSON, ``heading`` what people read. ``labels`` translate
    codes for people; JSON keeps the code. ``masked``: a number that a screen shows with its
    middle hidden (domain §13). ``brief`` False: left out on a screen, kept in files.
    ``printed`` False: kept in json and csv, left out of workbooks that are printed.
    ``ended``: only what has ended has a value here (--all); paper does without the column
    where there is none. ``short``: how many characters of an id paper carries; 0: all.
    ``absent``: what people read where there is no value.
    ``note`` goes into the manual.
    """

    key: str
    heading: str
    kind: Kind = Kind.TEXT
    labels: Mapping[str, str] = {}
    masked: bool = False
    brief: bool = True
    printed: bool = True
    ended: bool = False
    short: int = 0
    absent: str = ""
    note: str = ""

    def show(self, value: Any, zone: ZoneInfo, *, mask: bool = False) -> str:
        """The value as a person reads it; local time, ``absent`` where there is none."""
        if value is None:
            return self.absent
        if isinstance(value, str):  # most are
            if self.kind is Kind.CALIBER:
                return caliber_words(value)
            text = self.labels.get(value, value)
            return mask_id(text) if mask and self.masked else text
        if isinstance(value, (list, tuple)):
            return "、".join(self.show(each, zone, mask=mask) for each in value)
        if isinstance(value, float):
            return f"{value:.2f}"
        if isinstance(value, datetime):
            return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S")
        if isinstance(value, date):
            return value.isoformat()
        text = self.labels.get(str(value), str(value))
        return mask_id(text) if mask and self.masked else text

    def on_paper(self, value: Any, zone: ZoneInfo) -> str:
        """The value as it is printed."""
        text = self.show(value, zone)
        return text[: self.short] if self.short else text


class Grain(StrEnum):
    """Of what a ledger's figures are: who sees a part of it sees none of its rows."""

    CHILD = "child"
    """Children, posts, alerts: everybody sees the own ones."""
    CLASS = "class"
    """Whole classes."""
    SCHOOL = "school"
    """Whole schools."""
    COUNTY = "county"
    """The whole county."""

    def seen(self, scope: Scope) -> Scope:
        """What of a scope can be answered: nothing, rather than figures of a part."""
        match self:
            case _ if scope.everything:
                return scope
            case Grain.CHILD:
                return scope
            case Grain.CLASS:
                return Scope(school_codes=scope.school_codes, class_keys=scope.class_keys)
            case Grain.SCHOOL:
                return Scope.schools(scope.school_codes)
            case Grain.COUNTY:
                return Scope.nothing()


class Ledger(msgspec.Struct, frozen=True, kw_only=True):
    """What a ledger shows. ``caliber`` is the id of its counting rule (口径) and ``rule`` its
    words; ``answers`` are the projections that its figures rest on; ``grain`` says of what. ``sealed``: its figures
    were signed before and do not depend on what is being read in; ``signatures``: who puts
    name or seal under it on paper.
    """

    name: str
    title: str
    caliber: str
    about: str
    rule: str
    columns: tuple[Column, ...]
    answers: tuple[str, ...]
    by_township: bool = False
    sealed: bool = False
    signatures: tuple[str, ...] = ()
    grain: Grain = Grain.CHILD

    @property
    def keys(self) -> tuple[str, ...]:
        """The English keys, in order."""
        return tuple(column.key for column in self.columns)

    @property
    def of_children(self) -> bool:
        """Whether children are named in it, so that its files have to be kept safe."""
        return any(column.masked for column in self.columns)

    def row(self, values: Row) -> Row:
        """A row in the order of the columns, from values that hold at least these."""
        return {key: values[key] for key in self.keys}


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A ledger filled: rows as of a local day, as known at a UTC instant and position.

    ``missing`` are Chinese sentences that must stand with the figures (不完整 and why),
    ``remarks`` others that help to read them; ``filters`` say what the person who asked
    left out; ``seals`` say under the figures who signed them, known when, sealed as what.
    ``mark``: of which export it is. ``total``: how many rows there are where ``rows`` are those of one page.
    """

    ledger: Ledger
    as_of: date
    known_at: datetime
    position: int
    rows: Sequence[Row]
    zone: ZoneInfo
    missing: Sequence[str] = ()
    remarks: Sequence[str] = ()
    filters: Sequence[str] = ()
    seals: Sequence[str] = ()
    total: int | None = None
    mark: Mark | None = None

    @property
    def count(self) -> int:
        """How many rows there are on all pages."""
        return len(self.rows) if self.total is None else self.total

    @property
    def notes(self) -> list[str]:
        """Every sentence that goes with the figures."""
        return [*self.missing, *self.remarks]

    @property
    def marked(self) -> str:
        """The visible line of the export; empty for none."""
        return self.mark.line(self.zone) if self.mark else ""

    @property
    def printed(self) -> list[Column]:
        """The columns of workbook and pdf."""
        return [
            column
            for column in self.ledger.columns
            if column.printed
            and (not column.ended or any(row[column.key] is not None for row in self.rows))
        ]

    def info(self) -> str:
        """The line that stands under the title."""
        known = self.known_at.astimezone(self.zone).strftime("%Y-%m-%d %H:%M:%S")
        parts = [
            f"截至 {self.as_of.isoformat()}",
            f"按 {known} 已记录的情况",
            f"口径 {caliber_words(self.ledger.caliber)}",
            f"记录位置 {self.position}",
            *self.filters,
            f"共 {self.count} 行",
        ]
        return "　".join(parts)


def instant_text(at: datetime) -> str:
    """A UTC instant as JSON carries it: microseconds and Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
