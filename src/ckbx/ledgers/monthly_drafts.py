"""What would a month's report say now: the figures of each school, and of the county?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

from ckbx.clock import micros
from ckbx.domain.report.figures import Figure, Gap
from ckbx.domain.report.months import Month
from ckbx.domain.report.report import Draft
from ckbx.ledgers.question import Look, SchoolUnknown
from projections import month_figures, reports, roster, school
from projections.scope import Scope

ANSWERS: Final = (*month_figures.ANSWERS, reports.NAME)


def drafts(look: Look, month: Month, scope: Scope, as_of: date) -> dict[str, Draft]:
    """By school: its figures of a month as of a day, as known at the look's position.

    Raises SchoolUnknown.
    """
    known = look.school_names()
    for code in sorted(scope.school_codes):
        if code not in known:
            raise SchoolUnknown(school=code)
    found = month_figures.month_figures(
        look.reading,
        scope,
        month.first_day,
        as_of=as_of,
        position=look.position,
        instant=look.instant,
    )
    return {
        each.school: _draft(
            look, month, Scope.schools([each.school]), as_of, each.figures, each.gaps
        )
        for each in found
    }


def draft_of(look: Look, month: Month, code: str, as_of: date) -> Draft:
    """That of one school; without figures where it has no class and no child."""
    scope = Scope.schools([code])
    found = drafts(look, month, scope, as_of).get(code)
    return found or _draft(look, month, scope, as_of, (), ())


def county_draft(look: Look, month: Month, as_of: date) -> tuple[Draft, dict[str, Draft]]:
    """What the county would sign, but for the figures (those of the schools' signed reports),
    and the drafts of the schools that have classes or children.
    """
    schools = drafts(look, month, Scope.county(), as_of)
    number = roster.without_school(
        look.reading, Scope.county(), as_of=as_of, position=look.position
    )
    gaps = [Gap(code="no_school", count=number)] if number else []
    return _draft(look, month, Scope.county(), as_of, (), gaps), schools


def _draft(
    look: Look,
    month: Month,
    scope: Scope,
    as_of: date,
    figures: Sequence[Figure],
    gaps: Sequence[Gap],
) -> Draft:
    return Draft(
        month=month,
        as_of=as_of,
        position=look.position,
        known_at=micros(look.instant),
        figures=figures,
        gaps=gaps,
        importing=school.importing(look.reading, scope, position=look.position),
    )
