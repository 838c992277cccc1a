"""Commands on cases, with one client and with 64, against bare inserts of the same rows."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any, Final

from ckbx.bench.appends import bare, grouped
from ckbx.bench.case_world import AWAY_A_CLASS, CaseWorld, Step, new_case_world
from ckbx.bench.measure import Figure, quiet, seconds
from ckbx.bench.world import SIZE, new_store
from ckbx.eventlog.ports import RowWrite

CLIENTS: Final = 64
_STEPS: Final = 6


def command_speed(
    url: Callable[[], str], folder: Path, *, commands: int, store_name: str
) -> list[Figure]:
    """Commands on cases a second with 1 and 64 clients; the bare limit writes what one wrote.

    Each keeps words in the vault: the limit writes those rows, too, sealed beforehand.
    """
    many = max(commands // _STEPS, 1)
    store = new_store(url(), folder / "commands")
    try:
        world = new_case_world(store, 3 * many * SIZE // AWAY_A_CLASS)
        shares = [list(world.steps(world.suspects[n * many : (n + 1) * many])) for n in range(3)]
        for step in chain.from_iterable(shares[0]):
            world.take(step)
        before = store.log.head()
        writes: list[Sequence[Any]] = []
        with quiet():
            took = seconds(lambda: writes.extend(map(world.take, chain.from_iterable(shares[1]))))
        rows = store.log.read_rows(before, 10**9)
        with quiet():
            crowded = seconds(lambda: _crowd(world, shares[2]))
    finally:
        store.close()
    done = many * _STEPS
    kept = [[each for each in group if isinstance(each, RowWrite)] for group in writes]
    transactions = grouped(rows, kept)
    with quiet():
        limit = done / bare(url(), folder, transactions)
    each = len(rows) / done
    figures = (
        ("个案操作，1 个客户端", took, 0.45),
        ("个案操作，64 个客户端（极限：一个裸连接）", crowded, 1.5),
    )
    return [
        Figure(
            name=name,
            store=store_name,
            ours=done / time,
            limit=limit,
            unit="次/秒",
            aim=aim,
            note=f"{done:,} 次，每次平均 {each:.1f} 个事件和一段加密的文字" if aim < 1 else "",
        )
        for name, time, aim in figures
    ]


def _crowd(world: CaseWorld, cases: Sequence[list[Step]]) -> None:
    """Each client works on cases of its own, each step after the one before."""

    def work(mine: Sequence[list[Step]]) -> None:
        for step in chain.from_iterable(mine):
            world.take(step)

    threads = [threading.Thread(target=work, args=(cases[n::CLIENTS],)) for n in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
