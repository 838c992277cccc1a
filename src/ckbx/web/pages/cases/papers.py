"""A letter or form about the child of a case, filled from what is recorded, to print or edit."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from starlette.responses import Response

from ckbx.documents.filling import Values
from ckbx.documents.paper import Paper, load_paper, paper_names
from ckbx.documents.paper_docx import paper_docx
from ckbx.documents.paper_pdf import paper_pdf
from ckbx.ledgers.columns import SHORT
from ckbx.ledgers.paper_subjects import Subject
from ckbx.ledgers.papers import paper_values
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.pages.cases.files import TYPES
from ckbx.web.pages.cases.in_hand import in_hand

CASE_PAPERS: Final = (
    ("home_visit", "家访记录"),
    ("persuasion_notice", "劝返通知书"),
    ("commitment", "承诺书"),
    ("return_deadline", "限期复学通知书"),
    ("order_to_school", "责令送被监护人接受义务教育通知书"),
    ("service_receipt", "送达回证"),
    ("inquiry_letter", "关于协助核实学生就读情况的函"),
    ("letter_to_parents", "致家长的一封信"),
    ("case_file", "一生一案"),
)
"""In the order in which they are wanted; titles as the program has them."""


def case_paper(desk: WebDesk, case_id: str, name: str, form: str) -> Response:
    """A paper as pdf or docx. Raises NotThere, GlyphsMissing, PaperAboutNobody."""
    if name not in paper_names() or name not in dict(CASE_PAPERS) or form not in ("pdf", "docx"):
        raise NotThere
    settings = desk.store.settings
    paper = load_paper(name, settings.paper_dir)
    with desk.look(f"web:paper {name}", f"打印《{paper.title}》") as look:
        hand = in_hand(desk, look, case_id)
        subject = Subject(hand.case.child, hand.case.id)
        values = paper_values(look, desk.store.office, paper, subject)
    content = _set(desk, paper, values, form)
    called = quote(f"{paper.title}-{hand.case.id.hex[:SHORT]}.{form}")
    return Response(
        content,
        media_type=TYPES[form],
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{called}"},
    )


def _set(desk: WebDesk, paper: Paper, values: Values, form: str) -> bytes:
    settings, at = desk.store.settings, desk.now
    if form == "docx":
        return paper_docx(paper, values, at=at, own=settings.paper_dir)
    return paper_pdf(paper, values, at=at, own_fonts=settings.font_dir)
