"""请假条 and 代课 of a class: who asked for leave, who stands in for the class teacher."""

from __future__ import annotations

from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec
from starlette.responses import Response

from ckbx.application import leave_slips, substitutes
from ckbx.domain.attendance.marks import Reason
from ckbx.domain.class_roll.slips import EXCUSES
from ckbx.domain.responsibility.directory import Directory
from ckbx.domain.responsibility.post import Role, Scope, ScopeKind, Tenure
from ckbx.domain.shared.errors import CkbxError
from ckbx.ledgers.question import Look
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Draft, Posted
from ckbx.web.pages.frame import base
from ckbx.web.pages.roll_call.form import InHand, Named, in_hand
from ckbx.web.pages.roll_call.sheet import sheet_of
from ckbx.web.permissions import ROLE_ZH, Permission
from projections import responsibility

REASONS: Final = tuple((each.value, each.label) for each in EXCUSES)


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody with an account and a post at the school."""

    account: str
    holder: UUID
    roles: str


def page(
    desk: WebDesk,
    named: Named,
    *,
    slip: Draft | None = None,
    stand_in: Draft | None = None,
    status: int = 200,
) -> Response:
    """Both forms and what stands. Raises NotThere."""
    of = in_hand(desk, named)
    today = desk.today
    sheet = sheet_of(desk, of, today)
    with desk.look("web:roll-call-leave", "查看请假条与代课") as look:
        known = responsibility.directory(look.reading, look.position)
        found = _candidates(known, of.school, today)
        tenures = _tenures(known, of.key, today)
        holders = [*(each.holder for each in found), *(each.holder for each in tenures)]
        children = {*sheet.roll, *(each.child for each in sheet.coming)}
        people = look.people([*children, *holders])
        here = sorted(sheet.roll, key=lambda child: people[child].name)
        return desk.html(
            "roll_call/roll_call_leave.html",
            status,
            **base(desk, look, f"{of.name(today)}请假与代课"),
            of=of,
            called=of.name(today),
            slip=slip or Draft(),
            stand_in=stand_in or Draft(),
            pupils=[(str(child), people[child].name) for child in here],
            slips=[(each, people[each.child].name) for each in sheet.coming],
            reasons=REASONS,
            candidates=[
                (each.account, f"{people[each.holder].name}（{each.roles}，{each.account}）")
                for each in found
            ],
            tenures=[(each, people[each.holder].name) for each in tenures],
        )


def file_slip(desk: WebDesk, posted: Posted, named: Named) -> Response:
    """A child will be away from a day to a day."""
    of = in_hand(desk, named)
    first = posted.day("first_day", "起")
    last = posted.day("last_day", "止")
    reason = posted.needed("reason", "原因")
    child = _id(posted.needed("child", "学生"))
    if posted.fine and (child is None or reason not in dict(REASONS)):
        raise NotThere
    if not posted.fine or first is None or last is None or child is None:
        return page(desk, named, slip=posted.draft(), status=422)
    try:
        done = leave_slips.file(
            desk.store.office,
            desk.context(posted.command, role=of.role),
            class_key=of.key,
            class_name=of.name(desk.today),
            child=child,
            first_day=first,
            last_day=last,
            reason=Reason(reason),
        )
    except CkbxError as error:
        return page(desk, named, slip=posted.draft(error), status=422)
    return desk.done(f"{of.path}/leave", done.position)


def end_slip(desk: WebDesk, posted: Posted, named: Named) -> Response:
    """The child is back today, or the slip was a mistake."""
    of = in_hand(desk, named)
    number, back_on = posted.text("slip", most=6), posted.day("back_on", "返校日")
    if not number.isdecimal():
        raise NotThere
    if back_on is None:
        return page(desk, named, slip=posted.draft(), status=422)
    ctx = desk.context(posted.command, role=of.role)
    try:
        done = leave_slips.end(
            desk.store.office, ctx, class_key=of.key, slip=int(number), back_on=back_on
        )
    except CkbxError as error:
        return page(desk, named, slip=posted.draft(error), status=422)
    return desk.done(f"{of.path}/leave", done.position)


def substitute(desk: WebDesk, posted: Posted, named: Named) -> Response:
    """Somebody stands in for a day: named by the principal, or by whoever holds the class on
    that day too, so that one who stands in for a day gives nothing on.
    """
    of = in_hand(desk, named)
    day = posted.day("day", "日期")
    account = posted.needed("account", "代课教师")
    if not posted.fine or day is None:
        return page(desk, named, stand_in=posted.draft(), status=422)
    if not _may_name(desk, of, day):
        posted.wrong("day", "这一天您不在本班班主任岗位上，不能指定代课，请联系校长")
        return page(desk, named, stand_in=posted.draft(), status=422)
    with desk.look("web:roll-call-substitute", "指定代课前核对在任教师") as look:
        found = _candidates(_directory(look), of.school, desk.today)
    chosen = next((each for each in found if each.account == account), None)
    if chosen is None:
        posted.wrong("account", "请从本校有账号的教师中选择")
        return page(desk, named, stand_in=posted.draft(), status=422)
    try:
        done = substitutes.name(
            desk.store.office,
            desk.context(posted.command, role=of.role),
            class_key=of.key,
            class_name=of.name(day),
            account=chosen.account,
            holder=chosen.holder,
            day=day,
        )
    except CkbxError as error:
        return page(desk, named, stand_in=posted.draft(error), status=422)
    return desk.done(f"{of.path}/leave", done.position)


def _may_name(desk: WebDesk, of: InHand, day: date) -> bool:
    if desk.viewer.roles_over(Permission.ROLL_CALL, school=of.school):
        return True
    with desk.look("web:roll-call-substitute", "指定代课前核对在任教师") as look:
        tenures = _tenures(_directory(look), of.key, day)
    return any(each.account == desk.viewer.account and each.covers(day) for each in tenures)


def _directory(look: Look) -> Directory:
    return responsibility.directory(look.reading, look.position)


def _tenures(known: Directory, class_key: str, since: date) -> list[Tenure]:
    """Who holds the class from a day on, in order of time."""
    covers: Any = Scope(ScopeKind.CLASS, class_key)
    posts = [p for p in known.posts.values() if p.scope == covers and p.role is Role.CLASS_TEACHER]
    found = [t for p in posts for t in p.tenures if t.last_day is None or t.last_day >= since]
    return sorted(found, key=lambda t: t.first_day)


def _candidates(known: Directory, school: str, day: date) -> list[Candidate]:
    roles: dict[tuple[str, UUID], list[str]] = {}
    for post in known.posts.values():
        of_school = post.scope.kind in (ScopeKind.SCHOOL, ScopeKind.GRADE, ScopeKind.CLASS)
        if not of_school or post.scope.code.split("/")[0] != school:
            continue
        if post.role in (Role.BUREAU_LEADER, Role.NOTIFIED):
            continue
        for tenure in post.holders(day):
            if tenure.account:
                role = ROLE_ZH.get(post.role, post.title)
                roles.setdefault((tenure.account, tenure.holder), []).append(role)
    return [
        Candidate(account=account, holder=holder, roles="、".join(dict.fromkeys(held)))
        for (account, holder), held in sorted(roles.items())
    ]


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
