"""Can the file be copied and cut while it is in use, and is erased data really gone?"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ckbx.domain.shared.errors import StoreUnavailable
from ckbx.eventlog.ports import RowDelete, RowWrite
from ckbx.eventlog.refusals import BackupDamaged
from ckbx.eventlog.sqlite import upkeep, write
from ckbx.eventlog.sqlite.log import SQLiteEventLog
from tests.eventlog.sample import COUNTY, clock, named, note

SECRET = "一个不该留下的名字"


def on_disk(log: SQLiteEventLog) -> bytes:
    """The main file and the log file beside it."""
    wal = log.path.with_name(log.path.name + "-wal")
    return log.path.read_bytes() + wal.read_bytes()


def test_a_checkpoint_leaves_nothing_of_an_erased_row_on_the_disk(log: SQLiteEventLog) -> None:
    row = RowWrite("vault_note", ("key", "text"), [("k", SECRET)])
    log.append(note(named("a"), 1, writes=[row]))
    assert log.checkpoint()
    log.append(note(named("a"), 2, writes=[RowDelete("vault_note", "key", ["k"])]))
    assert SECRET.encode() in on_disk(log)
    assert log.checkpoint()
    assert SECRET.encode() not in on_disk(log)


def test_a_checkpoint_that_a_reader_blocks_says_so(log: SQLiteEventLog) -> None:
    log.append(note(named("a"), 1))
    reader = sqlite3.connect(log.path, isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT COUNT(*) FROM events").fetchone() == (1,)
    log.append(note(named("a"), 2))
    assert not log.checkpoint(timeout=0.05)
    log.append(note(named("a"), 3))
    reader.execute("COMMIT")
    reader.close()
    assert log.checkpoint()


def test_the_log_file_is_folded_back_by_itself(
    log: SQLiteEventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "CHECKPOINT_PAGES", 100)
    wal = log.path.with_name(log.path.name + "-wal")
    for version in range(1, 201):
        log.append(note(named("a"), version))
    assert wal.stat().st_size < 150 * 4096
    assert len(log.load([named("a")])[named("a")]) == 200


def test_a_backup_is_one_file_with_everything_in_it(log: SQLiteEventLog, tmp_path: Path) -> None:
    for version in (1, 2, 3):
        log.append(note(named("a"), version, version))
    target = tmp_path / "copy" / "backup.db"
    target.parent.mkdir()
    assert log.backup_to(target) == 3
    log.append(note(named("a"), 4, 4))
    assert [path.name for path in target.parent.iterdir()] == ["backup.db"]
    assert target.stat().st_mode & 0o777 == 0o600
    copy = SQLiteEventLog(target, clock=clock(), county=COUNTY)
    assert copy.read(0, 9) == log.read(0, 3)
    copy.append(note(named("a"), 4, 5))
    copy.close()


def test_a_backup_never_overwrites(log: SQLiteEventLog, tmp_path: Path) -> None:
    target = tmp_path / "backup.db"
    target.write_bytes(b"precious")
    with pytest.raises(StoreUnavailable, match="已经存在"):
        log.backup_to(target)
    assert target.read_bytes() == b"precious"


def test_a_backup_to_a_place_that_does_not_exist_is_refused(
    log: SQLiteEventLog, tmp_path: Path
) -> None:
    with pytest.raises(StoreUnavailable, match="不能写备份文件"):
        log.backup_to(tmp_path / "none" / "backup.db")


def _tear(part: Path) -> None:
    size = part.stat().st_size
    with part.open("r+b") as file:
        file.truncate(size - 4096)


def _alter(sql: str) -> Callable[[Path], None]:
    def alter(part: Path) -> None:
        with closing(sqlite3.connect(part)) as connection:
            for name in ("events_no_delete", "store_meta_county_stays"):
                connection.execute(f"DROP TRIGGER IF EXISTS {name}")
            connection.execute(sql)
            connection.commit()

    return alter


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (_tear, "不完整"),
        (_alter("DELETE FROM events WHERE position = 3"), "只到位置 2，应到 3"),
        (_alter("UPDATE store_meta SET value = '000000' WHERE key = 'county'"), "县（区）不同"),
    ],
    ids=["torn", "short", "foreign"],
)
def test_a_copy_that_is_not_the_store_is_found_and_removed(
    log: SQLiteEventLog,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[Path], None],
    why: str,
) -> None:
    for version in (1, 2, 3):
        log.append(note(named("a"), version, version))
    copy = upkeep._copy

    def damaged(source: sqlite3.Connection, part: Path) -> None:
        copy(source, part)
        damage(part)

    monkeypatch.setattr(upkeep, "_copy", damaged)
    folder = tmp_path / "copies"
    folder.mkdir()
    with pytest.raises(BackupDamaged, match=why):
        log.backup_to(folder / "backup.db")
    assert list(folder.iterdir()) == []
