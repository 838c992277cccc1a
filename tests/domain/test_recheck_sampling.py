"""The quarterly sample: at least the share asked for, and whoever has the seed draws it again."""

from __future__ import annotations

import hashlib
import random
from datetime import date
from uuid import UUID, uuid4

import msgspec
import pytest

from ckbx.domain.recheck.errors import (
    NotDrawn,
    NothingToRecheck,
    QuarterNotBegun,
    QuarterUnreadable,
    RecheckDayRefused,
    RecheckEvidenceMissing,
    RecheckRepeated,
    RecheckRoleRefused,
    SeedRefused,
)
from ckbx.domain.recheck.events import ItemRechecked, Pick, RecheckDrawn
from ckbx.domain.recheck.recheck import Population, Recheck
from ckbx.domain.recheck.sampling import Quarter, how_many, quarter_of, read_quarter, sample
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.event import CommandContext

Q4 = Quarter(2026, 4)
TODAY = date(2026, 11, 20)
CLOSED = [
    Pick(item=str(UUID(int=n)), kind="closure", child=UUID(int=100 + n)) for n in range(1, 26)
]
LEAVES = [
    Pick(item=f"{UUID(int=n)}:3", kind="suspended", child=UUID(int=n)) for n in range(200, 204)
]


def ctx(day: date = TODAY) -> CommandContext:
    return CommandContext(actor="bureau", command_id=uuid4(), today=day)


def population(closed: list[Pick] = CLOSED, leaves: list[Pick] = LEAVES) -> Population:
    return Population(as_of=TODAY, position=9, known_at=1, closures=closed, leaves=leaves)


def drawn(seed: str = "seed-1", *, into: Recheck | None = None, **more: object) -> Recheck:
    recheck = into or Recheck(UUID(int=7))
    asked = {"seed": seed, "percent": 10, "role": "bureau_officer", **more}
    of = asked.pop("of", population())
    recheck.draw(ctx(), Q4, of, **asked)  # type: ignore[arg-type]
    return recheck


def again(made: RecheckDrawn) -> list[str]:
    """The sample of a draw, by the documented algorithm and nothing of the program's."""
    key = made.seed.encode().ljust(64, b"\0")
    inner, outer = bytes(b ^ 0x36 for b in key), bytes(b ^ 0x5C for b in key)

    def rank(item: str) -> str:
        text = f"ckbx-recheck-1/{made.quarter}/{item}".encode()
        return hashlib.sha256(outer + hashlib.sha256(inner + text).digest()).hexdigest()

    wanted = (len(made.closures) * made.percent + 99) // 100
    return sorted(made.closures, key=lambda item: (rank(item), item))[:wanted]


def closures(made: RecheckDrawn) -> list[str]:
    return [pick.item for pick in made.picks if pick.kind == "closure"]


@pytest.mark.parametrize("seed", ["seed-1", "20261127", "a" * 64])
@pytest.mark.parametrize("percent", [10, 33, 100])
def test_independent_code_draws_the_same_sample(seed: str, percent: int) -> None:
    made = drawn(seed, percent=percent).draws[0]
    assert closures(made) == again(made)
    assert len(closures(made)) * 100 >= percent * len(CLOSED)


def test_control_a_draw_with_another_seed_or_a_smaller_population_would_be_found() -> None:
    made = drawn(percent=33).draws[0]
    assert again(msgspec.structs.replace(made, seed="seed-2")) != closures(made)
    without = [item for item in made.closures if item != closures(made)[0]]
    assert again(msgspec.structs.replace(made, closures=without)) != closures(made)


def test_neither_the_order_nor_a_repetition_of_the_population_has_a_part_in_it() -> None:
    items = [pick.item for pick in CLOSED]
    mixed = items + items[:5]
    random.Random(4).shuffle(mixed)
    assert sample("seed-1", Q4.key, mixed, 10) == sample("seed-1", Q4.key, items, 10)


