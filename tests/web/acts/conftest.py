"""A county of two schools, whose children move, are ill, and are looked for."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid5

import pytest

from ckbx.application import enrolment
from ckbx.domain.responsibility.post import Role, Scope, ScopeKind
from tests.support.case_county import SPACE, CaseCounty
from tests.support.county import COUNTY, opened
from tests.web.acts.deciding import KEY_THERE, THERE, ChildVisitor
from tests.web.cases.conftest import name_people
from tests.web.demo_stores import store_address


@pytest.fixture
def county(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CaseCounty]:
    """The second school has a class and a principal ``head2``; ``reg`` keeps the register of
    the first, ``town`` answers for a township that nobody here lives in.
    """
    now = datetime(2025, 9, 1, 1, tzinfo=UTC)
    url = store_address(request, tmp_path / "county.db")
    with opened(url, tmp_path / "secrets", now=now) as store:
        made = CaseCounty(store)
        new = [enrolment.NewPupil(child=uuid5(SPACE, f"there/{n}"), sex="f") for n in range(2)]
        made.run(
            lambda unit: enrolment.admit(
                made.office, unit, KEY_THERE, new, grade=3, on=made.began, school_name="二小"
            )
        )
        made._post(Scope(ScopeKind.SCHOOL, THERE), "校长", Role.PRINCIPAL, "head2")
        made._post(Scope(ScopeKind.COUNTY, COUNTY), "副局长", Role.BUREAU_LEADER, "leader")
        name_people(made)
        made.report(made.days[0])
        store.catch_up()
        stop = threading.Event()
        folding = threading.Thread(target=store.projector.run, args=(stop,))
        folding.start()
        yield made
        stop.set()
        folding.join(20)
        assert not folding.is_alive()


@pytest.fixture
def child(county: CaseCounty) -> UUID:
    """A child at school at the first school."""
    return county.child


@pytest.fixture
def head(county: CaseCounty) -> ChildVisitor:
    """The principal of the child's school."""
    return ChildVisitor(county, "head")


@pytest.fixture
def there(county: CaseCounty) -> ChildVisitor:
    """The principal of the other school."""
    return ChildVisitor(county, "head2")


@pytest.fixture
def bureau(county: CaseCounty) -> ChildVisitor:
    """The county's officer."""
    return ChildVisitor(county, "bureau")


@pytest.fixture
def teacher(county: CaseCounty) -> ChildVisitor:
    """The class teacher."""
    return ChildVisitor(county, "ct1")
