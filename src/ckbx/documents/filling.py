"""A paper with its values: what stands on it, ready to be set. Values are text and only text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from ckbx.documents.fonts import missing_glyphs
from ckbx.documents.paper import Block, Pairs, Paper, Paragraph, Rows, Sign
from ckbx.domain.shared.errors import InputRefused
from ckbx.domain.shared.marked_text import fill_marks

Values = Mapping[str, str | Sequence[Mapping[str, str]]]
"""By placeholder: a text, or the lines of a list."""

BLANK: Final = "＿＿＿＿＿＿"
"""What stands where a value is missing: a line to write on."""
NONE: Final = "（无）"
"""What stands in a list of nothing that has no room to write either."""


class GlyphsMissing(InputRefused):
    code = "glyphs_missing"
    message = (
        "《{title}》里有字没有字体，印不出来：{characters}；请把含这个字的字体放进"
        " CKBX_FONT_DIR 指的文件夹，或导出 docx 在装有该字体的电脑上打印"
    )


def fill_text(text: str, values: Values, blank: str = BLANK) -> str:
    """The text with its placeholders filled; ``blank`` where a value is missing."""

    def value(name: str) -> str:
        given = values.get(name)
        return given if isinstance(given, str) and given else blank

    return fill_marks(text, value)


def filled(paper: Paper, values: Values) -> dict[str, Any]:
    """The paper as the layout takes it."""
    return {
        "title": fill_text(paper.title, values),
        "number": fill_text(paper.number, values),
        "form": paper.form,
        "blocks": [_block(block, values) for block in paper.blocks],
    }


def _block(block: Block, values: Values) -> dict[str, Any]:
    match block:
        case Paragraph():
            return {
                "kind": "paragraph",
                "text": fill_text(block.text, values),
                "indent": block.indent,
                "bold": block.bold,
                "centred": block.centred,
            }
        case Pairs():
            cells = [
                {
                    "label": fill_text(cell.label, values),
                    "value": fill_text(cell.value, values, ""),
                    "wide": cell.wide,
                    "lines": cell.lines,
                }
                for cell in block.cells
            ]
            return {"kind": "pairs", "cells": cells}
        case Rows():
            return {
                "kind": "rows",
                "title": fill_text(block.title, values),
                "headings": [column.heading for column in block.columns],
                "widths": [column.width for column in block.columns],
                "rows": _rows(block, values),
            }
        case Sign():
            return {"kind": "sign", "lines": [fill_text(line, values) for line in block.lines]}


def _rows(block: Rows, values: Values) -> list[list[str]]:
    blank = [""] * len(block.columns)
    found = [[line.get(c.field, "") for c in block.columns] for line in lines(block, values)]
    return [*found, *[blank] * block.empty] or [[NONE, *blank[1:]]]


def lines(block: Rows, values: Values) -> Sequence[Mapping[str, str]]:
    """The lines of a list."""
    given = values.get(block.of, ())
    return () if isinstance(given, str) else given


def check_glyphs(paper: Paper, values: Values, own_fonts: Path | None) -> None:
    """Refuse to print a box in place of a character. Raises GlyphsMissing."""
    page = filled(paper, values)
    undrawn = missing_glyphs("".join(_texts(page)), own_fonts)
    if undrawn:
        named = "、".join(f"“{c}”（U+{ord(c):04X}）" for c in undrawn)
        raise GlyphsMissing(title=page["title"], characters=named)


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, Mapping):
        value = list(value.values())
    return [text for each in value for text in _texts(each)] if isinstance(value, list) else []
