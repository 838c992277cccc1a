"""重点关注名单, and who was reached about an absence (domain §6: the visit after day 1).

Neither changes a status. The list is a decision of the school or the county; a call is made by
somebody of the school and recorded on the day it is made.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ckbx.domain.attendance.marks import Reason, is_unexplained
from ckbx.domain.child import focus_events as fo
from ckbx.domain.child.child import Child
from ckbx.domain.child.enrolment import check_day
from ckbx.domain.child.focus_codes import FocusReason
from ckbx.domain.child.focus_errors import (
    FocusDaysCross,
    FocusNotTheirs,
    NotAwayThatDay,
    NotOnFocusList,
    OnFocusListAlready,
)
from ckbx.domain.responsibility.post import Role
from ckbx.domain.shared.event import CommandContext

MAY_LIST = frozenset({Role.CLASS_TEACHER, Role.PRINCIPAL, Role.BUREAU_OFFICER})
MAY_CALL = frozenset({Role.CLASS_TEACHER, Role.CASE_TEACHER, Role.GRADE_LEADER, Role.PRINCIPAL})


def put_on(
    child: Child,
    ctx: CommandContext,
    *,
    on: date,
    role: str,
    reason: FocusReason,
    note_ref: UUID | None = None,
) -> None:
    """Put a child on the focus list from a local day that has come.

    Raises FocusNotTheirs, OnFocusListAlready, FocusDaysCross and what ``check_day`` refuses.
    """
    _check(child, ctx, on, role, "列入重点关注")
    if child.focus is not None:
        raise OnFocusListAlready(since=child.focus)
    child.trigger_event(
        fo.FocusListed, ctx, occurred_on=on, reason=reason, decided_by=role, note_ref=note_ref
    )


def take_off(
    child: Child, ctx: CommandContext, *, on: date, role: str, note_ref: UUID | None = None
) -> None:
    """Take a child off the list: ``on`` is the first local day on which it is not on it.

    Raises FocusNotTheirs, NotOnFocusList, FocusDaysCross and what ``check_day`` refuses.
    """
    _check(child, ctx, on, role, "移出重点关注")
    if child.focus is None:
        raise NotOnFocusList(day=on)
    child.trigger_event(fo.FocusEnded, ctx, occurred_on=on, decided_by=role, note_ref=note_ref)


def _check(child: Child, ctx: CommandContext, on: date, role: str, action: str) -> None:
    if role not in MAY_LIST:
        raise FocusNotTheirs(action=action, who="班主任、校长或县教育局")
    check_day(child, ctx, on)
    if child.focus_changed is not None and on < child.focus_changed:
        raise FocusDaysCross(day=on, since=child.focus_changed)


def tried(child: Child, ctx: CommandContext, *, absent_on: date, role: str, reached: bool) -> None:
    """Today somebody tried to reach the guardian about an absence; nothing when that was the
    last thing said of it. What was said last stands.

    Raises FocusNotTheirs, NotAwayThatDay.
    """
    if role not in MAY_CALL:
        raise FocusNotTheirs(action="登记联系监护人的结果", who="班主任、帮扶教师、年级领导或校长")
    day = absent_on.toordinal()
    said = child.said.get(day)
    if said is None or not (isinstance(said[1], Reason) and is_unexplained(said[1])):
        raise NotAwayThatDay(day=absent_on)
    if child.tried.get(day) is not reached:
        child.trigger_event(
            fo.GuardianTried,
            ctx,
            occurred_on=ctx.today,
            absent_on=absent_on,
            reached=reached,
            tried_by=role,
        )
