"""Taking a ledger away: the same file as ``ckbx ledger`` makes, for a purpose that is recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from ckbx.ledgers.exporting import marked
from ckbx.ledgers.model import Grain, Ledger, Sheet
from ckbx.ledgers.output import sheet_csv
from ckbx.ledgers.paging import Part
from ckbx.ledgers.pdf import sheet_pdf
from ckbx.ledgers.question import Question
from ckbx.ledgers.xlsx import sheet_xlsx
from ckbx.vault import Access
from ckbx.web import turns
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Posted
from ckbx.web.pages.frame import base
from ckbx.web.pages.ledgers import second_person
from ckbx.web.pages.ledgers.one_ledger import filled
from ckbx.web.pages.ledgers.query import Asked, choices, question, scope_asked
from ckbx.web.pages.ledgers.second_person import approver_of
from ckbx.web.pages.ledgers.sight import named, own_class, taken, way_out
from ckbx.web.pages.signing_in.again import know_again, known_lately


class Form(NamedTuple):
    """One kind of file."""

    title: str
    media: str
    make: Callable[[Sheet, Path | None], bytes]


FORMS: Final[Mapping[str, Form]] = {
    "xlsx": Form(
        "Excel 工作簿",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        lambda sheet, _: sheet_xlsx(sheet),
    ),
    "pdf": Form("PDF（A3 横向，可盖章）", "application/pdf", sheet_pdf),
    "csv": Form("CSV", "text/csv; charset=utf-8", lambda sheet, _: sheet_csv(sheet)),
}


def ledger_file(
    desk: WebDesk, request: Request, name: str, form: Posted, *, of_class: bool = False
) -> Response:
    """The file; the form again where the purpose is missing, or a password is asked for.

    The number of the export stands in the view of its access record. ``of_class``: that of the one
    class that the viewer sees. Raises BadDay, NotThere, TooManyTries, ExportsBusy.
    """
    ledger, seat = named(desk, name)
    own = own_class(desk.viewer, ledger) if of_class else taken(desk.viewer, ledger)
    if own.empty:
        raise NotThere
    asked = Asked(
        school=form.text("school", most=10),
        township=form.text("township", most=12),
        as_of=form.text("as_of", most=10),
        known_at=form.text("known_at", most=40),
        all_=bool(form.text("all")),
    )
    kind = FORMS.get(form.text("form"))
    if kind is None:
        form.wrong("form", "请选择文件格式")
    why = form.needed("why", "用途")
    if of_people(ledger):
        know_again(desk, request, form)
    with seat.look("web:ledger", "导出台账") as look:
        wanted = question(
            seat, asked, scope_asked(ledger, asked, own, dict(choices(seat, look, ledger)))
        )
        common = base(seat, look, f"导出{ledger.title}")
    rows = 0
    if form.fine and of_people(ledger):
        rows = filled(seat, ledger, wanted, Part(0, 0)).count  # counted without reading anybody
        if approver := approver_of(desk, request, ledger, rows, form):
            why = f"{why}（批准人 {approver}）"
    if kind is None or not form.fine:
        return export_form(seat, ledger, asked, form, common, second=rows > second_person.MOST_ROWS)
    with turns.EXPORTS.turn():
        sheet = _marked(seat, ledger, wanted, form.text("form"), why)
        content = kind.make(sheet, desk.store.settings.font_dir)
    called = f"{ledger.title}_截至{sheet.as_of}.{form.text('form')}"
    return Response(
        content,
        media_type=kind.media,
        headers={"Content-Disposition": disposition(called, ledger.name, form.text("form"))},
    )


def of_people(ledger: Ledger) -> bool:
    """Whether its rows are about single people."""
    return ledger.of_children or ledger.grain is Grain.CHILD


def _marked(desk: WebDesk, ledger: Ledger, wanted: Question, kind: str, why: str) -> Sheet:
    """The ledger filled and marked, with one record that tells of the export."""
    return marked(
        desk.store.vault,
        Access(actor=desk.viewer.actor, view="web:ledger", purpose=why),
        desk.now,
        ledger,
        kind,
        lambda access: filled(desk, ledger, wanted, None, access.purpose, access.view),
    )


def export_form(
    desk: WebDesk,
    ledger: Ledger,
    asked: Asked,
    form: Posted,
    common: Mapping[str, object],
    *,
    second: bool = False,
) -> Response:
    """The form of the export again, with what is wrong. ``second``: another person has to approve."""
    return desk.html(
        "ledgers/ledger_export.html",
        422,
        **common,
        way_out=way_out(desk.viewer, ledger),
        asked=asked,
        draft=form.draft(),
        second=second,
        again=of_people(ledger) and not known_lately(desk),
        forms=[(key, each.title) for key, each in FORMS.items()],
        back=asked.address(f"/ledgers/{ledger.name}"),
    )


def disposition(called: str, plain: str, ending: str) -> str:
    """RFC 6266: the Chinese name, and a plain one for what does not know it."""
    return f"attachment; filename=\"{plain}.{ending}\"; filename*=UTF-8''{quote(called, safe='')}"
