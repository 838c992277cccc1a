"""One child: where it stands, both chains, and everything that happened."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from ckbx.domain.case.work_events import CauseRecorded
from ckbx.ledgers.child import ChildNotThen, ChildUnknown, student_json
from ckbx.web.api.ledgers import instant_of
from ckbx.web.api.masking import masked, without_flags
from ckbx.web.api.routing import ApiRoutes, answered
from ckbx.web.api.types import Answer, Asked, Day, Instant, Uuid
from ckbx.web.desk import NotThere
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat
from projections import roster

_CAUSE: Final = CauseRecorded.TOPIC


class Then(Asked):
    """Which day, known when."""

    as_of: Day | None = None
    known_at: Instant | Day | None = None


class ChildFile(Answer):
    """A child's file up to the as-of day."""

    child_id: str
    student_no: str | None = Field(description="学籍号，中段遮盖")
    name: str
    school_code: str | None
    school_name: str | None
    grade: int | None
    class_: int | None = Field(None, alias="class")
    tracking_status: str = Field(description="就学状态")
    register_status: str = Field(description="学籍状态")
    since: str
    groups: list[str] | None = Field(description="困难、残疾等标记；岗位不需要的为空")
    as_of: str
    known_at: str
    position: int
    incomplete: list[str]
    chains: dict[str, list[dict[str, Any]]] = Field(
        description="government 政府线，education 教育线"
    )
    timeline: list[dict[str, Any]]


def add(routes: Routes) -> None:
    """``/children/{child_id}``."""
    api = ApiRoutes(routes, "学生")

    @api.get("/children/{child_id}", Permission.SEE_CHILDREN, ChildFile, summary="一生一档")
    def child(seat: Seat, child_id: Uuid, asked: Annotated[Then, Query()]) -> Response:
        known = instant_of(seat, asked.known_at)
        day = asked.as_of or min(
            known.astimezone(_zone(seat)).date() if known else seat.today, seat.today
        )
        with seat.look("api:child", "接口取一生一档", as_of=day, known_at=known) as look:
            own = roster.place_of(look.reading, look.question.scope, [child_id], **look.at)
            if child_id not in own:
                raise NotThere
            try:
                found = masked(student_json(look, child_id))
            except (ChildUnknown, ChildNotThen):
                raise NotThere from None
        if not seat.may(Permission.SEE_SCHOOLS):
            found = without_flags(found)
        return answered({**found, "timeline": [_told(each) for each in found["timeline"]]})


def _zone(seat: Seat) -> Any:
    return seat.store.clock.zone


def _told(entry: dict[str, Any]) -> dict[str, Any]:
    """A cause may tell of health or belief: it stands in the case, not here."""
    if not entry["event"].startswith(_CAUSE):
        return entry
    return {**entry, "about": entry["about"].split("；")[0]}
