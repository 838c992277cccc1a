"""What a measurement is, and how it is written down."""

from __future__ import annotations

import gc
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table. ``ratio`` is ours against the limit, in the sense of ``aim``.

    ``higher``: a larger ratio is better (speeds); else a smaller one (times). ``memory`` is the
    peak of its process in MB by the end of this measurement.
    """

    name: str
    store: str
    ours: float
    limit: float | None = None
    unit: str
    aim: float | None = None
    higher: bool = True
    note: str = ""
    memory: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours by the limit."""
        return None if not self.limit else self.ours / self.limit

    @property
    def reached(self) -> bool | None:
        """Whether the aim is met; None without an aim."""
        if self.aim is None:
            return None
        value = self.ratio if self.limit else self.ours
        if value is None:
            return None
        return value >= self.aim if self.higher else value <= self.aim


def seconds(action: Callable[[], object]) -> float:
    """How long a call takes (wall time)."""
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


def best(action: Callable[[], object], times: int = 3) -> float:
    """The shortest of several runs."""
    return min(seconds(action) for _ in range(times))


def peak_megabytes() -> float:
    """The largest resident size this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def quiet() -> Iterator[None]:
    """Without the cyclic collector, as a bare writer would run."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def percentile(values: list[float], share: float) -> float:
    """The value below which this share lies."""
    ordered = sorted(values)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def table(figures: list[Figure]) -> str:
    """The figures as a Markdown table."""
    lines = [
        "| 测量 | 库 | 本系统 | 同机极限 | 单位 | 比值 | 目标 | 达到 | 内存峰值 MB | 说明 |",
        "|---|---|--:|--:|---|--:|--:|---|--:|---|",
    ]
    for f in figures:
        ratio = "" if f.ratio is None else f"{f.ratio:.2f}"
        limit = "" if f.limit is None else f"{f.limit:,.4g}"
        sign = "≥" if f.higher else "≤"
        aim = "" if f.aim is None else f"{sign} {f.aim:g}"
        memory = "" if f.memory is None else f"{f.memory:,.0f}"
        met = {True: "是", False: "否", None: ""}[f.reached]
        lines.append(
            f"| {f.name} | {f.store} | {f.ours:,.4g} | {limit} | {f.unit} | {ratio} | {aim}"
            f" | {met} | {memory} | {f.note} |"
        )
    return "\n".join(lines) + "\n"
