"""抽样: rows drawn by the inspector's own number, so that nobody could foresee them and anybody
can draw them again; with a check list to print.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from starlette.responses import Response

from ckbx.domain.shared.errors import CkbxError
from ckbx.ledgers import inspection_sample as sampling
from ckbx.ledgers.model import Ledger, Row, Sheet
from ckbx.ledgers.paging import blind, people_in, with_names
from ckbx.ledgers.question import Look, Question
from ckbx.ledgers.rows import ROWS
from ckbx.web.cells import Cell
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.pages.inspect.kit import common, looking, school_there
from ckbx.web.pages.ledgers.one_ledger import cells
from ckbx.web.pages.ledgers.sight import SHOWN, named, seen
from projections import school

_SHOWN: Final = (
    "name", "student_no", "school_name", "grade", "class", "register_status", "tracking_status",
    "kind", "stage", "state", "suspected_on", "effective_from", "until", "started_on", "document",
    "day", "expected", "present", "absent", "submitted_by", "recorded_at", "village_code",
)  # fmt: skip


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The form; ``head`` 0: draw at the last record that the answers have."""

    ledger: str
    school: str
    number: str
    size: int
    head: int
    as_of: str

    def address(self, head: int, as_of: str) -> str:
        """The address under which the same sample is drawn again."""
        fields = {
            "ledger": self.ledger,
            "school": self.school,
            "number": self.number.strip(),
            "size": self.size,
            "head": head,
            "as_of": as_of,
        }
        return "/inspect/sample?" + urlencode(fields)


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """One drawn row: the beginning of its rank, and what is shown of it."""

    rank: str
    cells: list[Cell]


def drawable(desk: WebDesk) -> list[Ledger]:
    """The ledgers that the viewer may draw from."""
    return [
        each
        for each in SHOWN.values()
        if each.name in sampling.ITEMS and not seen(desk.viewer, each).empty
    ]


def sample_page(desk: WebDesk, asked: Asked) -> Response:
    """The sample, and how it was drawn. Raises BadDay, NotThere."""
    ledger, seat = named(desk, asked.ledger)
    if ledger.name not in sampling.ITEMS:
        raise NotThere
    log = desk.store.log
    head = asked.head or min(log.head(), _folded(desk, ledger))
    known = log.recorded_at(head)
    if head > log.head() or known is None:
        raise NotThere
    if asked.head:
        desk.settled(head)
    own = seen(desk.viewer, ledger)
    of = Question(
        scope=own.narrowed([asked.school]) if asked.school else own,
        as_of=desk.day(asked.as_of) or desk.today,
        known_at=known,
    )
    with looking(seat, of, "sample", "督导：抽样核查", tuple(ledger.answers)) as look:
        if asked.school:
            school_there(seat, look, asked.school)
        try:
            seed = sampling.seed_of(asked.number, head)
        except CkbxError as error:
            return _page(desk, look, asked, ledger, refused=str(error))
        rows = [] if of.scope.empty else ROWS[ledger.name](blind(look))
        found = sampling.drawn(seed, ledger.name, rows, asked.size)
        return _page(
            desk,
            look,
            asked,
            ledger,
            seed=seed,
            head=head,
            population=len(rows),
            again=asked.address(head, of.as_of.isoformat()),
            **_drawn(look, ledger, found),
        )


def _folded(desk: WebDesk, ledger: Ledger) -> int:
    """The last position that all the answers of a ledger have; a seed names no later one."""
    with desk.store.answers.reading() as reading:
        return min(reading.position(name) for name in (*ledger.answers, school.NAME))


def _page(
    desk: WebDesk, look: Look, asked: Asked, ledger: Ledger, refused: str = "", **more: Any
) -> Response:
    return desk.html(
        "inspect/inspect_sample.html",
        422 if refused else 200,
        **common(desk, look, "抽样核查单"),
        ledger=ledger,
        drawable=drawable(desk),
        asked=asked,
        refused=refused,
        most=sampling.MOST,
        algorithm=sampling.ALGORITHM,
        **{"lines": [], "columns": [], "seed": "", "again": "", **more},
    )


def _drawn(look: Look, ledger: Ledger, found: Sequence[tuple[str, Row]]) -> dict[str, Any]:
    rows = [row for _, row in found]
    people = look.people(dict.fromkeys(people_in(rows)))
    named_rows = with_names(rows, people)
    columns = sorted(
        (column for column in ledger.columns if column.key in _SHOWN and column.key != "child_id"),
        key=lambda column: column.key != "name",
    )
    sheet = Sheet(
        ledger=ledger,
        as_of=look.question.as_of,
        known_at=look.instant,
        position=look.position,
        rows=named_rows,
        zone=look.reading.zone,
    )
    columns = [c for c in columns if any(c.show(r[c.key], sheet.zone) for r in named_rows)]
    lines = [
        Drawn(rank=rank[:8], cells=cells(sheet, columns, row))
        for (rank, _), row in zip(found, named_rows, strict=True)
    ]
    return {"lines": lines, "columns": columns}
