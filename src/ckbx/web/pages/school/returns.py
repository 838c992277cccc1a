"""返校待确认: which children are back, how many days have they attended in a row, what is left?"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from starlette.responses import Response

from ckbx.application.case_view import BackView, look_at_returns
from ckbx.domain.case.codes import Stage
from ckbx.web.desk import WebDesk
from ckbx.web.pages.frame import base
from ckbx.web.pages.school.at_risk import place_class
from ckbx.web.permissions import Permission
from projections import cases
from projections.scope import Scope


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A child that is back; ``days`` attended in a row since, oldest first; ``mine``: the viewer
    confirms it.
    """

    child: UUID
    case_id: UUID
    name: str
    school_name: str
    class_name: str
    back_on: date | None
    days: list[date]
    needed: int
    mine: bool

    @property
    def left(self) -> int:
        """How many days are missing."""
        return max(self.needed - len(self.days), 0)


def returns_page(desk: WebDesk) -> Response:
    """The returns of the viewer's children that nobody has confirmed, the ripe ones first."""
    with desk.look("web:returns", "查看返校待确认") as look:
        scope, today = look.question.scope, look.question.as_of
        found = cases.cases_on(look.reading, scope, which=cases.OPEN, **look.at)
        back = {each.case.id: each for each in found if each.case.stage is Stage.RETURNED}
        views = look_at_returns(desk.store.office, list(back), today)
        names = look.school_names()
        people = look.people([view.case.child for view in views])
        decides = desk.viewer.scope(Permission.DECIDE_SCHOOL)
        lines = [
            _line(view, back[view.case.id].place, people, names, today, decides) for view in views
        ]
        return desk.html(
            "school/returns.html",
            **base(desk, look, "返校待确认"),
            lines=sorted(lines, key=lambda line: (line.left, line.back_on or today, line.child)),
            ready=sum(not line.left for line in lines),
        )


def _line(
    view: BackView, place: Any, people: Any, names: dict[str, str], today: date, decides: Scope
) -> Line:
    case = view.case
    return Line(
        child=case.child,
        case_id=case.id,
        name=people[case.child].name,
        school_name=names.get(place.school or "", ""),
        class_name=place_class(place, today),
        back_on=case.returned.on if case.returned else None,
        days=view.attended,
        needed=view.needed,
        mine=decides.sees(school=place.school),
    )
