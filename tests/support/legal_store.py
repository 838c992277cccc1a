"""The legal steps of a suspected child's case in a real store, through the use cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, cast

from ckbx.application import legal
from ckbx.application.legal import At
from ckbx.clock import FixedClock
from ckbx.domain.case.codes import Stage
from ckbx.domain.legal.legal_steps import LegalSteps
from ckbx.domain.legal.opening import Subject
from ckbx.domain.legal.periods import Law
from ckbx.domain.shared.event import CommandContext
from tests.support.case_county import CaseCounty, Term
from tests.support.county import opened
from tests.support.legal import BASIS, Steps
from tests.support.settled import check_every_answer

TERMS: tuple[Term, ...] = (
    ("2017-2018", "春季", date(2018, 3, 1), date(2018, 7, 6)),
    ("2018-2019", "秋季", date(2018, 9, 3), date(2019, 1, 18)),
    ("2019-2020", "秋季", date(2019, 9, 2), date(2020, 1, 10)),
)


@contextmanager
def county_of_2018(url: str, folder: Path) -> Iterator[CaseCounty]:
    """A county whose child stays away from the first day on, its case open; it may fine."""
    with opened(url, folder / "secrets", now=datetime(2018, 3, 1, 1, tzinfo=UTC)) as store:
        county = CaseCounty(store, TERMS)
        county.away(0, 1, 2, 3, 4)
        assert county.case().stage is Stage.OPEN
        office = county.office
        legal.record_basis(
            office,
            office.context("bureau"),
            matter="fine",
            document=BASIS,
            on=county.days[4],
            role="bureau_officer",
        )
        yield county
        check_every_answer(store)


class StoredSteps(Steps):
    """The same commands, each a step on the case of the child, appended to the store's log."""

    def __init__(self, county: CaseCounty, today: date) -> None:
        super().__init__(today)
        self.county = county
        self.of = Subject(county.case_id(), county.child)
        cast("FixedClock", county.store.clock).at = datetime.combine(today, time(4), UTC)

    def _do(self, step: Callable[[CommandContext], Any]) -> Any:
        made: list[Any] = []

        def decide(steps: LegalSteps, ctx: CommandContext, law: Law) -> None:
            self.state, self.law = steps, law
            made.append(step(ctx))

        office, log = self.county.office, self.county.store.log
        head = log.head()
        try:
            legal.act(office, office.context("to1"), At(self.of), decide)
        finally:
            stream = LegalSteps.stream(office.county, self.of.case)
            self.state = LegalSteps(stream).replay(log.load([stream]).get(stream, []))
            self.events += [r.event for r in log.read(head, 100) if r.event.originator_id == stream]
        return made[-1]
