"""What must be told in the year, on which day, at which hour, to whom: each thing once.

Derived by hand from the rules of the county (domain §6, the default numbers) and from the
programme of the opening (§11), over the facts of :mod:`ckbx.bench.year.script`. It asks
nothing of the product: the only calendar here is :mod:`ckbx.bench.year.days`, and the only
arithmetic is counting days. Where the alert of a deadline that was missed goes:

======================  ==========  ======================  =========================
who missed it           told first  then, on its own line   in copy, on the other line
======================  ==========  ======================  =========================
class or case teacher   teacher     principal               village
principal               principal   county bureau           township
village                 village     township                principal
township                township    county government       county bureau
county bureau           bureau      its officers            county government
======================  ==========  ======================  =========================

The county is its two officers: nobody stands above them, so both are told.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from ckbx.bench.year.days import AUTUMN, ONE_DAY, SCHOOL, SPRING, WORKING, day_of
from ckbx.bench.year.expected_daily import daily
from ckbx.bench.year.expected_ladder import ladder
from ckbx.bench.year.fires import (
    CALL,
    CLOSE,
    COUNTY,
    COUNTY_SELF,
    DAY,
    HEAD,
    NOON,
    PRIMARY_SELF,
    REPORTED,
    SCHOOL_SELF,
    TOWN,
    VILLAGE,
    Fire,
    cls,
    county_missed,
    d,
    kid,
    principal_missed,
    teacher,
    teacher_missed,
    township_missed,
    village_missed,
)

# ---------------------------------------------------------------- the stories of the script


def opening() -> Iterator[Fire]:
    """Autumn (§11). T−14 18 August, T−7 25 August, day 1 1 September, day 7 9 September."""
    yield Fire(d(8, 18), DAY, "opening_t14", kid(2018, 1), HEAD)
    yield Fire(d(8, 18), DAY, "opening_t14", kid(2018, 2), HEAD)
    yield Fire(d(8, 20), DAY, "leave_expiring", kid(2018, 1), HEAD)
    yield Fire(d(8, 30), DAY, "leave_expiring", kid(2018, 1), HEAD)
    yield Fire(d(8, 31), DAY, "leave_expired", kid(2018, 1), HEAD)
    yield Fire(d(8, 25), DAY, "chain_unset", SCHOOL_SELF, HEAD)
    first = [day_of(AUTUMN, n) for n in range(1, 8)]
    yield Fire(first[0], CALL, "roll_call_silent", cls(2019), teacher(2019))
    yield Fire(first[0], NOON, "opening_silent", cls(2019), HEAD)
    yield from unseen(kid(2023, 1), 2023, first, days=5)
    yield from unseen(kid(2024, 1), 2024, first, days=5)
    yield from unseen(kid(2022, 2), 2022, first, days=3)
    for subject, entry in ((kid(2023, 1), 2023), (kid(2024, 1), 2024), (kid(2022, 2), 2022)):
        yield Fire(first[2], REPORTED, "absence_run_3", subject, teacher(entry))
    yield Fire(first[4], REPORTED, "absence_5_in_20", kid(2023, 1), teacher(2023))
    yield Fire(first[4], REPORTED, "opening_day_5", kid(2023, 1), teacher(2023))
    yield Fire(first[3], CALL, "roll_call_silent", cls(2024), teacher(2024))
    yield Fire(first[4], CLOSE, "opening_day_5", kid(2024, 1), teacher(2024))
    yield from summary(first[6])


def unseen(subject: str, entry: int, first: Sequence[date], *, days: int) -> Iterator[Fire]:
    """未报到: day 1 the class teacher, day 3 principal and village, day 5 township and county."""
    yield Fire(first[0], CLOSE, "opening_close_1", subject, teacher(entry))
    if days >= 3:
        yield Fire(first[2], CLOSE, "opening_close_3", subject, HEAD)
        yield Fire(first[2], CLOSE, "opening_close_3_village", subject, VILLAGE)
    if days >= 5:
        yield Fire(first[4], CLOSE, "opening_close_5_township", subject, TOWN)
        yield Fire(first[4], CLOSE, "opening_close_5_county", subject, COUNTY)


def summary(day: date) -> Iterator[Fire]:
    """Day 7: a summary a school, and the county's."""
    yield Fire(day, CLOSE, "opening_report_7", SCHOOL_SELF, HEAD)
    yield Fire(day, CLOSE, "opening_report_7", PRIMARY_SELF, ("headp",))
    yield Fire(day, CLOSE, "opening_report_7_county", COUNTY_SELF, COUNTY, once=True)


