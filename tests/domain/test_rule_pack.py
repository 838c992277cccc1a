"""The rule pack: defaults, refusals, versions with effective dates."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from ckbx.domain.rules.errors import (
    RuleNotOfType,
    RuleOutOfRange,
    RulePackDatedBack,
    RulePackRefused,
    RulesContradict,
    RuleUnknown,
)
from ckbx.domain.rules.events import RulePackAdopted
from ckbx.domain.rules.rule_book import RuleBook
from ckbx.domain.rules.rule_ids import RULES, rule_echo, rule_title
from ckbx.domain.rules.rule_pack import (
    DEFAULT_RULES,
    RULE_FIELDS,
    RulePack,
    make_rule_pack,
    rules_as_map,
    rules_from_map,
)
from ckbx.domain.shared.event import CommandContext
from ckbx.eventlog.codec import decode_event, encode_event

TODAY = date(2026, 9, 1)


def context(today: date = TODAY) -> CommandContext:
    return CommandContext(actor="officer", command_id=uuid4(), today=today)


def test_the_defaults_are_those_of_the_rule_chapter() -> None:
    assert (DEFAULT_RULES.warn_run, DEFAULT_RULES.warn_count, DEFAULT_RULES.warn_window) == (
        3,
        5,
        20,
    )
    assert (DEFAULT_RULES.suspect_run, DEFAULT_RULES.dropout_days) == (5, 20)
    assert (DEFAULT_RULES.long_leave_personal, DEFAULT_RULES.long_leave_excused) == (5, 10)
    assert DEFAULT_RULES.roll_call_due == "10:00"
    assert DEFAULT_RULES.leave_warn == (-30, -10, 0, 5)


def test_the_defaults_themselves_pass_every_check() -> None:
    assert make_rule_pack(rules_as_map(DEFAULT_RULES)) == DEFAULT_RULES


def test_every_rule_has_a_chinese_title_a_unit_and_a_source() -> None:
    assert list(RULE_FIELDS) == list(RulePack.__struct_fields__)
    for name, field in RULE_FIELDS.items():
        assert field.title, name
        assert field.unit, name
        assert field.source, name
    titles = [field.title for field in RULE_FIELDS.values()]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize(
    "changes,error",
    [
        ({"warn_runs": 3}, RuleUnknown),
        ({"warn_run": "3"}, RuleNotOfType),
        ({"warn_run": True}, RuleNotOfType),
        ({"leave_warn": 5}, RuleNotOfType),
        ({"leave_warn": [-30, 400]}, RuleOutOfRange),
        ({"roll_call_due": "24:00"}, RuleNotOfType),
        ({"roll_call_due": "9:00"}, RuleNotOfType),
        ({"roll_call_due": "１０:00"}, RuleNotOfType),
        ({"warn_run": 0}, RuleOutOfRange),
        ({"reminder_days": 9}, RuleOutOfRange),
        ({"warn_run": 6}, RulesContradict),
        ({"notice_min": 20}, RulesContradict),
        ({"warn_count": 25}, RulesContradict),
    ],
)
def test_a_rule_that_cannot_be_is_refused_by_name(
    changes: dict[str, Any], error: type[RulePackRefused]
) -> None:
    with pytest.raises(error):
        make_rule_pack(changes)


def test_before_any_adoption_the_defaults_hold_on_every_day() -> None:
    rules = RuleBook.of("522699").rules_on(date(1999, 1, 1))
    assert (rules.version, rules.pack) == (0, DEFAULT_RULES)


def test_a_pack_holds_from_its_effective_day_on() -> None:
    book = RuleBook.of("522699")
    (event,) = book.adopt({"warn_run": 4}, date(2026, 10, 8), context())
    assert isinstance(event, RulePackAdopted)
    assert event.version == 1
    assert book.rules_on(date(2026, 10, 7)).pack.warn_run == 3
    assert book.rules_on(date(2026, 10, 8)).pack.warn_run == 4
    assert book.rules_on(date(2026, 10, 8)).version == 1


def test_an_adopted_pack_is_read_back_from_the_log() -> None:
    book = RuleBook.of("522699")
    changes = {"warn_run": 4, "leave_warn": [-20, 0], "roll_call_due": "09:30"}
    (event,) = book.adopt(changes, TODAY, context())
    stored = decode_event(event.TOPIC, encode_event(event))
    assert stored == event
    copy = RuleBook.of("522699").replay([stored])
    assert copy.rules_on(TODAY) == book.rules_on(TODAY)
    assert copy.rules_on(TODAY).pack.leave_warn == (-20, 0)


def test_adopting_what_already_holds_yields_no_event() -> None:
    book = RuleBook.of("522699")
    assert book.adopt({"warn_run": 3}, TODAY, context()) == []
    assert len(book.adopt({"warn_run": 4}, TODAY, context())) == 1
    assert book.adopt({"warn_run": 4}, TODAY, context()) == []


def test_of_two_packs_of_one_day_the_later_adopted_holds() -> None:
    book = RuleBook.of("522699")
    book.adopt({"warn_run": 4}, date(2026, 10, 8), context())
    book.adopt({"warn_run": 2}, date(2026, 10, 8), context())
    assert book.rules_on(date(2026, 10, 8)).version == 2
    assert book.rules_on(date(2026, 10, 8)).pack.warn_run == 2


def test_a_change_builds_on_the_rules_of_its_effective_day() -> None:
    book = RuleBook.of("522699")
    book.adopt({"warn_run": 4}, date(2026, 10, 8), context())
    book.adopt({"verify_within": 4}, date(2026, 9, 15), context())
    assert book.rules_on(date(2026, 9, 15)).pack == make_rule_pack({"verify_within": 4})
    assert book.rules_on(date(2026, 10, 8)).pack == make_rule_pack({"warn_run": 4})


def test_a_pack_cannot_be_dated_back() -> None:
    book = RuleBook.of("522699")
    with pytest.raises(RulePackDatedBack):
        book.adopt({"warn_run": 4}, date(2026, 8, 31), context())
    assert book.version == 0


def test_a_stored_pack_with_other_fields_stays_readable() -> None:
    stored = {**rules_as_map(make_rule_pack({"warn_run": 4})), "gone": 1}
    del stored["verify_within"]
    pack = rules_from_map(stored)
    assert (pack.warn_run, pack.verify_within) == (4, DEFAULT_RULES.verify_within)


def test_every_rule_id_of_an_alert_has_a_chinese_title() -> None:
    named = {
        "absence_run_3",
        "absence_5_in_20",
        "absence_run_5",
        "long_leave_5",
        "long_leave_10",
    }
    assert named <= set(RULES)
    assert rule_title("absence_run_3") == "连续无故缺勤达到预警天数"
    titles = [rule.title for rule in RULES.values()]
    assert len(set(titles)) == len(titles)
    assert {rule.level for rule in RULES.values()} <= {"蓝", "黄", "橙", "红"}


def test_the_kinds_other_programs_rely_on_each_have_a_rule() -> None:
    kinds = {rule.kind for rule in RULES.values()}
    assert kinds >= {
        "absence_warning",
        "dropout_suspected",
        "roll_call_silent",
        "not_checked_in",
        "verification_due",
        "persuasion_due",
        "leave_expiring",
        "leave_expired",
        "transfer_unconfirmed",
        "post_vacant",
        "report_due",
        "follow_up_due",
        "relapse",
        "long_leave_check",
        "long_leave_unconfirmed",
    }


@pytest.mark.parametrize(
    ("rule", "echo"),
    [
        ("verification_5", ""),
        ("verification_5_up", "（逾期，报上一级）"),
        ("opening_close_3_village", "（告知村）"),
        ("long_leave_unconfirmed", ""),
        ("of_a_later_program_up", ""),
    ],
)
def test_a_rule_told_to_another_post_says_so(rule: str, echo: str) -> None:
    assert rule_echo(rule) == echo
