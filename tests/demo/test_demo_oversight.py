"""The demo county has signed reports, a summary, and a re-check with results."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from ckbx.domain.recheck.events import ItemRechecked, RecheckDrawn
from ckbx.domain.report.events import CountySummarySigned, SchoolReportSigned
from ckbx.domain.report.figures import beside
from ckbx.ledgers.monthly_seal import seal_holds
from ckbx.store import Store
from projections import reports, school
from projections.scope import Scope
from tests.demo import making


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder: Path = tmp_path_factory.mktemp("county")
    making.made_in(folder, tmp_path_factory)
    store = making.opened(folder)
    yield store
    store.close()


def of_kind(store: Store, kind: type[Any]) -> list[Any]:
    return [r.event for r in store.log.read(0, 10**6) if isinstance(r.event, kind)]


def test_two_schools_signed_and_a_zero_report_stands_beside_open_absences(store: Store) -> None:
    signed = of_kind(store, SchoolReportSigned)
    assert [each.occurred_on for each in signed] == [date(2026, 10, 28)] * 2
    assert all(map(seal_holds, signed))
    zero = [each for each in signed if each.zero]
    assert any(f.id in ("absent", "suspected") for each in zero for f in beside(each.figures))


def test_control_a_figure_changed_after_signing_breaks_the_seal(store: Store) -> None:
    first = of_kind(store, SchoolReportSigned)[0]
    changed = [msgspec.structs.replace(first.figures[0], numerator=1), *first.figures[1:]]
    assert not seal_holds(msgspec.structs.replace(first, figures=changed))


def test_the_county_names_the_schools_that_have_not_signed(store: Store) -> None:
    (summary,) = of_kind(store, CountySummarySigned)
    signed = {each.school for each in of_kind(store, SchoolReportSigned)}
    assert {part.school for part in summary.schools} == signed
    with store.answers.reading() as reading:
        position = reading.position(school.NAME)
        known = set(school.school_names(reading, Scope.county(), position=position))
        at: dict[str, Any] = {"as_of": date(2026, 11, 22), "position": position}
        assert len(reports.school_reports(reading, Scope.county(), **at)) == len(signed)
    assert set(summary.unsigned) == known - signed
    assert seal_holds(summary)


def test_a_recheck_was_drawn_and_two_results_recorded(store: Store) -> None:
    (drawn,) = of_kind(store, RecheckDrawn)
    assert drawn.closures
    assert drawn.leaves
    assert [each.agrees for each in of_kind(store, ItemRechecked)] == [True, False]
