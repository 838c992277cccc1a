"""Every indicator of a small county, worked by hand, from histories written down.

Asked as of 2027-04-30. School year 2026-27: 学年初 2026-09-01, 上学年初 2025-09-01; spring term
from 2027-03-01 (期初). Schools P and Q are primary (grade 5, entry 2022), J is junior (grade 9,
entry 2018). "@" is the day a stretch begins.

Primary. p1-p6 in P @2025-09-01 · p7 transferred @2026-05-10 · p8 休学 @2026-10-12 · p9 the same,
back @2027-03-01 · p10 疑似 @10-20, 辍学 @11-20 · p11 疑似 @10-20, 辍学 @11-20, 劝返 @12-01,
疑似 @12-20, 辍学 @2027-03-10 · p12 died @2027-03-20 · p13 transferred @10-08, in Q @10-15 ·
p14 new in P @2027-03-15 · p15 送教 @2026-09-20 · p16 never enrolled · p17 外地就读 ·
p18 免学 @2026-09-25 · p19 转出在途 @2027-04-20 · q1 in Q @2025-09-01.
Junior. j1 j2 in P @2018-09-01, J @2024-09-01 · j3 so too, transferred @2025-03-05 · j4 new in J
@2025-10-10 · j5 like j1, 休学 @2026-09-15 · j6 in J, grade 7, @2026-09-01, of primary age ·
j8 in P @2018-09-01, transferred @2020-06-01.

在校 on 2025-09-01, primary: p1-p6, p7-p13, p15, p18, p19, q1 = 17; junior: j1 j2 j5 = 3.
On 2026-09-01, primary: without p7 = 16; junior: j1 j2 j4 j5 j6 = 5.
On 2027-03-01, primary: p1-p6 p9 p12 p13 p15 p19 q1 = 12; junior: j1 j2 j4 j6 = 4.
On 2027-04-30, primary: p1-p6 p9 p13 p14 p15 q1 = 11; junior: the same 4.

DR-两基 primary: 休学 2 (p8 p9) + 辍学 3 (p10, p11 twice) + 死亡 1 + 转出 1 (p13) + 其他 1 (p18)
− 转入 2 (p13 in Q, p14) − 其他增加 2 (p9, p11 back) = 4 of 17; junior: j5 = 1 of 3.
DR-词典 primary: p8 p9 p10 p11 p18 = 5 of 16; junior: j5 = 1 of 5.
DR-实名 primary: p10 p11 = 2 of 12 (p8, 休学, is none); junior 0 of 4.
NER primary (p6 without cohort in neither): p1-p5 p8 p9 p10 p11 p13-p19 q1 j6 = 18, of them at
school p1-p5 p9 p13 p14 p15 p17 q1 j6 = 12; junior: j1 j2 j4 j5 = 4, at school 3.
CR3: grade 9 now j1 j2 j4 = 3; grade 7 in 2024 j1 j2 j3 j5 = 4, + j4 − j3 = 4.
CR9: 3 of j1 j2 j3 j5 j8 = 5.
学期巩固率 primary: 11 of 12 + p14 − 0 − p12 = 12; junior 4 of 4.
残疾 (p15 p16 p17 p18): p15 p17 = 2 of 4. 劝返率: p11 of p10 p11. 二次: p11 of p11.
Days to suspicion 8 + 7 + 6 = 21 of 3; to a visit 10 + 10 of 2; to the return 49 of 1.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID, uuid4, uuid5

import pytest

from ckbx.calendar_data import national_holidays
from ckbx.domain.calendar.county_calendars import CountyCalendars
from ckbx.domain.calendar.lines import calendar_commands
from ckbx.domain.calendar.rows import calendar_line
from ckbx.domain.child.status import TrackingStatus as S
from ckbx.domain.indicators.calibers import CALIBERS, DR_NAMED
from ckbx.domain.indicators.dates import IndicatorDates
from ckbx.domain.indicators.episodes import Suspicion
from ckbx.domain.indicators.model import Indicator
from ckbx.domain.indicators.rates import DeadlineFact
from ckbx.domain.indicators.report import Facts, Report, Reports
from ckbx.domain.indicators.stays import Population, Stay
from ckbx.domain.shared.event import CommandContext
from tests.support.county import COUNTY

P, Q, J = "2152939901", "2152939902", "2152939903"
AS_OF = date(2027, 4, 30)
LAST_YEAR, THIS_YEAR = "2025-09-01", "2026-09-01"


def id_of(name: str) -> UUID:
    return uuid5(UUID(int=0x1D), name)


def life(*parts: tuple[str, S, str | None] | tuple[str, S, str | None, int]) -> list[Stay]:
    """Stretches (first day, status, school, entry year), each up to the next."""
    firsts = [date.fromisoformat(part[0]) for part in parts]
    made = []
    for n, part in enumerate(parts):
        entry = part[3] if len(part) == 4 else {J: 2018}.get(part[2] or "", 2022)
        made.append(
            Stay(
                school=part[2],
                status=part[1],
                first=firsts[n],
                until=firsts[n + 1] if n + 1 < len(firsts) else None,
                entry_year=entry if part[2] else None,
            )
        )
    return made


def pupil(*more: tuple[str, S, str | None]) -> list[Stay]:
    return life((LAST_YEAR, S.ENROLLED, P), *more)


def senior(*more: tuple[str, S, str | None]) -> list[Stay]:
    return life(("2018-09-01", S.ENROLLED, P, 2018), ("2024-09-01", S.ENROLLED, J), *more)


LIVES: dict[str, list[Stay]] = {
    **{f"p{n}": pupil() for n in range(1, 7)},
    "p7": pupil(("2026-05-10", S.TRANSFERRED, None)),
    "p8": pupil(("2026-10-12", S.SUSPENDED, P)),
    "p9": pupil(("2026-10-12", S.SUSPENDED, P), ("2027-03-01", S.ENROLLED, P)),
    "p10": pupil(("2026-10-20", S.SUSPECTED, P), ("2026-11-20", S.DROPPED_OUT, P)),
    "p11": pupil(
        ("2026-10-20", S.SUSPECTED, P),
        ("2026-11-20", S.DROPPED_OUT, P),
        ("2026-12-01", S.PERSUADED_BACK, P),
        ("2026-12-20", S.SUSPECTED, P),
        ("2027-03-10", S.DROPPED_OUT, P),
    ),
    "p12": pupil(("2027-03-20", S.DECEASED, None)),
    "p13": pupil(("2026-10-08", S.TRANSFERRED, None), ("2026-10-15", S.ENROLLED, Q)),
    "p14": life(("2027-03-15", S.ENROLLED, P)),
    "p15": pupil(("2026-09-20", S.HOME_TAUGHT, P)),
    "p16": life((THIS_YEAR, S.NOT_ENROLLED, None)),
    "p17": life((THIS_YEAR, S.ENROLLED_ELSEWHERE, None)),
    "p18": pupil(("2026-09-25", S.EXEMPTED, P)),
    "p19": pupil(("2027-04-20", S.TRANSFERRING, P)),
    "q1": life((LAST_YEAR, S.ENROLLED, Q)),
    "j1": senior(),
    "j2": senior(),
    "j3": senior(("2025-03-05", S.TRANSFERRED, None)),
    "j4": life(("2025-10-10", S.ENROLLED, J)),
    "j5": senior(("2026-09-15", S.SUSPENDED, J)),
    "j6": life((THIS_YEAR, S.ENROLLED, J, 2020)),
    "j8": life(("2018-09-01", S.ENROLLED, P, 2018), ("2020-06-01", S.TRANSFERRED, None)),
}
COHORTS = {"p6": None, "p16": 2026, "p17": 2024, "j6": 2021}


def suspicion(name: str, episode: int, absent: str, on: str) -> Suspicion:
    return Suspicion(
        child=id_of(name),
        episode=episode,
        first_absent_on=date.fromisoformat(absent),
        suspected_on=date.fromisoformat(on),
    )


FACTS = Facts(
    suspicions=[
        suspicion("p10", 1, "2026-10-12", "2026-10-20"),
        suspicion("p11", 1, "2026-10-13", "2026-10-20"),
        suspicion("p11", 2, "2026-12-14", "2026-12-20"),
    ],
    cohorts={id_of(n): COHORTS.get(n, 2018 if n[0] == "j" else 2022) for n in LIVES},
    disabled={id_of(n) for n in ("p15", "p16", "p17", "p18")},
    reports=Reports(day=date(2027, 4, 30), reported=5, silent=1, waiting=2),
    visits={(id_of("p11"), 1): date(2026, 10, 23), (id_of("p11"), 2): date(2026, 12, 24)},
    deadlines=[
        DeadlineFact(post="班主任", kept=3, due=4),
        DeadlineFact(post="校长", kept=0, due=0),
    ],
)
NOTHING = Facts(suspicions=[], cohorts={}, disabled=set(), reports=Reports(day=None))


def dates(as_of: date = AS_OF) -> IndicatorDates:
    calendars = CountyCalendars(COUNTY, national_holidays())
    ctx = CommandContext(actor="officer", command_id=uuid4(), today=AS_OF)
    for name, first, last in (
        ("秋季", date(2026, 9, 1), date(2027, 1, 22)),
        ("春季", date(2027, 3, 1), date(2027, 7, 9)),
    ):
        line = calendar_line(
            county=COUNTY,
            school_year="2026-2027",
            term=name,
            first_day=first,
            last_day=last,
            applies_to=COUNTY,
        )
        calendar_commands(calendars, line, ctx)
    return IndicatorDates(calendars, as_of)


def report(
    lives: dict[str, list[Stay]] | None = None,
    *,
    school: str | None = None,
    facts: Facts = FACTS,
    as_of: date = AS_OF,
) -> dict[Any, Indicator]:
    """By id and stage; deadlines by their post."""
    listed = LIVES if lives is None else lives
    by_child = {id_of(name): stays for name, stays in listed.items()}
    if school is not None:
        by_child = {c: s for c, s in by_child.items() if any(x.school == school for x in s)}
    of = Population(by_child, None if school is None else frozenset({school}))
    found = Report(of, dates(as_of), facts).all_()
    made = {(one.id, one.post or one.stage.value): one for one in found}
    assert len(made) == len(found)
    return made


EXPECTED = {
    ("DR-实名", "primary"): (2, 12, 16.67),
    ("DR-实名", "junior"): (0, 4, 0.0),
    ("DR-两基", "primary"): (4, 17, 23.53),
    ("DR-两基", "junior"): (1, 3, 33.33),
    ("DR-词典", "primary"): (5, 16, 31.25),
    ("DR-词典", "junior"): (1, 5, 20.0),
    ("NER", "primary"): (12, 18, 66.67),
    ("NER", "junior"): (3, 4, 75.0),
    ("CR3", "junior"): (3, 4, 75.0),
    ("CR9", "all"): (3, 5, 60.0),
    ("CR-学期", "primary"): (11, 12, 91.67),
    ("CR-学期", "junior"): (4, 4, 100.0),
    ("DIS", "all"): (2, 4, 50.0),
    ("PR-劝返", "all"): (1, 2, 50.0),
    ("PR-二次", "all"): (1, 1, 100.0),
    ("T-疑似", "all"): (21, 3, 7.0),
    ("T-家访", "all"): (20, 2, 10.0),
    ("T-返校", "all"): (49, 1, 49.0),
    ("DL-期限", "班主任"): (3, 4, 75.0),
    ("DL-期限", "校长"): (0, 0, None),
    ("RC-点名", "all"): (5, 6, 83.33),
}


@pytest.mark.parametrize("which", EXPECTED, ids="-".join)
def test_an_indicator_comes_out_as_worked_by_hand(which: tuple[str, str]) -> None:
    one = report()[which]
    assert (one.numerator, one.denominator, one.value) == EXPECTED[which]


def test_every_indicator_of_the_domain_is_reported_once_a_stage_and_no_other() -> None:
    assert report().keys() == EXPECTED.keys()
    assert {id_ for id_, _ in EXPECTED} == {each.id for each in CALIBERS}


def test_no_indicator_is_called_dropout_rate_alone() -> None:
    assert "辍学率" not in {name for each in CALIBERS for name in (each.id, each.name)}
    assert len({each.code for each in CALIBERS}) == len(CALIBERS)


def test_the_denominator_says_of_which_day_it_is() -> None:
    days = {which: one.base_day for which, one in report().items()}
    assert days["DR-两基", "primary"] == date(2025, 9, 1)
    assert days["DR-词典", "primary"] == date(2026, 9, 1)
    assert days["DR-实名", "primary"] == days["CR-学期", "primary"] == date(2027, 3, 1)
    assert (days["CR3", "junior"], days["CR9", "all"]) == (date(2024, 9, 1), date(2018, 9, 1))


def test_an_approved_suspension_is_a_dropout_for_the_classic_rules_and_not_by_name() -> None:
    lives = {"p8": LIVES["p8"], "q1": LIVES["q1"]}
    found = report(lives)
    assert found["DR-实名", "primary"].numerator == 0
    assert found["DR-两基", "primary"].numerator == 1
    assert found["DR-词典", "primary"].numerator == 1
    for id_ in ("DR-两基", "DR-词典"):
        assert "已批准的休学" in found[id_, "primary"].note


def test_a_school_that_receives_has_a_negative_net_flow_and_it_is_explained() -> None:
    one = report(school=Q)["DR-两基", "primary"]
    assert (one.numerator, one.denominator, one.value) == (-1, 1, -100.0)
    assert "负值" in one.note
    assert "负值" not in report()["DR-两基", "primary"].note


def test_the_schools_add_up_to_the_county_in_the_net_flow() -> None:
    schools = [report(school=code) for code in (P, Q, J)]
    for stage in ("primary", "junior"):
        county = report()["DR-两基", stage]
        assert county.numerator == sum(s["DR-两基", stage].numerator or 0 for s in schools)
        assert county.denominator == sum(s["DR-两基", stage].denominator or 0 for s in schools)


def test_a_school_is_asked_for_its_own_children_only() -> None:
    found = report(school=J)
    assert (found["DR-词典", "junior"].numerator, found["DR-词典", "junior"].denominator) == (1, 5)
    assert found["DR-词典", "primary"].denominator == 0
    assert found["T-疑似", "all"].denominator == 0
    assert report(school=P)["T-疑似", "all"].denominator == 3


def test_enrolment_of_the_population_is_a_figure_of_the_county_alone() -> None:
    one = report(school=P)["NER", "primary"]
    assert (one.has_data, one.value) == (False, None)
    assert "只有全县数" in one.note


def test_nothing_is_divided_by_nought_where_there_are_no_children() -> None:
    for one in report({}, facts=NOTHING).values():
        assert one.value is None
        assert one.note


def test_what_is_not_recorded_is_no_data_with_a_reason_and_not_nought() -> None:
    found = report({"q1": LIVES["q1"]}, facts=NOTHING)
    for which, said in (
        (("CR9", "all"), "2018-09-01"),
        (("T-家访", "all"), "没有家访记录"),
        (("DL-期限", "all"), "期限"),
        (("RC-点名", "all"), "没有教学日"),
    ):
        one = found[which]
        assert (one.has_data, one.value, one.denominator) == (False, None, None)
        assert one.note.startswith("无数据：")
        assert said in one.note


def test_a_child_of_the_leaving_class_counts_after_its_graduation() -> None:
    done = {"j1": senior(("2027-06-30", S.GRADUATED, None)), "j2": LIVES["j2"]}
    found = report(done, as_of=date(2027, 8, 1))
    assert (found["CR3", "junior"].numerator, found["CR9", "all"].numerator) == (2, 2)
    assert (found["CR-学期", "junior"].numerator, found["CR-学期", "junior"].denominator) == (2, 2)
    assert found["DR-两基", "junior"].numerator == 0


def test_a_graduation_by_mistake_is_neither_decrease_nor_increase() -> None:
    lives = {
        "j1": senior(("2026-10-09", S.GRADUATED, None), ("2026-10-12", S.ENROLLED, J)),
        "j2": LIVES["j2"],
    }
    found = report(lives)
    assert found["DR-两基", "junior"].numerator == 0
    assert found["CR3", "junior"].numerator == 2


def test_moving_up_from_grade_6_to_a_junior_school_late_is_no_transfer() -> None:
    up = life((THIS_YEAR, S.ENROLLED, P, 2021), ("2026-09-07", S.ENROLLED, J, 2020))
    found = report({"up": up, "q1": LIVES["q1"]})
    assert found["DR-两基", "primary"].numerator == 0
    assert found["DR-两基", "junior"].numerator == 0


def test_a_suspect_counts_in_school_once_it_attends_again() -> None:
    away = pupil(("2027-02-20", S.SUSPECTED, P))
    again = [*away[:-1], Stay(
        school=P, status=S.SUSPECTED, first=date(2027, 2, 20), until=None, entry_year=2022,
        attends_again=True,
    )]  # fmt: skip
    for stays, expected in ((away, 0), (again, 1)):
        assert report({"p": stays})["CR-学期", "primary"].denominator == expected


@pytest.mark.parametrize(
    "numerator, denominator, value",
    [(1, 3, 33.33), (2, 3, 66.67), (1, 800, 0.13), (-1, 800, -0.13), (0, 5, 0.0), (3, 0, None),
     (3, -1, None), (None, 5, None), (3, None, None)],
)  # fmt: skip
def test_a_value_has_two_places_and_none_where_nothing_can_be_divided(
    numerator: int | None, denominator: int | None, value: float | None
) -> None:
    one = Indicator(caliber=DR_NAMED, numerator=numerator, denominator=denominator)
    assert one.value == value


def test_the_school_year_is_the_last_that_has_begun() -> None:
    assert dates(date(2026, 8, 31)).school_year == 2025
    assert dates(date(2026, 9, 1)).school_year == 2026
    assert dates(date(2027, 8, 1)).school_year == 2026
    assert dates(date(2027, 8, 1)).term_end(None) == date(2027, 7, 9)
