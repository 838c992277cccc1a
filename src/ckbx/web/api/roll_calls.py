"""点名: how a class stands on a day, and a sheet handed in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import Depends, Path
from pydantic import BaseModel, Field, model_validator
from starlette.responses import Response

from ckbx.application import class_sheet
from ckbx.application.class_sheet import ClassSheet, Version
from ckbx.clock import local_day
from ckbx.domain.attendance.book import Submission
from ckbx.domain.attendance.marks import Reason, Session
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.class_roll.errors import ClassUnknown
from ckbx.domain.shared.ids import class_key, split_class_key
from ckbx.ledgers.model import instant_text
from ckbx.vault import Person
from ckbx.web.api.commands import Written, written
from ckbx.web.api.masking import masked_number
from ckbx.web.api.routing import ApiRoutes, CommandId, answered
from ckbx.web.api.types import Body, Day, Loose, Uuid, Words, words, wrong
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.permissions import Permission
from ckbx.web.routes import Routes, Seat
from ckbx.web.words import class_name

_PATH = "/classes/{school}/{entry}/{number}/roll-calls/{day}"
_MARK = "读到的 {name}，原样交回：其间有变动则 409，不记录"


class Pupil(BaseModel):
    """One child on the roll."""

    child_id: str
    student_no: str | None = Field(description="学籍号，中段遮盖")
    name: str
    must_be_named: bool = Field(description="休学等刚结束，到校时要列入 seen")


class SheetHandedIn(BaseModel):
    """One version that was handed in."""

    session: str
    expected: int
    present: int
    absent: list[dict[str, str]]
    seen: list[str]
    submitted_by: str | None
    recorded_at: str
    position: int
    standing: bool = Field(description="false：已被后来的更正替代")


class RollCall(BaseModel):
    """A class on a day."""

    class_key: str
    day: str
    has_lessons: bool | None = Field(description="是不是教学日；校历没有的为空")
    roll: list[Pupil] = Field(description="应到的学生")
    sheets: list[SheetHandedIn]
    mark: str = Field(description="这一天已报的版本；没有报过的为空字")
    roll_mark: str = Field(description="名册的版本")
    position: int


class Absent(Body):
    """One child that is not there."""

    child: Uuid = Field(description="内部编号，见读点名的 roll")
    reason: Annotated[Reason, Loose] = Field(description=words(Reason))


class Sheet(Body):
    """A roll call: whoever is not listed is there."""

    session: Annotated[Session, Loose] = Field(Session.FULL, description=words(Session))
    expected: int = Field(ge=0, le=1_000, description="应到")
    present: int = Field(ge=0, le=1_000, description="实到")
    absent: list[Absent] = Field(max_length=1_000, description="缺勤的学生，逐个列出")
    seen: list[Uuid] = Field([], max_length=1_000, description="要点名到校的学生里，到了的")
    mark: str = Field(max_length=60, description=_MARK.format(name="mark"))
    roll_mark: str = Field(max_length=60, description=_MARK.format(name="roll_mark"))
    why: Words | None = Field(None, description="更正的原因；已报过的必填")

    @model_validator(mode="after")
    def _each_once(self) -> Sheet:
        named = [each.child for each in self.absent] + self.seen
        if len(set(named)) != len(named):
            raise wrong(kind="child_twice")
        return self


class ClassOn(msgspec.Struct, frozen=True):
    """A class of the viewer's on a day. ``roles``: in which it may call the roll."""

    key: str
    sheet: ClassSheet
    position: int
    roles: list[str]


def class_on(
    seat: Seat,
    school: Annotated[str, Path(pattern=r"^[0-9]{10}$", description="10 位学校标识码")],
    entry: Annotated[str, Path(pattern=r"^[0-9]{4}$", description="按一年级算的入学年")],
    number: Annotated[str, Path(pattern=r"^[1-9][0-9]?$", description="班号")],
    day: Day,
) -> ClassOn:
    """Raises NotThere for a class that is none, or not this viewer's."""
    key = class_key(school, int(entry), int(number))
    if not seat.scope.sees(school=school, class_key=key):
        raise NotThere
    position = int(seat.store.log.head())
    try:
        sheet = class_sheet.read_sheet(seat.store.log, seat.store.clock, key, day)
    except ClassUnknown:
        raise NotThere from None
    roles = seat.viewer.roles_over(Permission.ROLL_CALL, school=school, class_key=key)
    return ClassOn(key, sheet, position, roles)


InHand = Annotated[ClassOn, Depends(class_on)]


def add(routes: Routes) -> None:
    """Reading and handing in."""
    api = ApiRoutes(routes, "点名")

    @api.get(_PATH, Permission.SEE_CHILDREN, RollCall, summary="一个班一天的名册和点名")
    def read(seat: Seat, of: InHand) -> Response:
        return answered(_document(seat, of))

    @api.post(_PATH, Permission.ROLL_CALL, Written, summary="上报或更正一次点名")
    def hand_in(seat: Seat, of: InHand, command: CommandId, body: Sheet) -> Response:
        done = class_sheet.hand_in(
            seat.store.office,
            seat.context(command, role=of.roles[0]),
            seat.store.vault,
            _submission(seat, of, body),
            mark=body.mark,
            roll_mark=body.roll_mark,
            why=(body.why or "").strip(),
        )
        return written(seat, done)


def _submission(desk: WebDesk, of: ClassOn, body: Sheet) -> Submission:
    day = of.sheet.day
    return Submission(
        class_key=of.key,
        class_name=class_name(of.key, school_year_of(day)),
        day=day,
        session=body.session,
        expected=body.expected,
        present=body.present,
        absent={each.child: each.reason for each in body.absent},
        seen=frozenset(body.seen),
        submitted_by=desk.viewer.account,
    )


def _document(desk: WebDesk, of: ClassOn) -> dict[str, Any]:
    sheet, school = of.sheet, split_class_key(of.key)[0]
    with desk.look("api:roll-call", "接口取班级点名", schools=[school]) as look:
        people = look.people(sheet.roll)
    pupils = [_pupil(people, child, child in sheet.named) for child in sheet.roll]
    return {
        "class_key": of.key,
        "day": sheet.day,
        "today": local_day(desk.now, desk.store.clock.zone),
        "has_lessons": sheet.kind.has_lessons,
        "roll": sorted(pupils, key=lambda each: each["child_id"]),
        "sheets": [_version(each) for each in sheet.versions],
        "mark": sheet.mark,
        "roll_mark": sheet.roll_mark,
        "position": of.position,
    }


def _pupil(people: Mapping[UUID, Person], child: UUID, named: bool) -> dict[str, Any]:
    person = people[child]
    number = person.identity.student_no if person.identity else None
    return {
        "child_id": str(child),
        "student_no": masked_number(number),
        "name": person.name,
        "must_be_named": named,
    }


def _version(each: Version) -> dict[str, Any]:
    return {
        "session": each.session.value,
        "expected": each.expected,
        "present": each.present,
        "absent": [{"child": str(c), "reason": r.value} for c, r in each.absent.items()],
        "seen": sorted(map(str, each.seen)),
        "submitted_by": None if each.by.startswith("ref:") else each.by,
        "recorded_at": instant_text(each.recorded_at),
        "position": each.position,
        "standing": each.standing,
    }
