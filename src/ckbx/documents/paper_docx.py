"""A paper as docx: a template made from its text, or the office's own, filled by docxtpl.

The office's template may name the placeholders of the allow-list and nothing else; it is
filled in a sandbox, and values go in as text.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import docx
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt
from docxtpl import DocxTemplate
from jinja2 import StrictUndefined, TemplateError, Undefined
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from ckbx.documents.filling import BLANK, NONE, Values
from ckbx.documents.paper import (
    Block,
    Pairs,
    Paper,
    PaperTextRefused,
    Paragraph,
    Rows,
    Sign,
)
from ckbx.documents.placeholders import LISTS, TEXTS
from ckbx.domain.shared.marked_text import MARK

_FONT: Final = "仿宋"
_TITLE_FONT: Final = "宋体"
_FORM_WIDTHS: Final = (30, 55, 30, 55)
_ROWS_WIDTH: Final = 170
_LEADING: Final = 1.5
_LEADING_IN_CELL: Final = 1.3
"""Heights of a line, in sizes of its type: the same whichever font a computer has."""


class _Blank(Undefined):
    """A value that is missing leaves a line to write on."""

    def __str__(self) -> str:
        return BLANK


class _Sandbox(ImmutableSandboxedEnvironment):
    """Reaching for what a value is made of is refused, not left blank."""

    def unsafe_undefined(self, obj: Any, attribute: str) -> Undefined:  # noqa: ARG002
        msg = f"“{attribute}”不能用"
        raise SecurityError(msg)


def paper_docx(paper: Paper, values: Values, *, at: datetime, own: Path | None = None) -> bytes:
    """The filled paper. ``own``: the office's folder of templates (CKBX_PAPER_DIR).

    ``at`` (UTC) is the instant written into the file. Raises PaperTextRefused.
    """
    file = own / f"{paper.name}.docx" if own is not None else None
    if file is not None and file.is_file():
        source, name = file.read_bytes(), file.name
    else:
        source, name = docx_template(paper), f"{paper.name}.docx"
    return fill_docx(source, values, name=name, at=at)


def fill_docx(source: bytes, values: Values, *, name: str, at: datetime) -> bytes:
    """A docx template with its placeholders filled. Raises PaperTextRefused."""
    check_docx(source, name)
    template = DocxTemplate(io.BytesIO(source))
    context = {key: value for key, value in values.items() if value}
    context |= {key: () for key in LISTS if key not in context}
    try:
        template.render(context, _environment(_Blank), autoescape=True)
    except TemplateError as error:
        raise PaperTextRefused(file=name, where="", why=f"不能填写：{error}") from error
    properties = template.docx.core_properties
    properties.created = properties.modified = at
    properties.author = properties.last_modified_by = properties.title = properties.comments = ""
    made = io.BytesIO()
    template.save(made)
    return made.getvalue()


def check_docx(source: bytes, name: str) -> None:
    """Refuse a template that is no docx, or names what is not on the allow-list."""
    try:
        found = DocxTemplate(io.BytesIO(source)).get_undeclared_template_variables(
            _environment(StrictUndefined)
        )
    except TemplateError as error:
        raise PaperTextRefused(file=name, where="", why=f"不能填写：{error}") from error
    except Exception as error:
        raise PaperTextRefused(file=name, where="", why="不是 docx 文件，或已损坏") from error
    unknown = sorted(found - set(TEXTS) - set(LISTS))
    if unknown:
        why = f"不认识的项目“{'、'.join(unknown)}”；可用：{'、'.join((*TEXTS, *LISTS))}"
        raise PaperTextRefused(file=name, where="", why=why)


def _environment(undefined: type[Undefined]) -> _Sandbox:
    return _Sandbox(autoescape=True, undefined=undefined)


def docx_template(paper: Paper) -> bytes:
    """The paper's text as a docx with its placeholders, for an office to lay out anew."""
    document = docx.Document()
    letter = paper.form == "letter"
    _page(document, letter=letter)
    size = Pt(16) if letter else Pt(11.5)
    _line(document, paper.title, font=_TITLE_FONT, size=Pt(22) if letter else Pt(18), bold=True)
    if paper.number:
        _line(document, paper.number, size=Pt(14) if letter else Pt(10.5))
    writers: Mapping[type[Block], Callable[[Any, Any, Any], None]] = {
        Paragraph: _paragraph,
        Pairs: _pairs,
        Rows: _rows,
        Sign: _sign,
    }
    for block in paper.blocks:
        writers[type(block)](document, block, size)
    if any(isinstance(block, Rows) for block in paper.blocks):
        _number_pages(document)
    if isinstance(paper.blocks[-1], (Pairs, Rows)):
        _hide(document.paragraphs[-1])
    made = io.BytesIO()
    document.save(made)
    return made.getvalue()


def _page(document: Any, *, letter: bool) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    top, bottom, left, right = (37, 35, 28, 26) if letter else (22, 20, 20, 20)
    section.top_margin, section.bottom_margin = Mm(top), Mm(bottom)
    section.left_margin, section.right_margin = Mm(left), Mm(right)
    style = document.styles["Normal"]
    style.font.name = _FONT
    style.element.rPr.rFonts.set(qn("w:eastAsia"), _FONT)
    style.paragraph_format.space_after = Pt(6)
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "zh-CN")  # else marks and breaks of another language


