"""After everything: does what was acknowledged stand, once, and do the answers agree?"""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from uuid import UUID

from ckbx.domain.child.events import ChildRegistered
from ckbx.domain.class_roll.events import RollCallSubmitted
from ckbx.domain.school.events import ImportFinished, ImportStarted
from ckbx.eventlog.ports import RecordedEvent
from ckbx.store import Store
from tests.faults import plan


def recorded(store: Store) -> list[RecordedEvent]:
    """The whole log."""
    found: list[RecordedEvent] = []
    while page := store.log.read(found[-1].position if found else 0, 10_000):
        found += page
    return found


def missing(store: Store, acknowledged: list[int]) -> list[tuple[int, int]]:
    """Commands that were acknowledged and are not there."""
    handed_in = Counter(_class_days(recorded(store)))
    gone = []
    for client, last in enumerate(acknowledged):
        for n in range(last + 1):
            block, step = plan.Block(client, n // plan.BLOCK), n % plan.BLOCK
            if step == 0:
                numbers = [block.student_no(k) for k in range(plan.LISTED)]
                there = all(store.vault.find_many("student_no", numbers).values())
            elif step == plan.BLOCK - 1:
                there = all(handed_in[each] for each in block.class_days[-plan.IN_FILE :])
            else:
                there = store.log.find_command(plan.command_id(client, n)) is not None
            if not there:
                gone.append((client, n))
    return gone


def check_once(store: Store, acknowledged: list[int]) -> None:
    """Every command of every client up to these numbers is applied exactly once."""
    events = recorded(store)
    _check_streams(events)
    _check_commands(store, events)
    blocks = [
        plan.Block(client, number)
        for client, last in enumerate(acknowledged)
        for number in range((last + 1) // plan.BLOCK)
    ]
    days = Counter(day for block in blocks for day in block.class_days)
    assert Counter(_class_days(events)) == days
    children = {e.event.originator_id for e in events if isinstance(e.event, ChildRegistered)}
    assert len(children) == len(blocks) * (plan.LISTED + plan.ENTERED)
    assert {child for block in blocks for child in block.entered} <= children
    for block in blocks:
        numbers = [block.student_no(k) for k in range(plan.LISTED)]
        found = store.vault.find_many("student_no", numbers)
        assert {len(people) for people in found.values()} == {1}
        assert {people[0] for people in found.values()} <= children
    for kind in (ImportStarted, ImportFinished):
        runs = Counter(e.event.batch for e in events if isinstance(e.event, kind))
        assert set(runs.values()) == {1}
        assert len(runs) == 2 * len(blocks)


def check_answers(store: Store) -> None:
    """Every projection as it was kept up to date equals the log folded anew."""
    store.catch_up()
    assert {lag.parked for lag in store.projector.lag()} == {0}
    for projection in store.projector.projections:
        report = store.projector.check(projection.name)
        assert report.equal, str(report)


def _class_days(events: list[RecordedEvent]) -> list[tuple[str, date]]:
    return [
        (e.event.class_key, e.event.occurred_on)
        for e in events
        if isinstance(e.event, RollCallSubmitted)
    ]


def _check_streams(events: list[RecordedEvent]) -> None:
    versions: dict[UUID, list[int]] = defaultdict(list)
    for each in events:
        versions[each.event.originator_id].append(each.event.originator_version)
    for stream, found in versions.items():
        assert found == list(range(1, len(found) + 1)), stream


def _check_commands(store: Store, events: list[RecordedEvent]) -> None:
    """The events of a command stand together and end where its answer says."""
    by_command: dict[UUID, list[RecordedEvent]] = defaultdict(list)
    for each in events:
        by_command[each.event.command_id].append(each)
    places = {e.position: n for n, e in enumerate(events)}
    for command, found in by_command.items():
        answer = store.log.find_command(command)
        assert answer is not None, command
        assert answer.position == found[-1].position
        first, last = places[found[0].position], places[found[-1].position]
        assert last - first + 1 == len(found)
        assert len({each.recorded_at for each in found}) == 1
