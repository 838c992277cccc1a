"""Who imports loses the account half-way: what is written stays, the rest is not, both are said."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from ckbx.application.intake import Lane
from ckbx.application.office import Office
from ckbx.application.standing import RightsEnded, Standing
from ckbx.application.unit import Unit
from ckbx.domain.account.account import Account
from ckbx.domain.account.codes import DisableReason
from ckbx.domain.calendar.events import TermSet
from ckbx.domain.child.events import CheckedIn, ChildRegistered
from ckbx.domain.class_roll.events import RollCallSubmitted
from ckbx.domain.responsibility.events import PostHeld
from ckbx.domain.school.events import ImportFinished
from ckbx.imports import register, rollcall_apply, roster_apply
from ckbx.imports.intake import (
    ImportJob,
    import_calendar,
    import_chain,
    import_checkin,
    import_register,
    import_rollcalls,
    import_roster,
    undo_import,
)
from tests.imports.intake_store import (
    CALENDAR_HEAD,
    CHAIN_HEAD,
    COUNTY,
    ROLL_HEAD,
    ROSTER_HEAD,
    SCHOOL,
    IntakeStore,
    id_number,
    pupil,
    sheet,
    sqlite_store,
    student_no,
    term,
)

WHO = "bureau1"


@pytest.fixture(autouse=True)
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every command is through before the next is decided, and holds little."""
    monkeypatch.setattr(Lane.__init__, "__defaults__", (1,))
    monkeypatch.setattr(roster_apply, "A_COMMAND", 2)
    monkeypatch.setattr(register, "_A_COMMAND", 2)
    monkeypatch.setattr(rollcall_apply, "_TOLD_EVERY", 1)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[IntakeStore]:
    """A county with a term, and an account that imports."""
    made = sqlite_store(tmp_path)
    import_calendar(made.job, [made.csv(CALENDAR_HEAD, term())])
    account(made, lambda own, unit: own.open(unit.ctx, WHO))
    yield made
    made.close()


def account(store: IntakeStore, act: Callable[[Account, Unit], None]) -> None:
    """Somebody else does something to the account, in another process."""
    office = Office(store.log, store.clock)

    def decide(unit: Unit) -> bytes:
        act(unit.get(Account.stream(COUNTY, WHO), Account), unit)
        return b"done"

    office.run(office.context("admin"), decide)


def seated(store: IntakeStore, *, until: str = "写入", after: int = 1) -> ImportJob:
    """The account imports, and is disabled when so much of it was told."""
    left = [after]

    def told(done: int, _total: int | None, text: str) -> None:
        if text.startswith(until) and done >= left[0] > 0:
            left[0] = 0
            account(store, lambda own, unit: own.disable(unit.ctx, WHO, DisableReason.LEFT))

    return replace(store.job, standing=Standing(WHO), progress=told)


def classes(*numbers: int) -> list[list[object]]:
    return [pupil(2 * number + n, number=number) for number in numbers for n in (0, 1)]


def test_a_roster_stops_between_two_classes_and_goes_on_with_the_same_file(
    store: IntakeStore,
) -> None:
    file = store.csv(ROSTER_HEAD, *classes(1, 2, 3))
    done = import_roster(seated(store), [file])
    assert (done.stopped, done.applied, done.left, done.problems) == (True, 2, 4, [])
    assert "没有写完就停了：已写入新增 2、更正 0，还有 4 行没有写" in done.line()
    assert len(store.of(ChildRegistered)) == 2
    assert store.of(ImportFinished)[-1].kind == "calendar", "the roster's batch is open"
    again = import_roster(store.job, [file])
    assert (again.stopped, again.applied, again.unchanged) == (False, 4, 2)
    assert store.of(ImportFinished)[-1].batch == done.batch


