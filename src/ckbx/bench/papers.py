"""Papers: notices to pdf, a wide ledger on A3 to xlsx and pdf."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import cycle, islice

import msgspec

from ckbx.bench.case_world import CaseWorld
from ckbx.bench.measure import Figure, seconds
from ckbx.documents.paper import load_paper
from ckbx.documents.paper_pdf import paper_pdf
from ckbx.ledgers.case_find import ANSWERS
from ckbx.ledgers.catalogue import LEDGERS
from ckbx.ledgers.filling import Desk
from ckbx.ledgers.model import Sheet
from ckbx.ledgers.paper_people import Values
from ckbx.ledgers.paper_subjects import Subject
from ckbx.ledgers.papers import many_values
from ckbx.ledgers.pdf import sheet_pdf
from ckbx.ledgers.question import Question
from ckbx.ledgers.xlsx import sheet_xlsx
from ckbx.store import Store
from ckbx.vault import Access
from projections.scope import Scope

NOTICE, WIDEST = "persuasion_notice", "dropout"
_ACCESS = Access(actor="bench", view="bench", purpose="bench")
_DAY = 14


def notices(store: Store, world: CaseWorld, count: int, name: str) -> Iterator[Figure]:
    """So many notices filled from the store and set, one file each."""
    store.catch_up(3_600)
    desk = Desk(store.answers, store.log, store.vault, store.clock)
    paper, at = load_paper(NOTICE), store.clock.now()
    subjects = [Subject(child, world.case(child)) for _, child in world.suspects[:count]]
    paper_pdf(paper, {}, at=at)  # the fonts are read once a process
    filled: list[Values] = []

    def fill() -> None:
        with desk.look(_question(world.days[_DAY]), _ACCESS, ANSWERS) as look:
            for values in many_values(look, store.office, paper, subjects):
                if isinstance(values, Exception):
                    raise values
                filled.append(values)

    read = seconds(fill)
    made = seconds(lambda: [paper_pdf(paper, values, at=at) for values in filled])
    yield Figure(
        name="劝返通知书成 pdf，连同从库里取数",
        store=name,
        ours=count / (read + made),
        unit="份/秒",
        aim=50,
        note=f"{count:,} 份，取数 {read:.1f} 秒，排版 {made:.1f} 秒",
    )


def wide_ledger(store: Store, world: CaseWorld, rows: int, name: str) -> Iterator[Figure]:
    """The widest ledger with so many rows, from a filled sheet to the bytes of a file."""
    desk = Desk(store.answers, store.log, store.vault, store.clock)
    sheet = desk.fill(LEDGERS[WIDEST], _question(world.days[_DAY]), _ACCESS)
    full = msgspec.structs.replace(sheet, rows=list(islice(cycle(sheet.rows), rows)))
    yield from _files(full, name)


def _files(sheet: Sheet, name: str) -> Iterator[Figure]:
    printed = sum(column.printed for column in sheet.ledger.columns)
    note = f"{sheet.ledger.title}，{len(sheet.rows):,} 行 × {printed} 列"
    for kind, write in (("xlsx", sheet_xlsx), ("pdf", sheet_pdf)):
        made: list[bytes] = []
        took = seconds(lambda w=write, m=made: m.append(w(sheet)))  # type: ignore[misc]
        size = len(made[0]) / 1024
        yield Figure(
            name=f"A3 台账成 {kind}",
            store=name,
            ours=took,
            unit="秒",
            higher=False,
            note=f"{note}，{size:,.0f} KB",
        )


def _question(day: date) -> Question:
    return Question(scope=Scope.county(), as_of=day)
