"""休缓免学申请: which applications await a decision, what does each lack, and who decides?"""

from __future__ import annotations

from starlette.responses import Response

from ckbx.domain.leave.steps import GOVERNMENT
from ckbx.ledgers.leave_view import list_json
from ckbx.web.desk import WebDesk
from ckbx.web.pages.frame import base


def leaves_page(desk: WebDesk) -> Response:
    """The open applications of the viewer's children, the oldest first."""
    with desk.look("web:leaves", "查看休缓免学申请") as look:
        return desk.html(
            "acts/leaves.html",
            **base(desk, look, "休缓免学申请"),
            rows=list_json(look)["rows"],
            decides=any(role in GOVERNMENT for role in desk.viewer.roles),
        )
