"""How large a rectangle do the cells of a workbook need? Seen before it is parsed."""

from __future__ import annotations

import re
from typing import Final

_OVERLAP: Final = 512
_LONGEST_TAG: Final = 64 * 1024
_ADDRESS: Final = re.compile(rb"\sr\s*=\s*[\"']([A-Z]{1,8})([0-9]{1,9})[\"']")


class Extent:
    """The rectangle that the cells of the parts need, seen chunk by chunk.

    One pass of a pattern that passes over every cell with an address inside the rectangle so
    far (``<c r="AD17"``) and stops at the first outside; the height grows to the next round
    number, so that it stops seldom. A filled cell without an address is flagged: where it
    lies cannot be seen from its tag.
    """

    def __init__(self) -> None:
        self.unaddressed = False
        self.last_row = self.last_column = 1
        self._earlier, self._height = -1, 1
        self.new_part()

    def new_part(self) -> None:
        """Begin with the next part: every sheet is a rectangle of its own."""
        self._earlier = self.cells
        self.last_row = self.last_column = self._height = 1
        self._tail, self._sheet_seen = b"", False
        self._outside = self._pattern()

    @property
    def cells(self) -> int:
        """Cells of the parts seen so far, never fewer than the parser will lay out."""
        return self._earlier + self._height * self.last_column

    def feed(self, chunk: bytes) -> None:
        """Look at the next piece of a part."""
        data = self._tail + chunk
        if not self._sheet_seen and (at := data.find(b"sheetData")) > 0:
            self._sheet_seen = True
            self.unaddressed |= data[at - 1 : at] == b":"  # cells have prefixes too
        at = 0
        while found := self._outside.search(data, at):
            end = data.find(b">", found.start())
            if end < 0:  # the tag goes on in the next piece
                at = found.start()
                break
            self._stop_at(data[found.start() : end + 1])
            at = end
        self._tail = data[at:] if data.find(b">", at) < 0 else data[max(at, len(data) - _OVERLAP) :]
        self.unaddressed |= len(self._tail) > _LONGEST_TAG

    def _stop_at(self, tag: bytes) -> None:
        if tag.endswith(b"/>"):
            return
        address = _ADDRESS.search(tag)
        if address is None:
            self.unaddressed = True
            return
        self.last_column = max(self.last_column, column_number(address[1]))
        self.last_row = max(self.last_row, int(address[2]))
        if self.last_row > self._height:
            digits = str(self.last_row)
            self._height = (int(digits[0]) + 1) * 10 ** (len(digits) - 1) - 1
        self._outside = self._pattern()

    def _pattern(self) -> re.Pattern[bytes]:
        first, rest = str(self._height)[0], len(str(self._height)) - 1
        rows = f"[1-{first}][0-9]{{{rest}}}" + (f"|[0-9]{{1,{rest}}}" if rest else "")
        inside = f' r="(?:{_up_to(self.last_column)})(?:{rows})"'
        return re.compile(f"<c(?!{inside}|[^ >\\t\\r\\n])".encode())


def column_number(letters: bytes) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _up_to(column: int) -> str:
    """A pattern for the letters of the columns from A to this one."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    found = [letters]
    for i, letter in enumerate(letters):
        if letter > "A":
            tail = len(letters) - i - 1
            found.append(f"{letters[:i]}[A-{chr(ord(letter) - 1)}][A-Z]{{{tail}}}")
    if len(letters) > 1:
        found.append(f"[A-Z]{{1,{len(letters) - 1}}}")
    return "|".join(reversed(found))
