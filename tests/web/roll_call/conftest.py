"""A school with two classes of forty on a school morning, whose teachers have phones."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from ckbx.application.unit import Unit
from ckbx.clock import FixedClock
from ckbx.domain.responsibility.post import Line, Role, Scope, ScopeKind
from ckbx.domain.responsibility.register import PostRegister, posts_stream
from ckbx.main import followers
from ckbx.settings import read_settings
from ckbx.store import Store, open_store
from ckbx.vault import Identity
from ckbx.vault.people import NewPerson
from tests.support.county import BEGAN, COUNTY, SCHOOL, SmallCounty
from tests.support.ready import init_copied
from tests.web.conftest import served
from tests.web.demo_stores import store_address

MONDAY = date(2026, 11, 23)
MORNING = datetime(2026, 11, 23, 0, 12, tzinfo=UTC)
OWN, OTHER = f"{SCHOOL}/2026/1", f"{SCHOOL}/2026/2"
FAR = "2152939973"
FAR_CLASS = f"{FAR}/2026/1"
PATH, OTHER_PATH, FAR_PATH = (f"/roll-calls/{key}" for key in (OWN, OTHER, FAR_CLASS))
_FAMILY, _GIVEN = "王李张刘陈杨赵黄周吴", "梓涵子轩欣怡浩然"


class Morning:
    """The store with its classes. ``ct1`` and ``ct2`` teach one each, ``lead`` leads the
    grade, ``head`` the school; ``far`` teaches at another school.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.county = SmallCounty(store.office, classes=2, size=40)
        self.county.add_class(FAR_CLASS, 5)
        self._name_children()
        self._fill_posts()

    @property
    def children(self) -> list[UUID]:
        """Of class 1, in the order of the page."""
        return self.county.pupils[OWN]

    def name(self, child: UUID) -> str:
        """As the page shows it."""
        return self.names[child]

    def _name_children(self) -> None:
        everybody = [child for of in self.county.pupils.values() for child in of]
        self.names = {
            child: f"{_FAMILY[n % 10]}{_GIVEN[n % 8]}{_GIVEN[n // 8 % 8]}"
            for n, child in enumerate(everybody)
        }
        people = [
            NewPerson(
                subject=child,
                kind="child",
                identity=Identity(name=name, student_no=f"G5226990000000{n:05d}"),
            )
            for n, (child, name) in enumerate(self.names.items())
        ]
        self.write(lambda unit: unit.writes.extend(self.store.vault.prepare_many(people)))

    def _fill_posts(self) -> None:
        klass, role = ScopeKind.CLASS, Role.CLASS_TEACHER
        posts = [
            (Scope(klass, OWN), "班主任", role, "ct1"),
            (Scope(klass, OTHER), "班主任", role, "ct2"),
            (Scope(klass, FAR_CLASS), "班主任", role, "far"),
            (Scope(ScopeKind.GRADE, f"{SCHOOL}/1"), "包年级领导", Role.GRADE_LEADER, "lead"),
            (Scope(ScopeKind.SCHOOL, SCHOOL), "校长", Role.PRINCIPAL, "head"),
            (Scope(ScopeKind.SCHOOL, SCHOOL), "学籍管理员", Role.REGISTRAR, "reg"),
        ]
        holders = {account: uuid4() for *_, account in posts}

        def decide(unit: Unit) -> None:
            people = [
                NewPerson(subject=id_, kind="staff", identity=Identity(name=f"{account}老师"))
                for account, id_ in holders.items()
            ]
            unit.writes.extend(self.store.vault.prepare_many(people))
            for scope, title, of, account in posts:
                stream = posts_stream(COUNTY, scope)
                register = unit.get(stream, lambda id_: PostRegister(id_, COUNTY))
                post = register.establish(
                    unit.ctx,
                    line=Line.EDUCATION,
                    scope=scope,
                    title=title,
                    level=4,
                    role=of,
                    since=BEGAN,
                )
                register.hold(
                    unit.ctx, post, account=account, holder=holders[account], first_day=BEGAN
                )

        self.write(decide)

    def write(self, act: object) -> None:
        """Carry a command through."""

        def decide(unit: Unit) -> bytes:
            act(unit)  # type: ignore[operator]
            return b"made"

        self.store.office.run(self.store.office.context("test"), decide)


@contextmanager
def folding(store: Store) -> Iterator[None]:
    """Answers follow what is written, as beside a running program."""
    stop = threading.Event()
    thread = threading.Thread(target=store.projector.run, args=(stop,))
    store.catch_up()
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(20)


@pytest.fixture
def morning(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Morning]:
    url = store_address(request, tmp_path / "morning.db")
    secrets = str(tmp_path / "secrets")
    settings = read_settings({"CKBX_DATABASE_URL": url, "CKBX_SECRET_DIR": secrets})
    clock = FixedClock(MORNING, settings.timezone)
    init_copied(settings, clock, COUNTY)
    store = open_store(settings, clock, followers())
    try:
        made = Morning(store)
        with folding(store):
            yield made
    finally:
        store.close()


@pytest.fixture
def phone_site(morning: Morning) -> Iterator[str]:
    """The pages by a name that browsers trust without https."""
    for address in served(morning.store):
        yield address.replace("127.0.0.1", "localhost")
