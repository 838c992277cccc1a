"""Which deadlines of the recorded cases would other rules have had missed? (规则试算)

The facts of the cases stay as they were recorded: only the numbers of the rules differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import msgspec

from ckbx.domain.case.deadlines import Attendance, Deadline, Outcome, deadlines, facts_of
from ckbx.domain.rules.rule_book import RuleBook
from projections import cases
from projections.cases import CaseStand
from projections.deadlines_facts import Days, attendance
from projections.kit.reading import Reading
from projections.legal_deadlines import of_papers
from projections.roll_call_completeness import CountyLines
from projections.scope import Scope

_SILENT = Attendance()


class TriedDeadline(msgspec.Struct, frozen=True, kw_only=True):
    """Deadlines of one kind of one case that ended unmet: their last days under both rules."""

    child: UUID
    case: UUID
    school: str | None
    kind: str
    in_force: tuple[date, ...]
    tried: tuple[date, ...]


def missed_under(
    reading: Reading, rules: RuleBook, first: date, *, as_of: date, position: int
) -> list[TriedDeadline]:
    """The deadlines missed from a day to the as-of day (both local, included) under the rules
    in force and under others, of every case of the county: by school, child and kind.
    """
    lines = CountyLines.at(reading, position)
    found = cases.stands_on(reading, Scope.county(), as_of=as_of, position=position)
    ours, theirs = (
        _missed(reading, each, found, first, as_of=as_of, position=position)
        for each in (lines, lines._replace(rules=rules))
    )
    rows = [
        TriedDeadline(
            child=each.case.child,
            case=each.case.id,
            school=each.place.school,
            kind=kind,
            in_force=ours[each.case.id].get(kind, ()),
            tried=theirs[each.case.id].get(kind, ()),
        )
        for each in found
        for kind in dict.fromkeys((*ours[each.case.id], *theirs[each.case.id]))
    ]
    return sorted(rows, key=lambda row: (row.school or "", row.child.bytes, row.kind))


def _missed(
    reading: Reading,
    lines: CountyLines,
    found: Sequence[CaseStand],
    first: date,
    *,
    as_of: date,
    position: int,
) -> dict[UUID, dict[str, tuple[date, ...]]]:
    """By case and kind, the last days of the deadlines that passed unmet in the time."""
    days = Days(lines)
    said = attendance(reading, found, lines, as_of=as_of, position=position)
    papers: Mapping[UUID, list[Deadline]] = of_papers(
        reading, found, lines, as_of=as_of, position=position
    )
    missed: dict[UUID, dict[str, tuple[date, ...]]] = {}
    for each in found:
        facts = facts_of(each.case, said.get(each.case.id, _SILENT))
        own = deadlines(facts, days.of(each.place.school), lines.rules, as_of)
        of_case = missed.setdefault(each.case.id, {})
        for deadline in (*own, *papers.get(each.case.id, ())):
            if deadline.outcome is Outcome.MISSED and deadline.due_on and deadline.due_on >= first:
                of_case[deadline.kind] = (*of_case.get(deadline.kind, ()), deadline.due_on)
    return missed