def primary() -> Iterator[Fire]:
    """The village's sixth grade has moved up and nobody teaches it: two children of one class,
    found on day 3 and day 5; they are at the other school from day 7 on.
    """
    first = [day_of(AUTUMN, n) for n in range(1, 8)]
    for number in (1, 2):
        who = f"村小{kid(2020, number)}"
        yield Fire(first[2], CLOSE, "opening_close_3_primary", who, ("headp",))
        yield Fire(first[2], CLOSE, "opening_close_3_primary_village", who, VILLAGE)
        yield Fire(first[4], CLOSE, "opening_close_5_primary_township", who, TOWN)
        yield Fire(first[4], CLOSE, "opening_close_5_primary_county", who, COUNTY)


def spring() -> Iterator[Fire]:
    """The spring opening: T 1 March; its term was entered on 14 February, a day late."""
    yield Fire(d(2, 13), DAY, "calendar_unset", "2027-spring", COUNTY, once=True)
    yield Fire(d(2, 15), DAY, "opening_t14", kid(2020, 2), HEAD)
    first = [day_of(SPRING, n) for n in range(1, 8)]
    yield Fire(first[0], CALL, "roll_call_silent", cls(2019), teacher(2019))
    yield Fire(first[0], NOON, "opening_silent", cls(2019), HEAD)
    yield from unseen(kid(2021, 3), 2021, first, days=5)
    yield Fire(first[2], REPORTED, "absence_run_3", kid(2021, 3), teacher(2021))
    yield Fire(first[4], REPORTED, "absence_5_in_20", kid(2021, 3), teacher(2021))
    yield Fire(first[4], REPORTED, "opening_day_5", kid(2021, 3), teacher(2021))
    yield from summary(first[6])


def calendar() -> Iterator[Fire]:
    """The year 2027 is not known on 1 December; a closure the county leaves unanswered."""
    yield Fire(d(12, 1), DAY, "calendar_year_unknown", "2027", COUNTY, once=True)
    for entry in range(2018, 2027):
        who = ("new",) if entry == 2026 else teacher(entry)
        yield Fire(d(12, 9), CALL, "roll_call_silent", cls(entry), who)
    yield Fire(SCHOOL.after(d(12, 9), 2), DAY, "closure_unconfirmed", SCHOOL_SELF, COUNTY)


def late() -> Iterator[Fire]:
    """A class that reported at 11:00, and one at 15:00."""
    yield Fire(d(10, 27), CALL, "roll_call_silent", cls(2018), teacher(2018))
    yield Fire(d(10, 28), CALL, "roll_call_silent", cls(2020), teacher(2020))


def posts() -> Iterator[Fire]:
    """The post of a class teacher is vacant for a week; last year's ninth grade was not ended."""
    yield Fire(d(9, 1), DAY, "graduation_due", SCHOOL_SELF, HEAD)
    yield Fire(d(11, 9), DAY, "post_vacant", f"{cls(2026)}班主任", HEAD)
    yield Fire(d(11, 11), CALL, "roll_call_silent", cls(2026), HEAD)


