"""A county whose people sign in: every child has a name, every class a teacher with an account.

The second school day of a term, half past seven: yesterday every class reported everybody
there. Passwords are one and the same, hashed once: how one is hashed is measured when people
sign in, not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from datetime import UTC, date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import update

from ckbx.access.base import Tables
from ckbx.access.passwords import Hasher
from ckbx.access.tables import credentials
from ckbx.application.accounts import open_accounts
from ckbx.application.unit import Unit
from ckbx.bench.answers import hand_in_all
from ckbx.bench.case_world import hold
from ckbx.bench.world import SIZE, World, school_days
from ckbx.domain.attendance.book import Submission
from ckbx.domain.attendance.marks import Session
from ckbx.domain.responsibility.post import Role, Scope, ScopeKind
from ckbx.scheduling.run_due import run_due
from ckbx.store import Store
from ckbx.vault import Identity
from ckbx.vault.people import NewPerson

MORNING: Final = datetime(2026, 9, 1, 23, 30, tzinfo=UTC)
"""2026-09-02 07:30 in the county."""
PASSWORD: Final = "measured-at-eight"
_A_COMMIT: Final = 200
_SURNAMES: Final = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗"


class Pupils(NamedTuple):
    """A class as its teacher's client knows it: address, session, children, and the version of
    its stream after yesterday's roll call.
    """

    key: str
    account: str
    token: str
    children: list[UUID]
    version: int

    @property
    def path(self) -> str:
        """Of its page."""
        return f"/roll-calls/{self.key}"


class Head(NamedTuple):
    """A principal: the school's code and the session."""

    school: str
    token: str


class County(NamedTuple):
    """What the clients of a measurement know."""

    classes: list[Pupils]
    heads: list[Head]


def make_county(store: Store, children: int) -> County:
    """Fill an empty store whose clock stands at :data:`MORNING`."""
    world = World(children)
    world.admit(store.office)
    _name(store, world)
    teachers, heads = _posts(store, world)
    _accounts(store, [*teachers.values(), *heads.values()])
    yesterday = school_days(store.office)[0]
    hand_in_all(store, (_all_there(key, yesterday) for key in world.classes))
    store.catch_up()
    while not run_due(store, store.clock.now()).nothing:
        store.catch_up()
    return County(
        [
            Pupils(key, teachers[key], _enter(store, teachers[key]), ids, _version(store, key))
            for key, ids in world.classes.items()
        ],
        [Head(school, _enter(store, account)) for school, account in heads.items()],
    )


def _all_there(key: str, day: date) -> Submission:
    return Submission(
        class_key=key,
        class_name=key,
        day=day,
        session=Session.FULL,
        expected=SIZE,
        present=SIZE,
        absent={},
        submitted_by="bench",
    )


def _version(store: Store, key: str) -> int:
    (roll,) = store.office.books[key].rolls.values()
    return roll.version


def _name(store: Store, world: World) -> None:
    office, vault = store.office, store.vault
    children = [child for ids in world.classes.values() for child in ids]
    for start in range(0, len(children), _A_COMMIT):
        people = [
            NewPerson(
                subject=child,
                kind="child",
                identity=Identity(
                    name=f"{_SURNAMES[n % 20]}小{chr(0x4E00 + n % 997)}", student_no=f"G{n:018d}"
                ),
            )
            for n, child in enumerate(children[start : start + _A_COMMIT], start)
        ]

        def decide(unit: Unit, people: list[NewPerson] = people) -> bytes:
            unit.writes += vault.prepare_many(people)
            return b"names"

        office.run(office.context("bench"), decide)


def _posts(store: Store, world: World) -> tuple[dict[str, str], dict[str, str]]:
    """Who teaches each class and who leads each school, by account."""
    teachers = {key: f"t{n}" for n, key in enumerate(world.classes)}
    schools = dict.fromkeys(key.split("/")[0] for key in world.classes)
    heads = {code: f"head{n}" for n, code in enumerate(schools)}
    posts = [
        (Scope(ScopeKind.CLASS, key), "班主任", Role.CLASS_TEACHER, account)
        for key, account in teachers.items()
    ]
    posts += [
        (Scope(ScopeKind.SCHOOL, code), "校长", Role.PRINCIPAL, account)
        for code, account in heads.items()
    ]
    office = store.office
    for start in range(0, len(posts), _A_COMMIT):

        def decide(unit: Unit, start: int = start) -> bytes:
            for scope, title, role, account in posts[start : start + _A_COMMIT]:
                hold(unit, scope, title, role, account)
            return b"posts"

        office.run(office.context("bench"), decide)
    return teachers, heads


def _accounts(store: Store, names: Sequence[str]) -> None:
    open_accounts(store.office, store.gate, store.office.context("bench"), names)
    known = {"password_hash": Hasher().hash(PASSWORD), "code_hash": None, "code_expires": None}
    lock = store.log.write_lock if store.settings.is_sqlite else nullcontext
    with Tables(store.engine, store.clock, lock).write() as connection:
        connection.execute(update(credentials).values(**known))


def _enter(store: Store, account: str) -> str:
    return store.gate.sessions.create(account, address="127.0.0.1", device="ckbx-bench")
