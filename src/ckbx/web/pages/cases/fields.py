"""What does the form of a step ask for? Fields as data, drawn by one template."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec

Options = Sequence[tuple[str, str]]
Groups = Sequence[tuple[str, Options]]
"""Options under headings."""


class Kind(StrEnum):
    """How a field is drawn."""

    TEXT = "text"
    HIDDEN = "hidden"
    AREA = "area"
    DATE = "date"
    TIME = "time"
    SELECT = "select"
    RADIOS = "radios"
    CHECKS = "checks"
    FILES = "files"
    PEOPLE = "people"


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field. ``start``: what stands in it at first; ``options``: (value, words), of a long
    list in ``groups``; ``suggestions``: what may be typed, among others; ``empty_if``: in which
    case it may stay empty, where that is not as one likes.
    """

    name: str
    label: str
    kind: Kind = Kind.TEXT
    options: Options = ()
    groups: Groups = ()
    suggestions: Sequence[str] = ()
    start: Sequence[str] = ()
    hint: str = ""
    required: bool = True
    inputmode: str = ""
    most: int = 200
    empty_if: str = ""


KEPT: Final = "按个人信息保密，谁看过都有记录"


def codes(each: Iterable[Any]) -> Options:
    """Every code of a table with its words; one letter shows itself too."""
    return [
        (code.value, f"{code.value} {code.label}" if len(code.value) == 1 else code.label)
        for code in each
    ]


def radios(name: str, label: str, of: Iterable[Any], start: Any = None, hint: str = "") -> Field:
    """One of a table of codes."""
    begins = (start.value,) if start is not None else ()
    return Field(
        name=name, label=label, kind=Kind.RADIOS, options=codes(of), start=begins, hint=hint
    )


def checks(name: str, label: str, of: Iterable[Any], hint: str = "可选几项") -> Field:
    """Some of a table of codes."""
    return Field(name=name, label=label, kind=Kind.CHECKS, options=codes(of), hint=hint)


def select(
    name: str,
    label: str,
    options: Options,
    start: str = "",
    *,
    hint: str = "",
    required: bool = True,
    empty_if: str = "",
) -> Field:
    """One of a longer list."""
    return Field(
        name=name,
        label=label,
        kind=Kind.SELECT,
        options=options,
        start=(start,) if start else (),
        hint=hint,
        required=required,
        empty_if=empty_if,
    )


def day(
    name: str,
    label: str,
    start: str = "",
    *,
    hint: str = "",
    required: bool = True,
    empty_if: str = "",
) -> Field:
    """A day."""
    return Field(
        name=name,
        label=label,
        kind=Kind.DATE,
        start=(start,) if start else (),
        hint=hint,
        required=required,
        most=10,
        empty_if=empty_if,
    )


def note(
    label: str = "说明", *, name: str = "note", required: bool = False, empty_if: str = ""
) -> Field:
    """Words about it, kept in the vault."""
    return Field(
        name=name,
        label=label,
        kind=Kind.AREA,
        hint=KEPT,
        required=required,
        most=2_000,
        empty_if=empty_if,
    )


def text(
    name: str, label: str, *, hint: str = "", required: bool = True, empty_if: str = ""
) -> Field:
    """A short text."""
    return Field(name=name, label=label, hint=hint, required=required, empty_if=empty_if)


def files(label: str = "照片、扫描件", *, required: bool = False, empty_if: str = "") -> Field:
    """Photos and documents."""
    return Field(
        name="file",
        label=label,
        kind=Kind.FILES,
        hint="可直接拍照；照片、PDF 或 Word 文件，每个不超过 10\u00a0MB",
        required=required,
        empty_if=empty_if,
    )


PHOTOGRAPHED: Final = "附了照片的"
WRITTEN: Final = "上面写明了的"


def proof_fields(
    label: str,
    photos: str,
    *,
    what: str = "写明是什么材料",
    needed: bool = True,
    nor: str = "",
) -> tuple[Field, Field]:
    """What proves something: words, a file, or both. ``what``: what the words are to say;
    ``needed``: not without; ``nor``: of whom it is not needed, as in “、不是因病休学的”.
    """
    words = Field(
        name="evidence",
        label=label,
        hint=f"{what}；{KEPT}",
        required=False,
        empty_if=PHOTOGRAPHED + nor if needed else "",
    )
    return words, files(photos, empty_if=WRITTEN + nor if needed else "")
