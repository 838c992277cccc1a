"""What would a month's report say now, what does a signed one say, and how do they differ?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from ckbx.clock import from_micros, micros
from ckbx.domain.report.events import CountySummarySigned, SchoolReportSigned
from ckbx.domain.report.figures import (
    FIGURES,
    Figure,
    Gap,
    beside,
    digest_of,
    gap_sentence,
    is_zero,
    total,
)
from ckbx.domain.report.months import Month, read_month
from ckbx.domain.report.report import Draft, summary_of
from ckbx.domain.rules.rule_pack import RulePack
from ckbx.ledgers.model import Row, instant_text
from ckbx.ledgers.question import Look, SchoolUnknown
from projections import month_figures, reports, roster, school
from projections.roll_call_completeness import CountyLines
from projections.scope import Scope

ANSWERS: Final = (*month_figures.ANSWERS, reports.NAME)
Signed = SchoolReportSigned | CountySummarySigned


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


def document(look: Look, month: Month, of: Signed | Draft, code: str) -> Row:
    """A report as JSON carries it: a signed version or a draft; ``code`` of school or county."""
    signed = None if isinstance(of, Draft) else of
    county = code == look.reading.county
    due = due_on(look, month, county=county)
    figures = list(of.figures)
    open_ = beside(figures)
    made: Row = {
        "report": "county_summary" if county else "monthly_report",
        "month": month.key,
        "school_code": None if county else code,
        "school_name": None if county else look.school_names().get(code, ""),
        "version": signed.number if signed else None,
        "as_of": of.as_of,
        "known_at": instant_text(from_micros(of.known_at)),
        "position": of.position,
        "month_over": of.as_of >= month.last_day,
        "due_on": due,
        "signed_on": signed.occurred_on if signed else None,
        "signed_by": signed.actor if signed else None,
        "role": signed.role if signed else None,
        "late": signed.occurred_on > due if signed else None,
        "zero": is_zero(figures),
        "beside": [{"figure": f.id, "title": f.title, "numerator": f.numerator} for f in open_],
        "digest": signed.digest if signed else None,
        "digest_holds": seal_holds(signed) if signed else None,
        "gaps": [[gap.code, gap.count] for gap in of.gaps],
        "notes": [gap_sentence(gap) for gap in of.gaps],
        "rows": [figure_row(each) for each in figures],
    }
    if isinstance(of, Draft):
        made["notes"] += [f"导入中（{batch}），不完整" for batch in of.importing]
    if isinstance(of, CountySummarySigned):
        made["schools"] = [
            {"school_code": p.school, "version": p.number, "digest": p.digest} for p in of.schools
        ]
        made["unsigned"] = of.unsigned
        made["notes"] += unsigned_note(look.school_names(), of.unsigned)
    return made


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


def compare(look: Look, month: Month, before: Signed | None, after: Signed) -> Row:
    """Two versions figure by figure, and what the figures of the later one's as-of day are
    known to be now. ``before`` None: only with now.
    """
    code = after.school if isinstance(after, SchoolReportSigned) else look.reading.county
    now = _now(look, month, after)
    columns = {
        "from": {f.id: f for f in before.figures} if before else {},
        "to": {f.id: f for f in after.figures},
        "now": {f.id: f for f in now},
    }
    ids = list(dict.fromkeys(id_ for figures in columns.values() for id_ in figures))
    order = {id_: n for n, id_ in enumerate(FIGURES)}
    rows = [_compared(id_, columns) for id_ in sorted(ids, key=lambda i: order.get(i, len(order)))]
    return {
        "report": "monthly_report" if isinstance(after, SchoolReportSigned) else "county_summary",
        "month": month.key,
        "school_code": code if isinstance(after, SchoolReportSigned) else None,
        "school_name": look.school_names().get(code),
        "from": _head(before) if before else None,
        "to": _head(after),
        "now": {"known_at": instant_text(look.instant), "position": look.position},
        "changed": sum(row["changed"] for row in rows),
        "moved": sum(row["moved"] for row in rows),
        "rows": rows,
    }


def _now(look: Look, month: Month, after: Signed) -> list[Figure]:
    """The school's figures of the same day as known now; the county's: the sum of what its
    schools have signed by now.
    """
    if isinstance(after, SchoolReportSigned):
        return list(draft_of(look, month, after.school, after.as_of).figures)
    return total(each.figures for each in _signed_by_now(look, month))


def _signed_by_now(look: Look, month: Month) -> list[SchoolReportSigned]:
    """What the schools have signed by the look's position, after the month too."""
    found = reports.school_reports(
        look.reading, Scope.county(), as_of=date.max, position=look.position, month=month
    )
    return latest(found)


