"""What is signed and looked at again in the demo county: two reports, a summary, a re-check.

Two schools sign the report of the last month that is over; one of them signs a 零报告 beside
open absences. The county sums up and names the others. It draws a re-check and records what
it found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, time
from functools import partial
from typing import Final

from ckbx.application import rechecks, reports
from ckbx.application.case_papers import Papers
from ckbx.clock import micros
from ckbx.demo.county import MadeUp
from ckbx.demo.walk import DemoFailed, Walk
from ckbx.domain.recheck.recheck import Population, Recheck
from ckbx.domain.recheck.sampling import Quarter, quarter_of
from ckbx.domain.report.figures import beside, is_zero
from ckbx.domain.report.months import Month, month_of
from ckbx.domain.report.report import Draft
from ckbx.domain.shared.errors import CkbxError
from ckbx.ledgers import monthly_drafts
from ckbx.ledgers.filling import Desk
from ckbx.ledgers.question import Look, Question
from ckbx.vault import Access
from projections import rechecks as answers
from projections.scope import Scope

SEED: Final = "demo-20260901"
_REPORT_DAY: Final = 28
_COUNTY, _PRINCIPAL = "bureau_officer", "principal"
_RESULTS: Final = ((True, "核对档案、问过家长，手续齐全"), (False, "批准文号与原件不符，已退回"))


class Oversight:
    """The evenings on which something is signed."""

    def __init__(self, walk: Walk, county: MadeUp, days: Sequence[date]) -> None:
        self._walk = walk
        self._principals = {s.code: f"principal{n}" for n, s in enumerate(county.schools)}
        self._month, self._school_day, self._county_day = _days(days)

    def evening(self, day: date) -> None:
        """What is signed on the evening of a school day."""
        if self._month is None:
            return
        if day == self._school_day:
            self._schools(day, self._month)
        elif day == self._county_day:
            self._sum_up(day, self._month)

    def _schools(self, day: date, month: Month) -> None:
        self._wait(day, time(17, 40))
        with self._looking(day) as look:
            drafts = monthly_drafts.drafts(look, month, Scope.county(), day)
        for code in _chosen(drafts):
            sign = partial(reports.sign_school, school=code, role=_PRINCIPAL)
            self._carry("月报", self._principals[code], sign, drafts[code])

    def _sum_up(self, day: date, month: Month) -> None:
        self._wait(day, time(17, 45))
        with self._looking(month.last_day) as look:
            draft, schools = monthly_drafts.county_draft(look, month, month.last_day)
        sign = partial(reports.sign_county, due=list(schools), role=_COUNTY)
        self._carry("县汇总", "bureau", sign, draft)

    def look_again(self, day: date) -> None:
        """The re-check of the last quarter in which a case was closed, drawn now."""
        self._walk.finish()
        for quarter in (quarter_of(day).before, quarter_of(day)):
            of = self._population(quarter, day)
            if of.closures:
                self._draw(quarter, of, day)
                return

    def _population(self, quarter: Quarter, day: date) -> Population:
        as_of = min(day, quarter.last_day)
        with self._looking(day) as look:
            found = answers.drawable(
                look.reading, Scope.county(), quarter, as_of=as_of, position=look.position
            )
            return Population(
                as_of=as_of,
                position=look.position,
                known_at=micros(look.instant),
                closures=found.closures,
                leaves=found.leaves,
            )

    def _draw(self, quarter: Quarter, of: Population, day: date) -> None:
        draw = partial(rechecks.draw_sample, seed=SEED, role=_COUNTY)
        self._carry("复核抽样", "bureau", draw, quarter, of)
        store = self._walk.store
        stream = Recheck.stream(store.office.county, quarter)
        drawn = Recheck(stream).replay(store.log.load([stream])[stream]).draws[0]
        for pick, (agrees, words) in zip(drawn.picks, _RESULTS, strict=False):
            papers = Papers(store.vault)
            found = rechecks.Found(agrees=agrees, on=day, evidence=str(papers.note(words)))
            record = partial(rechecks.record_result, role=_COUNTY, papers=papers)
            self._carry("复核结果", "bureau", record, quarter, pick.item, found)

    def _wait(self, day: date, at: time) -> None:
        self._walk.go(day, at)
        self._walk.finish()

    @contextmanager
    def _looking(self, as_of: date) -> Iterator[Look]:
        store = self._walk.store
        store.catch_up()
        desk = Desk(store.answers, store.log, store.vault, store.clock)
        access = Access(actor="bureau", view="demo", purpose="示例")
        names = (*monthly_drafts.ANSWERS, "movements")
        with desk.look(Question(scope=Scope.county(), as_of=as_of), access, names) as look:
            yield look

    def _carry(self, step: str, actor: str, act: Callable[..., object], *what: object) -> None:
        """One command by the store's own office. Raises DemoFailed."""
        try:
            act(self._walk.store.office, self._walk.context(actor), *what)
        except CkbxError as error:
            raise DemoFailed(step=step, why=error) from error
        self._walk.lane.office.forget_all()


def _chosen(drafts: Mapping[str, Draft]) -> list[str]:
    """One school whose 零报告 stands beside suspicions or open absences, and one more."""

    def order(code: str) -> tuple[bool, bool, str]:
        figures = drafts[code].figures
        open_ = {each.id for each in beside(figures)} & {"absent", "suspected"}
        return not is_zero(figures), not open_, code

    return sorted(drafts, key=order)[:2]


def _days(days: Sequence[date]) -> tuple[Month | None, date | None, date | None]:
    """The last month that is over in which somebody could sign, and the days of signing."""
    for month in sorted({month_of(day) for day in days}, reverse=True):
        own = [d for d in days if month.opens(_REPORT_DAY) <= d <= month.report_day(_REPORT_DAY)]
        later = [d for d in days if month.next.first_day <= d]
        if own and later:
            return month, own[-1], later[0]
    return None, None, None
