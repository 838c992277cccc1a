"""Which fonts are papers set in, and can they draw every character of a name?"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont
from fontTools.ttLib.ttCollection import TTCollection

from ckbx.domain.shared.errors import CkbxError

SHIPPED: Final = Path(__file__).with_name("fonts")
SERIF: Final = ("FangSong_GB2312", "FangSong", "Noto Serif SC")
"""Text of official papers: the office's own 仿宋 where it was dropped in, else 宋体."""
SANS: Final = ("SimHei", "Noto Sans SC")
_SUFFIXES: Final = frozenset({".ttf", ".otf", ".ttc", ".otc"})


class FontsMissing(CkbxError):
    code = "fonts_missing"
    message = "缺少打印字体（{folder}）：请重新安装 ckbx，或执行 make assets"


class FontUnreadable(CkbxError):
    code = "font_unreadable"
    message = "字体文件 {file} 读不出来：请换一个 ttf、otf 或 ttc 文件"


def font_folders(own: Path | None) -> list[Path]:
    """Where fonts are looked for; ``own`` holds the office's licensed ones (CKBX_FONT_DIR).

    Raises FontsMissing when the package was built without its fonts.
    """
    if not list(SHIPPED.glob("*.ttf")):
        raise FontsMissing(folder=SHIPPED.name)
    return [own, SHIPPED] if own is not None else [SHIPPED]


def missing_glyphs(text: str, own: Path | None = None) -> str:
    """The characters of a text that no font here can draw, each once, in order.

    White space and control characters are nobody's to draw.
    """
    known = _characters(own)
    wanted = dict.fromkeys(text)
    return "".join(c for c in wanted if ord(c) not in known and unicodedata.category(c)[0] != "C")


@lru_cache(maxsize=4)
def _characters(own: Path | None) -> frozenset[int]:
    found: set[int] = {ord(space) for space in " \t\r\n\u3000\u00a0"}
    for folder in font_folders(own):
        for file in sorted(folder.iterdir()):
            if file.suffix.lower() in _SUFFIXES:
                found |= _drawn_by(file)
    return frozenset(found)


def _drawn_by(file: Path) -> set[int]:
    try:
        with file.open("rb") as stream:
            if file.suffix.lower() in (".ttc", ".otc"):
                fonts = list(TTCollection(stream, lazy=True))
            else:
                fonts = [TTFont(stream, lazy=True)]
            return {code for font in fonts for code in _codes(font)}
    except Exception as error:
        raise FontUnreadable(file=file.name) from error


def _codes(font: TTFont) -> Iterable[int]:
    """The characters of a font. Its glyphs are counted, not named: to make up readable names for
    tens of thousands of them takes a second.
    """
    font.setGlyphOrder([str(number) for number in range(font["maxp"].numGlyphs)])
    return font.getBestCmap() or {}
