"""Files handed in are sealed, their owner's alone, one at a time, worked at by one, soon erased."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import text

from ckbx.access import handed_in
from ckbx.access.errors import HandedInLost, StillRunning, TooMuchHandedIn, TurnTaken
from ckbx.access.handed_in import KEPT, Handed, HandedIn
from ckbx.access.run_records import SILENT, RunRecord
from ckbx.vault.errors import SecretMismatch
from tests.access.conftest import Door

OWNER = ("ct1", "imports")
FILES = ("王小满,522699201705060011".encode(), b"")
GIVEN = "名册王小满.csv".encode()


def record(id_: str = "one", step: str = "trial", state: str = "waiting") -> RunRecord:
    return RunRecord(id=id_, account="ct1", area="imports", kind="roster", step=step, state=state)


def may(_stands: RunRecord) -> bool:
    return True


def later(door: Door, microseconds: int) -> None:
    door.later(microseconds=microseconds)


def kept(door: Door, id_: str = "one") -> Handed:
    found = door.gate.handed_in.find(id_, *OWNER)
    assert found is not None
    return found


def ended(door: Door, id_: str = "one", found: bytes = b"", turn: int = 1) -> None:
    """A trial is over."""
    door.gate.handed_in.tell(record(id_, state="done"), turn, found)


def rows(door: Door) -> dict[str, int]:
    with door.store.engine.connect() as connection:
        return {
            table: connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in ("access_handed_in", "access_handed_pieces")
        }


def stored(door: Door) -> bytes:
    """Every byte that the database holds of what was handed in."""
    with door.store.engine.connect() as connection:
        tables = ("access_handed_in", "access_handed_pieces", "access_runs")
        found = [connection.execute(text(f"SELECT * FROM {t}")).fetchall() for t in tables]
    values = [value for of in found for row in of for value in row]
    return b"\n".join(v if isinstance(v, bytes) else str(v).encode() for v in values)


def test_what_was_handed_in_is_there_whole_for_its_owner_alone(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handed_in, "PIECE", 7)
    gate = door.gate.handed_in
    gate.begin(record(), GIVEN, FILES)
    ended(door, found="找到王小满".encode() * 99)
    assert (kept(door).given, tuple(gate.files(kept(door)))) == (GIVEN, FILES)
    assert gate.found(kept(door)) == "找到王小满".encode() * 99
    assert gate.find("one", "ct2", "imports") is None
    assert gate.find("one", "ct1", "rules") is None
    assert not gate.drop("one", "ct2", "imports")
    stranger = msgspec.structs.replace(record(step="apply"), account="ct2")
    assert gate.go_on(stranger, may) is None
    assert kept(door).turn == 1


def test_nothing_of_it_is_kept_or_backed_up_in_plain(door: Door, tmp_path: Path) -> None:
    door.gate.handed_in.begin(record(), GIVEN, FILES)
    ended(door, found="找到王小满".encode())
    log: Any = door.store.log
    if door.store.settings.is_sqlite:
        log.backup_to(tmp_path / "backup.db")
        assert rows(door) == {"access_handed_in": 1, "access_handed_pieces": 2}
    held = stored(door) + b"".join(
        each.read_bytes() for each in tmp_path.rglob("*") if each.is_file()
    )
    for secret in (*FILES[:1], GIVEN, "王小满".encode(), b"522699201705060011"):
        assert secret not in held


def test_a_piece_that_was_moved_or_altered_is_not_read(door: Door) -> None:
    gate = door.gate.handed_in
    gate.begin(record(), GIVEN, (b"first", b"other"))
    with door.store.engine.begin() as connection:
        connection.execute(text("UPDATE access_handed_pieces SET name='x' WHERE name='file0'"))
        connection.execute(text("UPDATE access_handed_pieces SET name='file0' WHERE name='file1'"))
        connection.execute(text("UPDATE access_handed_pieces SET name='file1' WHERE name='x'"))
    with pytest.raises(SecretMismatch):
        gate.files(kept(door))


def test_files_that_did_not_arrive_whole_are_lost(door: Door) -> None:
    gate = door.gate.handed_in
    gate.begin(record(), GIVEN, FILES)
    with door.store.engine.begin() as connection:
        connection.execute(text("DELETE FROM access_handed_pieces"))
    with pytest.raises(HandedInLost):
        gate.files(kept(door))


def test_one_thing_an_account_until_that_is_over_or_silent(door: Door) -> None:
    gate = door.gate.handed_in
    gate.begin(record(), GIVEN, FILES)
    with pytest.raises(StillRunning):
        gate.begin(record("two"), GIVEN, FILES)
    with pytest.raises(StillRunning):
        gate.drop("one", *OWNER)
    later(door, SILENT + 1)
    gate.begin(record("two"), GIVEN, FILES)
    assert gate.find("one", *OWNER) is None
    ended(door, "two", turn=2)
    gate.begin(record("three"), GIVEN, FILES)
    assert rows(door) == {"access_handed_in": 1, "access_handed_pieces": 1}


def test_of_many_at_once_one_is_taken_in(door: Door) -> None:
    others = HandedIn(door.gate.handed_in._tables, door.store.vault)
    refused: list[StillRunning] = []

    def hand_in(n: int) -> None:
        try:
            (others if n % 2 else door.gate.handed_in).begin(record(f"run-{n}"), GIVEN, FILES)
        except StillRunning as error:
            refused.append(error)

    at_once = [threading.Thread(target=hand_in, args=(n,)) for n in range(8)]
    for each in at_once:
        each.start()
    for each in at_once:
        each.join()
    assert len(refused) == 7
    assert rows(door)["access_handed_in"] == 1


def test_the_next_step_is_begun_once_and_the_turn_before_it_is_over(door: Door) -> None:
    gate = door.gate.handed_in
    first = gate.begin(record(), GIVEN, FILES)
    ended(door)

    def tried(stands: RunRecord) -> bool:
        return (stands.step, stands.state) == ("trial", "done")

    second = gate.go_on(record(step="apply"), tried, b"given anew")
    assert second == first + 1
    assert gate.go_on(record(step="apply"), tried) is None
    assert (kept(door).given, tuple(gate.files(kept(door)))) == (b"given anew", FILES)
    assert (gate.is_turn("one", first), gate.is_turn("one", second)) == (False, True)
    with pytest.raises(TurnTaken):
        gate.tell(record(state="done"), first)
    with pytest.raises(TurnTaken):
        gate.erase_files("one", first)
    running = door.gate.runs.find("one", *OWNER)
    assert running is not None
    assert (running.step, running.state) == ("apply", "waiting")


def test_erased_files_are_gone_and_what_was_found_stays(door: Door) -> None:
    gate = door.gate.handed_in
    turn = gate.begin(record(), GIVEN, FILES)
    gate.erase_files("one", turn)
    gate.tell(record(state="done"), turn, b"found")
    assert gate.found(kept(door)) == b"found"
    assert (kept(door).given, list(kept(door).sizes)) == (GIVEN, [])
    with pytest.raises(HandedInLost):
        gate.files(kept(door))
    assert rows(door) == {"access_handed_in": 1, "access_handed_pieces": 1}


def test_what_was_given_up_leaves_nothing_but_that_it_was(door: Door) -> None:
    gate = door.gate.handed_in
    gate.begin(record(), GIVEN, FILES)
    ended(door, found=b"found")
    assert gate.drop("one", *OWNER)
    assert rows(door) == {"access_handed_in": 0, "access_handed_pieces": 0}
    left = door.gate.runs.find("one", *OWNER)
    assert left is not None
    assert (left.state, left.said) == ("dropped", "")


def test_after_a_day_it_is_forgotten_but_not_under_ones_hands(door: Door) -> None:
    gate = door.gate.handed_in
    gate.begin(record(), GIVEN, FILES)
    later(door, KEPT)
    gate.tell(record(state="running"), 1)
    gate.forget()
    assert gate.find("one", *OWNER) is None
    assert rows(door)["access_handed_in"] == 1
    ended(door)
    gate.forget()
    assert rows(door) == {"access_handed_in": 0, "access_handed_pieces": 0}


def test_all_together_hand_in_so_much_and_no_more(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handed_in, "MOST_HELD", 10)
    gate = door.gate.handed_in
    gate.begin(msgspec.structs.replace(record("of-another"), account="ct2"), GIVEN, [b"123456"])
    with pytest.raises(TooMuchHandedIn):
        gate.begin(record(), GIVEN, [b"12345"])
    gate.begin(record(), GIVEN, [b"1234"])
    ended(door)
    gate.begin(record("two"), GIVEN, [b"1234"])  # in place of the one before


def test_under_a_new_key_file_it_is_still_read(door: Door) -> None:
    gate = door.gate.handed_in
    gate.begin(record(), GIVEN, FILES)
    door.store.vault.rotate_kek()
    assert door.gate.reseal() == 1
    assert kept(door).key.key_id == "kek-2"
    assert tuple(gate.files(kept(door))) == FILES
