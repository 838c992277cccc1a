"""A transfer that comes to nothing launders nothing: the child is again what it was before it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from ckbx.domain.case.codes import Stage
from ckbx.domain.child import departures
from ckbx.domain.child.status import Finding, TrackingStatus
from ckbx.domain.school_class.register import ClassRegister
from ckbx.scheduling.run_due import run_due
from projections.roster import place_of
from projections.scope import Scope
from projections.suspected import suspected
from tests.support.case_county import KEY, CaseCounty, case_county, determined, verify
from tests.support.county import COUNTY

S = TrackingStatus


@pytest.fixture
def county(store_url: str, tmp_path: Path) -> Iterator[CaseCounty]:
    with case_county(store_url, tmp_path) as made:
        yield made


def start(county: CaseCounty, on: date) -> None:
    county.on(on)
    county.decide(
        lambda child, ctx: departures.start_transfer(
            child,
            ctx,
            on=on,
            receiving_school="外县一中",
            document="转1",
            confirm_by=on + timedelta(days=14),
        )
    )


def cancel(county: CaseCounty, on: date) -> None:
    county.on(on)
    county.decide(lambda child, ctx: departures.cancel_transfer(child, ctx, on=on))


def as_the_answers_have_it(county: CaseCounty, on: date) -> tuple[S, bool]:
    """The child's status on a day, and whether the ledger of suspicions holds it. One in school
    whom no class has seen since is absent.
    """
    county.store.catch_up()
    with county.store.answers.reading() as reading:
        seen, head = Scope.county(), county.store.log.head()
        place = place_of(reading, seen, [county.child], as_of=on, position=head)[county.child]
        rows = suspected(reading, seen, as_of=on, position=head)
    for name in ("roster", "suspected", "watch"):
        assert county.store.projector.check(name).equal
        with county.store.answers.reading() as reading:
            assert reading.parked(name) == []
    return place.status, any(row.child == county.child and not row.closed_on for row in rows)


def test_a_suspicion_goes_on_with_its_case_and_its_alert(county: CaseCounty) -> None:
    county.away(*range(5))
    days = county.days
    county.do(verify(Finding.K, days[4]))
    before = county.state()
    start(county, days[6])
    assert (county.state().base, county.case().stage) == (S.TRANSFERRING, Stage.CONCLUDED)
    assert county.alerts("dropout_suspected") == ["closed"]
    assert as_the_answers_have_it(county, days[6]) == (S.TRANSFERRING, False)
    cancel(county, days[8])
    child = county.state()
    assert (child.base, child.suspected_on) == (S.SUSPECTED, before.suspected_on)
    assert child.episode is not None
    assert child.episode.acted
    assert (child.resets, child.before_suspicion) == (before.resets, before.before_suspicion)
    case = county.case()
    assert (case.stage, case.over, case.concluded) == (Stage.PERSUADING, None, None)
    assert county.alerts("dropout_suspected") == ["open"]
    assert as_the_answers_have_it(county, days[8]) == (S.SUSPECTED, True)
    county.decide(
        lambda child, ctx: departures.clear_suspicion(
            child, ctx, on=days[8], finding=Finding.A, evidence_ref="p", role="principal"
        )
    )
    assert (county.state().base, county.case().stage) == (S.ENROLLED, Stage.CONCLUDED)
    assert as_the_answers_have_it(county, days[8]) == (S.ABSENT, False)


def test_a_dropout_is_a_dropout_again_and_off_the_roll(county: CaseCounty) -> None:
    county.away(*range(5))
    county.persuaded_out()
    county.away(*range(5, 20))
    days = county.days
    county.do(determined(days[19]), actor="bureau")
    start(county, days[20])
    cancel(county, days[22])
    child = county.state()
    assert child.base is S.DROPPED_OUT
    assert child.episode is not None
    assert child.episode.confirmed_on == days[19]
    assert county.case().stage is Stage.DETERMINED
    stream = ClassRegister.stream(COUNTY, KEY)
    register = ClassRegister(stream).replay(county.store.log.load([stream])[stream])
    assert register.on_roll(child.id, days[21].toordinal())
    assert not register.on_roll(child.id, days[22].toordinal())
    assert as_the_answers_have_it(county, days[22]) == (S.DROPPED_OUT, False)


def test_a_child_in_school_stays_in_school(county: CaseCounty) -> None:
    start(county, county.days[2])
    cancel(county, county.days[3])
    assert county.state().base is S.ENROLLED
    assert as_the_answers_have_it(county, county.days[3]) == (S.ENROLLED, False)


def test_a_correction_still_takes_the_suspicion_back(county: CaseCounty) -> None:
    county.away(*range(5))
    days = county.days
    start(county, days[6])
    cancel(county, days[7])
    county.report(days[2])
    assert (county.state().base, county.case().stage) == (S.ENROLLED, Stage.WITHDRAWN)
    assert county.alerts("dropout_suspected") == ["withdrawn"]
    assert as_the_answers_have_it(county, days[7]) == (S.ABSENT, False)


def test_a_second_transfer_gives_back_only_what_it_began_from(county: CaseCounty) -> None:
    county.away(*range(5))
    days = county.days
    start(county, days[6])
    cancel(county, days[7])
    county.decide(
        lambda child, ctx: departures.clear_suspicion(
            child, ctx, on=days[7], finding=Finding.A, evidence_ref="p", role="principal"
        )
    )
    start(county, days[8])
    cancel(county, days[9])
    assert (county.state().base, county.state().episode) == (S.ENROLLED, None)
    assert as_the_answers_have_it(county, days[9]) == (S.ABSENT, False)


def test_the_clock_tells_of_a_resumed_case_again(county: CaseCounty) -> None:
    county.away(*range(5))
    days = county.days
    start(county, days[6])
    cancel(county, days[7])
    county.on(days[12])
    run_due(county.store, county.store.clock.now())
    assert set(county.alerts("verification_due")) == {"open"}
