"""What waits, on the overview: a child once, with all that waits about it."""

from __future__ import annotations

import re
from collections import Counter
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from ckbx.store import Store
from projections import alerts
from projections.alerts import AlertRow
from projections.scope import Scope

LEVELS = "红橙黄蓝"


@pytest.fixture(scope="module")
def waiting(store: Store) -> dict[UUID, list[AlertRow]]:
    """The alerts of the county that are open, by child."""
    found: dict[UUID, list[AlertRow]] = {}
    with store.answers.reading() as reading:
        position = reading.position("alerts")
        open_ = alerts.alerts(
            reading,
            Scope.county(),
            open_only=True,
            as_of=store.office.today(),
            position=position,
        )
        for row in open_:
            if row.child is not None:
                found.setdefault(row.child, []).append(row)
    return found


@pytest.fixture
def lines(client: TestClient) -> list[str]:
    page = client.get("/overview").text
    listed = page.partition('<ul class="alerts">')[2].partition("</section>")[0]
    return listed.split("\n    <li>")[1:]


def child_of(line: str) -> UUID | None:
    found = re.search(r'href="/children/([0-9a-f-]{36})"', line)
    return UUID(found[1]) if found else None


def test_a_child_has_one_line_with_all_its_alerts(
    lines: list[str], waiting: dict[UUID, list[AlertRow]]
) -> None:
    shown = [child for line in lines if (child := child_of(line))]
    assert len(shown) == len(set(shown))
    several = [child for child in shown if len(waiting[child]) > 1]
    assert several, "the demo county has such children"
    for line in lines:
        if (child := child_of(line)) is None:
            continue
        rows = waiting[child]
        assert line.count("/children/") == 1
        told = " ".join(re.sub(r"<[^>]+>", "", line).split())
        for (level, title), count in Counter((row.level, row.title) for row in rows).items():
            assert f"{level} {title}" + (f" {count} 条" if count > 1 else "") in told
        if len(rows) > 1:
            assert f"</a> {len(rows)} 条" in line


def test_the_worst_of_a_child_stands_before_its_others(
    lines: list[str], waiting: dict[UUID, list[AlertRow]]
) -> None:
    for line in lines:
        if (child := child_of(line)) is None:
            continue
        told = [LEVELS.index(word) for word in re.findall(r'class="level[^"]*">(.)<', line)]
        assert told[0] == min(LEVELS.index(row.level) for row in waiting[child])
        assert told == sorted(told)
