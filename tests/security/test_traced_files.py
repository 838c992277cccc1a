"""A file that was made so holds nobody up who traces it: ``export trace`` reads it once."""

from __future__ import annotations

import io
import re
import time
import zipfile
import zlib
from collections.abc import Callable

import pytest

from ckbx.ledgers import marking
from ckbx.ledgers.marking import HEADING, found_in

SHORT, LONG = 400_000, 800_000
SECONDS = 1.0
"""Measured on a slow machine: a fifth of it at most."""


def drawn(what: bytes) -> bytes:
    """A pdf that draws this."""
    return b"%PDF-1.7\nstream\n" + zlib.compress(what) + b"\nendstream\n"


def repeated(piece: bytes, length: int) -> bytes:
    return (piece * (length // len(piece) + 1))[:length]


MADE: dict[str, Callable[[int], bytes]] = {
    "beginnings without an end": lambda n: b"%PDF" + repeated(b"stream\n", n),
    "ends alone": lambda n: b"%PDF" + repeated(b"\nendstream", n),
    "a beginning and line feeds": lambda n: b"%PDF stream\n" + b"\r\n" * (n // 2),
    "empty streams": lambda n: b"%PDF" + repeated(b"stream\n\nendstream ", n),
    "one long number": lambda n: drawn(b"1" * n),
    "points": lambda n: drawn(b"." * n),
    "noughts": lambda n: drawn(b"0" * n),
    "numbers without a colour": lambda n: drawn(repeated(b"0 0.01 ", n)),
    "blanks after the heading": lambda n: (HEADING + " " * n).encode(),
    "headings": lambda n: repeated((HEADING + " ").encode(), n),
    "commas": lambda n: repeated(b',"', n),
    "returns": lambda n: b"," + b"\r" * n,
}


def seconds(content: bytes) -> float:
    """The processor's time of this thread; the better of two."""
    spent = []
    for _ in range(2):
        begun = time.thread_time()
        assert found_in(content) is None
        spent.append(time.thread_time() - begun)
    return min(spent)


@pytest.mark.parametrize("name", MADE)
def test_a_file_made_to_hold_the_search_up_is_read_once(name: str) -> None:
    spent = seconds(MADE[name](LONG))
    assert spent < SECONDS or spent < 3 * seconds(MADE[name](SHORT))


def test_control_an_expression_that_looks_for_every_end_anew_is_found() -> None:
    lazy = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
    spent = []
    for length in (2_500, 10_000):
        begun = time.thread_time()
        lazy.findall(MADE["beginnings without an end"](length))
        spent.append(time.thread_time() - begun)
    assert spent[1] > 8 * spent[0]


def test_what_swells_is_read_up_to_a_measure(monkeypatch: pytest.MonkeyPatch) -> None:
    unpacked: list[int] = []
    plain = zlib.decompressobj

    class Counted:
        def __init__(self) -> None:
            self.own = plain()

        def decompress(self, data: bytes, most: int) -> bytes:
            found = self.own.decompress(data, most)
            unpacked.append(len(found))
            return found

    monkeypatch.setattr(marking, "MOST_BYTES", 1_000_000)
    monkeypatch.setattr(zlib, "decompressobj", Counted)
    assert found_in(drawn(b"0 " * 300_000) * 50) is None
    assert sum(unpacked) == 1_000_000


def broken(name: str, *, cut: bool = False, locked: bool = False) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(name, b"<font/>" * 1_000)
    content = bytearray(made.getvalue())
    if cut:
        begin = 30 + len(name)
        content[begin : begin + 20] = b"\xff" * 20
    if locked:
        for sign in (b"PK\x03\x04", b"PK\x01\x02"):
            at = content.index(sign) + (6 if sign[2] == 3 else 8)
            content[at] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    "content",
    [
        broken("xl/styles.xml", cut=True),
        broken("xl/styles.xml", locked=True),
        broken("xl/other.xml"),
        drawn(b"1.2.3 0..1 ... rg 0.0.0 0 0 scn"),
        b"%PDF stream\n" + b"\xff" * 100 + b"\nendstream",
    ],
)
def test_a_broken_file_bears_no_mark_and_is_no_fault(content: bytes) -> None:
    assert found_in(content) is None