def dropout() -> Iterator[Fire]:
    """Suspected on 7 September; everything late, then determined, back, away again, relapsed."""
    who, entry, on = kid(2023, 1), 2023, d(9, 7)
    yield from principal_missed("verification_5", who, SCHOOL.after(on, 5))
    yield from principal_missed("persuasion_school", who, SCHOOL.after(on, 3))
    yield from village_missed("persuasion_village", who, SCHOOL.after(on, 7))
    yield from township_missed("persuasion_township", who, on + timedelta(days=15))
    # The school's own round failed on 23 September; its report came on the 26th.
    yield from principal_missed("written_report_24h", who, d(9, 24))
    # 20 days away and two rounds on 28 September; five school days later is 10 October.
    ready = day_of(AUTUMN, 20)
    yield Fire(ready, CALL, "dropout_determination_20", who, COUNTY)
    over = SCHOOL.after(ready, 5) + ONE_DAY
    yield Fire(over, DAY, "dropout_determination_20_up", who, COUNTY)
    yield Fire(over, DAY, "dropout_determination_20_copy", who, COUNTY)
    # Back on 19 October.
    back = d(10, 19)
    yield from principal_missed("return_confirm_3", who, SCHOOL.after(back, 3))
    yield Fire(d(10, 21), CALL, "roll_call_silent", cls(entry), teacher(entry))
    yield Fire(d(10, 22), DAY, "follow_up_daily_up", who, HEAD)
    yield from teacher_missed("follow_up_weekly", entry, who, d(11, 2))
    yield from teacher_missed("follow_up_monthly", entry, who, d(2, 19))
    # Two days away in April: nobody went there on the 13th; three in May: relapsed, which is an
    # early warning, a suspicion (to the teacher) and a relapse (to the next post up).
    yield from alarm(who, entry, d(4, 13))
    yield from alarm(who, entry, d(5, 18))
    yield Fire(d(5, 19), REPORTED, "absence_run_3", who, teacher(entry))
    yield Fire(d(5, 19), REPORTED, "relapse_run_3", who, teacher(entry))
    yield Fire(d(5, 19), REPORTED, "relapse_run_3", who, HEAD)
    # Back on 20 May, so weekly until 20 August: the last week has that one day.
    for fire in teacher_missed("follow_up_weekly", entry, who, date(2027, 8, 20)):
        yield fire._replace(day=date(2027, 8, 21))


def returned() -> Iterator[Fire]:
    """Back on 19 October and on 20 May: county and township are told."""
    for day in (d(10, 19), d(5, 20)):
        yield Fire(day, CALL, "child_returned_county", kid(2023, 1), COUNTY)
        yield Fire(day, CALL, "child_returned_township", kid(2023, 1), TOWN)


def alarm(who: str, entry: int, day: date) -> Iterator[Fire]:
    """Two days away within the 巩固期: red, with the roll call; a visit is due the same day."""
    yield Fire(day, REPORTED, "follow_up_absent_2", who, teacher(entry))
    yield Fire(day + ONE_DAY, DAY, "follow_up_absent_2_up", who, HEAD)
    yield Fire(day + ONE_DAY, DAY, "follow_up_absent_2_copy", who, VILLAGE)


def fined() -> Iterator[Fire]:
    """Suspected on 18 September after five days; determined in time; then the papers of the
    school (19 October) and the township, each served and unheeded.
    """
    who = kid(2022, 4)
    yield Fire(d(9, 16), REPORTED, "absence_run_3", who, teacher(2022))
    yield Fire(d(9, 18), REPORTED, "absence_5_in_20", who, teacher(2022))
    yield Fire(d(9, 18), REPORTED, "absence_run_5", who, teacher(2022))
    away = SCHOOL.of(d(9, 14), d(10, 16))
    yield Fire(away[19], CALL, "dropout_determination_20", who, COUNTY)
    yield from principal_missed("persuasion_notice_expired", who, d(10, 24))
    yield from township_missed("notice_expired", who, d(11, 5))
    yield Fire(WORKING.after(d(11, 9), 5), DAY, "statement_5", who, TOWN)
    # The decision of 18 November is to be served in 7 working days and was on the 30th.
    yield from township_missed("legal_serve", who, WORKING.after(d(11, 18), 7))
    yield from township_missed("fine_decision_expired", who, d(12, 15))
    # From then on the township may remind; 60 days and 6 months run from the service, the
    # last one of them to 30 May, a Sunday; after both it may go to the court.
    yield Fire(d(12, 16), DAY, "remind_in_time", who, TOWN)
    yield Fire(d(1, 29), DAY, "review_60", who, TOWN)
    yield Fire(d(5, 31), DAY, "lawsuit_6m", who, TOWN)
    yield Fire(d(6, 1), DAY, "enforcement_3m", who, TOWN)
    yield from township_missed("reminder_10", who, WORKING.after(d(6, 7), 10))


