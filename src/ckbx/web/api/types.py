"""How does what a program sends become values? Strictly: nothing is guessed, nothing is extra."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, LiteralString
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, field_validator
from pydantic_core import PydanticCustomError

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_ZONED: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?(?:Z|[+-]\d{2}:\d{2})", re.ASCII
)
_FIRST, _LAST = 2000, 2200


def wrong(*, kind: LiteralString) -> PydanticCustomError:
    """A value cannot be used; the words for its kind are of ``validation_words``."""
    return PydanticCustomError(kind, kind)


def _day(value: Any) -> Any:
    if isinstance(value, date):
        return value
    try:
        found = date.fromisoformat(value) if _DAY.fullmatch(value) else None
    except (TypeError, ValueError):
        found = None
    if found is None or not _FIRST <= found.year <= _LAST:
        raise wrong(kind="day")
    return found


def _uuid(value: Any) -> Any:
    if isinstance(value, UUID):
        return value
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise wrong(kind="uuid_parsing")
    return UUID(value)


def _instant(value: Any) -> Any:
    if isinstance(value, datetime):
        return value
    try:
        found = datetime.fromisoformat(value) if _ZONED.fullmatch(value) else None
    except (TypeError, ValueError):
        found = None
    if found is None or not _FIRST <= found.year <= _LAST:
        raise wrong(kind="instant")
    return found.astimezone(UTC)


def _text(value: Any) -> Any:
    """Text of one or several lines; no character that nobody typed."""
    if isinstance(value, str) and any(ord(c) < 32 and c not in "\r\n\t" for c in value):
        raise wrong(kind="control_character")
    return value


Day = Annotated[
    date,
    BeforeValidator(_day),
    Field(description="当地日期，2000 年至 2200 年", examples=["2026-11-20"]),
]
Uuid = Annotated[UUID, BeforeValidator(_uuid)]
Instant = Annotated[
    datetime,
    BeforeValidator(_instant),
    Field(description="带时区的时刻", examples=["2026-11-20T18:00:00+08:00"]),
]
Words = Annotated[
    str,
    BeforeValidator(_text),
    Field(max_length=4_000, description="经办人写的话，只存入个人信息库"),
]
Loose = Strict(False)
"""For codes: a word of the list stands for its code."""


class Body(BaseModel):
    """What a program hands in. Who acts, in which role and when it was recorded is no field."""

    model_config = ConfigDict(strict=True, extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _written(cls, value: Any) -> Any:
        """No half of a character (a lone surrogate): nothing can store or answer it."""
        if isinstance(value, str) and any("\ud800" <= c <= "\udfff" for c in value):
            raise wrong(kind="string_unicode")
        return value


class Asked(BaseModel):
    """What stands behind the question mark: a name that there is not is refused."""

    model_config = ConfigDict(extra="forbid")


class Answer(BaseModel):
    """What is answered, for the description of the interface."""

    model_config = ConfigDict(extra="allow")


def words(kind: type[StrEnum]) -> str:
    """The codes of a list with their Chinese words, for the description."""
    return "；".join(f"{each.value} {getattr(each, 'label', '')}" for each in kind)
