"""What a roster disagrees with is listed by the import and stays among the alerts."""

from __future__ import annotations

from pathlib import Path

from tests.imports.intake_store import ROSTER_HEAD, pupil
from tests.support.paper_county import FIRST, write
from tests.support.terminal import Terminal


def test_the_open_finding_is_among_the_alerts(run: Terminal, tmp_path: Path) -> None:
    file = write(tmp_path, "新花名册", ROSTER_HEAD, [pupil(2), pupil(3)])
    done = run("import", "roster", file, "--format", "json").ok()
    assert [f["finding"] for f in done.json["findings"]] == ["missing_from_roster"]
    assert "在籍不在册" in done.err
    rows = run("alerts", "--open", "--format", "json").ok().json["rows"]
    (row,) = [row for row in rows if row["kind"] == "roster_finding"]
    assert (row["student_no"], row["level"], row["to"]) == (FIRST, "蓝", ["head1"])
    assert "花名册核对" in run("alerts", "--open").ok().out
