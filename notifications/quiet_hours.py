"""When does nobody want a message? Between two local times, over midnight where they say so."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from ckbx.clock import local_instant


class QuietHours(msgspec.Struct, frozen=True):
    """From ``quiet_from`` (included) to ``quiet_to`` (not included), local wall-clock times;
    the same time twice: never quiet.
    """

    quiet_from: time
    quiet_to: time
    zone: ZoneInfo

    def end(self, now: datetime) -> datetime | None:
        """The UTC instant at which the quiet hours end in which ``now`` lies; None: none."""
        local = now.astimezone(self.zone)
        at, begin, end = local.time(), self.quiet_from, self.quiet_to
        over_midnight = begin > end
        quiet = (at >= begin or at < end) if over_midnight else begin <= at < end
        if not quiet:
            return None
        day = local.date()
        if over_midnight and at >= begin:
            day += timedelta(days=1)
        return local_instant(day, end, self.zone)
