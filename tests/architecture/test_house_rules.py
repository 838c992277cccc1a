"""Are files small, and is a clock read outside the clock module refused?"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("src", "projections", "notifications")
CLOCK_READS = [
    "datetime.datetime.now(datetime.UTC)",
    "datetime.datetime.utcnow()",
    "datetime.datetime.today()",
    "datetime.date.today()",
    "time.time()",
]


def line_counts() -> dict[str, int]:
    """Lines of every source file."""
    return {
        str(path.relative_to(ROOT)): path.read_text(encoding="utf-8").count("\n")
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
    }


def test_no_source_file_is_longer_than_500_lines() -> None:
    assert {name: lines for name, lines in line_counts().items() if lines > 500} == {}


def test_half_of_the_source_files_have_at_most_120_lines() -> None:
    assert median(line_counts().values()) <= 120


def ruff(code: str, file: str) -> str:
    """What ruff says of a piece of source that stands in ``file``."""
    options = ["--no-cache", "--output-format=concise", f"--stdin-filename={file}"]
    done = subprocess.run(
        [sys.executable, "-m", "ruff", "check", *options, "-"],
        cwd=ROOT,
        input=code,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.mark.parametrize("read", CLOCK_READS)
@pytest.mark.parametrize("folder", ["src/ckbx/domain", "projections", "notifications", "tests"])
def test_reading_the_clock_outside_the_clock_module_is_refused(read: str, folder: str) -> None:
    code = f'"""Planted."""\n\nimport {read.partition(".")[0]}\n\nNOW = {read}\n'
    assert "TID251" in ruff(code, f"{folder}/planted.py")


def test_taking_the_time_as_a_value_is_accepted() -> None:
    code = '"""Planted."""\n\nimport datetime\n\nDAY = datetime.date(2026, 9, 1)\n'
    assert "All checks passed" in ruff(code, "projections/planted.py")


def test_the_clock_is_read_in_the_clock_module_alone() -> None:
    pattern = re.compile(r"noqa:[^#\n]*TID251")
    excused = {
        str(path.relative_to(ROOT))
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        if pattern.search(path.read_text(encoding="utf-8"))
    }
    assert excused == {"src/ckbx/clock.py"}
