"""A look that remembers finds what a look that remembers nothing finds, whatever happened."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from ckbx.application.alerts import done
from ckbx.application.unit import Unit
from ckbx.domain.alert.closing import ClosedBecause
from ckbx.domain.child.status import Finding
from ckbx.domain.responsibility.post import Role, Scope, ScopeKind
from ckbx.domain.rules.rule_book import RuleBook
from ckbx.scheduling import absent, case_duties, directories, gather, ladder, unseen
from ckbx.scheduling import unit as units
from ckbx.scheduling.case_facts import _Gathered
from ckbx.scheduling.memory import NOT_KEPT, Memory, Part
from ckbx.scheduling.run_due import run_due
from ckbx.store import Store
from tests.scheduling.due_kit import (
    AUTUMN,
    OTHER_SCHOOL,
    SICK,
    A,
    B,
    C,
    U,
    World,
    alerts,
    local,
)
from tests.scheduling.test_run_due import importing
from tests.support.case_county import (
    CaseCounty,
    a_round,
    back,
    case_county,
    determined,
    looked_after,
    verify,
)
from tests.support.county import COUNTY, SCHOOL, opened
from tests.support.owed import owed_at

LATE = local(date(2026, 11, 20))
Story = Iterator[str]


# The memory itself


def test_what_stands_on_an_equal_basis_is_not_made_again() -> None:
    memory = Memory()
    first = memory.part("class").made("a", [1, (2,)], object)
    assert memory.part("class").made("a", [1, (2,)], object) is first
    assert memory.part("class").made("a", [1, (3,)], object) is not first
    assert memory.part("case").made("a", [1, (3,)], object) is not first


def test_what_rests_on_more_than_can_be_said_is_made_each_time() -> None:
    part = Part()
    assert part.made("a", NOT_KEPT, object) is not part.made("a", NOT_KEPT, object)
    assert part.units == 0


def test_what_two_looks_did_not_ask_for_is_forgotten() -> None:
    memory = Memory()
    for asked in (["a", "b"], ["a"], ["a"]):
        with memory.looking() as known:
            for key in asked:
                known.part("class").made(key, 1, lambda: 2)
    assert memory.units == 1


def test_on_another_ground_nothing_is_known() -> None:
    memory = Memory()
    memory.stand_on((1, 2))
    memory.part("class").made("a", 1, lambda: 2)
    memory.stand_on((1, 2))
    assert memory.units == 1
    memory.stand_on((1, 3))
    assert memory.units == 0


def test_a_second_look_meanwhile_has_a_memory_of_its_own() -> None:
    memory = Memory()
    with memory.looking() as one, memory.looking() as other:
        assert (one is memory, other is memory) == (True, False)
    with memory.looking() as again:
        assert again is memory


# A county in which something happens


@pytest.fixture
def store(store_url: str, tmp_path: Path) -> Iterator[Store]:
    with opened(store_url, tmp_path / "secrets", now=LATE) as found:
        yield found


@pytest.fixture
def plain(tmp_path: Path) -> Iterator[Store]:
    url = f"sqlite:///{tmp_path / 'plain.db'}"
    with opened(url, tmp_path / "plain", now=LATE) as found:
        yield found


def story(store: Store) -> Story:
    """Names what happened; between two things nothing else did."""
    world = World(store, terms=[AUTUMN])
    for key in (A, B, C):
        world.add(key, on=AUTUMN[2])
    scope = Scope(ScopeKind.CLASS, A)
    world.post(scope, "ct1", Role.CLASS_TEACHER, last=date(2026, 10, 10))
    world.post(Scope(ScopeKind.SCHOOL, SCHOOL), "head", Role.PRINCIPAL)
    (away, moving, sick), (late, *_) = world.children[A], world.children[B]
    days = world.days()
    for n, day in enumerate(days[:9]):
        world.hand_in(A, day, {away: U, moving: U, sick: SICK})
        if n != 3:
            world.hand_in(B, day, {late: U})
        world.hand_in(C, day, {world.children[C][0]: U})
    yield "begun"
    world.hand_in(A, days[9])
    yield "a day reported without absentees"
    world.hand_in(B, days[3])
    yield "a silent day of the opening reported"
    world.hand_in(B, days[6], {late: SICK}, note="ref:1")
    yield "a day corrected"
    world.visits(late, days[5])
    yield "a family visited"
    for day in days[:9]:
        for child in (away, moving):
            world.calls(child, day, reached=False)
    yield "calls"
    one, two, _ = world.children[C]
    world.calls(one, days[8], reached=False)
    yield "the only one called"
    world.hand_in(C, days[8], {one: U, two: U}, note="ref:1")
    yield "another one away"
    world.calls(two, days[8], reached=False)
    yield "the other one called"
    world.focus(late, AUTUMN[2])
    world.calls(late, days[5], reached=False)
    yield "a visit after the first day"
    world.calls(late, days[5], reached=True, on=days[6])
    yield "the guardian reached"
    world.check_in(moving, days[1])
    yield "checked in"
    yield from _decisions(world)


def _decisions(world: World) -> Story:
    store, days, scope = world.store, world.days(), Scope(ScopeKind.CLASS, A)
    (away, *_), (_, leaving, there) = world.children[A], world.children[B]
    world.move(away, B, days[2])
    yield "moved during the opening"
    world.suspend(leaving, date(2026, 9, 21), date(2026, 10, 20))
    yield "a leave"
    world.transfer(there, date(2026, 9, 10), date(2026, 9, 24))
    yield "a transfer"
    world.hold(scope, "ct1", "ct2", date(2026, 10, 15))
    yield "a post held again"
    world.post(Scope(ScopeKind.CLASS, B), "ct3", Role.CLASS_TEACHER, since=date(2026, 9, 20))
    yield "a post that was never set"
    run_due(store, LATE)
    yield "a run"
    for rule in sorted({a.rule for a in alerts(store).values()}):
        with suppress(AssertionError):
            world.acknowledge(rule, "head", LATE)
    yield "acknowledged"
    sick = world.children[A][2]
    for day in days[10:13]:
        world.hand_in(A, day, {sick: U})
    yield "warned"
    warned = [
        id_
        for id_, alert in alerts(store).items()
        if (alert.rule, alert.subject) == ("absence_run_3", str(sick))
    ]
    done(world.office, world.office.context("cli:test"), warned, "ct1", ClosedBecause.DONE)
    yield "a warning closed by hand"
    importing(store, "rollcalls", SCHOOL, on=days[20])
    yield "an import begun"
    importing(store, "rollcalls", SCHOOL, end=True, on=days[20])
    yield "an import ended"
    _adopt(store, {"visit_run": 3, "ack_days": 2, "verify_within": 9}, AUTUMN[2])
    yield "other rules"
    world.close(days[9])
    yield "a closure of the county"
    own = (date(2026, 9, 3), date(2027, 1, 22))
    world.term("2026-2027", "秋季", *own, applies_to=OTHER_SCHOOL)
    yield "a term of a school"


def of_a_case(county: CaseCounty) -> Story:
    """The same, of a child and its case."""
    county.away(*range(5))
    on = county.days[4]
    yield "suspected"
    county.do(verify(Finding.K, on))
    yield "checked"
    county.do(a_round(on))
    county.do(a_round(on, "15:00"))
    yield "rounds"
    county.away(*range(5, 22))
    yield "away for weeks"
    county.report(county.days[7], [])
    yield "a day taken back"
    county.away(7)
    yield "and put in again"
    with suppress(Exception):
        county.do(determined(county.days[21]), actor="bureau")
    yield "determined"
    county.on(county.days[22])
    county.do(back(county.days[22]))
    yield "back"
    county.there(22)
    yield "reported after the return"
    county.there(23, 24, 25)
    yield "and on the days after"
    county.on(county.days[25])
    county.do(looked_after(county.days[25]))
    yield "looked after"


def _adopt(store: Store, changes: dict[str, Any], on: date) -> None:
    def decide(unit: Unit) -> bytes:
        book = unit.get(RuleBook.of(COUNTY).id, RuleBook)
        unit.add(book.adopt(changes, on, unit.ctx))
        return b"rules"

    store.office.run(store.office.context("test", today=on), decide)
    store.office.forget_all()


class Plant(NamedTuple):
    """A memory, and what is wrong with the program while it looks."""

    memory: Memory
    where: Any = None
    name: str = ""
    instead: Any = None

    def look(self, store: Store, at: datetime) -> dict[str, Any]:
        with pytest.MonkeyPatch.context() as patch:
            if self.where is not None:
                patch.setattr(self.where, self.name, self.instead)
            return owed_at(store, at, self.memory)


def differing(
    store: Store, told: Story, plants: Mapping[str, Plant], at: datetime = LATE
) -> dict[str, list[str]]:
    """After which events each finds something else than one who remembers nothing."""
    found: dict[str, list[str]] = {name: [] for name in plants}
    for what in told:
        fresh = owed_at(store, at)
        for name, plant in plants.items():
            if plant.look(store, at) != fresh:
                found[name].append(what)
    return found


def test_after_whatever_happened_a_look_finds_what_one_without_memory_finds(store: Store) -> None:
    memory = Memory()
    assert differing(store, story(store), {"": Plant(memory)}) == {"": []}
    assert memory.units


def test_after_every_step_of_a_case_a_look_finds_the_same(store_url: str, tmp_path: Path) -> None:
    with case_county(store_url, tmp_path) as county:
        memory, at = Memory(), local(county.days[40])
        assert differing(county.store, of_a_case(county), {"": Plant(memory)}, at) == {"": []}
        assert memory.units


def test_looks_at_any_instant_find_the_same(plain: Store) -> None:
    *_, _last = story(plain)
    assert _at_any_instant(plain, Memory()) == []


def test_nothing_is_read_again_of_a_post_while_nothing_happens_to_one(plain: Store) -> None:
    memory, told = Memory(), story(plain)
    next(told)
    owed_at(plain, LATE, memory)
    first = memory.posts.directory
    for what in told:
        owed_at(plain, LATE, memory)
        if what == "a transfer":
            assert memory.posts.directory is first
        if what == "a post held again":
            break
    assert memory.posts.directory is not first


def _at_any_instant(store: Store, memory: Memory) -> list[object]:
    instants = [local(date(2026, 9, day), hour) for day in (3, 4, 8) for hour in (8, 9, 12, 19)]
    order = [*instants, *reversed(instants), LATE, instants[0]]
    return [at for at in order if owed_at(store, at, memory) != owed_at(store, at)]


# Memories that forget what something rests on: each must be found out


class Careless(Memory):
    """Takes no notice of the basis of one kind of units."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind

    def part(self, name: str) -> Part:
        if name != self._kind:
            return super().part(name)
        known: Part = self._parts.setdefault(name, _Blind())
        return known


