"""One child's whole identity number, for one reason, shown once (reliability §8, row 67).

Everywhere else the middle is masked. The reason stands in the access record, where the child's
other lookers and the inspector find it; no page keeps the number.
"""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Posted
from ckbx.web.pages.frame import base
from ckbx.web.pages.signing_in.again import know_again, known_lately
from ckbx.web.words import opened
from projections import roster

LEAST: int = 4
"""So many characters a reason has at least: a dot is none."""


def number_page(desk: WebDesk, request: Request, child_id: str, form: Posted) -> Response:
    """The number, this once; the form again where reason or password are missing.

    Raises NotThere for a child whose register the viewer does not keep; TooManyTries,
    TooManyReads.
    """
    child = _child(child_id)
    why = form.needed("why", "用途")[:200]
    if why and len(why) < LEAST:
        form.wrong("why", "请写清为什么要看整个号码，例如：核对户口簿")
    with desk.look("web:number", opened("查看整个证件号")) as look:
        if child not in roster.place_of(look.reading, look.question.scope, [child], **look.at):
            raise NotThere
        know_again(desk, request, form)
        common = base(desk, look, "查看整个证件号")
    again = not known_lately(desk)
    if not form.fine:
        asked = {"draft": form.draft(), "again": again, "person": None}
        return desk.html("child/child_number.html", 422, **common, child=child, **asked)
    with desk.look("web:number", f"查看整个证件号：{why}") as look:
        person = look.people([child])[child]
    return desk.html("child/child_number.html", **common, child=child, person=person, why=why)


def _child(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotThere from None
