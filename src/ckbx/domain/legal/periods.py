"""When does a term end, and when is a fine final? Pure functions of papers and a calendar.

Sources: 行政复议法 20 (60 days), 行政诉讼法 46 (6 months), 行政强制法 53 (3 months), 54 and 69
(10 working days), 行政处罚法 64 and 85 (5 working days). A period whose last day is no working
day ends with the next one (民事诉讼法 85).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

import msgspec

from ckbx.domain.legal.codes import AppealOutcome, PaperKind
from ckbx.domain.legal.legal_steps import LegalSteps, Paper
from ckbx.domain.rules.rule_book import AdoptedRules

AFTER_APPEAL_DAYS = 15
"""Days to go on after a review (行政复议法, 行政诉讼法 45) or a first judgement (85)."""
SERVE_DECISION_DAYS = 7
"""Working days in which a decision is served where the person was not there (行政处罚法 61, 85)."""
COURT_TERM_MONTHS = 24
"""申请执行法院的调解、判决的期间为二年 (民事诉讼法 250)."""


class Law(msgspec.Struct, frozen=True):
    """What a decision on a legal step rests on besides the papers.

    ``add_working_days(day, n)``: the n-th working day after a day (raises
    CalendarYearUnknown); ``fine_basis``: the number of the document the county recorded.
    """

    rules_on: Callable[[date], AdoptedRules]
    add_working_days: Callable[[date, int], date]
    fine_basis: str | None = None


def add_months(day: date, n: int) -> date:
    """The same day n months on, or the last of a month that is too short."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def period_end(law: Law, day: date) -> date:
    """The last day of a period that runs to ``day``: the next working day when that is none."""
    return law.add_working_days(day - timedelta(days=1), 1)


def term_end(paper: Paper, law: Law) -> date | None:
    """The last day to do what a served paper asks; None without a service or a term.

    A promise made in time moves it (once); the term of a 告知书 or 催告书 is the law's.
    """
    service = paper.service
    if service is None:
        return None
    end = _written_end(paper, service.effective_on, law)
    given, promised = paper.promise_given_on, paper.promised_on
    if end is None or given is None or promised is None or given > end:
        return end
    return max(end, promised)


def _written_end(paper: Paper, start: date, law: Law) -> date | None:
    pack = law.rules_on(paper.issued_on).pack
    match paper.kind:
        case PaperKind.FINE_NOTICE:
            return law.add_working_days(start, pack.statement_days)
        case PaperKind.REMINDER:
            return law.add_working_days(start, pack.reminder_days)
    end = paper.due_on
    if paper.due_days is not None:
        end = start + timedelta(days=paper.due_days)
    return end if end is None else max(end, paper.pay_by or end)


class Appeals(NamedTuple):
    """The last days to appeal against a decision, and to apply for its enforcement."""

    review_until: date
    lawsuit_until: date
    final_on: date
    enforce_until: date


def appeals_of(state: LegalSteps, decision: Paper, law: Law) -> Appeals | None:
    """The periods of a served decision; None before its service.

    ``final_on`` is the last day on which it may still be contested: when both periods have
    passed, or 15 days after an appeal that left it standing.
    """
    if decision.service is None:
        return None
    start = decision.service.effective_on
    pack = law.rules_on(decision.issued_on).pack
    review = period_end(law, start + timedelta(days=pack.review_days))
    lawsuit = period_end(law, add_months(start, pack.lawsuit_months))
    final = max(review, lawsuit)
    for appeal in state.appeals:
        if appeal.paper == decision.number and appeal.ended_on is not None:
            more = AFTER_APPEAL_DAYS if appeal.outcome == AppealOutcome.UPHELD else 0
            final = max(final, period_end(law, appeal.ended_on + timedelta(days=more)))
    until = period_end(law, add_months(final, pack.enforcement_months))
    return Appeals(review, lawsuit, final, until)
