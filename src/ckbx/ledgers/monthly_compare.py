"""How do two signed versions differ, and from what would be said now?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ckbx.clock import from_micros
from ckbx.domain.report.events import SchoolReportSigned
from ckbx.domain.report.figures import FIGURES, Figure, total
from ckbx.domain.report.months import Month
from ckbx.ledgers.model import Row, instant_text
from ckbx.ledgers.monthly_drafts import draft_of
from ckbx.ledgers.monthly_seal import Signed, latest
from ckbx.ledgers.question import Look
from projections import reports
from projections.scope import Scope


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
    return total(each.figures for each in signed_by_now(look, month))


def signed_by_now(look: Look, month: Month) -> list[SchoolReportSigned]:
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
