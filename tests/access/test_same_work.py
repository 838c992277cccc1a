"""Whether an account exists costs nobody another piece of work: counted, and measured."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from pwdlib.exceptions import UnknownHashError
from sqlalchemy import event

from ckbx.access import credentials as kept
from ckbx.access import gate as gate_module
from ckbx.access.errors import SignInRefused
from ckbx.access.passwords import MEMORY_KIB, ROUNDS, Hasher
from tests.access.conftest import PASSWORD, Door

TRIALS = 200
KNOWN, UNKNOWN = "teacher1", "teacher2"
Work = Counter[str]


@contextmanager
def counted(door: Door, monkeypatch: pytest.MonkeyPatch) -> Iterator[Work]:
    """The statements of the tables of signing in, the streams read, the hashes made."""
    work: Work = Counter()
    engine = door.gate._tables._engine
    hasher, load = door.gate._hasher._hash, door.office.log.load
    verify: Callable[..., Any] = hasher.verify_and_update

    def statement(_c: Any, _cursor: Any, text: str, *_more: Any) -> None:
        work[" ".join(text.split()[:3])] += 1

    def hashed(*given: Any) -> Any:
        work["hash"] += 1
        return verify(*given)

    def loaded(streams: Any) -> Any:
        work["streams"] += len(streams)
        return load(streams)

    monkeypatch.setattr(hasher, "verify_and_update", hashed)
    monkeypatch.setattr(door.office.log, "load", loaded)
    event.listen(engine, "before_cursor_execute", statement)
    yield work
    event.remove(engine, "before_cursor_execute", statement)


def refused(door: Door, account: str, number: int) -> None:
    """One guess, each from an address of its own and late enough not to be held up."""
    door.later(minutes=16)
    with pytest.raises(SignInRefused):
        door.gate.sign_in(
            account, "some wrong words", address=f"10.0.{number // 200}.{number % 200}"
        )


def test_a_guess_costs_the_same_statements_reads_and_hashes_whoever_is_guessed(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.person(KNOWN)
    works: dict[str, list[Work]] = {KNOWN: [], UNKNOWN: []}
    with counted(door, monkeypatch) as work:
        for number in range(TRIALS // 2):
            for account, seen in works.items():
                work.clear()
                refused(door, account, number)
                seen.append(Counter(work))
    assert works[KNOWN] == works[UNKNOWN]
    assert works[KNOWN][-1]["hash"] == 1
    assert works[KNOWN][-1]["streams"] == 1


@pytest.mark.long
def test_a_guess_takes_the_same_time_whoever_is_guessed(door: Door, real_hashes: None) -> None:
    door.person(KNOWN)
    spent: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    for number in range(TRIALS):
        for account, seconds in spent.items():
            begun = time.perf_counter()
            refused(door, account, number)
            seconds.append(time.perf_counter() - begun)
    known, unknown = (statistics.fmean(sorted(each)[: TRIALS // 2]) for each in spent.values())
    assert abs(known - unknown) <= 0.010


def test_a_weaker_hash_is_made_anew_at_the_next_sign_in(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.person(KNOWN)

    def hash_of() -> str:
        with door.gate._tables.read() as connection:
            row = kept.read_row(connection, KNOWN)
        assert row is not None
        return row.password_hash or ""

    old = hash_of()
    door.gate.sign_in(KNOWN, PASSWORD)
    assert hash_of() == old, "the same parameters"
    assert "m=64,t=1" in old
    monkeypatch.setattr(gate_module, "Hasher", Hasher)
    door.gate.__dict__.pop("_hasher", None)
    with pytest.raises(SignInRefused):
        door.gate.sign_in(KNOWN, "some wrong words")
    assert hash_of() == old, "only who knows the password has it hashed anew"
    door.gate.sign_in(KNOWN, PASSWORD)
    new = hash_of()
    assert f"m={MEMORY_KIB},t={ROUNDS}" in new
    assert door.gate.sign_in(KNOWN, PASSWORD).account == KNOWN
    assert hash_of() == new


def test_what_is_no_hash_of_ours_lets_nobody_in() -> None:
    hasher = Hasher(memory_kib=64, rounds=1)
    with pytest.raises(UnknownHashError):
        hasher._hash.verify_and_update(PASSWORD, "$1$x$y")
    assert hasher.verify(PASSWORD, "$1$x$y") == (False, None)
