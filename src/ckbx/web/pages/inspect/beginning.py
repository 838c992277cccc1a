"""督导: where an inspector begins. What can be looked at, and until when?"""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from ckbx.domain.report.months import month_of
from ckbx.web.desk import WebDesk
from ckbx.web.pages.inspect.comparing import compared
from ckbx.web.pages.inspect.kit import common
from ckbx.web.pages.inspect.sampling import drawable


def home(desk: WebDesk) -> Response:
    """The forms that lead to everything else."""
    with desk.look("web:inspect", "督导检查") as look:
        return desk.html(
            "inspect/inspect.html",
            **common(desk, look, "督导检查"),
            ledgers=compared(desk),
            drawable=drawable(desk),
            month_ago=desk.today - timedelta(days=30),
            last_month=month_of(desk.today).before.key,
        )
