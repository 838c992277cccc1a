"""How wide are the columns of a ledger on paper, and into how many lines does a text break?

Widths are counted in half-width characters: a Chinese character takes two.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple

_NARROW: Final = 8
"""Text that may be broken has at least four Chinese characters a line."""
_LONGEST_WORD: Final = 22
_WORD: Final = re.compile(r"[!-~〔〕]+")
"""A Latin word or number, 〔2026〕0709 as a whole."""
_PIECE: Final = re.compile(r" |[（《“]*(?:[!-~〔〕]+|.)[）》”，。；：、]*", re.DOTALL)
"""What stays on one line: a word, or a character, with its punctuation."""


class Bounds(NamedTuple):
    """The narrowest and the widest that each column should be."""

    least: list[int]
    most: list[int]


def bounds(headings: Sequence[str], rows: Sequence[Sequence[str]], widest: int) -> Bounds:
    """Codes, numbers and days are never broken; text is where it is wider than ``widest``.

    A heading takes at most two lines. ``rows`` hold at least one row.
    """
    cells = list(zip(*rows, strict=True))
    least, most = [], []
    for heading, column in zip(headings, cells, strict=True):
        width = max(map(display_width, column))
        least.append(max(_unbroken(column, width), two_lines(heading)))
        most.append(max(least[-1], min(width, widest)))
    return Bounds(least, most)


def _unbroken(column: Sequence[str], width: int) -> int:
    if all(text.isascii() for text in column):
        return width
    word = max(map(display_width, _WORD.findall("\n".join(column))), default=0)
    return max(min(width, _NARROW), min(word, _LONGEST_WORD))


def between(of: Bounds, share: float) -> list[float]:
    """Widths that have got a share (0 to 1) of what there is between least and most."""
    return [low + (high - low) * share for low, high in zip(*of, strict=True)]


def two_lines(heading: str) -> int:
    """The width in which a heading takes at most two lines; a short one is never broken."""
    shortest = 3
    return 2 * math.ceil(len(heading) / 2) if len(heading) > shortest else display_width(heading)


def lines(text: str, room: float) -> int:
    """How many lines a text takes where ``room`` fits into one; a word too long is cut."""
    if display_width(text) <= room:
        return 1
    count, used = 1, 0.0
    for piece in _PIECE.findall(text):
        width = display_width(piece)
        if used + width <= room:
            used += width
        else:
            whole = max(math.ceil(width / room), 1)
            count += whole if used else whole - 1
            used = width - (whole - 1) * room
    return count


def display_width(text: str) -> int:
    """Columns of a screen or a sheet that a text takes: a Chinese character takes two."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
