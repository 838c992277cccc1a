"""Domain §4: from which day on a class can be reported at all."""

from __future__ import annotations

from datetime import date

import pytest

from ckbx.domain.class_roll import errors
from tests.school import SmallClass


def test_a_class_has_no_roll_call_before_it_began() -> None:
    small = SmallClass(began=date(2026, 9, 3))
    with pytest.raises(errors.BeforeClassBegan, match="2026-09-03"):
        small.hand_in(1, expected=0)
    small.hand_in(3)
