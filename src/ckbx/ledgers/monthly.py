"""What would a month's report say now, what does a signed one say, and how do they differ?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ckbx.clock import from_micros
from ckbx.domain.report.events import CountySummarySigned, SchoolPart
from ckbx.domain.report.figures import Figure, beside, gap_sentence, is_zero, total
from ckbx.domain.report.months import Month
from ckbx.domain.report.report import Draft, summary_of
from ckbx.ledgers.model import Row, instant_text
from ckbx.ledgers.monthly_compare import signed_by_now
from ckbx.ledgers.monthly_seal import (
    Signed,
    days_of_parts,
    due_on,
    figure_row,
    parts_note,
    seal_holds,
    unsigned_note,
)
from ckbx.ledgers.question import Look


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
        _take_schools(look, made, of.schools)
        made["unsigned"] = of.unsigned
        made["notes"] += unsigned_note(look.school_names(), of.unsigned)
    return made


def _take_schools(look: Look, made: Row, parts: Sequence[SchoolPart]) -> None:
    """What was summed, and which of it ends before the month does."""
    days = days_of_parts(look, made["month"], parts)
    made["schools"] = [
        {
            "school_code": part.school,
            "version": part.number,
            "as_of": days.get(part.school),
            "digest": part.digest,
        }
        for part in parts
    ]
    made["notes"] += parts_note(look.school_names(), made["month"], days)


def system_total(schools: Mapping[str, Draft]) -> list[Figure]:
    """The county's figures as the records have them, signed or not."""
    return total(each.figures for each in schools.values())


def preview(look: Look, month: Month, of: Draft, schools: Mapping[str, Draft]) -> Row:
    """The county's summary before it is signed: the sum of what is signed so far."""
    code = look.reading.county
    signed = signed_by_now(look, month)
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
    _take_schools(look, made, summed.schools)
    made["unsigned"] = summed.unsigned
    made["notes"] += unsigned_note(look.school_names(), summed.unsigned)
    system = {f.id: f for f in system_total(schools)}
    for row in made["rows"]:
        row["system_numerator"] = system[row["figure"]].numerator
    return made
