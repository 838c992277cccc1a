"""What is a paper? Its text, read from a file that a county may change, checked before use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import msgspec

from ckbx.documents.placeholders import LISTS, TEXTS
from ckbx.domain.shared.errors import CkbxError, InputRefused
from ckbx.domain.shared.marked_text import fault_of

PAPERS: Final = Path(__file__).with_name("papers")
_LONGEST: Final = 4_000


class PaperUnknown(CkbxError):
    code = "paper_unknown"
    message = "没有文书 {name}；可用：{known}"
    exit_code = 2


class PaperTextRefused(InputRefused):
    code = "paper_text_refused"
    message = "文书模板 {file}：{where} {why}"


class Paragraph(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="paragraph"):
    """A paragraph; ``indent`` by two characters, as is usual in Chinese."""

    text: str
    indent: bool = True
    bold: bool = False
    centred: bool = False


class Cell(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A label and what stands beside it; ``wide`` takes the whole line, ``lines`` its height."""

    label: str
    value: str = ""
    wide: bool = False
    lines: int = 1


class Pairs(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="pairs"):
    """A form: labels and values, two pairs a line."""

    cells: list[Cell]


class Heading(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column of a list: its heading, the field of a line, its share of the width."""

    heading: str
    field: str
    width: float = 1.0


class Rows(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="rows"):
    """A list of lines under a title, with empty lines to write by hand."""

    of: str
    columns: list[Heading]
    title: str = ""
    empty: int = 0


class Sign(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag="sign"):
    """Lines at the right: who signs, seal, day."""

    lines: list[str]


Block = Paragraph | Pairs | Rows | Sign


class Paper(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One paper. ``form``: a letter in large type, or a form in small type."""

    name: str
    title: str
    blocks: list[Block]
    form: Literal["letter", "form"] = "letter"
    number: str = ""
    about: str = ""


def paper_names() -> list[str]:
    """The papers there are."""
    return sorted(file.stem for file in PAPERS.glob("*.toml"))


def load_paper(name: str, own: Path | None = None) -> Paper:
    """The paper as the county words it (``own``: CKBX_PAPER_DIR), else as it comes.

    Raises PaperUnknown, PaperTextRefused.
    """
    if name not in paper_names():
        raise PaperUnknown(name=name, known="、".join(paper_names()))
    file = PAPERS / f"{name}.toml"
    if own is not None and (own / file.name).is_file():
        file = own / file.name
    return read_paper(file)


def read_paper(file: Path) -> Paper:
    """Read and check one file. Raises PaperTextRefused."""
    try:
        paper = msgspec.toml.decode(file.read_bytes(), type=Paper)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PaperTextRefused(file=file.name, where="", why=f"读不懂：{error}") from error
    if paper.name != file.stem:
        why = f"应为 {file.stem}（与文件名相同）"
        raise PaperTextRefused(file=file.name, where="name", why=why)
    for where, text in texts_of(paper):
        _check(file.name, where, text)
    for block in paper.blocks:
        if isinstance(block, Rows):
            _check_rows(file.name, block)
    return paper


def texts_of(paper: Paper) -> Iterator[tuple[str, str]]:
    """Every text a county may change, with where it stands."""
    yield "标题", paper.title
    yield "文号", paper.number
    for n, block in enumerate(paper.blocks, start=1):
        where = f"第 {n} 段"
        match block:
            case Paragraph():
                yield where, block.text
            case Pairs():
                for cell in block.cells:
                    yield f"{where}“{cell.label}”", cell.label
                    yield f"{where}“{cell.label}”", cell.value
            case Rows():
                yield where, block.title
                yield from ((where, column.heading) for column in block.columns)
            case Sign():
                yield from ((where, line) for line in block.lines)


def _check(file: str, where: str, text: str) -> None:
    why = fault_of(text, TEXTS, longest=_LONGEST, example="学生姓名")
    if why is not None:
        raise PaperTextRefused(file=file, where=where, why=why)


def _check_rows(file: str, block: Rows) -> None:
    fields = LISTS.get(block.of)
    if fields is None:
        why = f"没有清单“{block.of}”；可用：{'、'.join(LISTS)}"
        raise PaperTextRefused(file=file, where="清单", why=why)
    unknown = [column.field for column in block.columns if column.field not in fields]
    if unknown:
        why = f"清单“{block.of}”没有“{'、'.join(unknown)}”；可用：{'、'.join(fields)}"
        raise PaperTextRefused(file=file, where="清单", why=why)
