"""``export trace``: who exported a file that turned up somewhere?"""

from __future__ import annotations

from pathlib import Path

from ckbx.cli.export_commands import ExportUnknown, MarkMissing
from ckbx.vault import Access
from tests.cli.test_erase_command import opened
from tests.support.refusing import refused
from tests.support.terminal import Terminal


def test_a_number_or_a_file_leads_to_account_and_purpose(run: Terminal, tmp_path: Path) -> None:
    with opened(run) as store:
        view = "web:ledger:roster:csv:7F3K2M9Q"
        store.vault.note(Access(actor="bureau", view=view, purpose="例会"), [])
    told = run("export", "trace", "7f3k-2m9q").ok().out
    assert "bureau" in told
    assert "例会" in told
    file = tmp_path / "found.csv"
    file.write_text("姓名,x\r\n甲,7F3K-2M9Q\r\n", encoding="utf-8-sig")
    row = run("export", "trace", file, "--format", "json").ok().json
    assert (row["account"], row["ledger"], row["format"]) == ("bureau", "roster", "csv")


def test_a_file_without_a_mark_and_an_unknown_number_are_refused(
    run: Terminal, tmp_path: Path
) -> None:
    plain = tmp_path / "plain.csv"
    plain.write_text("姓名\r\n甲\r\n")
    refused(run, MarkMissing(), run, "export", "trace", plain)
    refused(run, ExportUnknown(number="ZZZZZZZZ"), run, "export", "trace", "ZZZZ-ZZZZ")
    assert run("export", "trace", "nothing").code == 2