def _number_pages(document: Any) -> None:
    """— 1 — in the foot: what holds lists may take several pages."""
    paragraph = document.sections[0].footer.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(paragraph, "— ", Pt(11))
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)  # noqa: SLF001 - no public way
    _run(paragraph, " —", Pt(11))


def _line(document: Any, text: str, *, size: Any, font: str = _FONT, bold: bool = False) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _run(paragraph, text, size, bold=bold, font=font)


def _run(paragraph: Any, text: str, size: Any, *, bold: bool = False, font: str = _FONT) -> None:
    paragraph.paragraph_format.line_spacing = Pt(size.pt * _LEADING)
    run = paragraph.add_run(_marks(text))
    run.font.size, run.font.bold, run.font.name = size, bold, font
    run.element.rPr.rFonts.set(qn("w:eastAsia"), font)


def _marks(text: str, *, in_cell: bool = False) -> str:
    """Placeholders as docxtpl writes them; in a form's cell a missing value leaves it empty."""
    end = ' or "" }}' if in_cell else " }}"
    return MARK.sub(lambda found: "{{ " + found[1] + end, text)


def _paragraph(document: Any, block: Paragraph, size: Any) -> None:
    paragraph = document.add_paragraph()
    if block.centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    elif block.indent:
        paragraph.paragraph_format.first_line_indent = size * 2
    _run(paragraph, block.text, size, bold=block.bold)


def _sign(document: Any, block: Sign, size: Any) -> None:
    document.add_paragraph()
    for line in block.lines:
        paragraph = document.add_paragraph()
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
        _run(paragraph, line, size)


def _pairs(document: Any, block: Pairs, size: Any) -> None:
    lines: list[list[Any]] = []
    for cell in block.cells:
        if cell.wide or not lines or len(lines[-1]) == 2 or lines[-1][0].wide:
            lines.append([cell])
        else:
            lines[-1].append(cell)
    table = document.add_table(rows=len(lines), cols=len(_FORM_WIDTHS), style="Table Grid")
    _fix(table, _FORM_WIDTHS)
    for row, cells in zip(table.rows, lines, strict=True):
        row.height = Mm(8 * max(cell.lines for cell in cells))
        if len(cells) == 1:
            row.cells[1].merge(row.cells[3])
        for n, cell in enumerate(cells):
            _put(row.cells[2 * n], cell.label, size, bold=True)
            _put(row.cells[2 * n + 1], cell.value, size)
    document.add_paragraph()


def _rows(document: Any, block: Rows, size: Any) -> None:
    if block.title:
        title = document.add_paragraph()
        title.paragraph_format.keep_with_next = True
        _run(title, block.title, size, bold=True)
    share = _ROWS_WIDTH / sum(column.width for column in block.columns)
    none = 0 if block.empty else 3
    table = document.add_table(
        rows=4 + block.empty + none, cols=len(block.columns), style="Table Grid"
    )
    _fix(table, [column.width * share for column in block.columns])
    small = Pt(10)
    for place, column in zip(table.rows[0].cells, block.columns, strict=True):
        _put(place, column.heading, small, bold=True)
        place.paragraphs[0].paragraph_format.keep_with_next = True
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001
    _put(table.rows[1].cells[0], f"{{%tr for 行 in {block.of} %}}", small, raw=True)
    for place, column in zip(table.rows[2].cells, block.columns, strict=True):
        _put(place, f"{{{{ 行.{column.field} }}}}", small, raw=True)
    _put(table.rows[3].cells[0], "{%tr endfor %}", small, raw=True)
    if none:
        only = f"{{%tr if not {block.of} %}}", NONE, "{%tr endif %}"
        for place, text in zip(table.columns[0].cells[4:], only, strict=True):
            _put(place, text, small, raw=True)
    document.add_paragraph()


def _hide(paragraph: Any) -> None:
    """The line that has to follow a table takes no room: it must not begin a page of its own."""
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(0)
    paragraph.paragraph_format.line_spacing = Pt(1)
    paragraph.add_run().font.size = Pt(1)


def _fix(table: Any, widths: Sequence[float]) -> None:
    """Columns as wide as given (mm), centred, no line of it broken over two pages.

    The width stands in the grid, which some programs read, and in each cell, which others do.
    """
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for row in table.rows:
        for place, width in zip(row.cells, widths, strict=True):
            place.width = Mm(width)
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001 - no public way


def _put(place: Any, text: str, size: Any, *, bold: bool = False, raw: bool = False) -> None:
    place.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    paragraph = place.paragraphs[0]
    paragraph.paragraph_format.space_after = paragraph.paragraph_format.space_before = Pt(2)
    paragraph.paragraph_format.line_spacing = Pt(size.pt * _LEADING_IN_CELL)
    run = paragraph.add_run(text if raw else _marks(text, in_cell=True))
    run.font.size, run.font.bold = size, bold
    if bold:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