def test_another_seed_or_quarter_gives_another_order() -> None:
    items = [pick.item for pick in CLOSED]
    whole = sample("seed-1", Q4.key, items, 100)
    assert whole != sample("seed-2", Q4.key, items, 100)
    assert whole != sample("seed-1", "2026-Q3", items, 100)
    assert sorted(whole) == sorted(items)


@pytest.mark.parametrize(
    ("of", "percent", "number"), [(0, 10, 0), (1, 10, 1), (10, 10, 1), (11, 10, 2), (25, 10, 3)]
)
def test_a_share_is_rounded_up(of: int, percent: int, number: int) -> None:
    assert how_many(of, percent) == number


def test_all_leaves_are_drawn() -> None:
    made = drawn().draws[0]
    assert [pick for pick in made.picks if pick.kind != "closure"] == LEAVES
    assert made.leaves == [pick.item for pick in LEAVES]


def test_the_same_seed_draws_nothing_anew_and_another_one_is_another_draw() -> None:
    recheck = drawn()
    grown = population([*CLOSED, Pick(item=str(UUID(int=99)), kind="closure", child=UUID(int=1))])
    drawn(into=recheck, of=grown)
    assert len(recheck.draws) == 1
    drawn("seed-2", into=recheck)
    assert [(each.number, each.seed) for each in recheck.draws] == [(1, "seed-1"), (2, "seed-2")]


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"role": "principal"}, RecheckRoleRefused),
        ({"seed": "abc"}, SeedRefused),
        ({"seed": "王小明1234"}, SeedRefused),
        ({"seed": "13812345678"}, SeedRefused),
        ({"of": population([], [])}, NothingToRecheck),
    ],
)
def test_a_draw_is_refused_by_name(more: dict[str, object], error: type[CkbxError]) -> None:
    with pytest.raises(error):
        drawn(**more)  # type: ignore[arg-type]


def test_a_quarter_that_has_not_begun_is_not_drawn() -> None:
    recheck = Recheck(UUID(int=7))
    with pytest.raises(QuarterNotBegun):
        recheck.draw(
            ctx(date(2026, 9, 30)),
            Q4,
            population(),
            seed="seed-1",
            percent=10,
            role="bureau_officer",
        )


def record(recheck: Recheck, **more: object) -> list[ItemRechecked]:
    item = str(more.pop("item", LEAVES[0].item))
    asked = {"agrees": True, "on": TODAY, "evidence_ref": "p", "role": "bureau_officer", **more}
    recheck.record(ctx(), Q4, recheck.find(Q4, item), **asked)  # type: ignore[arg-type]
    return recheck.results[LEAVES[0].item]


def test_a_later_result_stands_and_the_earlier_is_kept() -> None:
    recheck = drawn()
    record(recheck)
    found = record(recheck, agrees=False)
    assert [each.agrees for each in found] == [True, False]


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"role": "principal"}, RecheckRoleRefused),
        ({"evidence_ref": ""}, RecheckEvidenceMissing),
        ({"on": date(2026, 11, 19)}, RecheckDayRefused),
        ({"on": date(2026, 11, 21)}, RecheckDayRefused),
        ({"item": str(UUID(int=999))}, NotDrawn),
        ({}, RecheckRepeated),
    ],
)
def test_a_result_is_refused_by_name(more: dict[str, object], error: type[CkbxError]) -> None:
    recheck = drawn()
    if error is RecheckRepeated:
        record(recheck)
    with pytest.raises(error):
        record(recheck, **more)


def test_quarters_are_read_as_people_write_them() -> None:
    for text in ("2026-Q4", "2026q4", "2026年第4季度", "2026-4"):
        assert read_quarter(text) == Q4
    for text in ("2026-Q5", "26Q1", "2026", ""):
        with pytest.raises(QuarterUnreadable):
            read_quarter(text)
    assert (Q4.first_day, Q4.last_day) == (date(2026, 10, 1), date(2026, 12, 31))
    assert quarter_of(date(2026, 9, 30)) == Quarter(2026, 3) == Q4.before
