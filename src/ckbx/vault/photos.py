"""What does a photo say beside the picture? Cut it out, without decoding the picture.

A phone writes where, when and by whom a photo was taken into the file (EXIF, XMP, IPTC,
comments, and what is appended behind the picture). Of all that only the orientation stays,
alone in a new EXIF block, and the colour profile: without them the picture is shown wrongly.
The container is read strictly and in one pass; what does not keep to its rules is refused.
Cleaning twice gives the same bytes (reliability §8, rows 33 and 37).
"""

from __future__ import annotations

import re
import struct
import zlib
from typing import Final

from ckbx.domain.shared.errors import InputRefused

MAX_PIXELS: Final = 50_000_000
"""Phones of 48 and 50 megapixels pass; a picture made to fill the memory of whoever opens it
(a few kB that swell to gigabytes) does not."""

MAX_PARTS: Final = 10_000
"""Segments of a JPEG (a few dozen in practice), chunks of a PNG (10 MB in pieces of 8 kB are
1,280): each costs some time."""

_EOI, _SOS, _COM = 0xD9, 0xDA, 0xFE
_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2})
"""Baseline, extended and progressive: what phones make and browsers show."""
_TABLES: Final = frozenset({0xC4, 0xDB, 0xDD})
_MARKER: Final = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""The end of a scan: a marker that is neither a stuffed byte nor a restart."""
_EXIF: Final = b"Exif\0\0"
_TIFF: Final = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01"
"""A TIFF head with one directory of one entry: orientation, a short, once."""

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_CRITICAL: Final = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND"})
_SHOWN: Final = frozenset(
    {b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs", b"cICP"}
)
"""Chunks by which colours and transparency are shown; every other one is cut."""


class PhotoDamaged(InputRefused):
    code = "photo_damaged"
    message = (
        "照片不完整或不合格式（{why}），不能去掉其中的位置信息；请重新拍照，或另存一份后再上传"
    )


class PhotoTooManyPixels(InputRefused):
    code = "photo_too_many_pixels"
    message = "照片有 {width}×{height} 点，超过 5000 万点；请把相机的分辨率调低，或缩小后再上传"


def clean_photo(content: bytes, kind: str) -> bytes:
    """A JPEG (``jpg``) or PNG without what it says beside the picture; other kinds as they are.

    Raises PhotoDamaged, PhotoTooManyPixels.
    """
    if kind == "jpg":
        return _jpeg(content)
    return _png(content) if kind == "png" else content


# ------------------------------------------------------------------------ JPEG


def _jpeg(content: bytes) -> bytes:
    kept: list[bytes] = []
    orientation, frames, scans, at = 0, 0, 0, 2
    for _ in range(MAX_PARTS):
        marker, at = _marker(content, at)
        if marker == _EOI:
            break
        segment, end = _segment(content, at)
        whole = bytes((0xFF, marker)) + content[at:end]
        if marker in _FRAMES:
            frames += 1
            _check_frame(segment)
        if marker == _SOS:
            scans += 1
            found = _MARKER.search(content, end)
            if not frames or found is None:
                raise PhotoDamaged(why="图像数据中断")
            whole, end = whole + content[end : found.start()], found.start()
        if marker == 0xE1 and not orientation:
            orientation = _orientation(segment)
        kept.append(_kept(marker, segment, whole))
        at = end
    else:
        raise PhotoDamaged(why="分段太多")
    if frames != 1 or not scans:
        raise PhotoDamaged(why="没有图像数据")
    head = b"" if orientation < 2 else _app1(orientation)
    # JFIF asks for its own segment to be the first.
    first = kept.pop(0) if kept[0].startswith(b"\xff\xe0") else b""
    return b"".join((b"\xff\xd8", first, head, *kept, b"\xff\xd9"))


def _marker(content: bytes, at: int) -> tuple[int, int]:
    """The marker at a place, filling bytes before it passed over, and where it ends."""
    start = at
    while content[at : at + 1] == b"\xff":
        at += 1
    if at == start or at >= len(content):
        raise PhotoDamaged(why="文件不完整")
    return content[at], at + 1


def _segment(content: bytes, at: int) -> tuple[bytes, int]:
    """What a segment holds, and where it ends."""
    size = int.from_bytes(content[at : at + 2], "big")
    if at + 2 > len(content) or size < 2 or at + size > len(content):
        raise PhotoDamaged(why="文件不完整")
    return content[at + 2 : at + size], at + size


def _kept(marker: int, segment: bytes, whole: bytes) -> bytes:
    """The segment as it stays: nothing where it says something beside the picture."""
    if marker in _FRAMES or marker in _TABLES or marker == _SOS:
        return whole
    if marker == 0xE0 and segment.startswith(b"JFIF\0") and len(segment) >= 14:
        return b"\xff\xe0\0\x10" + segment[:12] + b"\0\0"  # without its thumbnail
    if marker == 0xE2 and segment.startswith(b"ICC_PROFILE\0"):
        return whole
    if marker == 0xEE and segment.startswith(b"Adobe") and len(segment) == 12:
        return whole  # how the colours are to be read
    if 0xE0 <= marker <= 0xEF or marker == _COM:
        return b""
    raise PhotoDamaged(why=f"不认识的段 {marker:02X}")


def _check_frame(segment: bytes) -> None:
    if len(segment) < 6:
        raise PhotoDamaged(why="没有尺寸")
    height, width = struct.unpack(">HH", segment[1:5])
    _check_size(width, height)


def _app1(orientation: int) -> bytes:
    block = _EXIF + _minimal(orientation)
    return b"\xff\xe1" + struct.pack(">H", len(block) + 2) + block


# ------------------------------------------------------------------------- PNG


def _png(content: bytes) -> bytes:
    kept: list[bytes] = []
    orientation, at, data = 0, len(_PNG), False
    for _ in range(MAX_PARTS):
        kind, segment, end = _chunk(content, at)
        if (at == len(_PNG)) != (kind == b"IHDR"):
            raise PhotoDamaged(why="没有尺寸")
        if kind == b"IHDR":
            _check_header(segment)
        if kind == b"eXIf" and not orientation:
            orientation = _orientation(_EXIF + segment)
        data = data or kind == b"IDAT"
        if kind in _CRITICAL or kind in _SHOWN:
            kept.append(content[at:end])
        elif not kind[0] & 0x20:  # a chunk that must be understood, and is not
            raise PhotoDamaged(why="不认识的数据块")
        at = end
        if kind == b"IEND":
            break
    else:
        raise PhotoDamaged(why="数据块太多")
    if not data:
        raise PhotoDamaged(why="没有图像数据")
    if orientation > 1:
        kept.insert(1, _png_exif(orientation))
    return b"".join((_PNG, *kept))


def _chunk(content: bytes, at: int) -> tuple[bytes, bytes, int]:
    """The name of a chunk, what it holds, and where it ends; its checksum has to be right."""
    size = int.from_bytes(content[at : at + 4], "big")
    end = at + 12 + size
    if at + 12 > len(content) or end > len(content):
        raise PhotoDamaged(why="文件不完整")
    if zlib.crc32(content[at + 4 : end - 4]) != int.from_bytes(content[end - 4 : end], "big"):
        raise PhotoDamaged(why="校验不符")
    return content[at + 4 : at + 8], content[at + 8 : end - 4], end


def _check_header(segment: bytes) -> None:
    if len(segment) != 13:
        raise PhotoDamaged(why="没有尺寸")
    _check_size(*struct.unpack(">II", segment[:8]))


def _png_exif(orientation: int) -> bytes:
    body = b"eXIf" + _minimal(orientation)
    size = struct.pack(">I", len(body) - 4)
    return size + body + struct.pack(">I", zlib.crc32(body))


# ------------------------------------------------------------------------ both


def _check_size(width: int, height: int) -> None:
    if not width or not height:
        raise PhotoDamaged(why="没有尺寸")
    if width * height > MAX_PIXELS:
        raise PhotoTooManyPixels(width=width, height=height)


def _minimal(orientation: int) -> bytes:
    """EXIF that says the orientation and nothing else."""
    return _TIFF + struct.pack(">HHI", orientation, 0, 0)


def _orientation(segment: bytes) -> int:
    """The orientation (1 to 8) that an EXIF block states; 0 where it states none.

    A block that cannot be read is cut like any other: the picture is whole without it.
    """
    order = {b"II": "<", b"MM": ">"}.get(segment[6:8])
    if order is None or not segment.startswith(_EXIF) or len(segment) < 14:
        return 0
    tiff = segment[6:]
    magic, start = struct.unpack(order + "HI", tiff[2:8])
    if magic != 42 or start + 2 > len(tiff):
        return 0
    (count,) = struct.unpack_from(order + "H", tiff, start)
    for n in range(min(count, (len(tiff) - start - 2) // 12)):
        tag, form, many, value = struct.unpack_from(order + "HHIH", tiff, start + 2 + 12 * n)
        if (tag, form, many) == (0x0112, 3, 1):
            return int(value) if 1 <= value <= 8 else 0
    return 0
