"""Every ledger, every role: nobody finds a row in it that is not the own one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from ckbx.domain.responsibility.post import Role, ScopeKind
from ckbx.ledgers.model import Grain
from ckbx.store import Store
from ckbx.web.pages.ledgers.sight import ASKS, SHOWN
from ckbx.web.permissions import GIVES, INSPECTOR
from projections import responsibility, school, transfers
from projections.roster import Place
from projections.scope import Scope
from tests.web.ledgers.conftest import ROLES
from tests.web.ledgers.kit import children_of, every_page, places
from tests.web.samples import GRANTED, Cast

Sees = Callable[[Place], bool]
Status = Callable[[str, str], int]
WHOLE_COUNTY = (Role.BUREAU_OFFICER, INSPECTOR)


@pytest.fixture(scope="module")
def status(clients: Mapping[str, TestClient]) -> Status:
    """How a ledger's page is answered to a role, whoever asks: asked once."""

    @cache
    def asked(name: str, role: str) -> int:
        return clients[role].get(f"/ledgers/{name}").status_code

    return asked


@pytest.fixture(scope="module")
def elsewhere(cast_of: Cast) -> Callable[[str], str]:
    """A school that is not a role's, looked for once."""

    @cache
    def found(role: str) -> str:
        return cast_of.samples(role).others["school"]

    return found


def _covers(kind: ScopeKind, code: str, place: Place) -> bool:
    """What a post covers, read from its own code: not by the scopes of the program."""
    match kind:
        case ScopeKind.COUNTY:
            return True
        case ScopeKind.TOWNSHIP | ScopeKind.VILLAGE:
            return any(home and home.startswith(code) for home in (place.village, place.residence))
        case ScopeKind.SCHOOL:
            return place.school == code
        case ScopeKind.GRADE:
            school, grade = code.split("/")
            return place.school == school and place.grade == int(grade)
        case ScopeKind.CLASS:
            return place.class_key == code
        case ScopeKind.STUDENT:
            return str(place.child) == code


def _sight(store: Store, account: str, role: str) -> Sees:
    if role == Role.REGISTRAR:
        school = GRANTED[Role.REGISTRAR].removeprefix("registrar")
        return partial(_covers, ScopeKind.SCHOOL, school)
    if role == INSPECTOR:
        return lambda _: True
    with store.answers.reading() as reading:
        known = responsibility.directory(reading, reading.position(responsibility.PROJECTION.name))
        posts = known.posts_of(account, store.office.today())
    return lambda place: any(_covers(p.scope.kind, p.scope.code, place) for p in posts)


def _moving_here(store: Store, sees: Sees, where: dict[UUID, Place]) -> set[UUID]:
    """A transfer is seen from both sides."""
    with store.answers.reading() as reading:
        rows = transfers.transfers(
            reading,
            Scope.county(),
            as_of=store.office.today(),
            position=reading.position("movements"),
            all_=True,
        )
    found = set()
    for row in rows:
        for side in (row.from_school, row.receiving_school):
            place = where[row.child]
            here = Place(
                child=row.child,
                school=side,
                class_key=row.class_key,
                grade=row.grade,
                village=place.village,
                residence=place.residence,
                status=place.status,
                register_status=place.register_status,
                since=place.since,
            )
            if sees(here):
                found.add(row.child)
    return found


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", SHOWN)
def test_the_children_in_a_ledger_are_own_ones(
    county: Store, cast_of: Cast, clients: Mapping[str, TestClient], name: str, role: str
) -> None:
    address = f"/ledgers/{name}?all=1"
    first = clients[role].get(address)
    if first.status_code == 404:
        return
    sees, where = _sight(county, cast_of.account(role), role), places(county)
    found = children_of(clients[role], address, first)
    own = {child for child, place in where.items() if sees(place)}
    if name == "transfers":
        own |= _moving_here(county, sees, where)
    assert found <= own


def test_control_the_bureau_finds_children_that_a_teacher_does_not(
    clients: Mapping[str, TestClient],
) -> None:
    teacher = children_of(clients[Role.CLASS_TEACHER], "/ledgers/roster")
    assert teacher < children_of(clients[Role.BUREAU_OFFICER], "/ledgers/roster")
    assert teacher


@pytest.mark.parametrize("role", ROLES)
def test_the_roster_holds_every_own_child_and_not_only_some(
    county: Store, cast_of: Cast, clients: Mapping[str, TestClient], role: str
) -> None:
    sees = _sight(county, cast_of.account(role), role)
    own = {child for child, place in places(county).items() if sees(place)}
    assert children_of(clients[role], "/ledgers/roster?all=1") == own


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("name", SHOWN)
def test_a_ledger_is_there_where_the_role_is_given_it_and_its_figures_are_whole(
    status: Status, name: str, role: str
) -> None:
    widest = {
        Role.CLASS_TEACHER: Grain.CLASS,
        Role.GRADE_LEADER: Grain.CLASS,
        Role.PRINCIPAL: Grain.SCHOOL,
        Role.REGISTRAR: Grain.SCHOOL,
        Role.BUREAU_LEADER: Grain.SCHOOL,
        Role.BUREAU_OFFICER: Grain.COUNTY,
        INSPECTOR: Grain.COUNTY,
    }
    order = list(Grain)
    whole = order.index(SHOWN[name].grain) <= order.index(widest.get(role, Grain.CHILD))
    given = ASKS[name] in GIVES[role]
    assert status(name, role) == (200 if given and whole else 404)


