"""A county of one school in which a child stays away, with its pages."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid5

import pytest

from ckbx.application.unit import Unit
from ckbx.domain.responsibility.post import Role, Scope, ScopeKind
from ckbx.vault import Contact, Guardian, Identity
from tests.support.case_county import OTHER, SPACE, CaseCounty
from tests.support.county import opened
from tests.web.cases.visiting import NAME, Visitor, visiting
from tests.web.demo_stores import store_address


@pytest.fixture
def county(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CaseCounty]:
    """The child is suspected: five days away. ``ct2`` is the class teacher next door, ``helper``
    works one-to-one with the child, ``inspector`` looks at the county.
    """
    now = datetime(2025, 9, 1, 1, tzinfo=UTC)
    url = store_address(request, tmp_path / "county.db")
    with opened(url, tmp_path / "secrets", now=now) as store:
        made = CaseCounty(store)
        made._post(Scope(ScopeKind.CLASS, OTHER), "班主任", Role.CLASS_TEACHER, "ct2")
        made._post(
            Scope(ScopeKind.STUDENT, str(made.child)), "帮扶教师", Role.CASE_TEACHER, "helper"
        )
        name_people(made)
        made.away(*range(5))
        assert made.case().exists
        store.catch_up()
        stop = threading.Event()
        folding = threading.Thread(target=store.projector.run, args=(stop,))
        folding.start()
        yield made
        stop.set()
        folding.join(20)
        assert not folding.is_alive()


def name_people(county: CaseCounty, name: str = NAME) -> None:
    """The child, its guardian and the staff get names."""
    vault = county.store.vault
    guardian = Guardian(name="王大山", relation="父亲", phone="13900000001")

    def decide(unit: Unit) -> None:
        unit.writes.extend(
            vault.prepare(
                county.child,
                "child",
                identity=Identity(name=name),
                contact=Contact(guardians=(guardian,)),
            )
        )
        for account in ("head", "ct1", "ct2", "helper", "bureau"):
            person = Identity(name=f"老师{account}")
            unit.writes.extend(vault.prepare(uuid5(SPACE, account), "staff", identity=person))

    county.run(decide)


@pytest.fixture
def teacher(county: CaseCounty) -> Visitor:
    """The one-to-one teacher."""
    return visiting(county, "helper")


@pytest.fixture
def head(county: CaseCounty) -> Visitor:
    """The principal."""
    return visiting(county, "head")


@pytest.fixture
def bureau(county: CaseCounty) -> Visitor:
    """The county's officer."""
    return visiting(county, "bureau")
