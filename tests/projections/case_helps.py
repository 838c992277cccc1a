"""A county with cases, asked through its answers: what the tests of their ledgers share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import pytest

from ckbx.application import cases
from ckbx.domain.case import plan
from ckbx.domain.case.codes import EvidenceKind, RiskLevel
from ckbx.domain.child.return_codes import Placement
from ckbx.ledgers.catalogue import LEDGERS
from ckbx.ledgers.filling import Desk
from ckbx.ledgers.model import Row
from ckbx.ledgers.question import Question
from ckbx.vault import Access
from projections.kit.reading import Reading
from projections.scope import Scope
from tests.support.case_county import (
    KEY,
    OTHER,
    CaseCounty,
    back,
    case_county,
    cause,
    determined,
)

T = TypeVar("T")
ACCESS = Access(actor="test", view="test", purpose="test")


@pytest.fixture
def county(tmp_path: Path) -> Iterator[CaseCounty]:
    """On SQLite."""
    with case_county(f"sqlite:///{tmp_path / 'county.db'}", tmp_path) as made:
        yield made


@pytest.fixture
def any_county(store_url: str, tmp_path: Path) -> Iterator[CaseCounty]:
    """Once on SQLite and once on PostgreSQL."""
    with case_county(store_url, tmp_path) as made:
        yield made


@contextmanager
def looking(county: CaseCounty) -> Iterator[Reading]:
    """Fold, then look."""
    county.store.catch_up()
    with county.store.answers.reading() as reading:
        yield reading


def ask(
    county: CaseCounty,
    question: Callable[..., T],
    on: date,
    *,
    position: int | None = None,
    scope: Scope | None = None,
    **more: Any,
) -> T:
    """One question as of a day, as known at a position (None: now)."""
    with looking(county) as reading:
        known = county.store.log.head() if position is None else position
        return question(reading, scope or Scope.county(), as_of=on, position=known, **more)


def sheet(county: CaseCounty, name: str, on: date, **more: Any) -> list[Row]:
    """The rows of a ledger as people get them."""
    county.store.catch_up()
    store = county.store
    desk = Desk(store.answers, store.log, store.vault, store.clock)
    question = Question(scope=more.pop("scope", Scope.county()), as_of=on, **more)
    rows = list(desk.fill(LEDGERS[name], question, ACCESS).rows)
    for row in rows:
        assert tuple(row) == LEDGERS[name].keys
    return rows


def second_child(county: CaseCounty) -> UUID:
    """From now on the county's steps are about a child of the other class."""
    county.child = county.pupils[OTHER][0]
    return county.child


def dropped_out(county: CaseCounty, code: str = "01") -> None:
    """Twenty days away, two rounds, a cause, risk red, confirmed by the county on day 19."""
    key = KEY if county.child in county.pupils[KEY] else OTHER
    county.away(*range(5), key=key)
    county.persuaded_out()
    papers = county.papers()
    county.do(cause(county.office.today(), papers, code), papers=papers)
    county.do(risk(county.office.today()))
    county.away(*range(5, 20), key=key)
    county.do(determined(county.days[19]), actor="bureau")


def brought_back(county: CaseCounty) -> None:
    """Back on day 20, confirmed by the days 20 to 22."""
    key = KEY if county.child in county.pupils[KEY] else OTHER
    county.on(county.days[20])
    county.do(back(county.days[20], key, Placement.ORIGINAL_CLASS))
    county.there(20, 21, 22, key=key)
    county.do(cases.confirm_return(role="principal"))


def risk(on: date, level: RiskLevel = RiskLevel.RED) -> cases.Act:
    return lambda work: plan.assess_risk(work.case, work.ctx, role="principal", on=on, level=level)


def closed(on: date, evidence: EvidenceKind = EvidenceKind.RETURN) -> cases.Act:
    return cases.close(role="bureau_officer", on=on, evidence=evidence, evidence_ref="paper")
