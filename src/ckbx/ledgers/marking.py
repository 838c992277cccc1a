"""How is a file that left the program traced to the export it came from?

Every export has a number of eight signs. It stands in a visible line on every page, and again
where cutting the line off does not reach it (reliability §8, row 79):

- workbook: in the colour of the letters, eight blacks that no eye tells apart; neighbouring
  cells take them in turn, so that any eight cells of a row or a column that is kept hold the
  number, as long as their format is kept;
- pdf: in the colours of the headings, which stand on every page, and in its properties;
- csv: in a column of its own, in every row.

A colour says which sign (0 to 7) and its value (0 to 31) in the low three bits of red, green
and blue. A copy typed or pasted as bare text bears no hidden mark.
"""

from __future__ import annotations

import io
import re
import secrets
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

SIGNS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without I, L, O and U, which are misread."""
LENGTH: Final = 8
HEADING: Final = "导出编号"
MOST_PURPOSE: Final = 40
MOST_BYTES: Final = 64 * 1024 * 1024
_NUMBER: Final = re.compile(f"{HEADING}[ 　:：]*([{SIGNS}]{{4}}-?[{SIGNS}]{{4}})")
_ROW: Final = re.compile(f'(?m)[,\t]"?([{SIGNS}]{{4}}-[{SIGNS}]{{4}})"?\r?$')
_FONT: Final = re.compile(r'rgb="FF(0[0-7]0[0-7]0[0-7])"')
_PART: Final = r"(0(?:\.[0-9]{1,16})?|\.[0-9]{1,16})"
_FILL: Final = re.compile(rf"(?<![0-9.]){_PART} {_PART} {_PART} (?:rg|scn?)\b")
"""A black or what is near it. Of a file that somebody made up each place is looked at once, and
no number is read further than anybody writes one.
"""
_BEGIN, _END = b"stream", b"endstream"


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """The mark of one export: its number, by whom, when (UTC), for what."""

    number: str
    account: str
    at: datetime
    purpose: str

    @property
    def shown(self) -> str:
        """The number as people read it."""
        return f"{self.number[:4]}-{self.number[4:]}"

    def line(self, zone: ZoneInfo) -> str:
        """The visible line."""
        when = self.at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        why = " ".join(self.purpose.split())
        short = why if len(why) <= MOST_PURPOSE else why[: MOST_PURPOSE - 1] + "…"
        return f"{HEADING} {self.shown}　{self.account}　{when} 导出　用途：{short}"

    def colours(self) -> list[str]:
        """The eight blacks that say the number, as ``#rrggbb``."""
        return [_colour(place, SIGNS.index(sign)) for place, sign in enumerate(self.number)]


def new_number() -> str:
    """The number of a new export: 40 bits by chance, nobody guesses another's."""
    return "".join(secrets.choice(SIGNS) for _ in range(LENGTH))


def plain_number(text: str) -> str | None:
    """A number as typed: blanks, dashes and small letters do not matter; None for none."""
    found = re.sub(r"[\s-]", "", text).upper()
    return found if len(found) == LENGTH and set(found) <= set(SIGNS) else None


def found_in(content: bytes) -> str | None:
    """The number of the export that a file is from; None where it bears none (or two)."""
    if content.startswith(b"PK"):
        cells = _part(content, "xl/styles.xml").decode("latin-1")
        # Without eight cells the properties alone tell; they begin with the number.
        words = _part(content, "docProps/core.xml").decode("utf-8", "replace")
        found = _of_colours(_FONT.findall(cells)) or _in_words(words.partition("keywords>")[2])
    elif content.startswith(b"%PDF"):
        found = _of_colours(_fills(content))
    else:
        text = content.decode("utf-8-sig", "replace")
        found = {each.replace("-", "") for each in _ROW.findall(text)} or _in_words(text)
    return found.pop() if len(found) == 1 else None


def _in_words(text: str) -> set[str]:
    """The number of a visible line: the purpose that follows it may name any other."""
    found = _NUMBER.search(text)
    return {found[1].replace("-", "")} if found else set()


def _colour(place: int, value: int) -> str:
    packed = place << 5 | value
    return f"#{packed >> 6 & 7:02x}{packed >> 3 & 7:02x}{packed & 7:02x}"


def _of_colours(colours: Iterable[str]) -> set[str]:
    """The numbers that colours (``0r0g0b``) say: one where each place has one sign."""
    places: dict[int, set[str]] = {}
    for colour in colours:
        red, green, blue = (int(colour[n : n + 2], 16) for n in (0, 2, 4))
        packed = red << 6 | green << 3 | blue
        places.setdefault(packed >> 5, set()).add(SIGNS[packed & 31])
    # Plain black is place 0, sign 0; it stands in every file and says nothing by itself.
    if len(places.get(0, ())) > 1:
        places[0].discard(SIGNS[0])
    whole = set(range(LENGTH)) <= set(places) and all(len(each) == 1 for each in places.values())
    return {"".join(next(iter(places[n])) for n in range(LENGTH))} if whole else set()


def _part(content: bytes, name: str) -> bytes:
    """A part of a workbook; empty where there is none, or it swells."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return b"" if parts.getinfo(name).file_size > MOST_BYTES else parts.read(name)
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, EOFError, RuntimeError):
        return b""  # broken, locked, or packed in a way nobody here unpacks


def _fills(content: bytes) -> Iterator[str]:
    """The near-blacks with which a pdf draws, of the first ``MOST_BYTES`` that it draws: the
    headings stand on every page.
    """
    left = MOST_BYTES
    for stream in _streams(content):
        try:
            drawn = zlib.decompressobj().decompress(stream, left)
        except zlib.error:
            continue
        for parts in _FILL.findall(drawn.decode("latin-1")):
            levels = [round(float(part) * 255) for part in parts]
            if all(level <= 7 for level in levels):
                yield "".join(f"{level:02x}" for level in levels)
        left -= len(drawn)
        if left <= 0:
            return


def _streams(content: bytes) -> Iterator[bytes]:
    """What stands between a beginning and the end that follows it, read once from the front."""
    at = 0
    while (begun := content.find(_BEGIN, at)) >= 0:
        at = begun + len(_BEGIN)
        line = content[at : at + 2]
        if line[:1] != b"\n" and line != b"\r\n":
            continue
        start = at + line.index(b"\n") + 1
        end = content.find(_END, start)
        if end < 0:
            return
        yield content[start:end]
        at = end + len(_END)
