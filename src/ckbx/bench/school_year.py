"""A whole school year of many schools under a virtual clock: how long it takes, and is it right?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ckbx.bench.measure import Figure, seconds
from ckbx.bench.year.days import ENDS
from ckbx.bench.year.stage import play_out, stage
from ckbx.bench.year.told import difference, told

CHILDREN = 90


def year(url: str, folder: Path, schools: int, name: str) -> Iterator[Figure]:
    """The year of so many schools of 90 children, compared line by line with what was due."""
    with stage(url, folder, schools) as world:
        took = seconds(lambda: play_out(world))
        alerts, found = len(told(world)), difference(world)
        what = f"{schools * CHILDREN:,} 名学生，到 {ENDS}，{world.store.log.head():,} 个事件"
    yield Figure(
        name="一学年走完（虚拟时钟）", store=name, ours=took, unit="秒", higher=False, note=what
    )
    yield Figure(
        name="一学年的提醒：漏、重、多",
        store=name,
        ours=len(found.missed) + len(found.again) + len(found.besides),
        unit="条",
        aim=0,
        higher=False,
        note=f"{alerts:,} 条，逐条与推算的相符" if not found else str(found).partition("\n")[0],
    )
