"""Which cases does the demo county show, and which steps were taken on each, how long ago?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from ckbx.domain.case.codes import Met, RoundOutcome, Tier
from ckbx.domain.child.status import Finding

CASE: Final = "case_"
LEGAL: Final = "legal_"
Step = tuple[int, str, Mapping[str, object]]


class Script(NamedTuple):
    """``away``: since how many school days ago, and for how many; ``steps`` in order of days."""

    away: tuple[int, int]
    steps: tuple[Step, ...]


def _round(back: int, tier: Tier, met: Met, outcome: RoundOutcome, promised: int = -1) -> Step:
    """A persuasion round; ``promised``: the school day promised, as ``back`` counts."""
    said = {"tier": tier, "met": met, "outcome": outcome, "promised_back": promised}
    return back, "case_round", said


_TEACHER = "case_teacher"
_K = {"finding": Finding.K}
_WAVERING, _REFUSED, _PROMISED = (
    RoundOutcome.WAVERING,
    RoundOutcome.REFUSED,
    RoundOutcome.PROMISED,
)
CASES: Final[dict[str, Script]] = {
    "case_planned": Script(
        (9, 10), ((4, _TEACHER, {}), (3, "case_plan", {}), (2, "case_contact", {}))
    ),
    "case_one_round": Script(
        (12, 13),
        (
            (7, "case_verify", _K),
            (6, _TEACHER, {}),
            _round(5, Tier.SCHOOL, Met.MOTHER, _WAVERING),
        ),
    ),
    "case_two_rounds": Script(
        (20, 21),
        (
            (15, "case_verify", _K),
            (14, "case_cause", {"cause": "01"}),
            _round(13, Tier.SCHOOL, Met.FATHER, _REFUSED),
            _round(6, Tier.TOWNSHIP, Met.FATHER, _WAVERING),
        ),
    ),
    "case_determined": Script(
        (36, 26),
        (
            (31, "case_verify", _K),
            (30, "case_cause", {"cause": "02"}),
            _round(28, Tier.SCHOOL, Met.RELATIVE, _WAVERING),
            _round(20, Tier.TOWNSHIP, Met.FATHER, _REFUSED),
            (10, "case_determine", {}),
        ),
    ),
    "case_back": Script(
        (30, 10),
        (
            (25, "case_verify", _K),
            (25, _TEACHER, {}),
            _round(24, Tier.SCHOOL, Met.MOTHER, _WAVERING),
            _round(22, Tier.SCHOOL_VILLAGE, Met.MOTHER, _PROMISED, 20),
            (20, "case_return", {}),
            (15, "case_confirm", {}),
            (13, "case_follow", {}),
            (8, "case_follow", {}),
            (3, "case_follow", {}),
        ),
    ),
    "case_letter": Script(
        (20, 16),
        (
            (14, "case_letter", {}),
            (7, "case_answer", {}),
            (7, "case_attach", {}),
            (6, "case_verify", {"finding": Finding.B}),
            (5, "elsewhere", {}),
        ),
    ),
    "case_closed": Script(
        (50, 7),
        (
            (44, "case_verify", {"finding": Finding.A}),
            (43, "case_clear", {"finding": Finding.A}),
            (41, "case_close", {}),
        ),
    ),
}
"""By role in the story. Days are far enough apart that a closed day between them does no harm."""
RETURNED: Final = "case_returned"
ORDERED: Final = "case_ordered"
WAITING: Final[dict[str, Script]] = {
    RETURNED: Script(
        (11, 8),
        (
            (6, "case_verify", _K),
            (6, _TEACHER, {}),
            _round(5, Tier.SCHOOL, Met.MOTHER, _PROMISED, 3),
            (3, "case_return", {}),
        ),
    ),
    ORDERED: Script(
        (17, 18),
        (
            (12, "case_verify", _K),
            (11, _TEACHER, {}),
            _round(10, Tier.SCHOOL, Met.FATHER, _REFUSED),
            (10, "legal_notice", {}),
            _round(5, Tier.TOWNSHIP, Met.FATHER, _REFUSED),
            (1, "legal_order", {}),
        ),
    ),
}
"""Cases that wait today: for the principal to confirm the return, for the township to serve."""
