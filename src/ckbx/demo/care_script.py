"""Which applications and placements does the demo county show, how long ago was each step?"""

from __future__ import annotations

from typing import Final

from ckbx.demo.case_script import Step
from ckbx.domain.leave.codes import LeaveKind, Proof
from ckbx.domain.placement.codes import PlacementKind

CARE: Final = "care_"
_APPLY, _OPINION, _HOSPITAL = "care_apply", "care_opinion", "care_hospital"
_ILL = {"kind": LeaveKind.SUSPENSION, "proof": Proof.HOSPITAL}
_AGREED = {"agrees": True}
CARES: Final[dict[str, tuple[Step, ...]]] = {
    "home_taught": (
        (50, "care_assess", {"advises": PlacementKind.HOME_TAUGHT}),
        (48, _APPLY, {"kind": LeaveKind.HOME_TEACHING, "proof": Proof.COMMITTEE}),
        (45, "care_approve", {"until": 230, "visits": 2}),
        *((back, "care_visit", {}) for back in (42, 35, 27, 20, 9, 2)),
    ),
    "included": (
        (60, "care_assess", {"advises": PlacementKind.INCLUSIVE}),
        (57, "care_place", {"review": 20}),
    ),
    "exempted": (
        (70, "care_basis", {}),
        (66, "care_assess", {"advises": PlacementKind.EXEMPTED}),
        (64, _APPLY, {"kind": LeaveKind.EXEMPTION, "proof": Proof.COMMITTEE}),
        (61, "care_approve", {"until": 200, "review": 25, "exempt": True}),
    ),
    "leave_applied": ((5, _APPLY, _ILL), (4, _OPINION, _AGREED)),
    "leave_papers": ((12, _APPLY, _ILL), (11, _OPINION, _AGREED), (9, _HOSPITAL, {})),
    "leave_approved": (
        (22, _APPLY, _ILL),
        (21, _OPINION, _AGREED),
        (20, _HOSPITAL, {}),
        (18, "care_approve", {"until": 120, "review": 40}),
    ),
    "leave_refused": (
        (30, _APPLY, _ILL),
        (28, _OPINION, {"agrees": False}),
        (26, "care_refuse", {}),
    ),
}
"""By role in the story; ``until`` and ``review`` are calendar days after the last school day."""
