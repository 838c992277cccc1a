"""规则试算: a changed pack over recorded history, worked by hand; nothing is written.

School days of September 2026: 1 2 3 4 7 8 9 10 11 14 15 16 17 18. One class of five:

- A is absent without a word on 1-4, then there: a run of four;
- B is absent without a word on 1-2, then there: a run of two;
- C is on 事假 on 1-4 and 7: a row of five;
- D is absent without a word on 1-4 and 7, then there, and again on 9-11, 14 and 15: two runs of
  five, the second while the suspicion of the first is still open;
- E is always there.

In force (warn 3, or 5 in 20; suspect 5; 事假 5): A is warned on the 3rd. D on the 3rd (run), the
7th (fifth day in 20) and the 11th (run); it is suspected on the 7th, once. C is checked on the
7th. Tried (warn 2, suspect 4, 事假 4): A is warned on the 2nd and suspected on the 4th; B is
warned on the 2nd; C is checked on the 4th; D is warned on the 2nd, the 7th and the 10th, and
suspected on the 4th.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from ckbx.application.enrolment import change_class
from ckbx.application.intake_corrections import rejudge
from ckbx.application.rule_adoption import adopt_rules
from ckbx.application.rule_tryout import (
    DaysReversed,
    NothingToTry,
    TryOut,
    try_rules,
)
from ckbx.application.unit import Unit
from ckbx.domain.attendance.marks import Reason
from ckbx.domain.attendance.tryout import spoken
from ckbx.domain.child.events import AbsenceWarned, DropoutSuspected, LongLeaveFlagged
from ckbx.domain.rules.errors import RuleOutOfRange, RulePackDatedBack, RulesContradict, RuleUnknown
from ckbx.store import Store
from tests.support.county import SCHOOL, SmallCounty, opened

KEY, OTHER = f"{SCHOOL}/2026/1", f"{SCHOOL}/2026/2"
U, P = Reason.UNEXPLAINED, Reason.PERSONAL
FIRST, LAST = date(2026, 9, 1), date(2026, 9, 18)
CHANGES = {"warn_run": 2, "suspect_run": 4, "long_leave_personal": 4}
ABSENT = {
    0: dict.fromkeys((1, 2, 3, 4), U),
    1: dict.fromkeys((1, 2), U),
    2: dict.fromkeys((1, 2, 3, 4, 7), P),
    3: dict.fromkeys((1, 2, 3, 4, 7, 9, 10, 11, 14, 15), U),
}


def day(n: int) -> date:
    """A day of September 2026."""
    return date(2026, 9, n)


class Class:
    """The class of the story, handed in day by day."""

    def __init__(self, store: Store) -> None:
        self.store, self.office = store, store.office
        county = SmallCounty(store.office, classes=2)
        self.county, self.pupils = county, county.pupils[KEY]
        for n in (1, 2, 3, 4, 7, 8, 9, 10, 11, 14, 15, 16):
            absent = {self.pupils[c]: days[n] for c, days in ABSENT.items() if n in days}
            county.hand_in(KEY, day(n), absent)

    def told(self, found: TryOut, *, tried: bool) -> dict[str, list[tuple[str, list[int]]]]:
        """Letter to (rule, days of the month)."""
        letters = dict(zip(self.pupils, "ABCDE", strict=True))
        return {
            letters[each.child]: [
                (d.rule, [x.day for x in (d.tried if tried else d.in_force)])
                for d in each.rules
                if (d.tried if tried else d.in_force)
            ]
            for each in found.children
        }


@pytest.fixture
def class_(store_url: str, tmp_path: Path) -> Iterator[Class]:
    with opened(store_url, tmp_path / "secrets") as store:
        yield Class(store)


def test_the_worked_case_comes_out_under_both_packs(class_: Class) -> None:
    found = try_rules(class_.office, CHANGES, FIRST, LAST)
    assert class_.told(found, tried=False) == {
        "A": [("absence_run_3", [3])],
        "B": [],
        "C": [("long_leave_5", [7])],
        "D": [
            ("absence_run_3", [3, 11]),
            ("absence_5_in_20", [7]),
            ("absence_run_5", [7]),
        ],
    }
    assert class_.told(found, tried=True) == {
        "A": [("absence_run_3", [2]), ("absence_run_5", [4])],
        "B": [("absence_run_3", [2])],
        "C": [("long_leave_5", [4])],
        "D": [
            ("absence_run_3", [2, 10]),
            ("absence_5_in_20", [7]),
            ("absence_run_5", [4]),
        ],
    }
    changes = {d.change for each in found.children for d in each.rules}
    assert changes == {"new", "moved", "same"}
    assert (found.in_force["absence_run_5"], found.tried["absence_run_5"]) == (1, 2)
    assert sum(found.in_force.values()) == 6
    assert sum(found.tried.values()) == 8


def test_what_the_pack_in_force_would_have_said_is_what_it_said(class_: Class) -> None:
    """A control: the replay agrees with the facts the rule recorded itself. A run that began on
    the first day of term is recorded under the opening's name.
    """
    same = {"opening_day_5": "absence_run_5"}
    found = try_rules(class_.office, CHANGES, FIRST, LAST)
    kinds = AbsenceWarned | DropoutSuspected | LongLeaveFlagged
    events = [r.event for r in class_.store.log.read(0, 10_000)]
    recorded = sorted(
        (str(e.originator_id), same.get(e.rule, e.rule), e.occurred_on)
        for e in events
        if isinstance(e, kinds)
    )
    replayed = sorted(
        (str(each.child), d.rule, on)
        for each in found.children
        for d in each.rules
        for on in d.in_force
    )
    assert replayed == recorded


def test_nothing_is_written_and_no_memory_of_the_office_is_touched(class_: Class) -> None:
    head = class_.store.log.head()
    accesses = len(class_.store.vault.access_records())
    books = dict(class_.office.books)
    for _ in range(2):
        found = try_rules(class_.office, CHANGES, FIRST, LAST)
        assert found.position == head
    assert class_.store.log.head() == head
    assert len(class_.store.vault.access_records()) == accesses
    assert class_.office.books == books


def test_a_child_that_changed_class_is_asked_once_over_both_classes(class_: Class) -> None:
    """A moves on the 3rd: a run of two here, the 3rd and 4th there."""
    child = class_.pupils[0]

    def move(unit: Unit) -> bytes:
        change_class(class_.office, unit, child, OTHER, grade=1, on=day(3))
        for key in (KEY, OTHER):
            rejudge(class_.office, unit, key, day(3))
        return b"moved"

    class_.office.run(class_.office.context("test"), move)
    class_.county.pupils[OTHER].append(child)
    for n in (3, 4):
        class_.county.hand_in(OTHER, day(n), {child: U})
    found = try_rules(class_.office, CHANGES, FIRST, LAST)
    (asked,) = [each for each in found.children if each.child == child]
    assert (asked.class_key, [d.tried for d in asked.rules]) == (OTHER, [(day(2),), (day(4),)])


def test_only_the_days_asked_about_are_counted(class_: Class) -> None:
    found = try_rules(class_.office, CHANGES, day(5), LAST)
    assert class_.told(found, tried=True) == {
        "C": [],
        "D": [("absence_run_3", [10]), ("absence_5_in_20", [7])],
    }


def test_a_run_counts_from_before_the_first_day_asked_about(class_: Class) -> None:
    found = try_rules(class_.office, {"suspect_run": 3}, day(3), day(3))
    assert found.tried["absence_run_5"] == 2


def test_rules_that_decide_nothing_here_are_named_as_such(class_: Class) -> None:
    found = try_rules(class_.office, {"notice_max": 12, "warn_run": 2}, FIRST, LAST)
    assert {c.name: c.counted for c in found.changes} == {"notice_max": False, "warn_run": True}


def test_a_pack_that_cannot_be_adopted_cannot_be_tried(class_: Class) -> None:
    for changes, error in (
        ({"no_rule": 1}, RuleUnknown),
        ({"warn_run": 99}, RuleOutOfRange),
        ({"warn_run": 6}, RulesContradict),
        ({"warn_run": 3}, NothingToTry),
    ):
        with pytest.raises(error):
            try_rules(class_.office, changes, FIRST, LAST)
    with pytest.raises(DaysReversed):
        try_rules(class_.office, CHANGES, LAST, FIRST)


def test_a_decision_that_ended_a_suspicion_lets_the_next_run_count() -> None:
    from ckbx.domain.attendance.assess import Assessment, Suspicion

    runs = tuple(Suspicion(d, d - 4, ()) for d in (739_500, 739_520, 739_540))
    found = Assessment(suspicions=runs)
    first, last = date.fromordinal(739_000), date.fromordinal(740_000)
    assert [
        len(spoken(found, resets, first, last)["absence_run_5"]) for resets in ([], [739_510])
    ] == [
        1,
        2,
    ]


def test_an_adopted_pack_holds_from_its_day_and_today_judges_the_day_again(class_: Class) -> None:
    ctx = class_.office.context("bo1")
    today = class_.office.today()
    with pytest.raises(RulePackDatedBack):
        adopt_rules(class_.office, ctx, CHANGES, date(2026, 9, 1))
    adopted = adopt_rules(class_.office, class_.office.context("bo1"), CHANGES, today)
    assert adopted is not None
    assert (adopted.version, adopted.effective_from) == (1, today)
    assert adopt_rules(class_.office, class_.office.context("bo1"), CHANGES, today) is None


def test_once_adopted_the_changed_pack_is_what_is_compared_with(class_: Class) -> None:
    adopt_rules(class_.office, class_.office.context("bo1"), CHANGES, class_.office.today())
    with pytest.raises(NothingToTry):
        try_rules(class_.office, CHANGES, FIRST, class_.office.today())
