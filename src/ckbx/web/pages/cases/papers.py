"""A letter or form about the child of a case, filled from what is recorded, to print or edit.

What the program does not know (文号, 限期) is typed on a page of its own and stands on the
paper alone: it is kept nowhere.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from starlette.responses import Response

from ckbx.documents.filling import Values
from ckbx.documents.paper import Paper, load_paper, texts_of
from ckbx.documents.paper_docx import paper_docx
from ckbx.documents.paper_pdf import paper_pdf
from ckbx.domain.case.case import Case
from ckbx.domain.shared.errors import InputRefused
from ckbx.domain.shared.marked_text import MARK
from ckbx.ledgers.columns import SHORT
from ckbx.ledgers.paper_subjects import Subject
from ckbx.ledgers.papers import paper_values
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Draft, Posted
from ckbx.web.pages.cases.files import TYPES
from ckbx.web.pages.cases.in_hand import InHand, in_hand
from ckbx.web.pages.frame import base

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
OWN: Final = (
    "文号",
    "限期",
    "答复期限",
    "收文机关",
    "发文机关",
    "发文日期",
    "联系人",
    "联系电话",
    "文书名称",
    "送达时间",
    "送达地点",
    "送达方式",
    "受送达人",
    "送达人",
    "见证人",
    "拒收情况",
    "学年",
    "学期",
    "开学日期",
)
"""What a person may set by hand; the other placeholders say what is recorded."""
FORMATS: Final = ("pdf", "docx")
_LONGEST: Final = 200


def case_paper(desk: WebDesk, case_id: str, name: str, form: str) -> Response:
    """A paper as pdf or docx. Raises NotThere, GlyphsMissing, PaperAboutNobody."""
    paper = _paper(desk, name)
    if form not in FORMATS:
        raise NotThere
    hand, values = _read(desk, paper, case_id, _taking(paper))
    return _file(desk, paper, hand.case, values, form)


def paper_page(desk: WebDesk, case_id: str, name: str) -> Response:
    """What may be set by hand on a paper, with what is known. Raises NotThere."""
    paper = _paper(desk, name)
    hand, values = _read(desk, paper, case_id, _opening(paper))
    return _page(desk, paper, hand, values, None)


def filled_paper(desk: WebDesk, case_id: str, name: str, posted: Posted) -> Response:
    """The paper with what was set by hand. Raises NotThere."""
    paper = _paper(desk, name)
    number, form = posted.text("round"), posted.text("form")
    form = form if form in FORMATS else FORMATS[0]
    round_ = int(number) if number.isascii() and number.isdecimal() and len(number) < 5 else None
    hand, values = _read(desk, paper, case_id, _taking(paper), round_)
    given = {item: posted.text(f"item{n}", most=_LONGEST) for n, item in _items(paper)}
    own = {item: text for item, text in given.items() if text}
    try:
        return _file(desk, paper, hand.case, {**values, **own}, form)
    except InputRefused as refused:
        return _page(desk, paper, hand, values, posted.draft(refused))


def _paper(desk: WebDesk, name: str) -> Paper:
    if name not in dict(CASE_PAPERS):
        raise NotThere
    return load_paper(name, desk.store.settings.paper_dir)


def _items(paper: Paper) -> list[tuple[int, str]]:
    """The numbers and names of what may be set by hand on this paper."""
    used = {found[1] for _, text in texts_of(paper) for found in MARK.finditer(text)}
    return [(n, item) for n, item in enumerate(OWN) if item in used]


def _opening(paper: Paper) -> str:
    """The purpose of looking at the page on which a paper is filled."""
    return f"打开《{paper.title}》填写页"


def _taking(paper: Paper) -> str:
    """The purpose of taking the filled file away."""
    return f"取走填好的《{paper.title}》文件"


def _read(
    desk: WebDesk, paper: Paper, case_id: str, why: str, round_: int | None = None
) -> tuple[InHand, dict[str, Any]]:
    with desk.look(f"web:paper {paper.name}", why) as look:
        hand = in_hand(desk, look, case_id)
        if not hand.roles:
            raise NotThere
        subject = Subject(hand.case.child, hand.case.id)
        values = paper_values(look, desk.store.office, paper, subject, round_=round_)
    return hand, values


def _page(
    desk: WebDesk,
    paper: Paper,
    hand: InHand,
    values: dict[str, Any],
    draft: Draft | None,
) -> Response:
    with desk.look(f"web:paper {paper.name}", _opening(paper)) as look:
        context = base(desk, look, f"打印《{paper.title}》")
    rounds = [(str(r.number), f"第 {r.number} 次 {r.on} {r.hour}") for r in hand.case.rounds]
    return desk.html(
        "cases/case_paper.html",
        422 if draft else 200,
        **context,
        case=hand.case,
        child_name=str(values.get("学生姓名", "")),
        paper=paper,
        items=[(n, item, str(values.get(item) or "")) for n, item in _items(paper)],
        rounds=rounds[::-1] if paper.name == "home_visit" else [],
        draft=draft or Draft(),
    )


def _file(desk: WebDesk, paper: Paper, case: Case, values: Values, form: str) -> Response:
    settings, at = desk.store.settings, desk.now
    if form == "docx":
        content = paper_docx(paper, values, at=at, own=settings.paper_dir)
    else:
        content = paper_pdf(paper, values, at=at, own_fonts=settings.font_dir)
    called = quote(f"{paper.title}-{case.id.hex[:SHORT]}.{form}")
    return Response(
        content,
        media_type=TYPES[form],
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{called}"},
    )
