"""How is the real program started for a measurement: ``serve``, and where it stands alone ``worker``?

The composition root hands in both, as it does to the commands; here they run in processes of
their own, on a clock that goes on from an instant of the measured county's school year.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from http.client import HTTPConnection
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from ckbx.bench.web.program import Program
from ckbx.bench.world import settings_for
from ckbx.scheduling.watch import WATCH
from ckbx.store import open_store

HOST: Final = "127.0.0.1"
_PATIENCE: Final = 60.0
_FIRST_TICK: Final = 300.0
_READY: Final = "ready"
_ADDRESS: Final = re.compile(r"http://127\.0\.0\.1:(\d+)/")


class Running:
    """A clock that goes on from a UTC instant as fast as the machine's."""

    def __init__(self, at: datetime, zone: ZoneInfo | None = None) -> None:
        self.zone = zone or ZoneInfo("Asia/Shanghai")
        self._at = at
        self._began = time.monotonic()

    def now(self) -> datetime:
        """The present UTC instant."""
        return self._at + timedelta(seconds=time.monotonic() - self._began)


class Served(NamedTuple):
    """A running server. ``pids``: its processes."""

    port: int
    pids: tuple[int, ...]

    def cpu(self) -> float:
        """Seconds of processor time its processes have taken; 0 where nobody says."""
        return sum(_cpu(each) for pid in self.pids for each in _family(pid))


@contextmanager
def served(
    program: Program, url: str, folder: Path, at: datetime, processes: int = 1
) -> Iterator[Served]:
    """The program over a store for the block, from an instant on, in so many processes that
    serve pages: its first tick is done, as it is in a server that did not begin just now.
    """
    spawn = multiprocessing.get_context("spawn")
    started: list[Any] = []

    def start(target: Callable[..., None], act: Callable[..., Any], *more: Any) -> str:
        here, there = spawn.Pipe(duplex=False)
        process = spawn.Process(target=target, args=(act, url, folder, at, there, *more))
        process.start()
        started.append(process)
        there.close()
        return _said(here)

    try:
        port, health = start(_serve, program.serve, processes).split()
        if not url.startswith("sqlite"):
            start(_work, program.work)
        _wait_for_tick(int(health))
        yield Served(int(port), tuple(each.pid for each in started))
    finally:
        for process in started:
            process.terminate()  # SIGTERM, of which the program ends by itself
        for process in started:
            process.join(_PATIENCE)
            process.kill()


def _said(line: Connection) -> str:
    if not line.poll(_PATIENCE):
        raise TimeoutError
    return str(line.recv())


def _wait_for_tick(health: int) -> None:
    """Raises TimeoutError."""
    until = time.monotonic() + _FIRST_TICK
    while time.monotonic() < until:
        line = HTTPConnection(HOST, health, timeout=_PATIENCE)
        with closing(line), suppress(OSError):
            line.request("GET", "/readyz")
            if json.load(line.getresponse()).get("last_tick_seconds") is not None:
                return
        time.sleep(0.5)
    raise TimeoutError(health)


def _serve(
    serve: Callable[..., None],
    url: str,
    folder: Path,
    at: datetime,
    to: Connection,
    processes: int,
) -> None:
    ports: list[str] = []

    def told(sentence: str) -> None:
        """The port of health is told of first."""
        found = _ADDRESS.findall(sentence)[:1]
        ports.extend(found)
        if found and len(ports) == len(("health", "pages")):
            to.send(" ".join(reversed(ports)))

    store = open_store(settings_for(url, folder), Running(at), (WATCH,))
    try:
        serve(store, HOST, 0, told, 0, processes)
    finally:
        store.close()


def _work(work: Callable[..., Any], url: str, folder: Path, at: datetime, to: Connection) -> None:
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    store = open_store(settings_for(url, folder), Running(at), (WATCH,))
    try:
        run = work(store, lambda _sentence: None)
        to.send(_READY)
        run(stop)
    finally:
        store.close()


def _family(pid: int) -> Iterator[int]:
    """A process and those it began."""
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in task.read_text().split():
                yield from _family(int(child))


def _cpu(pid: int) -> float:
    with suppress(OSError, ValueError):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0
