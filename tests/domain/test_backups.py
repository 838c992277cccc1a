"""Which backups are recorded, and which is the last?"""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from ckbx.domain.operations.backups import Backups
from ckbx.domain.operations.errors import BackupDayRefused
from ckbx.domain.shared.event import CommandContext

TODAY = date(2026, 11, 20)
CTX = CommandContext(actor="cli:admin", command_id=UUID(int=1), today=TODAY)


@pytest.fixture
def backups() -> Backups:
    return Backups(Backups.stream("522699"))


def test_a_backup_of_a_day_to_come_is_refused(backups: Backups) -> None:
    with pytest.raises(BackupDayRefused, match="2026-11-21"):
        backups.made_outside(CTX, on=date(2026, 11, 21))
    assert not backups.has_pending


def test_the_last_one_is_that_of_the_latest_day_whenever_it_was_recorded(backups: Backups) -> None:
    backups.made(CTX, 7)
    backups.made_outside(CTX, on=date(2026, 11, 1))
    assert backups.last is not None
    assert (backups.last.occurred_on, backups.last.position) == (TODAY, 7)


def test_every_copy_of_the_program_counts_and_a_day_elsewhere_once(backups: Backups) -> None:
    for _ in range(2):
        backups.made(CTX, 7)
        backups.made_outside(CTX, on=TODAY)
    assert backups.pending_count == 3
