"""Whose rules, which day and which seal belong to a signed report?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from ckbx.domain.report.events import CountySummarySigned, SchoolReportSigned
from ckbx.domain.report.figures import FIGURES, Figure, digest_of
from ckbx.domain.report.months import Month
from ckbx.domain.rules.rule_pack import RulePack
from ckbx.ledgers.model import Row
from ckbx.ledgers.question import Look
from projections.roll_call_completeness import CountyLines

Signed = SchoolReportSigned | CountySummarySigned


def latest(versions: Iterable[SchoolReportSigned]) -> list[SchoolReportSigned]:
    """The last version of each school and month."""
    last = {(each.school, each.month): each for each in versions}
    return list(last.values())


def rules_of(look: Look, month: Month) -> RulePack:
    """The rule pack in force on the first of the month."""
    lines = CountyLines.at(look.reading, look.position)
    return lines.rules.rules_on(month.first_day).pack


def due_on(look: Look, month: Month, *, county: bool) -> date:
    """By when the report was to be signed."""
    pack = rules_of(look, month)
    if county:
        return month.county_day(pack.county_report_day)
    return month.report_day(pack.school_report_day)


def unsigned_note(names: Mapping[str, str], unsigned: Sequence[str]) -> list[str]:
    """Which schools' figures are not in the county's, in words."""
    if not unsigned:
        return []
    named = "、".join(names.get(code) or code for code in unsigned)
    return [f"以下 {len(unsigned)} 所学校没有签月报，数字未汇入：{named}"]


def figure_row(each: Figure) -> Row:
    """A figure with everything that has to stand beside it."""
    kind = FIGURES.get(each.id)
    return {
        "figure": each.id,
        "title": each.title,
        "numerator": each.numerator,
        "denominator": each.denominator,
        "over": kind.over if kind else "",
        "value": each.percent,
        "caliber": each.caliber,
    }


def seal_holds(of: Signed) -> bool:
    """Whether the sealed digest is that of the figures beside it."""
    return of.digest == digest_again(of)


def digest_again(of: Signed) -> str:
    """The digest worked out anew from what the event holds."""
    if isinstance(of, SchoolReportSigned):
        return digest_of(
            of=of.school, month=of.month, as_of=of.as_of, figures=of.figures, gaps=of.gaps
        )
    parts = [[p.school, p.number, p.digest] for p in of.schools]
    return digest_of(
        of=of.county,
        month=of.month,
        as_of=of.as_of,
        figures=of.figures,
        gaps=of.gaps,
        parts=[parts, of.unsigned],
    )
