"""``export trace``: who exported a file that turned up somewhere?"""

from __future__ import annotations

from pathlib import Path

import pytest

from ckbx.cli.export_commands import ExportUnknown, MarkMissing
from ckbx.ledgers.marking import found_in
from ckbx.vault import Access
from tests.cli.test_erase_command import opened
from tests.support import pdf
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


@pytest.mark.parametrize("form", ["csv", "pdf", "xlsx"])
@pytest.mark.parametrize(
    ("words", "ledger", "people"),
    [
        (("ledger", "roster"), "roster", 5),
        (("ledger", "school"), "school", 0),  # nobody is read: recorded all the same
        (("alerts",), "alerts", 2),
        (("indicators",), "indicators", 5),
        (("recheck", "list"), "recheck", 0),
    ],
)
def test_a_file_of_a_command_is_marked_and_traced_to_who_gave_it(
    run: Terminal, tmp_path: Path, form: str, words: tuple[str, ...], ledger: str, people: int
) -> None:
    file = tmp_path / f"out.{form}"
    with opened(run) as store:
        before = len(store.vault.access_records())
    run(*words, "-o", file, "--why", "期中核查").ok()
    with opened(run) as store:
        (record,) = store.vault.access_records()[before:]
    number = found_in(file.read_bytes())
    assert number is not None, "in an empty one too"
    found = run("export", "trace", number, "--format", "json").ok().json
    assert found["account"] == run.wiring().actor
    assert (found["purpose"], found["ledger"], found["format"]) == ("期中核查", ledger, form)
    assert found["people"] == people == len(record.subjects)


def test_the_line_of_a_command_stands_on_every_page_and_json_bears_none(
    run: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "out.pdf"
    run("ledger", "roster", "-o", file).ok()
    actor = run.wiring().actor
    assert all("导出编号" in page and actor in page for page in pdf.pages(file.read_bytes()))
    plain = run("ledger", "roster", "--format", "json").ok()
    assert "导出编号" not in plain.out
    with opened(run) as store:
        assert store.vault.access_records()[-1].view == "ckbx ledger roster"


def test_what_goes_to_another_program_as_a_table_is_marked_too(run: Terminal) -> None:
    number = found_in(run("ledger", "roster", "--format", "csv").ok().raw)
    assert number is not None
    assert "台账 roster（csv）" in run("export", "trace", number).ok().out
