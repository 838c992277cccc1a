"""劝返复学: county and township are told that a child is back (domain §3, adr/0019)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ckbx.application.alerts import done
from ckbx.domain.alert.closing import ClosedBecause
from ckbx.domain.alert.events import AlertRaised
from ckbx.scheduling.run_due import run_due
from tests.scheduling.due_kit import alerts
from tests.support.case_county import CaseCounty, back, case_county

COUNTY_RULE, TOWNSHIP_RULE = "child_returned_county", "child_returned_township"
ONE_DAY = timedelta(days=1)


@pytest.fixture
def county(store_url: str, tmp_path: Path) -> Iterator[CaseCounty]:
    """A child that was away for a week."""
    with case_county(store_url, tmp_path) as made:
        made.away(*range(5))
        yield made


def due(county: CaseCounty, day: date) -> bool:
    """A run in the evening of a day; whether there was anything to do."""
    county.on(day)
    return not run_due(county.store, datetime(day.year, day.month, day.day, 12, tzinfo=UTC)).nothing


def told(county: CaseCounty) -> dict[str, tuple[date, str, tuple[str, ...]]]:
    found = [a for a in alerts(county.store).values() if a.kind == "child_returned"]
    assert len(found) == len({a.rule for a in found})
    return {a.rule: (a.day, a.state, a.to) for a in found}


def states(county: CaseCounty) -> set[str]:
    return {state for _, state, _ in told(county).values()}


def test_county_and_township_are_told_once_on_the_day_the_return_is_recorded(
    county: CaseCounty,
) -> None:
    came, recorded = county.days[5], county.days[7]
    due(county, came)
    assert told(county) == {}
    county.on(recorded)
    county.do(back(came))
    due(county, recorded)
    assert {rule: (day, state) for rule, (day, state, _) in told(county).items()} == {
        COUNTY_RULE: (recorded, "open"),
        TOWNSHIP_RULE: (recorded, "open"),
    }
    assert told(county)[COUNTY_RULE][2] == ("bureau",)
    due(county, recorded + ONE_DAY)
    assert states(county) == {"open"}


def test_nothing_is_asked_and_the_line_is_gone_after_a_week(county: CaseCounty) -> None:
    on = county.days[5]
    county.on(on)
    county.do(back(on))
    due(county, on)
    raised = [r.event for r in county.store.log.read(0, 10**6)]
    (first, _) = [e for e in raised if isinstance(e, AlertRaised) and e.kind == "child_returned"]
    assert (first.level, first.due_on) == ("蓝", None)
    case_fact = next(e for e in raised if type(e).__name__ == "ChildReturned")
    assert first.events == [case_fact.event_id]
    due(county, on + timedelta(days=6))
    assert states(county) == {"open"}
    due(county, on + timedelta(days=7))
    assert states(county) == {"closed"}
    assert not [a for a in alerts(county.store).values() if a.rule.startswith(COUNTY_RULE + "_")]


def test_who_has_read_it_may_close_it_and_it_is_not_told_again(county: CaseCounty) -> None:
    on = county.days[5]
    county.on(on)
    county.do(back(on))
    due(county, on)
    (id_,) = [i for i, a in alerts(county.store).items() if a.rule == COUNTY_RULE]
    office = county.store.office
    done(office, office.context("cli:test"), [id_], "bureau", ClosedBecause.NOT_NEEDED)
    due(county, on + ONE_DAY)
    assert told(county)[COUNTY_RULE][1] == "closed"
    assert told(county)[TOWNSHIP_RULE][1] == "open"