def absences() -> Iterator[Fire]:
    """What the roll call itself says of single children and of one count."""
    yield Fire(d(11, 5), REPORTED, "absence_run_3", kid(2025, 1), teacher(2025))
    yield Fire(d(11, 12), REPORTED, "absence_5_in_20", kid(2025, 2), teacher(2025))
    yield Fire(d(11, 13), REPORTED, "long_leave_10", kid(2025, 3), HEAD)
    yield Fire(d(11, 20), REPORTED, "long_leave_5", kid(2025, 4), HEAD)
    yield Fire(d(10, 13), REPORTED, "count_mismatch", cls(2026), HEAD)


def attending() -> Iterator[Fire]:
    """Suspected on 16 October, three days in class by the 21st, decided on the 28th."""
    who = kid(2022, 3)
    yield Fire(d(10, 14), REPORTED, "absence_run_3", who, teacher(2022))
    yield Fire(d(10, 16), REPORTED, "absence_5_in_20", who, teacher(2022))
    yield Fire(d(10, 16), REPORTED, "absence_run_5", who, teacher(2022))
    yield Fire(d(10, 21), REPORTED, "attending_decision_3", who, HEAD)
    over = SCHOOL.after(d(10, 21), 3) + ONE_DAY
    yield Fire(over, DAY, "attending_decision_3_up", who, COUNTY)
    yield Fire(over, DAY, "attending_decision_3_copy", who, TOWN)


def leaves() -> Iterator[Fire]:
    """−30, −10, 0, the day after, +5 of the last day, while the child is not back."""
    for days in (-30, -10, 0):
        yield Fire(d(12, 15) + timedelta(days=days), DAY, "leave_expiring", kid(2020, 1), HEAD)
        yield Fire(d(2, 26) + timedelta(days=days), DAY, "leave_expiring", kid(2020, 2), HEAD)
        yield Fire(d(6, 30) + timedelta(days=days), DAY, "leave_expiring", kid(2020, 4), HEAD)
    for days in (-30, -10, 0, 5):
        yield Fire(d(12, 14) + timedelta(days=days), DAY, "leave_review_due", kid(2025, 5), HEAD)
    yield Fire(d(12, 16), DAY, "leave_expired", kid(2020, 1), HEAD)
    yield Fire(d(12, 20), DAY, "leave_expired", kid(2020, 1), HEAD)
    yield Fire(d(2, 27), DAY, "leave_expired", kid(2020, 2), HEAD)
    yield Fire(d(7, 1), DAY, "leave_expired", kid(2020, 4), HEAD)
    yield Fire(d(7, 5), DAY, "leave_expired", kid(2020, 4), HEAD)
    # From 16 December the first one is awaited in class, and on nobody's list of those there.
    yield Fire(d(12, 18), REPORTED, "absence_run_3", kid(2020, 1), teacher(2020))
    yield Fire(date(2027, 8, 18), DAY, "opening_t14", kid(2020, 4), HEAD)
    yield Fire(d(12, 1), DAY, "home_visits_short", kid(2020, 4), HEAD)


