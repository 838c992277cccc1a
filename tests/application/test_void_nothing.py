"""A roll call that was never handed in is put aside: nothing happens."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from ckbx.application.intake_corrections import void_roll_call
from ckbx.domain.attendance.marks import Session
from tests.support.case_county import KEY, TERMS, case_county


def test_nothing_is_put_aside_in_a_term_that_has_not_begun(store_url: str, tmp_path: Path) -> None:
    """Found at random: in the holidays, of the first day of the term to come."""
    with case_county(store_url, tmp_path) as county:
        spring: date = TERMS[1][2]
        county.there(0, 1)
        before = county.store.log.head()
        county.run(lambda unit: void_roll_call(county.office, unit, KEY, spring, Session.FULL))
        assert county.store.log.head() == before
