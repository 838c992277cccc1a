"""Who works with a suspected child, and until when?"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid5

import pytest

from ckbx.domain.calendar.events import (
    ClosureConfirmed,
    ClosureDeclared,
    ClosureRejected,
    ClosureReported,
    DayLineWithdrawn,
    MakeUpDaySet,
    TermWithdrawn,
    YearConfirmationWithdrawn,
    YearConfirmed,
)
from ckbx.domain.responsibility import events as re
from ckbx.domain.responsibility.post import Line, Role, ScopeKind
from ckbx.domain.rules.events import RulePackAdopted
from ckbx.domain.rules.rule_pack import make_rule_pack, rules_as_map
from tests.projections.suspected_helps import CALENDAR, POSTS, RULES, ask, facts, one, suspect
from tests.projections.suspected_store import CLASS, LI, NAMES, SCHOOL, WANG, Facts, day

__all__ = ["facts"]


def test_the_case_teacher_is_the_class_teacher_of_the_day(facts: Facts) -> None:
    suspect(facts, LI)
    suspect(facts, WANG)
    post, first, second = (uuid5(NAMES, x) for x in ("post", "first", "second"))
    of = {"scope_kind": ScopeKind.CLASS, "scope_code": CLASS, "role": Role.CLASS_TEACHER}
    titled = {"line": Line.EDUCATION, "level": 4, "title": "班主任"}
    facts.tell(re.PostEstablished, POSTS, "08-01", post=post, **titled, **of)
    tenure = {"account": "t1", "holder": first, "first_day": day("08-01")}
    facts.tell(re.PostHeld, POSTS, "08-01", post=post, **tenure)
    over = {"previous": 2, "previous_last_day": day("11-09"), "first_day": day("11-10")}
    facts.tell(re.PostHandedOver, POSTS, "11-09", post=post, account="t2", holder=second, **over)
    at = {
        d: (one(facts, d).case_teacher, one(facts, d).case_teacher_id) for d in ("11-09", "11-10")
    }
    assert at == {"11-09": ("t1", first), "11-10": ("t2", second)}
    assert {row.case_teacher for row in ask(facts, "11-10") if row.child == WANG} == {None}


def test_verification_is_due_after_five_school_days_of_the_child_s_school(facts: Facts) -> None:
    suspect(facts, LI)
    suspect(facts, WANG)
    before = facts.head()
    facts.tell(ClosureDeclared, CALENDAR, "11-06", day=day("11-10"), kind="closure", school=SCHOOL)
    due = {row.child: row.due_on for row in ask(facts, "11-09")}
    assert due == {LI: day("11-16"), WANG: day("11-13")}
    assert one(facts, "11-09", before).due_on == day("11-13")


def test_the_deadline_follows_the_rules_in_force_on_the_day_of_the_suspicion(
    facts: Facts,
) -> None:
    suspect(facts, LI, "10-12", "10-13", "10-14", "10-15", "10-16")
    suspect(facts, WANG)
    rules = rules_as_map(make_rule_pack({"verify_within": 2}))
    adopted = {"version": 1, "effective_from": day("11-01"), "rules": rules}
    facts.tell(RulePackAdopted, RULES, "10-20", **adopted)
    due = {row.child: row.due_on for row in ask(facts, "11-09")}
    assert due == {LI: day("10-23"), WANG: day("11-10")}


def test_no_deadline_is_guessed_in_an_unknown_year(facts: Facts) -> None:
    suspect(facts, LI, "12-24", "12-25", "12-28", "12-29", "12-30")
    assert one(facts, "12-30").due_on is None
    facts.tell(YearConfirmed, CALENDAR, "12-30", year=2027)
    assert one(facts, "12-30").due_on == date(2027, 1, 6)
    facts.tell(YearConfirmationWithdrawn, CALENDAR, "12-30", year=2027)
    assert one(facts, "12-30").due_on is None


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ([(ClosureReported, {"day": day("11-10")})], "11-13"),
        (
            [(ClosureReported, {"day": day("11-10")}), (ClosureConfirmed, {"day": day("11-10")})],
            "11-16",
        ),
        (
            [
                (ClosureReported, {"day": day("11-10")}),
                (ClosureConfirmed, {"day": day("11-10")}),
                (ClosureRejected, {"day": day("11-10")}),
            ],
            "11-13",
        ),
        ([(MakeUpDaySet, {"day": day("11-07")})], "11-12"),
        (
            [(MakeUpDaySet, {"day": day("11-07")}), (DayLineWithdrawn, {"day": day("11-07")})],
            "11-13",
        ),
    ],
)
def test_the_deadline_follows_the_calendar(
    facts: Facts, changes: list[tuple[type[Any], dict[str, Any]]], due: str
) -> None:
    suspect(facts, LI)
    for event, fields in changes:
        facts.tell(event, CALENDAR, "11-06", school=SCHOOL, **fields)
    assert one(facts, "11-09").due_on == day(due)


def test_without_a_term_there_is_no_deadline(facts: Facts) -> None:
    suspect(facts, LI)
    facts.tell(TermWithdrawn, CALENDAR, "11-06", school_year=2026, term="autumn")
    assert one(facts, "11-09").due_on is None
