"""What a roster disagrees with is listed, stays findable, and is settled when it is no more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ckbx.application.decisions import decide_on_child
from ckbx.domain.alert.events import AlertClosed, AlertRaised, AlertReopened
from ckbx.domain.child import departures
from ckbx.domain.child.events import RosterFindingNoted, RosterFindingSettled
from ckbx.imports.intake import ImportSummary, import_calendar, import_chain, import_roster
from tests.imports.intake_store import (
    CALENDAR_HEAD,
    CHAIN_HEAD,
    OTHER,
    ROSTER_HEAD,
    SCHOOL,
    IntakeStore,
    pupil,
    sqlite_store,
    student_no,
    term,
)

ONE, TWO = student_no(1), student_no(2)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IntakeStore]:
    """Two children in a class; a principal in each of two schools."""
    made = sqlite_store(tmp_path)
    import_calendar(made.job, [made.csv(CALENDAR_HEAD, term())])
    bring(made, pupil(1), pupil(2), pupil(3, school=OTHER))
    heads = [
        ["教育线", 2, "校长", "学校", school, f"校长{who}", who, "", "2026-08-01"]
        for school, who in ((SCHOOL, "head1"), (OTHER, "head2"))
    ]
    import_chain(made.job, [made.csv(CHAIN_HEAD, *heads)])
    yield made
    made.close()


def bring(store: IntakeStore, *rows: list[object], dry_run: bool = False) -> ImportSummary:
    return import_roster(store.job, [store.csv(ROSTER_HEAD, *rows)], dry_run=dry_run)


def open_alerts(store: IntakeStore) -> list[tuple[str, ...]]:
    """Rule and recipients of the roster alerts that are open."""
    found: dict[object, AlertRaised] = {}
    gone = set()
    for event in store.events():
        if isinstance(event, AlertRaised) and event.kind == "roster_finding":
            found[event.originator_id] = event
        elif isinstance(event, AlertReopened):
            gone.discard(event.originator_id)
        elif isinstance(event, AlertClosed):
            gone.add(event.originator_id)
    return [(e.rule, *e.to) for id_, e in found.items() if id_ not in gone]


def test_a_child_missing_is_listed_masked_with_class_and_what(store: IntakeStore) -> None:
    summary = bring(store, pupil(1))
    (found,) = summary.findings
    assert (found.finding, found.state, found.school) == ("missing_from_roster", "new", SCHOOL)
    (line,) = [line for line in summary.lines() if "在籍不在册" in line]
    assert "3年级1班" in line
    assert TWO[-4:] in line
    assert TWO not in str(summary.as_json())
    assert summary.as_json()["findings"][0]["where"].endswith("3年级1班")
    assert open_alerts(store) == [("missing_from_roster", "head1")]
    (noted,) = store.of(RosterFindingNoted)
    (raised,) = store.of(AlertRaised)
    assert (raised.level, raised.events) == ("蓝", [noted.event_id])
    assert raised.command_id == noted.command_id


def test_the_same_file_again_lists_what_is_still_open_and_writes_nothing(
    store: IntakeStore,
) -> None:
    bring(store, pupil(1))
    before = store.log.head()
    again = bring(store, pupil(1))
    assert [f.state for f in again.findings] == ["open"]
    assert any("尚未了结" in line for line in again.lines())
    assert store.log.head() == before


def test_a_trial_run_does_not_say_that_anything_was_noted(store: IntakeStore) -> None:
    summary = bring(store, pupil(1), pupil(3), dry_run=True)
    assert {f.state for f in summary.findings} == {"would"}
    text = "\n".join(summary.lines())
    assert "已记" not in text
    assert "新记" not in text.replace("将新记", "")
    assert store.of(RosterFindingNoted) == []


def test_a_child_on_another_schools_roster_is_a_finding_and_no_correction(
    store: IntakeStore,
) -> None:
    summary = bring(store, pupil(1), pupil(2), pupil(1, grade=4), pupil(3))
    moved = [f for f in summary.findings if f.finding == "other_school"]
    assert [(f.listed_by, f.school) for f in moved] == [(SCHOOL, OTHER)]
    assert (summary.applied, summary.amended, summary.unchanged) == (1, 0, 3)
    assert ("other_school", "head1", "head2") in open_alerts(store)


def test_a_child_that_is_listed_again_needs_no_looking_into(store: IntakeStore) -> None:
    bring(store, pupil(1))
    back = bring(store, pupil(1), pupil(2))
    assert back.findings == []
    assert (back.amended, back.unchanged) == (0, 2)
    assert any("重新在册" in line for line in back.lines())
    assert [e.reason for e in store.of(RosterFindingSettled)] == ["listed"]
    assert open_alerts(store) == []
    before = store.log.head()
    bring(store, pupil(1), pupil(2))
    assert store.log.head() == before


@pytest.mark.parametrize("days", [0, 3])
def test_a_child_missing_once_more_is_found_once_more(store: IntakeStore, days: int) -> None:
    bring(store, pupil(1))
    bring(store, pupil(1), pupil(2))
    store.clock.at = datetime(2026, 11, 21 + days, 5, tzinfo=UTC)
    assert [f.state for f in bring(store, pupil(1)).findings] == ["new"]
    assert open_alerts(store) == [("missing_from_roster", "head1")]


def test_a_child_missing_that_is_listed_in_another_class_is_settled(store: IntakeStore) -> None:
    bring(store, pupil(1))
    moved = bring(store, pupil(1), pupil(2, number=2))
    assert (moved.amended, moved.findings) == (1, [])
    assert open_alerts(store) == []


def test_what_was_found_of_a_child_ends_when_it_leaves(store: IntakeStore) -> None:
    bring(store, pupil(1))
    office, child = store.job.office, store.child_id(TWO)
    on = date(2026, 11, 20)
    decide_on_child(
        office,
        office.context("county"),
        child,
        lambda c, x: departures.start_transfer(
            c, x, on=on, receiving_school="外县一中", document="转1", confirm_by=None
        ),
    )
    assert len(open_alerts(store)) == 1, "until the receiver confirms it has not left"
    decide_on_child(
        office,
        office.context("county"),
        child,
        lambda c, x: departures.confirm_transfer(
            c, x, on=on, receiving_school="外县一中", evidence_ref="ref:1"
        ),
    )
    assert open_alerts(store) == []
    again = bring(store, pupil(1))
    assert again.findings == []
    left = bring(store, pupil(1), pupil(2))
    assert [f.finding for f in left.findings] == ["listed_after_leaving"]
    assert any("已离校仍列在册" in line for line in left.lines())
