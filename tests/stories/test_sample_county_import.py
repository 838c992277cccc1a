"""A county hands its files over: does what the sample promises follow, on every database?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import create_engine

from ckbx import access
from ckbx.clock import FixedClock
from ckbx.domain.child.child import Child
from ckbx.domain.responsibility.directory import Directory
from ckbx.domain.responsibility.post import Line, Scope, ScopeKind
from ckbx.domain.shared.ids import class_key
from ckbx.eventlog.postgres.connect import session_options
from ckbx.eventlog.postgres.log import PostgresEventLog
from ckbx.eventlog.postgres.schema import migrate
from ckbx.imports.intake import (
    ImportSummary,
    import_calendar,
    import_chain,
    import_rollcalls,
    import_roster,
)
from ckbx.vault import Vault, init_keys, postgres_ddl
from ckbx.vault.people import Access
from tests.imports.intake_store import NOW, IntakeStore, sqlite_store
from tests.support.settled import check_every_answer_of

DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "sample-county"
pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="样例县的数据不在 ../shared/data/sample-county，跳过"
)
LOOK = Access(actor="tester", view="test", purpose="核对")


def postgres_store(url: str, folder: Path) -> IntakeStore:
    """A store on a fresh PostgreSQL database."""
    migrate(url, None, ddl=[*postgres_ddl(), *access.postgres_ddl()])
    clock = FixedClock(NOW)
    log = PostgresEventLog(url, clock=clock)
    engine = create_engine(url, connect_args={"options": session_options()})
    vault = Vault(engine, init_keys(engine, folder / "secrets", clock), clock)
    return IntakeStore(log, vault, clock, folder, engine)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def county(request: Any, tmp_path_factory: Any) -> Iterator[IntakeStore]:
    """The county after calendar, roster, chain and three months of roll calls."""
    folder = tmp_path_factory.mktemp("county")
    if request.param == "sqlite":
        store = sqlite_store(folder)
        url = f"sqlite:///{folder / 'ckbx.db'}"
    else:
        server = request.getfixturevalue("pg_server")
        database = server.create()
        url = database.url()
        store = postgres_store(url, folder)
    first_time(store)
    yield store
    store.close()
    check_every_answer_of(url, folder / "secrets", store.clock)


def first_time(store: IntakeStore) -> list[ImportSummary]:
    """Everything the county hands over before its corrections, in order."""
    return [
        import_calendar(store.job, [DATA / "calendar.csv"]),
        import_roster(store.job, sorted(DATA.glob("roster-*")), effective=date(2026, 9, 1)),
        import_chain(store.job, [DATA / "chain.csv"]),
        import_rollcalls(store.job, sorted(DATA.glob("rollcalls-*.csv"))),
    ]


def expected() -> dict[str, Any]:
    """What the sample promises."""
    found = json.loads((DATA / "expected.json").read_text(encoding="utf-8"))
    return cast("dict[str, Any]", found)


def findings(store: IntakeStore) -> dict[str, dict[str, Any]]:
    """Suspicions, warnings and long leave by 学籍号, as the events say now."""
    children: dict[Any, Child] = {}
    touched = {e.originator_id for e in store.events() if e.TOPIC.startswith("ckbx.child.")}
    loaded = store.log.load(sorted(touched))
    for id_ in touched:
        child = Child(id_).replay(loaded[id_])
        if child.warned or child.long_leave or child.suspected_on:
            children[id_] = child
    people = store.vault.read(list(children), ("identity",), LOOK)
    return {cast("Any", people[i].identity).student_no: as_told(c) for i, c in children.items()}


def as_told(child: Child) -> dict[str, Any]:
    """One child in the words of the sample."""

    def days(rule: str) -> list[str]:
        return [date.fromordinal(d).isoformat() for r, d in sorted(child.warned) if r == rule]

    episode = child.episode
    first = date.fromordinal(episode.first_absent_on).isoformat() if episode else None
    leave = min(child.long_leave, default=None)
    return {
        "suspected_on": child.suspected_on.isoformat() if child.suspected_on else None,
        "first_absent_on": first,
        "warned_on_run_of_three": days("absence_run_3"),
        "warned_on_five_in_twenty": days("absence_5_in_20"),
        "long_leave_on": date.fromordinal(leave).isoformat() if leave else None,
    }


def test_suspicions_warnings_and_long_leave_are_those_of_the_sample(county: IntakeStore) -> None:
    assert findings(county) == expected()["before_amendments"]


def test_every_child_and_every_sheet_is_there_once(county: IntakeStore) -> None:
    counts = county.counts()
    assert counts["Enrolled"] == expected()["students"]
    assert counts["RollCallSubmitted"] == expected()["submissions"]


def test_the_class_teacher_hands_over_on_the_day_the_chain_says(county: IntakeStore) -> None:
    told = expected()["handover"]
    key = class_key(told["school"], 2026 - told["grade"] + 1, told["cls"])
    directory = Directory.of(
        county.log.county, (e for e in county.events() if e.TOPIC.startswith("ckbx.post."))
    )
    for day, name in told["holders"].items():
        scope = Scope(ScopeKind.CLASS, key)
        posts = [p for p in directory.posts.values() if p.scope == scope]
        assert [p.line for p in posts] == [Line.EDUCATION]
        (tenure,) = posts[0].holders(date.fromisoformat(day))
        people = county.vault.read([tenure.holder], ("identity",), LOOK)
        assert people[tenure.holder].name == name


def test_the_same_files_again_change_nothing(county: IntakeStore) -> None:
    before = county.log.head()
    again = first_time(county)
    assert county.log.head() == before
    assert [(s.applied, s.amended, s.refused) for s in again] == [(0, 0, 0)] * 4
    assert [s.unchanged for s in again] == [3, 929, 70, 1700]


def test_corrections_bring_the_sample_to_its_second_state(county: IntakeStore) -> None:
    summary = import_rollcalls(county.job, [DATA / "amendments.csv"])
    assert (summary.amended, summary.applied, summary.refused) == (40, 0, 0)
    assert findings(county) == expected()["after_amendments"]
    before = county.log.head()
    import_rollcalls(county.job, [DATA / "amendments.csv"])
    import_rollcalls(county.job, sorted(DATA.glob("rollcalls-*.csv")))
    assert county.log.head() == before, "an older sheet is no news"
