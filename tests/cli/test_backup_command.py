"""backup: a copy that opens and holds everything, never over a file, recorded for doctor."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest

from ckbx.cli.backup_commands import pg_dump
from ckbx.settings import read_settings
from tests.cli.test_doctor_work import lines
from tests.support.terminal import Terminal


def events(run: Terminal) -> list[tuple[str, str, int | None, str]]:
    """Backups that are recorded: kind, who, position, day."""
    with run.wiring().store() as store:
        found = [each.event for each in store.log.read(0, 100_000)]
    return [
        (each.kind.value, each.actor, each.position, str(each.occurred_on))
        for each in found
        if type(each).__name__ == "BackupMade"
    ]


def test_a_copy_opens_with_the_keys_and_holds_everybody(run: Terminal, tmp_path: Path) -> None:
    shown = run("ledger", "roster", "--format", "json").ok().json["rows"]
    with run.wiring().store() as store:
        head = store.log.head()
    file = tmp_path / "copy.db"
    said = run("backup", file).ok()
    assert f"到位置 {head}" in said.err
    assert run.environ["CKBX_SECRET_DIR"] in said.err
    assert "分开放" in said.err
    assert file.stat().st_mode & 0o777 == 0o600
    ((kind, who, position, _),) = events(run)
    assert (kind, who.startswith("cli:"), position) == ("sqlite", True, head)
    run.environ["CKBX_DATABASE_URL"] = f"sqlite:///{file}"
    assert run("ledger", "roster", "--format", "json").ok().json["rows"] == shown
    run("rebuild", "--check").ok()


def test_a_copy_never_overwrites_and_then_nothing_is_recorded(
    run: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "copy.db"
    file.write_bytes(b"precious")
    done = run("backup", file)
    assert (done.code, "已经存在" in done.err) == (6, True)
    assert (file.read_bytes(), events(run)) == (b"precious", [])


def test_the_folder_of_the_copy_holds_nothing_else(run: Terminal, tmp_path: Path) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    run("backup", folder / "copy.db").ok()
    assert [path.name for path in folder.iterdir()] == ["copy.db"]


def test_one_made_with_other_tools_is_recorded_with_its_day_once(run: Terminal) -> None:
    assert "已登记" in run("backup", "--made-outside", "--on", "2026-11-19").ok().err
    assert "没有再记" in run("backup", "--made-outside", "--on", "2026-11-19").ok().err
    run("backup", "--made-outside").ok()
    assert [(kind, position, day) for kind, _, position, day in events(run)] == [
        ("outside", None, "2026-11-19"),
        ("outside", None, "2026-11-21"),
    ]
    done = run("backup", "--made-outside", "--on", "2026-11-22")
    assert (done.code, "还没有到" in done.err) == (3, True)


@pytest.mark.parametrize(
    "words",
    [(), ("copy.db", "--made-outside"), ("copy.db", "--on", "2026-11-19")],
    ids=" ".join,
)
def test_what_cannot_be_meant_is_refused(run: Terminal, words: tuple[str, ...]) -> None:
    done = run("backup", *words)
    assert (done.code, "--made-outside" in done.err) == (2, True)
    assert not Path("copy.db").exists()


def test_doctor_tells_of_the_last_backup_and_what_to_do_when_it_is_old(
    run: Terminal, tmp_path: Path
) -> None:
    state, detail, mend = lines(run)["备份"]
    assert (state, detail, "ckbx backup" in mend) == ("warn", "没有登记过备份", True)
    run("backup", tmp_path / "copy.db").ok()
    assert (lines(run)["备份"][0], "0 天前" in lines(run)["备份"][1]) == ("ok", True)
    run.later(days=7)
    assert lines(run)["备份"][0] == "ok"
    run.later(days=1)
    state, detail, mend = lines(run)["备份"]
    assert (state, "8 天前" in detail, "ckbx backup" in mend) == ("warn", True, True)


def test_the_command_for_postgresql_holds_no_password(tmp_path: Path) -> None:
    url = "postgresql+psycopg://owner:s3cret@db.example:5433/county?password=s3cret"
    words = shlex.split(pg_dump(read_settings({"CKBX_DATABASE_URL": url}), tmp_path / "a b"))
    assert words == [
        *("pg_dump", "-Fc", "-h", "db.example", "-p", "5433", "-U", "owner", "-d", "county"),
        *("-f", str(tmp_path / "a b")),
    ]


def test_on_postgresql_its_own_tool_is_named_and_only_the_record_is_made(
    pg_url: str, tmp_path: Path
) -> None:
    run = Terminal(pg_url, tmp_path / "keys")
    run("init", "--county", "522699", "--name", "云溪县").ok()
    done = run("backup", tmp_path / "copy.db")
    assert (done.code, "pg_dump -Fc" in done.err) == (5, True)
    assert "ckbx backup --made-outside" in done.err
    assert (events(run), (tmp_path / "copy.db").exists()) == ([], False)
    assert "pg_dump" in lines(run)["备份"][2]
    run("backup", "--made-outside").ok()
    assert [kind for kind, *_ in events(run)] == ["outside"]
    assert lines(run)["备份"][0] == "ok"
