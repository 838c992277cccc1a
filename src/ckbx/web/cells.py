"""What is one row of a table like on a page? Written here, not in a template: of a page of 50
rows it was most of the cost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

import msgspec
from markupsafe import Markup, escape

from ckbx.ledgers.layout import display_width

NARROW: Final = 24
"""A text of so many half characters stays on one line of a table …"""
HALF_A_PHONE: Final = 11
"""… and of so many beside another on a phone."""
WITH_HEADING: Final = 21
"""… its heading counted in."""
_APART: Final = re.compile(
    r"ckbx-[a-z0-9-]+|(?:HMAC-)?SHA-256|JSON|(?<![a-z-])[a-z-]{1,30}-\d{4}\.\d+|(?<=种子 )\S+|\b[0-9a-f]{16,}\b"
)
"""What only the program says: kinds of seals, ways to draw, their sums."""
_MARKS: Final = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_DIRECTION: Final = dict.fromkeys(map(ord, _MARKS))
_TURNS: Final = re.compile(f"[{_MARKS}]")


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One value as it is shown; ``child``: the id of the child whose page it leads to."""

    heading: str
    text: str
    number: bool
    code: bool
    child: str = ""

    @property
    def looks(self) -> Markup:
        """The classes of its cell: what must not break, what takes a line of its own."""
        width = min(display_width(self.text), NARROW + 1)
        long = width + _heading_width(self.heading) > WITH_HEADING
        return _looks(self.number, self.code, width, long)


def cells_html(cells: Sequence[Cell]) -> Markup:
    """A row: its first cell heads it, what names a child leads to its page."""
    first, *others = cells
    made = [f'<th scope="row" class="{first.looks}">{_value(first)}</th>']
    made += [
        f'<td data-label="{_heading(each.heading)}" class="{each.looks}">{_value(each)}</td>'
        for each in others
    ]
    return Markup("\n".join(made))  # noqa: S704 - each value was escaped


def apart(said: str) -> Markup:
    """A sentence with what is there to be copied, not read, set as code."""
    if _APART.search(said) is None:
        return escape(said)
    done, at = Markup(), 0
    for found in _APART.finditer(said):
        done += escape(said[at : found.start()])
        done += Markup('<code class="short-id">{}</code>').format(found[0])
        at = found.end()
    return done + escape(said[at:])


def without_direction(text: str) -> str:
    """A name without marks that would turn the letters around it."""
    return text.translate(_DIRECTION) if _TURNS.search(text) else text


def _value(cell: Cell) -> str:
    text = without_direction(cell.text)
    if cell.child and text:
        return (
            f'<a class="person" href="/children/{escape(cell.child)}"><bdi>{escape(text)}</bdi></a>'
        )
    return f"<bdi>{apart(text or '—')}</bdi>"


@cache
def _heading(words: str) -> Markup:
    """Those of the catalogue: few."""
    return escape(words)


@cache
def _heading_width(words: str) -> int:
    return display_width(words)


@cache
def _looks(number: bool, code: bool, width: int, long: bool) -> Markup:
    kinds = (
        ("num", number),
        ("code", code),
        ("keep", width <= NARROW),
        ("broad", width > NARROW),
        ("wide", long or width > HALF_A_PHONE),
        ("none", not width),
    )
    return Markup(" ").join(name for name, so in kinds if so)
