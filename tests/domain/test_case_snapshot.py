"""A case packed and unpacked is the case it was."""

from __future__ import annotations

from ckbx.domain.case.case import Case
from ckbx.domain.case.snapshot import CaseState


def test_every_slot_of_a_case_is_packed() -> None:
    assert set(CaseState.__struct_fields__) == {"version", *Case.__slots__}
