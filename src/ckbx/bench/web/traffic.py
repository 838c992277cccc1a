"""Many clients that ask at fixed instants, from another process: what came back, and how late?

Open loop: whether the server keeps up changes nothing about when the next request is due, and
what is waited for counts from that instant on, also where the client itself still waited for
its answer before. Each client has one connection, kept open.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import sys
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from typing import Any, Final, NamedTuple, Protocol

import msgspec

from ckbx.bench.measure import percentile

if sys.platform != "win32":
    from uvloop import new_event_loop
else:
    from asyncio import new_event_loop

BROKEN: Final = 0
"""The status of a request that had no answer."""
_PATIENCE: Final = 30.0
_LENGTH: Final = b"content-length:"


class Shot(NamedTuple):
    """A request: due so many seconds after the start, by a client (from 0), as sent."""

    due: float
    client: int
    request: bytes


class Plan(Protocol):
    """What is asked; made anew in the other process."""

    @property
    def clients(self) -> int:
        """How many clients there are."""

    @property
    def expected(self) -> frozenset[int]:
        """The statuses that are right."""

    def address(self, client: int) -> str:
        """The loopback address a client calls from."""

    def shots(self) -> Iterable[Shot]:
        """In the order of their instants."""


class Seen(msgspec.Struct, frozen=True):
    """What came back. ``waits`` in seconds, of every request; ``statuses``: how often each."""

    waits: list[float]
    statuses: Mapping[int, int]
    errors: int
    seconds: float

    @property
    def count(self) -> int:
        """How many requests there were."""
        return len(self.waits)

    def at(self, share: float) -> float:
        """The wait in milliseconds below which this share of the requests lies."""
        return percentile(self.waits, share) * 1e3

    def told(self) -> str:
        """In words, beside the p99 of the table."""
        worst = "、".join(f"{status}×{n}" for status, n in sorted(self.statuses.items()))
        return (
            f"{self.count:,} 次，{self.count / self.seconds:.0f} 次/秒，p50 {self.at(0.5):.0f}、"
            f"最慢 {max(self.waits) * 1e3:,.0f} 毫秒，错误 {self.errors}（{worst}）"
        )


def drive(plan: Plan, port: int, host: str = "127.0.0.1") -> Seen:
    """Send a plan's requests from a process of its own."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as process:
        return process.submit(drive_here, plan, port, host).result()


def drive_here(plan: Plan, port: int, host: str = "127.0.0.1") -> Seen:
    """Send a plan's requests."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(_drive(plan, port, host))


async def _drive(plan: Plan, port: int, host: str) -> Seen:
    loop, notes = asyncio.get_running_loop(), _Notes()
    shots = list(plan.shots())  # who asks shares the machine with who answers: nothing is made then
    clients = [_Client(notes, host, port, plan.address(n)) for n in range(plan.clients)]
    await asyncio.gather(*(each.connect() for each in clients))
    began = loop.time() + 0.1
    for shot in shots:
        due = began + shot.due
        if (left := due - loop.time()) > 0:
            await asyncio.sleep(left)
        notes.sent += 1
        clients[shot.client].ask(due, shot.request)
    notes.sent_all()
    with suppress(TimeoutError):
        await asyncio.wait_for(notes.whole.wait(), _PATIENCE)
    took = loop.time() - began
    for each in clients:
        each.give_up()
    right = sum(notes.statuses[status] for status in plan.expected)
    return Seen(notes.waits, dict(notes.statuses), notes.sent - right, took)


class _Notes:
    def __init__(self) -> None:
        self.sent = 0
        self.waits: list[float] = []
        self.statuses: Counter[int] = Counter()
        self.whole = asyncio.Event()
        self._all = False

    def note(self, wait: float, status: int) -> None:
        self.waits.append(wait)
        self.statuses[status] += 1
        self._look()

    def sent_all(self) -> None:
        self._all = True
        self._look()

    def _look(self) -> None:
        if self._all and len(self.waits) == self.sent:
            self.whole.set()


class _Client(asyncio.Protocol):
    """One connection: the next request goes out when the one before was answered."""

    def __init__(self, notes: _Notes, host: str, port: int, own: str) -> None:
        self._notes = notes
        self._where = (host, port, own)
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._due: float | None = None
        self._transport: Any = None
        self._answer = bytearray()
        self._calling: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        host, port, own = self._where
        loop = asyncio.get_running_loop()
        await loop.create_connection(lambda: self, host, port, local_addr=(own, 0))

    def ask(self, due: float, request: bytes) -> None:
        self._waiting.append((due, request))
        if self._transport is None:
            self._call_again()
        else:
            self._next()

    def give_up(self) -> None:
        """What was not answered by now is broken."""
        if self._due is not None:
            self._done(BROKEN)
        self._break_waiting()
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._answer.clear()
        self._next()

    def connection_lost(self, _exc: Exception | None) -> None:
        """The server hung up: what was on its way is broken, the rest goes by a new connection."""
        self._transport = None
        if self._due is not None:
            self._done(BROKEN)
        if self._waiting:
            self._call_again()

    def _call_again(self) -> None:
        if self._calling is None:
            self._calling = asyncio.get_running_loop().create_task(self._again())

    async def _again(self) -> None:
        try:
            await self.connect()
        except OSError:
            self._break_waiting()
        finally:
            self._calling = None

    def _break_waiting(self) -> None:
        now = asyncio.get_running_loop().time()
        while self._waiting:
            due, _ = self._waiting.popleft()
            self._notes.note(now - due, BROKEN)

    def data_received(self, data: bytes) -> None:
        self._answer += data
        status = answered(self._answer)
        if status is not None:
            self._answer.clear()
            self._done(status)
            self._next()

    def _done(self, status: int) -> None:
        if self._due is not None:
            self._notes.note(asyncio.get_running_loop().time() - self._due, status)
            self._due = None

    def _next(self) -> None:
        if self._due is None and self._waiting and self._transport is not None:
            self._due, request = self._waiting.popleft()
            self._transport.write(request)


def answered(data: bytes | bytearray) -> int | None:
    """The status of an answer that is there whole; None while some of it is missing."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = bytes(data[:end]).lower()
    body = len(data) - end - 4
    at = head.find(_LENGTH)
    if at >= 0:
        whole = body >= int(head[at + len(_LENGTH) :].split(b"\r\n", 1)[0])
    else:
        whole = b"chunked" not in head or data.endswith(b"0\r\n\r\n")
    return int(head[9:12]) if whole else None


def request(
    method: str, path: str, port: int, *, cookie: str = "", form: str = "", more: str = ""
) -> bytes:
    """A request as a browser on this machine sends it, one of the program's own pages."""
    body = form.encode()
    lines = [
        f"{method} {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "User-Agent: ckbx-bench",
        "Accept-Encoding: gzip",
    ]
    lines += [f"Cookie: ckbx={cookie}"] if cookie else []
    if method == "POST":
        lines += [
            "Sec-Fetch-Site: same-origin",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
        ]
    lines += [more] if more else []
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
