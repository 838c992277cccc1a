"""请假条: who asked for short leave, and which days does that pre-mark (domain §4)?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, ClassVar
from uuid import UUID

import msgspec

from ckbx.domain.attendance.marks import Reason
from ckbx.domain.class_roll.slip_events import LeaveSlipEnded, LeaveSlipFiled
from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.errors import InputRefused
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import stream_id

EXCUSES = (Reason.SICK, Reason.PERSONAL)
"""What a slip can be for: the two reasons that somebody asked for."""
_ONE_DAY = timedelta(days=1)


class SlipReversed(InputRefused):
    code = "slip_reversed"
    message = "请假条的止 {last_day} 早于起 {first_day}，请改正"


class SlipReasonWrong(InputRefused):
    code = "slip_reason_wrong"
    message = "请假条只能是病假或事假；没有请假的缺勤请在点名里记"


class SlipOverlaps(InputRefused):
    code = "slip_overlaps"
    message = "这名学生 {first_day} 至 {last_day} 已有一张请假条，请先结束那一张，或错开日期"


class SlipUnknown(InputRefused):
    code = "slip_unknown"
    message = "没有这张请假条，或它已经作废。请刷新页面"


class SlipOutsideSpan(InputRefused):
    code = "slip_outside_span"
    message = "提前结束的日期 {day} 不在这张请假条（{first_day} 至 {last_day}）之内"


class Slip(msgspec.Struct, frozen=True, kw_only=True):
    """One slip as it holds; days are local and included."""

    number: int
    child: UUID
    first_day: date
    last_day: date
    reason: Reason

    def covers(self, day: date) -> bool:
        """Whether the child asked to be away that day."""
        return self.first_day <= day <= self.last_day


class LeaveSlips(Aggregate):
    """The slips of one class; those that were a mistake are gone."""

    __slots__ = ("filed", "slips")

    KIND: ClassVar[str] = "leave_slips"

    def __init__(self, id_: UUID) -> None:
        super().__init__(id_)
        self.filed = 0
        self.slips: dict[int, Slip] = {}

    @staticmethod
    def stream(county: str, class_key: str) -> UUID:
        """The stream of a class's slips."""
        return stream_id(county, LeaveSlips.KIND, class_key)

    def on(self, day: date) -> dict[UUID, Slip]:
        """The slips that pre-mark a day, by child."""
        return {slip.child: slip for slip in self.slips.values() if slip.covers(day)}

    def since(self, day: date) -> Iterator[Slip]:
        """The slips that reach to a day or later, in order of their days."""
        kept = (slip for slip in self.slips.values() if slip.last_day >= day)
        yield from sorted(kept, key=lambda slip: (slip.first_day, slip.number))

    def file(
        self,
        ctx: CommandContext,
        *,
        class_key: str,
        child: UUID,
        first_day: date,
        last_day: date,
        reason: Reason,
    ) -> None:
        """Record a slip; the same one again changes nothing.

        Raises SlipReversed, SlipReasonWrong, SlipOverlaps.
        """
        if last_day < first_day:
            raise SlipReversed(first_day=first_day, last_day=last_day)
        if reason not in EXCUSES:
            raise SlipReasonWrong
        for slip in self.slips.values():
            if slip.child != child or last_day < slip.first_day or slip.last_day < first_day:
                continue
            if (slip.first_day, slip.last_day, slip.reason) == (first_day, last_day, reason):
                return
            raise SlipOverlaps(first_day=slip.first_day, last_day=slip.last_day)
        self.trigger_event(
            LeaveSlipFiled,
            ctx,
            occurred_on=ctx.today,
            class_key=class_key,
            slip=self.filed + 1,
            child=child,
            first_day=first_day,
            last_day=last_day,
            reason=reason,
        )

    def end(self, ctx: CommandContext, *, class_key: str, slip: int, back_on: date) -> None:
        """The child is back on ``back_on``: the slip ends the day before, and on its first day
        it never held. Raises SlipUnknown, SlipOutsideSpan.
        """
        found = self.slips.get(slip)
        if found is None:
            raise SlipUnknown
        if not found.covers(back_on):
            span = {"first_day": found.first_day, "last_day": found.last_day}
            raise SlipOutsideSpan(day=back_on, **span)
        last = back_on - _ONE_DAY
        self.trigger_event(
            LeaveSlipEnded,
            ctx,
            occurred_on=ctx.today,
            class_key=class_key,
            slip=slip,
            last_day=last if last >= found.first_day else None,
        )

    def apply(self, event: Any) -> None:
        match event:
            case LeaveSlipFiled():
                self.filed = max(self.filed, event.slip)
                self.slips[event.slip] = Slip(
                    number=event.slip,
                    child=event.child,
                    first_day=event.first_day,
                    last_day=event.last_day,
                    reason=event.reason,
                )
            case LeaveSlipEnded():
                slip = self.slips.pop(event.slip, None)
                if slip is not None and event.last_day is not None:
                    self.slips[event.slip] = msgspec.structs.replace(slip, last_day=event.last_day)
