"""How do signed reports and re-checks become the rows of their ledgers, and what seals them?

What was sealed holds accounts; the names stand beside it as they are told on the day asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ckbx.clock import from_micros
from ckbx.domain.recheck.recheck import CLOSURE
from ckbx.domain.recheck.sampling import quarter_of
from ckbx.domain.report.events import CountySummarySigned, SchoolReportSigned
from ckbx.domain.report.figures import beside, gap_sentence
from ckbx.domain.report.months import Month, month_of, read_month
from ckbx.ledgers.actors import Actors, actors_named
from ckbx.ledgers.model import Row
from ckbx.ledgers.monthly_seal import (
    Signed,
    days_of_parts,
    due_on,
    early_words,
    figure_row,
    latest,
    parts_note,
    rules_of,
    seal_holds,
    unsigned_note,
)
from ckbx.ledgers.question import Look, school_of, who
from projections import rechecks, reports, roll_call_completeness

_NO_FIGURE = dict.fromkeys(
    ("figure", "title", "numerator", "denominator", "over", "value", "figure_caliber")
)
_NO_SEAL = dict.fromkeys(
    (
        "figures_as_of",
        "sealed_known_at",
        "sealed_position",
        "signed_on",
        "signed_by",
        "late",
        "zero",
        "digest",
    )
)


def month_shown(look: Look) -> Month:
    """The month whose school reports may be signed on the as-of day, else the one before."""
    month = month_of(look.question.as_of)
    opens = month.opens(rules_of(look, month).school_report_day)
    return month if look.question.as_of >= opens else month.before


def monthly_reports(look: Look) -> list[SchoolReportSigned]:
    """The versions that the ledger lists."""
    q = look.question
    if q.all_:
        return reports.school_reports(look.reading, q.scope, **look.at)
    month = month_shown(look)
    return latest(reports.school_reports(look.reading, q.scope, month=month, **look.at))


def monthly_report_rows(look: Look) -> list[Row]:
    """学校月报: a row a figure; a row without figures for a school that has not signed."""
    names, month = look.school_names(), month_shown(look)
    signed = monthly_reports(look)
    signers = _signers(look, signed)
    rows = [row for each in signed for row in _rows(look, each, names, signers)]
    given = {each.school for each in signed if each.month == month.key}
    with_classes = roll_call_completeness.by_school(
        look.reading, look.question.scope, instant=look.instant, **look.at
    )
    for code in sorted(code for code in with_classes if code not in given):
        due = due_on(look, month, county=False)
        rows.append({**_unsigned(month, due), **school_of(names, code)})
    return sorted(rows, key=lambda row: (row["month"], row["school_code"]))


def county_summaries(look: Look) -> list[CountySummarySigned]:
    """The versions that the ledger lists."""
    q = look.question
    if q.all_:
        return reports.county_summaries(look.reading, q.scope, **look.at)
    month = month_of(q.as_of).before
    return reports.county_summaries(look.reading, q.scope, month=month, **look.at)[-1:]


def county_summary_rows(look: Look) -> list[Row]:
    """县月度汇总: a row a figure; one without figures where it has not been signed."""
    names, month = look.school_names(), month_of(look.question.as_of).before
    signed = county_summaries(look)
    signers = _signers(look, signed)
    rows = []
    for each in signed:
        more = {"schools": len(each.schools), "unsigned": each.unsigned}
        rows += [{**row, **more} for row in _rows(look, each, names, signers)]
    waited = look.question.scope.everything and bool(names)
    if waited and all(each.month != month.key for each in signed):
        empty = _unsigned(month, due_on(look, month, county=True))
        rows.append({**empty, "schools": 0, "unsigned": []})
    return rows


def _signers(look: Look, signed: Iterable[Signed]) -> Mapping[str, str]:
    """Who signed, by account: read once for the rows and for what is printed under them."""
    accounts = frozenset(each.actor for each in signed)
    key = ("signers", type(look), look.position, accounts)
    return look.reading.once(key, lambda: actors_named(look, accounts))


def _rows(
    look: Look, of: Signed, names: Mapping[str, str], signers: Mapping[str, str]
) -> list[Row]:
    county = isinstance(of, CountySummarySigned)
    due = due_on(look, read_month(of.month), county=county)
    head: Row = {
        "month": of.month,
        "version": of.number,
        "state": "signed",
        "figures_as_of": of.as_of,
        "sealed_known_at": from_micros(of.known_at),
        "sealed_position": of.position,
        "due_on": due,
        "signed_on": of.occurred_on,
        "signed_by": signers[of.actor],
        "late": of.occurred_on > due,
        "zero": of.zero,
        "beside": [f"{f.title} {f.numerator}" for f in beside(of.figures)] if of.zero else [],
        "digest": of.digest,
    }
    if isinstance(of, SchoolReportSigned):
        head |= school_of(names, of.school)
    rows = []
    for each in of.figures:
        row = figure_row(each)
        row["figure_caliber"] = row.pop("caliber")
        rows.append({**head, **row})
    return rows


def _unsigned(month: Month, due: Any) -> Row:
    return {
        "month": month.key,
        "version": None,
        "state": "unsigned",
        **_NO_FIGURE,
        **_NO_SEAL,
        "beside": [],
        "due_on": due,
    }


def recheck_rows(look: Look) -> list[Row]:
    """县季度复核台账."""
    found = _rechecks(look)
    actors = Actors(look, {row.checked_by for row in found if row.checked_by})
    people = look.people([*(row.child for row in found), *actors.subjects])
    names = look.school_names()
    return [
        {
            "quarter": row.quarter,
            "draw": row.draw,
            "seed": row.seed,
            "drawn_on": row.drawn_on,
            "population": row.population,
            "drawn": row.drawn,
            "kind": row.kind,
            **who(people, row.child),
            **school_of(names, row.school_code),
            **look.class_of(row.class_key, row.grade),
            "agrees": row.agrees,
            "checked_on": row.checked_on,
            "checked_by": actors.said(row.checked_by, people) if row.checked_by else None,
            "evidence": row.evidence_ref is not None,
            "earlier": row.earlier,
            "item": row.item,
            "child_id": str(row.child),
        }
        for row in found
    ]


def _quarters(look: Look) -> set[str]:
    """The quarter of the as-of day and the one before: that is looked at again after its end."""
    this = quarter_of(look.question.as_of)
    return {this.key, this.before.key}


def _rechecks(look: Look) -> list[rechecks.RecheckRow]:
    q = look.question
    found = rechecks.rechecks(look.reading, q.scope, **look.at)
    shown = _quarters(look)
    return [row for row in found if q.all_ or row.quarter in shown]


REPORT_ROWS: dict[str, Callable[[Look], list[Row]]] = {
    "monthly_report": monthly_report_rows,
    "county_summary": county_summary_rows,
    "recheck": recheck_rows,
}
"""By the name of the ledger."""


# What seals the figures: printed under them, beside the places for signature and seal


def seals_of(look: Look, ledger: str) -> list[str]:
    """One line a signed version or draw; nothing for other ledgers."""
    match ledger:
        case "monthly_report":
            names, signed = look.school_names(), monthly_reports(look)
            by = _signers(look, signed)
            return [_sealed(look, names.get(e.school) or e.school, e, by) for e in signed]
        case "county_summary":
            summaries = county_summaries(look)
            by = _signers(look, summaries)
            return [_sealed(look, "县汇总", each, by) for each in summaries]
        case "recheck":
            return _drawn(look)
        case _:
            return []


def gaps_of(look: Look, ledger: str) -> list[str]:
    """What the sealed figures miss, as it was sealed."""
    names = look.school_names()
    said: list[str] = []
    signed: Sequence[Signed] = (
        monthly_reports(look) if ledger == "monthly_report" else county_summaries(look)
    )
    for each in signed:
        whose = names.get(each.school, "") if isinstance(each, SchoolReportSigned) else "县汇总"
        said += [f"{whose} {each.month}：{gap_sentence(gap)}" for gap in each.gaps]
        if isinstance(each, CountySummarySigned):
            said += [f"{each.month} {note}" for note in unsigned_note(names, each.unsigned)]
            days = days_of_parts(look, each.month, each.schools)
            said += [f"{each.month} {note}" for note in parts_note(names, each.month, days)]
        if not seal_holds(each):
            said.append(f"{whose} {each.month} 第 {each.number} 版的封存摘要与数字不一致，请核查")
    return said


def _sealed(look: Look, name: str, of: Signed, signers: Mapping[str, str]) -> str:
    known = _local(look, of.known_at)
    due = due_on(look, read_month(of.month), county=isinstance(of, CountySummarySigned))
    late = f"（晚于期限 {due}）" if of.occurred_on > due else ""
    return (
        f"{name} {of.month} 第 {of.number} 版：{of.occurred_on} 由 {signers[of.actor]} 签字{late}，"
        f"{_zero(of)}{early_words(of.month, of.as_of)}，按 {known} 已记录的情况，"
        f"记录位置 {of.position}，封存摘要 {of.digest}"
    )


def _zero(of: Signed) -> str:
    """That it is a 零报告, and what stood beside it."""
    if not of.zero:
        return ""
    open_ = "、".join(f"{each.title} {each.numerator}" for each in beside(of.figures))
    return f"零报告（同时：{open_}），" if open_ else "零报告，"


def _drawn(look: Look) -> list[str]:
    shown = _quarters(look)
    found = rechecks.draws(look.reading, look.question.scope, **look.at)
    draws = [each for each in found if look.question.all_ or each.quarter in shown]
    drawers = actors_named(look, {each.actor for each in draws})
    lines = []
    for draw in draws:
        taken = sum(pick.kind == CLOSURE for pick in draw.picks)
        lines.append(
            f"{draw.quarter} 第 {draw.number} 次抽样：{draw.occurred_on} 由 {drawers[draw.actor]} "
            f"以种子 {draw.seed} 按 {draw.algorithm} 抽取；销号 {len(draw.closures)} 件抽 {taken} 件"
            f"（{draw.percent} %），免学送教休学 {len(draw.leaves)} 件全部；截至 {draw.as_of}，"
            f"按 {_local(look, draw.known_at)} 已记录的情况，记录位置 {draw.position}"
        )
    return lines


def _local(look: Look, at: int) -> str:
    return from_micros(at).astimezone(look.reading.zone).strftime("%Y-%m-%d %H:%M:%S")
