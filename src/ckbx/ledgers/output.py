"""How does a filled ledger leave the program: JSON, csv, or a table on a screen?"""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any, Final

import msgspec
from defusedcsv import csv
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ckbx.ledgers.model import Kind, Row, Sheet, instant_text

_DANGEROUS: Final = tuple("=+-@|%＝＋－＠｜％")
_BLANK: Final = " \t\r\n\v\f　\u00a0\ufeff"
_NUMBER: Final = frozenset("0123456789.,")


def json_bytes(document: Any) -> bytes:
    """One JSON document, UTF-8, readable, ending with a line feed."""
    made = msgspec.json.encode(document, enc_hook=_plain)
    return msgspec.json.format(made, indent=2) + b"\n"


def _plain(value: Any) -> Any:
    return str(value)


def sheet_json(sheet: Sheet) -> bytes:
    """The ledger as ``--format json`` prints it (interfaces: JSON)."""
    return json_bytes(sheet_document(sheet))


def sheet_document(sheet: Sheet) -> dict[str, Any]:
    """The ledger as a document, ready to be encoded."""
    head: dict[str, Any] = {
        "ledger": sheet.ledger.name,
        "title": sheet.ledger.title,
        "as_of": sheet.as_of.isoformat(),
        "known_at": instant_text(sheet.known_at),
        "caliber": sheet.ledger.caliber,
        "position": sheet.position,
        "complete": not sheet.missing,
        "notes": sheet.notes,
    }
    if sheet.seals:
        head["seals"] = list(sheet.seals)
    return {**head, "rows": [_json_row(row) for row in sheet.rows]}


def _json_row(row: Row) -> Row:
    return {
        key: instant_text(value) if isinstance(value, datetime) else value
        for key, value in row.items()
    }


def sheet_csv(sheet: Sheet) -> bytes:
    """One heading row in Chinese, then the rows; UTF-8 with a mark, for spreadsheets. The
    number of an export stands in a last column.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    columns = sheet.ledger.columns
    mark = sheet.mark
    writer.writerow([*(column.heading for column in columns), *([sheet.marked] if mark else [])])
    last = [mark.shown] if mark else []
    for row in sheet.rows:
        shown = (column.show(row[column.key], sheet.zone) for column in columns)
        writer.writerow([*map(inert, shown), *last])
    return text.getvalue().encode("utf-8-sig")


def inert(text: str) -> str:
    """The text, made harmless for a spreadsheet that would read it as a formula.

    What the csv library does not see is put behind an apostrophe here: blanks before the
    sign, and full-width signs that some programs treat like the plain ones.
    """
    first = text.lstrip(_BLANK)[:1]
    if first not in _DANGEROUS or not first:
        return "'" + text if text[:1] in ("\t", "\r", "\n") else text
    if text[0] == first and first in "=+-@|%":
        return text  # the library's own case
    return "'" + text


def print_table(sheet: Sheet, console: Console) -> None:
    """The ledger on a screen: the columns worth their width, numbers of people masked."""
    columns = [column for column in sheet.ledger.columns if column.brief]
    shown = [
        [column.show(row[column.key], sheet.zone, mask=True) for column in columns]
        for row in sheet.rows
    ]
    filled = [n for n, column in enumerate(columns) if any(row[n] for row in shown) or not shown]
    table = Table(title=sheet.ledger.title, caption=sheet.info(), caption_justify="left")
    for n in filled:
        number = columns[n].kind is Kind.NUMBER
        table.add_column(columns[n].heading, justify="right" if number else "left", no_wrap=number)
    for row in shown:
        table.add_row(*[Text(row[n]) for n in filled])
    console.print(table)
    for seal in sheet.seals:
        console.print(seal, markup=False, highlight=False)
    for note in sheet.notes:
        console.print(f"注意：{note}", markup=False, highlight=False)