def test_where_nothing_was_begun_yet_nothing_is_written(store: IntakeStore) -> None:
    job = seated(store)
    account(store, lambda own, unit: own.disable(unit.ctx, WHO, DisableReason.LEFT))
    before = len(store.events())
    for bring, file in (
        (import_roster, store.csv(ROSTER_HEAD, *classes(1))),
        (import_calendar, store.csv(CALENDAR_HEAD, term(SCHOOL))),
        (import_chain, store.csv(CHAIN_HEAD, principal(SCHOOL))),
    ):
        with pytest.raises(RightsEnded):
            bring(job, [file])
    assert len(store.events()) == before


def principal(school: str) -> list[object]:
    return ["教育线", 4, "校长", "学校", school, "王校长", "p1", "", "2026-09-01"]


def test_a_list_to_compare_with_stops(store: IntakeStore) -> None:
    import_roster(store.job, [store.csv(ROSTER_HEAD, *classes(1))])
    rows = [[f"王小{n}", id_number(n)] for n in range(31, 36)]
    done = import_register(seated(store), [store.csv(("姓名", "身份证件号"), *rows)])
    assert (done.stopped, done.applied, done.left) == (True, 2, 3)
    assert len(store.of(ChildRegistered)) == 4


def test_roll_calls_stop_between_two_classes(store: IntakeStore) -> None:
    import_roster(store.job, [store.csv(ROSTER_HEAD, *classes(1, 2))])
    sheets = [row for number in (1, 2) for row in sheet("2026-11-20", 2, number=number)]
    done = import_rollcalls(seated(store), [store.csv(ROLL_HEAD, *sheets)])
    assert (done.stopped, done.applied, done.left) == (True, 1, 1)
    assert len(store.of(RollCallSubmitted)) == 1


def test_a_calendar_whose_classes_are_not_judged_anew_stays_open(store: IntakeStore) -> None:
    import_roster(store.job, [store.csv(ROSTER_HEAD, *classes(1, 2))])
    day = ["", "", "", "", SCHOOL, "2026-11-19", "停课"]
    job = replace(store.job, standing=Standing(WHO, live=Once()))
    done = import_calendar(job, [store.csv(CALENDAR_HEAD, day)])
    assert (done.stopped, done.applied, done.left) == (True, 1, 0)
    assert "还有班没有按新校历重新核对" in done.warnings[-1]
    assert store.of(ImportFinished)[-1].kind == "roster"
    assert len(store.of(TermSet)) == 1


def test_checking_in_stops_between_two_classes(store: IntakeStore) -> None:
    import_roster(store.job, [store.csv(ROSTER_HEAD, *classes(1, 2))])
    numbers = [[student_no(n)] for n in (2, 3, 4, 5)]
    job = replace(store.job, standing=Standing(WHO, live=Once()))
    done = import_checkin(job, [store.csv(("学籍号",), *numbers)])
    assert (done.stopped, done.applied, done.left) == (True, 2, 2)
    assert len(store.of(CheckedIn)) == 2


class Once:
    """Let in for one command."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self) -> bool:
        self.asked += 1
        return self.asked == 1


def test_a_chain_stops_between_two_schools(store: IntakeStore) -> None:
    import_roster(store.job, [store.csv(ROSTER_HEAD, *classes(1), pupil(8, school="2152630340"))])
    rows = [principal(SCHOOL), principal("2152630340")]
    done = import_chain(seated(store), [store.csv(CHAIN_HEAD, *rows)])
    assert (done.stopped, done.applied, done.left) == (True, 1, 1)
    assert len(store.of(PostHeld)) == 1


def test_taking_an_import_back_stops_and_goes_on(store: IntakeStore) -> None:
    batch = import_chain_of_two(store)
    done = undo_import(seated(store, until="撤销"), batch)
    assert (done.stopped, done.amended) == (True, 1)
    assert "没有撤销完就停了：已更正 1 处，其余没有动" in done.line()
    again = undo_import(store.job, batch)
    assert (again.stopped, again.undone) == (False, True)


def import_chain_of_two(store: IntakeStore) -> str:
    import_roster(store.job, [store.csv(ROSTER_HEAD, *classes(1), pupil(8, school="2152630340"))])
    file = store.csv(CHAIN_HEAD, principal(SCHOOL), principal("2152630340"))
    return import_chain(store.job, [file]).batch
