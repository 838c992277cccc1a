"""等您办的: what waits for the viewer alone, in front on the first page, with the way to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from ckbx.application.case_view import look_at_returns
from ckbx.domain.case.codes import Stage
from ckbx.ledgers.question import Look
from ckbx.web.desk import WebDesk
from ckbx.web.permissions import Permission
from projections import cases
from projections.alerts import AlertRow
from projections.roll_call_completeness import CountyLines

_RIPE: Final = "determination_due"


class Waiting(msgspec.Struct, frozen=True):
    """So many of a kind, counted in ``unit`` (``who``: one, about this child), and the page where they are done, or
    the oldest of them is.
    """

    title: str
    count: int
    path: str
    button: str
    who: str = ""
    unit: str = "人"


def to_decide(desk: WebDesk, look: Look, raised: Sequence[AlertRow] = ()) -> list[Waiting]:
    """What only this viewer's posts may decide; nothing where nothing waits. ``raised``: the
    open alerts of the page.
    """
    return [each for each in _each(desk, look, raised) if each.count]


def _each(desk: WebDesk, look: Look, raised: Sequence[AlertRow]) -> Iterator[Waiting]:
    if desk.may(Permission.DECIDE_COUNTY):
        found = sorted((each.raised_on, each.subject) for each in raised if each.kind == _RIPE)
        ripe = list(dict.fromkeys(case for _, case in found))
        first = f"/cases/{ripe[0]}" if ripe else ""
        yield Waiting("够条件的，等您认定辍学", len(ripe), first, "去认定")
    if desk.may(Permission.DECIDE_SCHOOL):
        yield Waiting("孩子已返校，等您确认", _returns(desk, look), "/returns", "去确认返校")
    if desk.may(Permission.ANSWER_CLOSURE):
        yield Waiting(
            "学校报了停课，等您答复", _closures(desk, look), "/closures", "去答复停课", unit="次"
        )


def _returns(desk: WebDesk, look: Look) -> int:
    """Returns that the roll calls already bear out."""
    scope = desk.viewer.scope(Permission.DECIDE_SCHOOL)
    found = cases.cases_on(look.reading, scope, which=cases.OPEN, **look.at)
    back = [each.case.id for each in found if each.case.stage is Stage.RETURNED]
    views = look_at_returns(desk.store.office, back, desk.today) if back else []
    return sum(view.ready for view in views)


def _closures(desk: WebDesk, look: Look) -> int:
    scope = desk.viewer.scope(Permission.ANSWER_CLOSURE)
    calendars = CountyLines.at(look.reading, look.position).calendars
    return sum(
        len(calendars.awaiting_county(school))
        for school in calendars.schools_with_lines()
        if scope.sees(school=school)
    )
