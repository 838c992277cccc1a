"""Which reports of a month are signed, and who has not signed?"""

from __future__ import annotations

from collections.abc import Mapping

from ckbx.clock import from_micros
from ckbx.domain.report.events import SchoolReportSigned
from ckbx.domain.report.figures import beside
from ckbx.domain.report.months import Month, read_month
from ckbx.ledgers.model import Row, instant_text
from ckbx.ledgers.monthly_drafts import drafts
from ckbx.ledgers.monthly_seal import Signed, due_on
from ckbx.ledgers.question import Look
from projections import reports
from projections.scope import Scope


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
