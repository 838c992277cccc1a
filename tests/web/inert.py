"""Is an answer of the program full of hostile names harmless to whatever opens it? By its kind."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Final
from xml.etree import ElementTree

from tests.web.hostile import FORGED, UNESCAPED

Look = Callable[[bytes], Iterator[str]]
FORMULA: Final = ("=", "+", "@", "\t", "\r", "＝", "＋", "＠")
ACTIVE: Final = (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/OpenAction", b"/AA")
_STREAM: Final = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_FIELD: Final = re.compile(rb"(?:<w:instrText[^>]*>|w:instr=\")\s*(\S*?)\s*[<\"]")
PAGE_NUMBERS: Final = {b"PAGE", b"NUMPAGES"}
_MACRO: Final = re.compile(r"vba|activeX|embeddings|externalLinks", re.IGNORECASE)


def wrong_with(kind: str, content: bytes) -> list[str]:
    """What is not inert in an answer of a content type; a type nobody knows is wrong too."""
    look = LOOKS.get(kind.partition(";")[0])
    return [f"nobody looks into {kind}"] if look is None else list(look(content))


def _page(content: bytes) -> Iterator[str]:
    yield from UNESCAPED.findall(content.decode())


def _rows(content: bytes) -> Iterator[str]:
    for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))):
        yield from (cell for cell in row if cell.startswith((*FORMULA, FORGED)))


def _book(content: bytes) -> Iterator[str]:
    for name, part in _parts(content):
        yield from (name for found in (b"<f>", b"<f ", b"<hyperlink") if found in part)


def _letter(content: bytes) -> Iterator[str]:
    for name, part in _parts(content):
        if b"<f>" in part or set(_FIELD.findall(part)) - PAGE_NUMBERS:
            yield name


def _parts(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The parts of an office file, each of which can be read and leads nowhere."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for name in parts.namelist():
            part = parts.read(name)
            if name.endswith((".xml", ".rels")):
                ElementTree.fromstring(part)
            broken = _MACRO.search(name) or b'TargetMode="External"' in part
            yield name, b"<f>" if broken else part


def _paper(content: bytes) -> Iterator[str]:
    plain = [content, *map(_unpacked, _STREAM.findall(content))]
    yield from (active.decode() for active in ACTIVE for part in plain if active + b" " in part)


def _unpacked(stream: bytes) -> bytes:
    """The objects of a packed stream; nothing where it is a picture or a font."""
    try:
        found = zlib.decompressobj().decompress(stream, 4_000_000)
    except zlib.error:
        return b""
    return found if b"/Type" in found else b""


def _document(content: bytes) -> Iterator[str]:
    json.loads(content)
    yield from ()


def _rules(content: bytes) -> Iterator[str]:
    tomllib.loads(content.decode())
    yield from ()


def _script(content: bytes) -> Iterator[str]:
    yield from re.findall("onload|calc", content.decode())


_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
LOOKS: Final[Mapping[str, Look]] = {
    "text/html": _page,
    "text/csv": _rows,
    "text/javascript": _script,
    "application/json": _document,
    "application/toml": _rules,
    "application/pdf": _paper,
    f"{_OFFICE}spreadsheetml.sheet": _book,
    f"{_OFFICE}wordprocessingml.document": _letter,
}
