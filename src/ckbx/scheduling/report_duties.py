"""月报到期: the school's report by its day of the month, the county's by a day of the next.

On the last day whoever answers is told where nothing was signed before; from the day after, a
missed one goes to the next post up on its line, and in copy to the other line (domain §7). A
month is reported by a school that had a class with pupils on the report day and whose term
reached into the month by then. A signature is one of any version, by its own day.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import msgspec

from ckbx.domain.report.months import Month, month_of
from ckbx.domain.responsibility.post import Line, Scope, ScopeKind
from ckbx.domain.rules.rule_ids import COPIED, RISEN, RULES
from ckbx.scheduling.duty import Duty
from ckbx.scheduling.facts import Facts
from projections import reports
from projections.kit.reading import Reading
from projections.scope import Scope as Everyone

SCHOOL_RULE, COUNTY_RULE = "school_report_28", "county_report_5"
ONE_DAY = timedelta(days=1)
Signatures = Mapping[tuple[str, str], date]


def signatures(reading: Reading, horizon: date, today: date) -> Signatures:
    """By school (``""``: the county) and month: the day of the first signature by today."""
    position = reading.position(reports.NAME)
    since = month_of(horizon).before
    return reports.signed_days(reading, Everyone.county(), since, as_of=today, position=position)


def due(facts: Facts) -> Iterator[Duty]:
    """Every report that fell due since the horizon, signed by now or not."""
    month = month_of(facts.horizon).before
    while month.first_day <= facts.today:
        pack = facts.rules.rules_on(month.first_day).pack
        own = month.report_day(pack.school_report_day)
        schools = [school for school in facts.schools if _reports(facts, school, month, own)]
        for school in schools:
            at = Scope(ScopeKind.SCHOOL, school)
            signed = facts.signed.get((school, month.key))
            yield from _duties(facts, month, SCHOOL_RULE, at, own, signed)
        if schools:
            at = facts.whole_county
            last = month.county_day(pack.county_report_day)
            signed = facts.signed.get(("", month.key))
            yield from _duties(facts, month, COUNTY_RULE, at, last, signed)
        month = month.next


def _reports(facts: Facts, school: str, month: Month, last: date) -> bool:
    day = last.toordinal()
    taught = any(
        term.first_day <= last and term.last_day >= month.first_day
        for term in facts.calendar(school).terms
    )
    return taught and any(
        each.opened <= day and each.has_pupils(day) for each in facts.classes.get(school, ())
    )


def _duties(
    facts: Facts, month: Month, rule: str, at: Scope, last: date, signed: date | None
) -> Iterator[Duty]:
    """Due on its last day, missed from the day after."""
    due_ = Duty(
        kind=RULES[rule].kind,
        rule=rule,
        subject=at.code,
        on=last,
        at=at,
        school=at.code if at.kind is ScopeKind.SCHOOL else None,
        due_on=last,
        over_on=signed,
        detail={"month": month.key},
    )
    if signed is None or signed >= last:
        yield due_
    on = last + ONE_DAY
    if on <= facts.today and (signed is None or signed > last):
        change = msgspec.structs.replace
        yield change(due_, rule=rule + RISEN, on=on, up=True)
        county = facts.whole_county
        yield change(due_, rule=rule + COPIED, on=on, at=county, line=Line.GOVERNMENT)
