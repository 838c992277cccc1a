"""The demo county with its inspector, and another inspector of one school."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from ckbx.application.accounts import grant_role, load_account, open_accounts
from ckbx.domain.account.codes import GRANTED_OVER, GrantedRole
from ckbx.domain.responsibility.post import Scope, ScopeKind
from ckbx.store import Store
from tests.web.demo_stores import county_copy
from tests.web.signing import signed_in

SCHOOL = "3152697003"
OTHER_SCHOOL = "2152697002"
ONE = "inspector-of-one"


@pytest.fixture(scope="package")
def county(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Store]:
    with county_copy(request, tmp_path_factory.mktemp("inspect") / "county") as store:
        yield store


@pytest.fixture(scope="package")
def inspector(county: Store) -> Iterator[TestClient]:
    with signed_in(county, "inspector") as client:
        yield client


@pytest.fixture(scope="package")
def of_one(county: Store) -> Iterator[TestClient]:
    """An inspector of one school, whose grant ends in five days."""
    context = county.office.context("test")
    if not load_account(county.office, ONE).name:
        open_accounts(county.office, county.gate, context, [ONE])
    today = county.office.today()
    with pytest.MonkeyPatch.context() as patch:  # the program grants it over the county alone
        patch.setitem(GRANTED_OVER, GrantedRole.INSPECTOR, frozenset({ScopeKind.SCHOOL}))
        grant_role(
            county.office,
            county.gate,
            county.office.context("test"),
            ONE,
            GrantedRole.INSPECTOR,
            Scope(ScopeKind.SCHOOL, SCHOOL),
            first_day=today,
            last_day=today + timedelta(days=5),
            approved_by="bureau",
        )
    county.catch_up()
    with signed_in(county, ONE) as client:
        yield client
