"""Small pictures that any program opens, with whatever else a camera writes into the file."""

from __future__ import annotations

import struct
import zlib

_QUANT = bytes.fromhex(
    "001b12141714111b1716171e1c1b2028422b28252528513a3d3042605565645f555d5b6a7899816a7190735b5d"
    "85b586909ea3abadab6780bcc9baa6c799a8aba4"
)
_DC = b"\0\1" + bytes(15) + b"\3"
_AC = b"\x10\1" + bytes(16)
JFIF = b"JFIF\0\1\1\0\0\1\0\1\0\0"


def segment(marker: int, content: bytes) -> bytes:
    """One segment of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def jpeg(
    mark: bytes = b"", *, more: bytes = b"", behind: bytes = b"", size: tuple[int, int] = (8, 8)
) -> bytes:
    """A grey picture; ``mark`` tells one from another, ``more`` are segments, ``behind`` is
    appended after its end.
    """
    width, height = size
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\1\x11\0"
    return b"".join(
        (
            b"\xff\xd8",
            segment(0xE0, JFIF),
            more,
            segment(0xDB, _QUANT),
            segment(0xC0, frame),
            segment(0xC4, _DC),
            segment(0xC4, _AC),
            segment(0xDA, b"\1\1\0\0\x3f\0"),
            b"\x77" + mark,
            b"\xff\xd9",
            behind,
        )
    )


def chunk(kind: bytes, content: bytes) -> bytes:
    """One chunk of a PNG, with its checksum."""
    body = kind + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def png(mark: bytes = b"\0", *, more: bytes = b"", size: tuple[int, int] = (1, 1)) -> bytes:
    """A grey picture; ``more`` are chunks before its data."""
    head = struct.pack(">IIBBBBB", *size, 8, 0, 0, 0, 0)
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            chunk(b"IHDR", head),
            more,
            chunk(b"IDAT", zlib.compress(b"\0" + mark)),
            chunk(b"IEND", b""),
        )
    )


def exif(orientation: int, order: str = "<", place: bytes = b"N25.36 E101.54") -> bytes:
    """What a phone writes (the TIFF part): orientation among others, and a place."""
    head = (b"II" if order == "<" else b"MM") + struct.pack(order + "HI", 42, 8)
    entries = (
        struct.pack(order + "HHII", 0x010F, 2, 4, 0x41424300),
        struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0),
        struct.pack(order + "HHII", 0x8825, 4, 1, 60),
    )
    count = struct.pack(order + "H", len(entries))
    return head + count + b"".join(entries) + struct.pack(order + "I", 0) + place
