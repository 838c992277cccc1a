"""规则试算: what a changed rule pack would have said over recorded history, nothing written.

Every class book is loaded into a memory of its own and asked twice, once with the packs in
force and once with the same packs changed. No command is run: nothing can be appended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from ckbx.application.books import StoredHistory, reach
from ckbx.application.office import Office
from ckbx.application.roll_calls import classes_of, thresholds
from ckbx.application.unit import Unit
from ckbx.domain.attendance.assess import assess
from ckbx.domain.attendance.class_book import ClassBook
from ckbx.domain.attendance.thresholds import Schedule
from ckbx.domain.attendance.tryout import KIND_OF, Difference, compare, spoken
from ckbx.domain.calendar.school_calendar import SchoolCalendar
from ckbx.domain.child.child import Child
from ckbx.domain.rules.rule_book import RuleBook
from ckbx.domain.rules.rule_pack import RulePack, make_rule_pack
from ckbx.domain.shared.errors import InputRefused
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.system_actors import RULE_TRYOUT

TRIED = (
    *("warn_run", "warn_count", "warn_window", "suspect_run"),
    *("long_leave_personal", "long_leave_excused"),
    # The deadlines of cases and of their legal papers:
    *("verify_within", "finding_within", "attending_decision", "report_hours"),
    *("persuade_school", "persuade_village", "persuade_township"),
    *("dropout_days", "dropout_rounds", "return_days", "follow_daily", "follow_weekly_months"),
    *("statement_days", "reminder_days", "review_days", "lawsuit_months", "enforcement_months"),
)
"""Rules whose numbers decide what is counted here; others may be changed without effect."""


class NothingToTry(InputRefused):
    code = "nothing_to_try"
    message = "规则文件与现行规则相同，没有可试算的改动：请先在文件里改要比较的数"


class DaysReversed(InputRefused):
    code = "days_reversed"
    message = "起止日期颠倒（{first} 晚于 {last}）：请核对 --from 和 --to"


class Change(msgspec.Struct, frozen=True):
    """One changed rule. ``counted``: whether it has an effect on what is tried."""

    name: str
    old: Any
    new: Any

    @property
    def counted(self) -> bool:
        """Whether the try-out can show what it does."""
        return self.name in TRIED


class ChildFound(msgspec.Struct, frozen=True):
    """One child of whom some rule spoke, and how both packs differ on it."""

    child: UUID
    school: str
    class_key: str
    rules: list[Difference]


class TryOut(msgspec.Struct, frozen=True):
    """The answer. Counts are of days on which a rule spoke, by rule id."""

    first: date
    last: date
    position: int
    changes: list[Change]
    in_force: dict[str, int]
    tried: dict[str, int]
    children: list[ChildFound]


def try_rules(office: Office, changes: Mapping[str, Any], first: date, last: date) -> TryOut:
    """Replay recorded history from ``first`` to ``last`` (local days, both included).

    Raises DaysReversed, NothingToTry, and the refusals of ``make_rule_pack``.
    """
    if first > last:
        raise DaysReversed(first=first, last=last)
    own = Office(office.log, office.clock)
    ctx = own.context(RULE_TRYOUT)
    book = RuleBook.of(own.county)
    book.replay(own.log.load([book.id]).get(book.id, []))
    changed = changed_rules(book, changes)
    differs = changes_of(book.rules_on(last).pack, changes)
    if not differs:
        raise NothingToTry
    position = own.log.head()
    pair = (thresholds(book), thresholds(changed))
    children: list[ChildFound] = []
    for school in own.county_of(Unit(own.map, ctx)).schools:
        children += _of_school(own, ctx, school, pair, first, last)
    rules = [rule for each in children for rule in each.rules]
    return TryOut(
        first=first,
        last=last,
        position=position,
        changes=differs,
        in_force={rule: sum(len(d.in_force) for d in rules if d.rule == rule) for rule in KIND_OF},
        tried={rule: sum(len(d.tried) for d in rules if d.rule == rule) for rule in KIND_OF},
        children=sorted(children, key=lambda c: (c.school, c.class_key, str(c.child))),
    )


def changes_of(pack: RulePack, changes: Mapping[str, Any]) -> list[Change]:
    """What a file of rules would change of a pack. Raises the refusals of make_rule_pack."""
    new = make_rule_pack(changes, pack)
    return [
        Change(name, getattr(pack, name), getattr(new, name))
        for name in changes
        if getattr(pack, name) != getattr(new, name)
    ]


def changed_rules(book: RuleBook, changes: Mapping[str, Any]) -> RuleBook:
    """A rule book as if every pack had been adopted with these changes."""
    changed = RuleBook(book.id)
    changed.adopted = [
        msgspec.structs.replace(rules, pack=make_rule_pack(changes, rules.pack))
        for rules in book.adopted
    ]
    return changed


def _of_school(
    own: Office,
    ctx: CommandContext,
    school: str,
    pair: tuple[Schedule, Schedule],
    first: date,
    last: date,
) -> Iterator[ChildFound]:
    """The children whose class is in this school now, or was at the last."""
    unit = Unit(own.map, ctx)
    calendar = own.calendars(unit, school).for_school(school)
    for key in classes_of(own, unit, [school]):
        book = reach(own, unit, key, calendar, 0)
        for child in book.children.values():
            if not child.segments or child.segments[-1][0] != key:
                continue
            rules = _ask(own, unit, book, calendar, child, pair, first, last)
            if rules:
                yield ChildFound(child.id, school, key, rules)
    own.books.clear()
    own.map.clear()


def _ask(
    own: Office,
    unit: Unit,
    book: ClassBook,
    calendar: SchoolCalendar,
    child: Child,
    pair: tuple[Schedule, Schedule],
    first: date,
    last: date,
) -> list[Difference]:
    widest = max(schedule.widest for schedule in pair)
    days, marks = StoredHistory(own, unit, book, calendar, widest).of(child, 0)
    began = child.enrolled_on.toordinal() if child.enrolled_on else 0
    found = [
        spoken(
            assess(marks, days, schedule, first=began, resets=child.resets),
            child.resets,
            first,
            last,
        )
        for schedule in pair
    ]
    return compare(found[0], found[1])
