"""Which alerts do people of the year acknowledge, or close by hand, and when?

Facts, as in :mod:`ckbx.bench.year.script`. All others nobody looks at.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from ckbx.bench.year.world import Kid

WHOLE_SCHOOL = "school"
"""What is about the school itself."""


class Answer(NamedTuple):
    """Somebody answers the alert that a rule told about a child, a class (the year in which it
    began) or the school on a day; ``done``: it is closed, with that.
    """

    kind: str
    rule: str
    about: Kid | int | str
    told: date
    who: str
    day: date
    hour: str
    done: bool = False


def _autumn(month: int, day: int) -> date:
    return date(2026, month, day)


def _spring(month: int, day: int) -> date:
    return date(2027, month, day)


ANSWERS = (
    # Acknowledged before its hour: it does not rise.
    Answer(
        "dropout_suspected", "absence_run_5", Kid(2022, 4), _autumn(9, 18),
        "t2022", _autumn(9, 18), "11:00",
    ),
    Answer(
        "dropout_suspected", "opening_day_5", Kid(2024, 1), _autumn(9, 7),
        "t2024", _autumn(9, 8), "09:00",
    ),
    Answer(
        "attending_decision_due", "attending_decision_3", Kid(2021, 2), _autumn(11, 19),
        "head", _autumn(11, 20), "09:00",
    ),
    Answer(
        "leave_expired", "leave_expired", Kid(2020, 1), _autumn(12, 16),
        "head", _autumn(12, 17), "09:00",
    ),
    # Acknowledged in time and not done: it rises when it is overdue.
    Answer(
        "absence_warning", "absence_run_3", Kid(2022, 4), _autumn(9, 16),
        "t2022", _autumn(9, 16), "11:00",
    ),
    Answer(
        "home_visits_short", "home_visits_short", Kid(2020, 4), _autumn(12, 1),
        "head", _autumn(12, 2), "09:00",
    ),
    Answer(
        "report_due", "opening_report_7", WHOLE_SCHOOL, _spring(3, 9),
        "head", _spring(3, 10), "09:00",
    ),
    # Silence rises all the same.
    Answer(
        "roll_call_silent", "roll_call_silent", 2023, _autumn(10, 21),
        "t2023", _autumn(10, 21), "11:00",
    ),
    # Acknowledged too late: it had risen.
    Answer(
        "dropout_suspected", "opening_day_5", Kid(2021, 3), _spring(3, 5),
        "t2021", _spring(3, 5), "17:00",
    ),
    Answer(
        "post_vacant", "post_vacant", 2026, _autumn(11, 9),
        "head", _autumn(11, 12), "09:00",
    ),
    Answer(
        "leave_review_due", "leave_review_due", Kid(2025, 5), _autumn(12, 14),
        "head", _autumn(12, 17), "09:00",
    ),
    # Acknowledged, and done in time; done without a word before.
    Answer(
        "long_leave_check", "long_leave_5", Kid(2025, 4), _autumn(11, 20),
        "head", _autumn(11, 23), "09:00",
    ),
    Answer(
        "long_leave_check", "long_leave_5", Kid(2025, 4), _autumn(11, 20),
        "head", _autumn(11, 25), "09:00", done=True,
    ),
    Answer(
        "absence_warning", "absence_run_3", Kid(2022, 3), _autumn(10, 14),
        "t2022", _autumn(10, 15), "09:00", done=True,
    ),
)  # fmt: skip