class _Blind(Part):
    def made(self, key: Hashable, basis: object, make: Callable[[], Any]) -> Any:
        return super().made(key, basis if basis is NOT_KEPT else "", make)


class Groundless(Memory):
    """Believes that every look stands where the first stood."""

    def stand_on(self, ground: object) -> None:
        pass


def _without(n: int, whole: Callable[..., Any]) -> Callable[..., Any]:
    """A basis that forgets its n-th value."""

    def basis(*given: Any) -> Any:
        known = whole(*given)
        return known if known is NOT_KEPT else [x for i, x in enumerate(known) if i != n]

    return basis


def _less(n: int, where: Any, name: str) -> Plant:
    return Plant(Memory(), where, name, _without(n, getattr(where, name)))


KINDS = ("owed away", "owed opening", "owed told", "absent", "chains", "same", "told", "unseen")
PLANTS = {
    **{kind: (Plant(Careless(kind)), "") for kind in KINDS},
    "rules": (_less(0, gather, "_ground"), "other rules"),
    "calendar": (_less(1, gather, "_ground"), "a closure of the county"),
    "own calendar": (_less(2, gather, "_ground"), "a term of a school"),
    "imports": (_less(4, gather, "_ground"), "an import begun"),
    "marks": (_less(0, absent, "_basis"), "a day corrected"),
    "bits": (_less(1, absent, "_basis"), "a day reported without absentees"),
    "calls": (_less(2, absent, "_basis"), "the only one called"),
    "visits": (_less(3, absent, "_basis"), "a family visited"),
    "days judged": (
        Plant(Memory(), unseen, "days_judged", lambda _opening: 0),
        "a silent day of the opening reported",
    ),
    "posts": (Plant(Memory(), directories, "_changed", lambda *_: False), "a post held again"),
}
OF_CASES = {
    **{kind: Plant(Careless(kind)) for kind in ("cases", "owed case")},
    **{f"part {n}": _less(n, _Gathered, "_basis") for n in (0, 1, 6, 7)},
}


