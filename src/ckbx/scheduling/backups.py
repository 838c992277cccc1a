"""备份逾期: no backup was made for so many days (rule ``backup_days``).

A period begins with the last backup, or with the store's first event where there is none yet.
The day after its last day without another one it is overdue; then the next period begins. So a
store that nobody backs up is told of once a period: not every day, and never for the last time.
A backup closes what stands; so does the end of the next period, whose alert says the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from sqlalchemy import Column, Integer, select

from ckbx.domain.operations.events import BackupMade
from ckbx.domain.shared.event import DomainEvent
from ckbx.scheduling.duty import BACKUP, Duty
from projections.kit.fold import Fold
from projections.kit.projection import Handler
from projections.kit.reading import Reading
from projections.kit.tables import PlainTable

if TYPE_CHECKING:
    from ckbx.scheduling.facts import Facts

ONE_DAY = timedelta(days=1)
BACKUPS = PlainTable(
    "watch_backups", key=(Column("day", Integer),), values=(Column("made", Integer),)
)
"""How many backups were made on a day."""
TABLES = (BACKUPS,)


def _made(fold: Fold, event: BackupMade, _position: int) -> None:
    rows, day = fold[BACKUPS], event.occurred_on.toordinal()
    known = rows.get(day)
    rows.put(day, (known[0] + 1 if known else 1,))


HANDLERS: Mapping[type[DomainEvent], Handler] = {BackupMade: _made}


def days_made(reading: Reading, today: date) -> list[date]:
    """The days by today on which a backup was made, in order."""
    day = BACKUPS.c.day
    rows = reading.rows(select(day).where(day <= today.toordinal()).order_by(day))
    return [date.fromordinal(row[0]) for row in rows]


def due(facts: Facts) -> Iterator[Duty]:
    """One for every period that ended without a backup; none for an empty store."""
    days: Sequence[date | None] = [*facts.backups, None]
    if facts.first_event is not None:
        days = [facts.first_event, *days]
    for made, following in pairwise(days):
        if made is not None:
            yield from _missed(facts, made, following)


def _missed(facts: Facts, made: date, following: date | None) -> Iterator[Duty]:
    """Since one backup, until the ``following`` one."""
    last = _ends(facts, made)
    while True:
        on, again = last + ONE_DAY, _ends(facts, last) + ONE_DAY
        if on > facts.today or (following is not None and following < on):
            return
        over = again if again <= facts.today else None
        if following is not None and (over is None or following < over):
            over = following
        yield Duty(
            kind="backup_overdue",
            rule=BACKUP,
            subject=facts.county,
            on=on,
            at=facts.whole_county,
            due_on=last,
            over_on=over,
        )
        last = again - ONE_DAY


def _ends(facts: Facts, began: date) -> date:
    """The last day of a period, by the rules of the day on which it began."""
    return began + timedelta(days=facts.rules.rules_on(began).pack.backup_days)