@pytest.mark.parametrize("role", ROLES)
def test_the_list_names_what_opens_and_nothing_else(
    clients: Mapping[str, TestClient], status: Status, role: str
) -> None:
    listed = clients[role].get("/ledgers").text
    for name in SHOWN:
        address = f"/ledgers/{name}"
        opens = status(name, role) == 200
        if name == "indicators":
            address = "/indicators"
            opens = clients[role].get(address).status_code == 200
        assert (f'href="{address}"' in listed) is opens


@pytest.mark.parametrize("role", [role for role in ROLES if role not in WHOLE_COUNTY])
@pytest.mark.parametrize("name", SHOWN)
def test_another_school_is_not_there(
    county: Store,
    cast_of: Cast,
    clients: Mapping[str, TestClient],
    status: Status,
    elsewhere: Callable[[str], str],
    name: str,
    role: str,
) -> None:
    """Whoever sees by home or by child may name any school, and finds the own children in it."""
    if status(name, role) == 404:
        return
    address = f"/ledgers/{name}?all=1&school={elsewhere(role)}"
    answer = clients[role].get(address)
    by_child = SHOWN[name].grain is Grain.CHILD and _sees_children(
        county, cast_of.account(role), role
    )
    assert answer.status_code == (200 if by_child else 404)


def _sees_children(store: Store, account: str, role: str) -> bool:
    """Whether some post of the account is over homes or single children."""
    if role in GRANTED:
        return False
    single = (ScopeKind.TOWNSHIP, ScopeKind.VILLAGE, ScopeKind.STUDENT)
    with store.answers.reading() as reading:
        known = responsibility.directory(reading, reading.position(responsibility.PROJECTION.name))
        posts = known.posts_of(account, store.office.today())
    return any(post.scope.kind in single for post in posts)


def test_another_township_is_not_there_and_the_own_villages_are(
    county: Store, cast_of: Cast, clients: Mapping[str, TestClient]
) -> None:
    client = clients[Role.TOWNSHIP_OFFICER]
    with county.answers.reading() as reading:
        known = responsibility.directory(reading, reading.position(responsibility.PROJECTION.name))
    account = cast_of.account(Role.TOWNSHIP_OFFICER)
    (own,) = {p.scope.code for p in known.posts_of(account, county.office.today())}
    codes = {p.village for p in places(county).values() if p.village}
    mine = next(code for code in codes if code.startswith(own))
    other = next(code for code in codes if not code.startswith(own))
    field = client.get(f"/ledgers/roster?township={mine}").text.split('name="township"')[1]
    offered = field.split("</select>")[0]
    assert f'<option value="{mine}" selected>' in offered, "it is chosen by its name"
    assert f'value="{other[:9]}' not in offered
    for wrong in (other, other[:9], "52", "x" * 9, own[:6]):
        assert client.get(f"/ledgers/roster?township={wrong}").status_code == 404
    found = children_of(client, f"/ledgers/roster?all=1&township={mine}")
    where = places(county)
    assert found
    assert all(mine in (where[c].village, where[c].residence) for c in found)


def test_pages_join_to_the_whole_and_each_row_stands_once(
    clients: Mapping[str, TestClient],
) -> None:
    client = clients[Role.BUREAU_OFFICER]
    texts = list(every_page(client, "/ledgers/roster"))
    rows = [text.count('<th scope="row"') for text in texts]
    assert len(texts) > 2
    assert rows[:-1] == [50] * (len(texts) - 1)
    assert f"共 <b>{sum(rows)}</b> 行" in texts[0]
    assert len(children_of(client, "/ledgers/roster")) == sum(rows)
    assert client.get("/ledgers/roster?page=999").text.count("上一页") == 1


@pytest.mark.parametrize("name", SHOWN)
def test_no_row_of_a_principal_is_of_another_school(
    county: Store, cast_of: Cast, clients: Mapping[str, TestClient], name: str
) -> None:
    """Ledgers about classes, posts, alerts and figures too; a transfer names where it leads."""
    address = f"/ledgers/{name}?all=1"
    if name == "transfers" or clients[Role.PRINCIPAL].get(address).status_code == 404:
        return
    own = cast_of.samples(Role.PRINCIPAL).mine["school"]
    with county.answers.reading() as reading:
        position = reading.position(school.NAME)
        names = school.school_names(reading, Scope.county(), position=position)
    shown = ""
    for text in every_page(clients[Role.PRINCIPAL], address):
        body = text.partition("<tbody>")[2].partition("</tbody>")[0]
        shown += body
        for code, called in names.items():
            if code != own:
                assert called not in body
    if "school_name" in SHOWN[name].keys and "<th" in shown:
        assert names[own] in shown


def test_control_the_bureau_s_alerts_are_of_several_schools(
    county: Store, clients: Mapping[str, TestClient]
) -> None:
    with county.answers.reading() as reading:
        position = reading.position(school.NAME)
        names = school.school_names(reading, Scope.county(), position=position)
    text = "".join(every_page(clients[Role.BUREAU_OFFICER], "/ledgers/alerts?all=1"))
    body = "".join(part.partition("</tbody>")[0] for part in text.split("<tbody>")[1:])
    assert sum(called in body for called in names.values()) > 1


def test_alerts_that_are_over_are_listed_when_asked_for(
    clients: Mapping[str, TestClient],
) -> None:
    client = clients[Role.BUREAU_OFFICER]
    now = "".join(every_page(client, "/ledgers/alerts"))
    ever = "".join(every_page(client, "/ledgers/alerts?all=1"))
    assert "已办结" not in now.replace("仅未办结", "")
    assert "仅未办结" in now
    assert ">已办结<" in ever