@pytest.fixture(scope="module")
def found_out(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What each of the plants got wrong in one story."""
    folder = tmp_path_factory.mktemp("plants")
    plants = {name: plant for name, (plant, _) in PLANTS.items()}
    with opened(f"sqlite:///{folder / 'plants.db'}", folder / "secrets", now=LATE) as store:
        return differing(store, story(store), plants)


@pytest.mark.parametrize("name", PLANTS)
def test_a_memory_that_forgets_what_something_rests_on_is_found_out(
    found_out: dict[str, list[str]], name: str
) -> None:
    _, what = PLANTS[name]
    assert (what in found_out[name]) if what else found_out[name]


def test_a_memory_that_forgets_what_a_case_rests_on_is_found_out(tmp_path: Path) -> None:
    with case_county(f"sqlite:///{tmp_path / 'c.db'}", tmp_path) as county:
        at = local(county.days[40])
        found = differing(county.store, of_a_case(county), OF_CASES, at)
        assert [name for name, events in found.items() if not events] == []


def test_a_memory_without_ground_is_found_out(plain: Store) -> None:
    *_, _last = story(plain)
    assert _at_any_instant(plain, Groundless())


@pytest.mark.parametrize(
    "module", [absent, case_duties, ladder], ids=lambda module: module.__name__.split(".")[-1]
)
def test_no_duty_of_a_remembered_unit_rises_by_the_ladder(plain: Store, module: Any) -> None:
    """What rises of the clock's own duties is told from those made at every look."""
    from ckbx.scheduling.ladder_rules import RISING

    *_, _last = story(plain)
    plain.catch_up()
    facts = gather.gather(plain.office, plain.answers, LATE)
    found: list[units.Unit] = list(module.units(facts))
    assert found or module is case_duties
    assert not {duty.rule for each in found for duty in each.duties()} & RISING.keys()
