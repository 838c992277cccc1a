"""Whose rules, which day and which seal belong to a signed report?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from ckbx.domain.report.events import CountySummarySigned, SchoolPart, SchoolReportSigned
from ckbx.domain.report.figures import FIGURES, Figure, digest_of
from ckbx.domain.report.months import Month, read_month
from ckbx.domain.rules.rule_pack import RulePack
from ckbx.ledgers.model import Row
from ckbx.ledgers.question import Look
from projections import reports
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


def ends_early(of_month: str, as_of: date) -> bool:
    """Whether figures of a month (``YYYY-MM``) were taken before its end."""
    return as_of < read_month(of_month).last_day


def early_words(of_month: str, as_of: date) -> str:
    """Up to which day figures go, and that the month was not over where it was not."""
    return f"月份未完，截至 {as_of}" if ends_early(of_month, as_of) else f"截至 {as_of}"


def days_of_parts(look: Look, month: str, parts: Iterable[SchoolPart]) -> dict[str, date]:
    """By school: up to which day the report that a county's summary took from it goes."""
    signed = reports.school_reports(
        look.reading, look.question.scope, month=read_month(month), **look.at
    )
    known = {(each.school, each.number): each.as_of for each in signed}
    days = {part.school: known.get((part.school, part.number)) for part in parts}
    return {school: day for school, day in days.items() if day is not None}


def parts_note(names: Mapping[str, str], month: str, days: Mapping[str, date]) -> list[str]:
    """Which schools' figures end before the month does, by day, in words."""
    early: dict[date, list[str]] = {}
    for code, day in sorted(days.items()):
        if ends_early(month, day):
            early.setdefault(day, []).append(names.get(code) or code)
    return [
        f"月份未完，截至 {day} 的 {len(listed)} 所学校：{'、'.join(listed)}"
        for day, listed in sorted(early.items())
    ]


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
