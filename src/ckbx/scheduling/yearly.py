"""Duties of the county by the calendar alone: the quarterly re-check, the January audit.

The re-check of a quarter is due on its last working day (decided here: the rules name the
quarter and no day; the last day leaves every closure of the quarter a chance to be drawn). The
county is told on the first day of the quarter's last month, and again on the day itself where
not everything drawn has been looked at.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import TYPE_CHECKING

from ckbx.application.office import Office
from ckbx.domain.recheck.recheck import Recheck
from ckbx.domain.recheck.sampling import Quarter, quarter_of
from ckbx.scheduling.duty import AUDIT, RECHECK, Duty

if TYPE_CHECKING:
    from ckbx.scheduling.facts import Facts

ONE_DAY = timedelta(days=1)
JANUARY = 1


def due(facts: Facts) -> Iterator[Duty]:
    """Those since the horizon, over again or not; none before the county's first class."""
    opened = [each.opened for classes in facts.classes.values() for each in classes]
    if not opened or not facts.calendar(None).terms:
        return
    began = date.fromordinal(min(opened))
    quarter = quarter_of(max(facts.horizon, began))
    while quarter.first_day <= facts.today:
        yield from (duty for duty in _recheck(facts, quarter) if duty.on >= began)
        quarter = quarter.next
    for year in range(facts.horizon.year, facts.today.year + 1):
        on = date(year, JANUARY, 1)
        if began < on <= facts.today:
            yield Duty(
                kind="audit_due",
                rule=AUDIT,
                subject=str(year - 1),
                on=on,
                at=facts.whole_county,
                due_on=date(year, JANUARY, 31),
                detail={"year": year - 1},
            )


def _recheck(facts: Facts, quarter: Quarter) -> Iterator[Duty]:
    last = _last_working_day(facts, quarter)
    done = facts.rechecked.get(quarter.key)
    for on in (quarter.last_day.replace(day=1), last):
        if on <= facts.today and (done is None or done >= on):
            yield Duty(
                kind="report_due",
                rule=RECHECK,
                subject=quarter.key,
                on=on,
                at=facts.whole_county,
                due_on=last,
                over_on=done,
                detail={"quarter": quarter.key},
            )


def _last_working_day(facts: Facts, quarter: Quarter) -> date:
    """Its last day where the year's holidays are not known."""
    day = quarter.last_day
    while facts.calendars.is_working_day(day) is False:
        day -= ONE_DAY
    return day


def rechecked(office: Office, horizon: date, today: date) -> Mapping[str, date]:
    """By quarter, the day on which everything drawn in it had been looked at."""
    quarters, quarter = [], quarter_of(horizon)
    while quarter.first_day <= today:
        quarters.append(quarter)
        quarter = quarter.next
    streams = {Recheck.stream(office.county, each): each for each in quarters}
    found = {}
    for stream, events in office.log.load(list(streams)).items():
        recheck = Recheck(stream).replay(events)
        picks = {pick.item for drawn in recheck.draws for pick in drawn.picks}
        if not picks or not all(recheck.results.get(item) for item in picks):
            continue
        days = [recheck.results[item][0].occurred_on for item in picks]
        last = max(*days, *(drawn.occurred_on for drawn in recheck.draws))
        if last <= today:
            found[streams[stream].key] = last
    return found
