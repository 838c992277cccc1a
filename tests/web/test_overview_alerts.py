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
    """What is open in the county by child, each matter once."""
    found: dict[UUID, list[AlertRow]] = {}
    for row in matters_of(store):
        if row.child is not None:
            found.setdefault(row.child, []).append(row)
    return found


def open_of(store: Store) -> list[AlertRow]:
    with store.answers.reading() as reading:
        position = reading.position("alerts")
        return alerts.alerts(
            reading,
            Scope.county(),
            open_only=True,
            as_of=store.office.today(),
            position=position,
        )


def matters_of(store: Store) -> list[AlertRow]:
    """One kind of thing about one child, class or post, due on one day, is one matter: of its
    alerts the gravest.
    """
    found: dict[tuple[str, str, object], AlertRow] = {}
    for row in sorted(open_of(store), key=lambda row: LEVELS.index(row.level)):
        found.setdefault((row.subject, row.kind, row.due_on), row)
    return list(found.values())


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
            assert f"{level} {title}" + (f" {count} 件" if count > 1 else "") in told
        if len(rows) > 1:
            assert f"</a> {len(rows)} 件" in line


def test_the_worst_of_a_child_stands_before_its_others(
    lines: list[str], waiting: dict[UUID, list[AlertRow]]
) -> None:
    for line in lines:
        if (child := child_of(line)) is None:
            continue
        told = [LEVELS.index(word) for word in re.findall(r'class="level[^"]*">(.)<', line)]
        assert told[0] == min(LEVELS.index(row.level) for row in waiting[child])
        assert told == sorted(told)


def test_what_is_told_to_several_posts_counts_once(client: TestClient, store: Store) -> None:
    told, matters = open_of(store), matters_of(store)
    assert len(matters) < len(told), "the demo county passed something up"
    page = client.get("/overview").text
    assert f"未办结 {len(matters)} 件 " in page
    assert "同一孩子（班、岗位）的同一件事，发给几个人、上报几次都只算一件" in page
    counted = Counter(row.level for row in matters)
    shown = re.findall(r'class="level[^"]*">(.)</span> (\d+)', page.partition('id="alerts"')[2])
    assert {level: int(count) for level, count in shown[: len(counted)]} == counted