def _head(of: Signed) -> Row:
    return {
        "version": of.number,
        "as_of": of.as_of,
        "known_at": instant_text(from_micros(of.known_at)),
        "position": of.position,
        "signed_on": of.occurred_on,
        "signed_by": of.actor,
        "digest": of.digest,
    }


def _compared(id_: str, columns: Mapping[str, Mapping[str, Figure]]) -> Row:
    row: dict[str, Any] = {"figure": id_, "title": FIGURES[id_].title if id_ in FIGURES else id_}
    for name, figures in columns.items():
        each = figures.get(id_)
        row[f"{name}_numerator"] = each.numerator if each else None
        row[f"{name}_denominator"] = each.denominator if each else None
    before, after, now = (columns[name].get(id_) for name in ("from", "to", "now"))
    row["changed"] = bool(columns["from"]) and before != after
    row["moved"] = after != now
    return row


def system_total(schools: Mapping[str, Draft]) -> list[Figure]:
    """The county's figures as the records have them, signed or not."""
    return total(each.figures for each in schools.values())


def preview(look: Look, month: Month, of: Draft, schools: Mapping[str, Draft]) -> Row:
    """The county's summary before it is signed: the sum of what is signed so far."""
    code = look.reading.county
    signed = _signed_by_now(look, month)
    given = {each.school for each in signed}
    unsigned = [each for each in schools if each not in given]
    summed = summary_of(code, of, signed, unsigned)
    whole = Draft(
        month=month,
        as_of=of.as_of,
        position=of.position,
        known_at=of.known_at,
        figures=summed.figures,
        gaps=summed.gaps,
        importing=of.importing,
    )
    made = document(look, month, whole, code)
    made["schools"] = [
        {"school_code": p.school, "version": p.number, "digest": p.digest} for p in summed.schools
    ]
    made["unsigned"] = summed.unsigned
    made["notes"] += unsigned_note(look.school_names(), summed.unsigned)
    system = {f.id: f for f in system_total(schools)}
    for row in made["rows"]:
        row["system_numerator"] = system[row["figure"]].numerator
    return made


def listed(look: Look, month: Month | None, code: str | None) -> Row:
    """Every version by school, month and number, the county's last; with a month also the
    schools that have not signed it.
    """
    scope = Scope.county() if code is None else Scope.schools([code])
    names, at = look.school_names(), look.at
    signed: list[Signed] = [
        *reports.school_reports(look.reading, scope, month=month, **at),
        *reports.county_summaries(look.reading, scope, month=month, **at),
    ]
    rows = [_listed(look, each, names) for each in signed]
    if month is not None:
        as_of = min(look.question.as_of, month.last_day)
        due = drafts(look, month, scope, as_of) if as_of >= month.first_day else {}
        given = {each.school for each in signed if isinstance(each, SchoolReportSigned)}
        rows += [_not_signed(look, month, each, names) for each in due if each not in given]
    return {"rows": rows}


def _listed(look: Look, of: Signed, names: Mapping[str, str]) -> Row:
    code = of.school if isinstance(of, SchoolReportSigned) else None
    return {
        "month": of.month,
        "school_code": code,
        "school_name": names.get(code, "") if code else None,
        "version": of.number,
        "as_of": of.as_of,
        "known_at": instant_text(from_micros(of.known_at)),
        "signed_on": of.occurred_on,
        "signed_by": of.actor,
        "due_on": due_on(look, read_month(of.month), county=code is None),
        "zero": of.zero,
        "beside": len(beside(of.figures)),
        "digest": of.digest,
    }


def _not_signed(look: Look, month: Month, code: str, names: Mapping[str, str]) -> Row:
    empty = ("version", "as_of", "known_at", "signed_on", "signed_by", "zero", "beside", "digest")
    return {
        "month": month.key,
        "school_code": code,
        "school_name": names.get(code, ""),
        **dict.fromkeys(empty),
        "due_on": due_on(look, month, county=False),
    }
