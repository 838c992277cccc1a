"""From data and a layout to pdf, by one compiler a process.

Data goes in as JSON and is only ever text to the layout: nothing in a name is markup.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec
import typst

from ckbx.documents.fonts import font_folders
from ckbx.domain.shared.errors import CkbxError

LAYOUTS: Final = Path(__file__).with_name("typst")
_ONE_AT_A_TIME = threading.Lock()


class PaperNotSet(CkbxError):
    code = "paper_not_set"
    message = "排版 {layout} 失败：{why}；请检查模板文字和字体"


@lru_cache(maxsize=4)
def _compiler(own: Path | None) -> typst.Compiler:
    fonts = typst.Fonts(
        font_paths=[str(folder) for folder in font_folders(own)], include_system_fonts=False
    )
    return typst.Compiler(root=str(LAYOUTS), font_paths=fonts)


def set_pdf(
    layout: str,
    data: Mapping[str, Any],
    *,
    at: datetime,
    own_fonts: Path | None = None,
    tags: bool = True,
) -> bytes:
    """The paper as PDF bytes: the same bytes for the same data and instant.

    ``layout`` names a file beside this module; ``at`` is the UTC instant, to the second, written into the
    file; ``tags`` mark the structure for screen readers (a long table grows by half a megabyte
    a hundred rows). Raises PaperNotSet, FontsMissing.
    """
    inputs = {"data": msgspec.json.encode(data).decode()}
    with _ONE_AT_A_TIME:
        try:
            made = _compiler(own_fonts).compile(
                str(LAYOUTS / f"{layout}.typ"),
                format="pdf",
                sys_inputs=inputs,
                timestamp=at.replace(microsecond=0),
                pdf_tags=tags,
            )
        except typst.TypstError as error:
            raise PaperNotSet(layout=layout, why=str(error).splitlines()[0]) from error
    if not isinstance(made, bytes):
        raise PaperNotSet(layout=layout, why="没有产生文件")
    return made
