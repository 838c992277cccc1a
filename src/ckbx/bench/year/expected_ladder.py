"""What of the year must rise because nobody saw it, or nobody did it (domain §7, adr/0015)?

Each alert that asks for action stands here with its day, what ended it and when it was to be
done; who acknowledged it stands in :mod:`ckbx.bench.year.answers`. Not seen: red after four
hours, others after two working days, at 16:00 of a working day. Not done: the day after its
last day, or five working days after it was told. Once it is overdue nothing rises as unread.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import NamedTuple

from ckbx.bench.year.answers import ANSWERS, WHOLE_SCHOOL, Answer
from ckbx.bench.year.days import ONE_DAY, SCHOOL, WORKING
from ckbx.bench.year.fires import (
    CLOSE,
    COUNTY,
    DAY,
    HEAD,
    PRIMARY_SELF,
    REPORTED,
    SCHOOL_SELF,
    TOWN,
    VILLAGE,
    Fire,
    cls,
    d,
    kid,
)
from ckbx.bench.year.world import Kid

RISES = "16:00"
RED_HOURS = timedelta(hours=4)
ACK_DAYS, ACT_DAYS = 2, 5
Way = tuple[tuple[str, ...], tuple[str, ...]]
OF_TEACHER: Way = (HEAD, VILLAGE)
OF_PRINCIPAL: Way = (COUNTY, TOWN)
OF_SCHOOL: Way = (COUNTY, ())
"""To the next post on the own line, in copy to the other; what is about no child has no copy."""


class Asked(NamedTuple):
    """An alert that asks for action. ``over``: the first day on which nothing was left to do;
    ``by``: its last day, where it has one; ``overdue``: whether it rises for that, too.
    """

    day: date
    hour: str
    rule: str
    subject: str
    way: Way
    over: date | None = None
    by: date | None = None
    red: bool = False
    overdue: bool = True


def ladder() -> Iterator[Fire]:
    """Everything that rises."""
    for story in (warnings, suspicions, long_leaves, decisions, leaves, posts, openings):
        for asked in story():
            yield from _risen(asked)


# ---------------------------------------------------------------- the alerts that ask for action


def warnings() -> Iterator[Asked]:
    """Early warnings: by the next school day, unless the child is there again, or came under
    suspicion with it. The village was told with them and gets no copy.
    """
    for day, rule, subject, back in (
        (d(9, 3), "absence_run_3", kid(2023, 1), None),
        (d(9, 3), "absence_run_3", kid(2024, 1), None),
        (d(9, 3), "absence_run_3", kid(2022, 2), d(9, 4)),
        (d(9, 7), "absence_5_in_20", kid(2023, 1), d(9, 7)),
        (d(9, 16), "absence_run_3", kid(2022, 4), None),
        (d(9, 18), "absence_5_in_20", kid(2022, 4), d(9, 18)),
        (d(10, 14), "absence_run_3", kid(2022, 3), d(10, 19)),
        (d(10, 16), "absence_5_in_20", kid(2022, 3), d(10, 16)),
        (d(11, 5), "absence_run_3", kid(2025, 1), d(11, 6)),
        (d(11, 12), "absence_5_in_20", kid(2025, 2), d(11, 16)),
        (d(12, 18), "absence_run_3", kid(2020, 1), d(12, 22)),
        (d(3, 3), "absence_run_3", kid(2021, 3), d(3, 8)),
        (d(3, 5), "absence_5_in_20", kid(2021, 3), d(3, 5)),
        (d(5, 19), "absence_run_3", kid(2023, 1), d(5, 19)),
    ):
        yield Asked(day, REPORTED, rule, subject, (HEAD, ()), back, SCHOOL.after(day, 1))


def suspicions() -> Iterator[Asked]:
    """Red: the same day. What is overdue of them the deadlines of the case tell."""
    red = partial(Asked, red=True, overdue=False)
    yield red(d(9, 7), REPORTED, "opening_day_5", kid(2023, 1), OF_TEACHER)
    yield red(d(9, 7), CLOSE, "opening_day_5", kid(2024, 1), OF_TEACHER)
    yield red(d(9, 18), REPORTED, "absence_run_5", kid(2022, 4), OF_TEACHER)
    yield red(d(10, 16), REPORTED, "absence_run_5", kid(2022, 3), OF_TEACHER)
    yield red(d(11, 16), "09:00", "register_finding", kid(2021, 2), OF_TEACHER)
    yield red(d(11, 24), DAY, "transfer_lapsed", kid(2019, 1), OF_TEACHER)
    yield red(d(3, 5), REPORTED, "opening_day_5", kid(2021, 3), OF_TEACHER)
    # Away again in the 巩固期: told to its teacher; the relapse to the principal, too.
    yield red(d(4, 13), REPORTED, "follow_up_absent_2", kid(2023, 1), OF_TEACHER)
    yield red(d(5, 18), REPORTED, "follow_up_absent_2", kid(2023, 1), OF_TEACHER)
    yield red(d(5, 19), REPORTED, "relapse_run_3", kid(2023, 1), OF_TEACHER)
    yield red(d(5, 19), REPORTED, "relapse_run_3", kid(2023, 1), OF_PRINCIPAL)


def long_leaves() -> Iterator[Asked]:
    """To be confirmed within three school days."""
    for day, rule, subject in (
        (d(11, 13), "long_leave_10", kid(2025, 3)),
        (d(11, 20), "long_leave_5", kid(2025, 4)),
    ):
        by = SCHOOL.after(day, 3)
        yield Asked(day, REPORTED, rule, subject, OF_PRINCIPAL, by=by)


def decisions() -> Iterator[Asked]:
    """Attending again: told three days before its last one; overdue is told by the case."""
    told = partial(Asked, overdue=False)
    yield told(d(10, 21), REPORTED, "attending_decision_3", kid(2022, 3), OF_PRINCIPAL)
    yield told(d(11, 19), REPORTED, "attending_decision_3", kid(2021, 2), OF_PRINCIPAL)


def leaves() -> Iterator[Asked]:
    """Leaves that are over, reviews from their day on, 送教 that fell short, a transfer."""
    for day, number, back in (
        (d(12, 16), 1, d(12, 22)),
        (d(12, 20), 1, d(12, 22)),
        (d(2, 27), 2, d(3, 1)),
        (d(7, 1), 4, None),
        (d(7, 5), 4, None),
    ):
        yield Asked(day, DAY, "leave_expired", kid(2020, number), OF_PRINCIPAL, back)
    yield Asked(d(8, 31), DAY, "leave_expired", kid(2018, 1), OF_PRINCIPAL, d(9, 1))
    for day in (d(12, 14), d(12, 19)):
        yield Asked(day, DAY, "leave_review_due", kid(2025, 5), OF_PRINCIPAL)
    yield Asked(d(12, 1), DAY, "home_visits_short", kid(2020, 4), OF_PRINCIPAL)
    # The child of the lapsed transfer was found in school the day after.
    yield Asked(d(11, 24), DAY, "transfer_step_10", kid(2019, 1), OF_PRINCIPAL, d(11, 25))


def posts() -> Iterator[Asked]:
    """Posts nobody holds, by the first day of the term; one that is vacant; last year's ninth
    grade.
    """
    first = d(9, 1)
    yield Asked(d(8, 25), DAY, "chain_unset", SCHOOL_SELF, OF_SCHOOL, d(8, 28), by=first)
    vacant = f"{cls(2026)}班主任"
    yield Asked(d(11, 9), DAY, "post_vacant", vacant, OF_SCHOOL, d(11, 16))
    yield Asked(d(9, 1), DAY, "graduation_due", SCHOOL_SELF, OF_SCHOOL, d(9, 3))


def openings() -> Iterator[Asked]:
    """Day 7: until the report of the month is signed; in the village school nobody signs one
    for September.
    """
    for day, signed in ((d(9, 9), d(9, 27)), (d(3, 9), d(3, 27))):
        for subject in (SCHOOL_SELF, PRIMARY_SELF):
            yield Asked(day, CLOSE, "opening_report_7", subject, OF_SCHOOL, signed)


# ---------------------------------------------------------------- how they rise


def _risen(asked: Asked) -> Iterator[Fire]:
    over, seen, overdue = asked.over, None, None
    for answer in ANSWERS:
        if (answer.rule, _label(answer), answer.told) == (asked.rule, asked.subject, asked.day):
            if answer.done:
                over = answer.day if over is None else min(over, answer.day)
            else:
                seen = answer.day, answer.hour
    if asked.overdue:
        overdue = (asked.by or WORKING.after(asked.day, ACT_DAYS)) + ONE_DAY
    on = _seen_by(asked)
    ended = any(day is not None and day <= on for day in (over, overdue))
    if not ended and (seen is None or seen > (on, RISES)):
        yield from _both(asked, on, RISES, "_unread", "_unread_copy")
    if overdue is not None and (over is None or over >= overdue):
        if asked.rule.startswith("long_leave"):
            yield Fire(overdue, DAY, "long_leave_unconfirmed", asked.subject, COUNTY)
        else:
            yield from _both(asked, overdue, DAY, "_up", "_copy")


def _label(answer: Answer) -> str:
    if isinstance(answer.about, Kid):
        return answer.about.label
    if answer.about == WHOLE_SCHOOL:
        return SCHOOL_SELF
    return f"{answer.about}级{'班主任' if answer.rule == 'post_vacant' else ''}"


def _seen_by(asked: Asked) -> date:
    """The working day at whose 16:00 it rises unseen."""
    if not asked.red:
        return WORKING.after(asked.day, ACK_DAYS)
    by = datetime.combine(asked.day, time.fromisoformat(asked.hour)) + RED_HOURS
    same_day = by <= datetime.combine(asked.day, time.fromisoformat(RISES))
    return asked.day if same_day and asked.day in WORKING else WORKING.after(asked.day, 1)


def _both(asked: Asked, day: date, hour: str, up: str, copy: str) -> Iterator[Fire]:
    own, other = asked.way
    yield Fire(day, hour, asked.rule + up, asked.subject, own)
    if other:
        yield Fire(day, hour, asked.rule + copy, asked.subject, other)