def moves() -> Iterator[Fire]:
    """A transfer nobody confirmed by 23 November; one confirmed on 3 December and not begun;
    a missing child looked for again late in March, and again due in August; one elsewhere.
    """
    lapsed = WORKING.after(d(11, 9), 10)
    yield Fire(lapsed + ONE_DAY, DAY, "transfer_step_10", kid(2019, 1), HEAD)
    yield Fire(lapsed + ONE_DAY, DAY, "transfer_lapsed", kid(2019, 1), teacher(2019))
    arrives = WORKING.after(d(12, 3), 10)
    yield Fire(arrives, DAY, "arrival_10", kid(2021, 1), ("headp",))
    yield Fire(arrives + ONE_DAY, DAY, "arrival_10_up", kid(2021, 1), COUNTY)
    yield Fire(arrives + ONE_DAY, DAY, "arrival_10_copy", kid(2021, 1), TOWN)
    yield from looked_for("missing_review", kid(2019, 2), d(3, 11))
    yield from looked_for("missing_review", kid(2019, 2), date(2027, 8, 12))
    yield Fire(d(3, 1), DAY, "elsewhere_review_village", kid(2019, 3), VILLAGE)
    yield from looked_for("elsewhere_review", kid(2019, 3), date(2027, 8, 12))


def looked_for(rule: str, who: str, by: date) -> Iterator[Fire]:
    """The check of each term: the village ten days before, the county on the day, missed."""
    yield Fire(by - timedelta(days=10), DAY, rule + "_village", who, VILLAGE)
    yield Fire(by, DAY, rule, who, COUNTY)
    yield Fire(by + ONE_DAY, DAY, rule + "_up", who, COUNTY)
    yield Fire(by + ONE_DAY, DAY, rule + "_copy", who, TOWN)


def register() -> Iterator[Fire]:
    """A finding of 16 November: ten working days; a letter to be answered by the 27th."""
    who = kid(2021, 2)
    yield Fire(d(11, 16), "09:00", "register_finding", who, teacher(2021))
    # The child is in class: a decision within three school days of the third one, 19 November.
    yield Fire(d(11, 19), REPORTED, "attending_decision_3", who, HEAD)
    over = SCHOOL.after(d(11, 19), 3) + ONE_DAY
    yield Fire(over, DAY, "attending_decision_3_up", who, COUNTY)
    yield Fire(over, DAY, "attending_decision_3_copy", who, TOWN)
    yield from principal_missed("finding_10", who, WORKING.after(d(11, 16), 10))
    yield from county_missed("letter_reply", who, d(11, 27))


def reports() -> Iterator[Fire]:
    """The school's of November is signed on the 30th, the county's of December on 7 January."""
    yield Fire(d(11, 28), DAY, "school_report_28", SCHOOL_SELF, HEAD)
    yield Fire(d(11, 29), DAY, "school_report_28_up", SCHOOL_SELF, COUNTY)
    yield Fire(d(11, 29), DAY, "school_report_28_copy", SCHOOL_SELF, COUNTY)
    for fire in county_missed("county_report_5", COUNTY_SELF, d(1, 5)):
        yield fire._replace(once=True)


def backups() -> Iterator[Fire]:
    """None between 1 and 22 February: 7 days after the first of them, and 7 days later again."""
    for day in (d(2, 9), d(2, 16)):
        yield Fire(day, DAY, "backup_overdue", COUNTY_SELF, COUNTY, once=True)


def county() -> Iterator[Fire]:
    """The re-check of each quarter from the first term on: a month before its end, and on its
    last working day (31 December and March, 30 September); that of summer was done by then.
    The audit of the last year in January.
    """
    for quarter, first, last in (
        ("2026-Q3", d(9, 1), d(9, 30)),
        ("2026-Q4", d(12, 1), d(12, 31)),
        ("2027-Q1", d(3, 1), d(3, 31)),
        ("2027-Q2", d(6, 1), None),
    ):
        yield Fire(first, DAY, "quarter_recheck", quarter, COUNTY, once=True)
        if last is not None:
            yield Fire(last, DAY, "quarter_recheck", quarter, COUNTY, once=True)
    yield Fire(d(1, 1), DAY, "data_audit", "2026", COUNTY, once=True)


STORIES = (
    opening,
    primary,
    spring,
    calendar,
    late,
    posts,
    dropout,
    returned,
    fined,
    absences,
    attending,
    leaves,
    moves,
    register,
    reports,
    backups,
    county,
)


def expected() -> Iterable[Fire]:
    """Everything, in the order of its instants."""
    told = [fire for story in STORIES for fire in story()]
    return sorted([*told, *daily(told), *ladder()])
