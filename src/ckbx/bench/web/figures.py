"""The figures of the pages: bytes of a roll call, roll calls, a school's ledger, signing in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import text

from ckbx.bench.measure import Figure
from ckbx.bench.web.county import MORNING, County
from ckbx.bench.web.plans import TODAY, Ledgers, RollCalls, SignIns
from ckbx.bench.web.program import Program
from ckbx.bench.web.serving import Served, served
from ckbx.bench.web.traffic import Plan, Seen, drive
from ckbx.bench.web.weight import weight_of
from ckbx.bench.world import open_again
from ckbx.clock import local_instant
from ckbx.store import Store
from projections import roll_call_completeness
from projections.roll_call_completeness import DayState
from projections.scope import Scope

RATE: Final = 210.0
LEDGER_RATE: Final = 50.0
FIRST_BYTES: Final = 120.0
LATER_BYTES: Final = 15.0
WAIT: Final = 300.0
SIGN_IN_WAIT: Final = 3_000.0
_HANDED_IN: Final = "ckbx.class_roll.RollCallSubmitted"


class Load(msgspec.Struct, frozen=True):
    """How much is asked. ``seconds`` of roll calls, of ledgers, and for the signing in;
    ``processes``: in how many the pages are served.
    """

    rate: float = RATE
    seconds: float = 600.0
    ledger_rate: float = LEDGER_RATE
    ledger_seconds: float = 60.0
    sign_ins: int = 1_400
    sign_in_seconds: float = 120.0
    processes: int = 2


def figures(
    program: Program, county: County, load: Load, url: str, folder: Path, name: str
) -> Iterator[Figure]:
    """One server for all of them, over a county that was made."""
    children = sum(len(each.children) for each in county.classes)
    before = _handed_in(url, folder)
    with served(program, url, folder, MORNING, load.processes) as server:
        one = county.classes[0]
        weight = weight_of(one.path, server.port, one.token)
        for title, ours, aim in (
            ("点名页第一次打开", weight.first, FIRST_BYTES),
            ("点名页再次打开", weight.later, LATER_BYTES),
        ):
            yield Figure(name=title, store=name, ours=ours / 1e3, unit="KB", aim=aim, higher=False)
        calls = RollCalls(
            classes=county.classes, port=server.port, rate=load.rate, seconds=load.seconds
        )
        seen, note = _driven(calls, server)
        sent = calls.count - seen.errors
        shown = _shown(url, folder, before + sent)
        note = f"{children:,} 名学生；{note}；{shown}"
        yield _figure(f"{calls.clients} 个客户端交点名，p99", name, seen, WAIT, note)
        ledgers = Ledgers(
            heads=county.heads,
            port=server.port,
            rate=load.ledger_rate,
            seconds=load.ledger_seconds,
        )
        seen, note = _driven(ledgers, server)
        yield _figure("一校适龄儿童台账的一页，p99", name, seen, WAIT, note)
        accounts = [each.account for each in county.classes[: load.sign_ins]]
        seen, note = _driven(
            SignIns(accounts=accounts, port=server.port, seconds=load.sign_in_seconds), server
        )
        yield _figure("同时登录，p99", name, seen, SIGN_IN_WAIT, note)


def _driven(plan: Plan, server: Served) -> tuple[Seen, str]:
    began = server.cpu()
    seen = drive(plan, server.port)
    used = (server.cpu() - began) / seen.seconds
    return seen, f"{seen.told()}，服务器用 {used:.2f} 核"


def _figure(title: str, store: str, seen: Seen, aim: float, note: str) -> Figure:
    """With an error the aim is not met, however fast the others were."""
    wait = seen.at(0.99) if not seen.errors else float("inf")
    return Figure(name=title, store=store, ours=wait, unit="毫秒", aim=aim, higher=False, note=note)


def _handed_in(url: str, folder: Path) -> int:
    store = open_again(url, folder)
    try:
        return _count(store)
    finally:
        store.close()


def _shown(url: str, folder: Path, expected: int) -> str:
    """Whether everything acknowledged is in the log, and in the ledgers too."""
    store = open_again(url, folder)
    try:
        stored, head = _count(store), store.log.head()
        behind = max(lag.behind for lag in store.projector.lag())
        with store.answers.reading() as reading:
            days = roll_call_completeness.class_days(
                reading,
                Scope.county(),
                as_of=TODAY,
                position=head,
                instant=local_instant(TODAY, MORNING.time(), store.clock.zone),
            )
    finally:
        store.close()
    if stored != expected:
        return f"日志里 {stored:,} 份，应有 {expected:,} 份"
    reported = sum(each.state is not DayState.WAITING for each in days)
    return f"全部在日志里，台账落后 {behind} 个事件，今天有 {reported:,} 个班报过"


def _count(store: Store) -> int:
    table = "events" if store.settings.is_sqlite else "facts.events"
    query = text(f"SELECT count(*) FROM {table} WHERE topic = :topic")  # noqa: S608
    with store.answers.reading() as reading:
        found = reading.conn.execute(query, {"topic": _HANDED_IN}).scalar()
    return int(found or 0)
