"""A look done by a process beside: the same answer, the same refusal, and none left behind."""

from __future__ import annotations

import os
import pickle
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

import psutil
import pytest

from ckbx.domain.shared.errors import CkbxError
from ckbx.main import look_beside
from ckbx.scheduling.apart import Apart, LookBroken, attend
from ckbx.scheduling.run_due import DueReport, run_due
from ckbx.store import AnswersBehind
from ckbx.web.processes import cores
from tests.scheduling.test_due_any_order import eventful
from tests.support.county import opened

NOW = datetime(2026, 9, 1, 2, tzinfo=UTC)
GO_ON = threading.Event()


def who(now: datetime, _stop: threading.Event) -> DueReport:
    return DueReport(now, position=os.getpid())


def behind(_now: datetime, _stop: threading.Event) -> DueReport:
    raise AnswersBehind(seconds=3)


def unexpected(_now: datetime, _stop: threading.Event) -> DueReport:
    raise ValueError("王小明")


def dies(_now: datetime, _stop: threading.Event) -> DueReport:
    os._exit(3)


def until_told(now: datetime, stop: threading.Event) -> DueReport:
    stop.wait()
    return DueReport(now, suspected=1)


def once_dead(line: Connection, marker: Path) -> None:
    """Its first process ends in the midst of a look, the next one answers."""
    first = not marker.exists()
    marker.touch()
    attend(line, dies if first else who)


@pytest.fixture
def apart() -> Iterator[Callable[..., Apart]]:
    made: list[Apart] = []

    def make(target: Callable[..., None], *args: object) -> Apart:
        made.append(Apart(target, args))
        return made[-1]

    yield make
    for each in made:
        each.close()


def test_one_process_beside_looks_each_time_and_ends_when_closed(
    apart: Callable[..., Apart],
) -> None:
    looks = apart(attend, who)
    first, second = looks(NOW, GO_ON), looks(NOW, GO_ON)
    assert first.at == NOW
    assert first.position == second.position != os.getpid()
    looks.close()
    assert not psutil.pid_exists(first.position)


def test_a_refusal_arrives_as_it_was_and_the_process_goes_on(
    apart: Callable[..., Apart],
) -> None:
    looks = apart(attend, behind)
    for _ in range(2):
        with pytest.raises(AnswersBehind) as refused:
            looks(NOW, GO_ON)
        assert refused.value.ids == {"seconds": 3}
        assert str(refused.value) == str(AnswersBehind(seconds=3))


def test_what_was_unexpected_is_told_without_its_words(apart: Callable[..., Apart]) -> None:
    with pytest.raises(LookBroken, match="ValueError") as broken:
        apart(attend, unexpected)(NOW, GO_ON)
    assert "王小明" not in str(broken.value)


def test_a_process_that_ended_is_begun_again(apart: Callable[..., Apart], tmp_path: Path) -> None:
    looks = apart(once_dead, tmp_path / "begun")
    with pytest.raises(LookBroken, match="结束"):
        looks(NOW, GO_ON)
    assert looks(NOW, GO_ON).at == NOW


def test_a_look_breaks_off_when_told_to(apart: Callable[..., Apart]) -> None:
    looks, stop = apart(attend, until_told), threading.Event()
    stop.set()
    assert looks(NOW, stop).suspected == 1


def test_the_real_look_beside_does_all_that_is_due(
    apart: Callable[..., Apart], store_url: str, tmp_path: Path
) -> None:
    with opened(store_url, tmp_path / "secrets") as store:
        eventful(store)
        looks = apart(look_beside, store.settings, store.clock, cores())
        done = looks(store.clock.now(), GO_ON)
        assert done.raised, "the county owes something"
        assert run_due(store, store.clock.now()).nothing


def test_every_error_can_be_told_from_one_process_to_another() -> None:
    error: CkbxError = LookBroken(why="测试")
    told = pickle.loads(pickle.dumps(error))
    assert type(told) is LookBroken
    assert (str(told), told.ids) == (str(error), error.ids)
