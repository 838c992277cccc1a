"""For each role: an account that holds it, and addresses of what is its own and what is not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid5

import msgspec

from ckbx.application.unit import Unit
from ckbx.domain.responsibility.post import Line, Role, ScopeKind
from ckbx.domain.responsibility.post import Scope as Covers
from ckbx.domain.responsibility.register import PostRegister, posts_stream
from ckbx.domain.shared.ids import split_class_key
from ckbx.store import Store
from ckbx.web.permissions import ADMINISTRATOR, INSPECTOR
from ckbx.web.rights import rows_of
from projections import alerts, cases, responsibility, roster
from projections.kit.reading import Reading
from projections.scope import Scope

GRANTED: Final = {
    Role.REGISTRAR: "registrar3152697003",
    INSPECTOR: "inspector",
    ADMINISTRATOR: "admin",
}
LIAISON: Final = "liaison1"
_PARTS: Final = re.compile(r"{(\w+)(?::\w+)?}")


class Samples(msgspec.Struct, frozen=True):
    """What stands for each part of an address: of the role's own things, and of others'.
    ``free``: parts that belong to nobody (the name of a ledger, of a step).
    """

    mine: Mapping[str, str]
    others: Mapping[str, str]
    free: Mapping[str, str]

    def own(self, path: str) -> str:
        """The address of something the role sees (of anything, where it sees nothing)."""
        return _filled(path, {**self.free, **_named(path), **self.others, **self.mine})

    def foreign(self, path: str) -> str | None:
        """The address of something that exists and is not the role's; None where it sees all,
        or the address names nothing that is anybody's.
        """
        if not any(name in self.others for name in _PARTS.findall(path)):
            return None
        return _filled(path, {**self.free, **_named(path), **self.mine, **self.others})


def _named(path: str) -> Mapping[str, str]:
    """What a ``name`` stands for there."""
    return {"name": "home_visit"} if "/papers/" in path else {}


def _filled(path: str, parts: Mapping[str, str]) -> str:
    missing = set(_PARTS.findall(path)) - set(parts)
    if missing:
        msg = f"give the address {path} a sample of {sorted(missing)} in tests/web/samples.py"
        raise AssertionError(msg)
    return _PARTS.sub(lambda found: parts[found[1]], path)


class Cast:
    """The accounts of one demo county by role, and what each sees of it."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.today = store.office.today()
        self._accounts: dict[str, str] = {}
        _add_liaison(store, self.today)

    def account(self, role: str) -> str:
        """An account with that role and no other, with cases to look after where there are such."""
        if role in GRANTED:
            return GRANTED[role]
        if role not in self._accounts:
            self._accounts[role] = self._found(role)
        return self._accounts[role]

    def _found(self, role: str) -> str:
        with self.store.answers.reading() as reading:
            position = reading.position(responsibility.PROJECTION.name)
            known = responsibility.directory(reading, position)
            found = [
                (len(self._cases(reading, scope)), account)
                for account, scope in self._holders(reading, role)
                if {post.role for post in known.posts_of(account, self.today)} == {role}
            ]
        return max(found)[1]

    def samples(self, role: str) -> Samples:
        """Own and foreign parts of addresses."""
        with self.store.answers.reading() as reading:
            mine = self._parts(reading, self.scope(reading, role))
            sees_all = role in (Role.BUREAU_OFFICER, INSPECTOR)
            others = {} if sees_all else self._others(reading, self.scope(reading, role))
            every, own = self._alerts(reading, None), self._alerts(reading, self.account(role))
        free = {
            "name": "suspected",
            "form": "pdf",
            "file": str(UUID(int=4)),
            "account": self.account(role),
            "grant_number": "99",
            "format": "xlsx",
            "day": "2026-11-20",
            "alert_id": every[0],
            "post": str(UUID(int=7)),
            "run": "no-such-run",
            "batch": "0000000000000000",
        }
        mine |= {"alert_id": own[0]} if own else {}
        others |= {"alert_id": next(each for each in every if each not in own)} if others else {}
        return Samples(mine, others, free)

    # The rows

    def scope(self, reading: Reading, role: str) -> Scope:
        """The rows a role sees."""
        if role == INSPECTOR:
            return Scope.county()
        if role == ADMINISTRATOR:
            return Scope.nothing()
        if role == Role.REGISTRAR:
            return Scope.schools([GRANTED[Role.REGISTRAR].removeprefix("registrar")])
        account = self.account(role)
        return next(scope for name, scope in self._holders(reading, role) if name == account)

    def _holders(self, reading: Reading, role: str) -> Iterator[tuple[str, Scope]]:
        position = reading.position(responsibility.PROJECTION.name)
        for post in responsibility.directory(reading, position).posts.values():
            if post.role == role:
                covers = post.scope
                scope = rows_of(reading, covers.kind, covers.code, self.today, position)
                for tenure in post.holders(self.today):
                    yield tenure.account, scope

    def _cases(self, reading: Reading, scope: Scope) -> list[cases.CaseOnDay]:
        return cases.cases_on(reading, scope, **self._at(reading))

    def _alerts(self, reading: Reading, to: str | None) -> list[str]:
        return [str(each) for each in alerts.ids(reading, Scope.county(), to=to)]

    def _at(self, reading: Reading) -> dict[str, Any]:
        return {"as_of": self.today, "position": reading.position(roster.PROJECTION.name)}

    def _parts(self, reading: Reading, scope: Scope) -> dict[str, str]:
        """Ids of things that a scope sees, a child with a case before any other."""
        open_ = self._cases(reading, scope)
        children = roster.children_of(reading, scope, **self._at(reading))
        placed = [place for place in children if place.class_key]
        if not placed:
            return {}
        place = next((p for p in placed if p.child in {c.case.child for c in open_}), placed[0])
        school, entry, number = split_class_key(place.class_key or "")
        found = {
            "child_id": str(place.child),
            "child": str(place.child),
            "code": school,
            "school": school,
            "entry": str(entry),
            "number": str(number),
            "grade": str(place.grade),
        }
        return found | ({"case_id": str(open_[0].case.id)} if open_ else {})

    def _others(self, reading: Reading, scope: Scope) -> dict[str, str]:
        """Ids of things that exist and that the scope does not see."""
        seen = {p.child for p in roster.children_of(reading, scope, **self._at(reading))}
        schools = {
            p.school for p in roster.children_of(reading, scope, **self._at(reading)) if p.school
        }
        for place in roster.children_of(reading, Scope.county(), **self._at(reading)):
            case = next((c for c in self._all_cases(reading) if c.case.child == place.child), None)
            if (
                place.child in seen
                or place.school in schools
                or case is None
                or not place.class_key
            ):
                continue
            return self._parts(reading, Scope.of_children([place.child]))
        raise AssertionError(scope)

    def _all_cases(self, reading: Reading) -> list[cases.CaseOnDay]:
        found: list[cases.CaseOnDay] = reading.keep(
            ("matrix", "cases"), lambda: self._cases(reading, Scope.county())
        )
        return found


def _add_liaison(store: Store, today: date) -> None:
    """No post of the demo is that of a 联络员: one of a village."""
    with store.answers.reading() as reading:
        position = reading.position(responsibility.PROJECTION.name)
        known = responsibility.directory(reading, position)
        if known.posts_of(LIAISON, today):
            return
        village = next(p.scope for p in known.posts.values() if p.scope.kind is ScopeKind.VILLAGE)

    def decide(unit: Unit) -> bytes:
        stream = posts_stream(store.office.county, village)
        register = unit.get(stream, lambda id_: PostRegister(id_, county=store.office.county))
        post = register.establish(
            unit.ctx,
            line=Line.GOVERNMENT,
            scope=village,
            title="联络员",
            level=4,
            role=Role.LIAISON,
            since=today,
        )
        holder = uuid5(UUID(int=1), LIAISON)
        register.hold(unit.ctx, post, account=LIAISON, holder=holder, first_day=today)
        return b"post"

    store.office.run(store.office.context("test"), decide)
    store.catch_up()


__all__ = ["GRANTED", "LIAISON", "Cast", "Covers", "Samples"]
