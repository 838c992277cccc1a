"""What the README tells people to type works, in the order it stands there."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ckbx.settings import KEYS
from tests.docs.handover import write_files

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```", README, flags=re.DOTALL | re.MULTILINE)


def commands() -> list[str]:
    """Every line of a block that begins with ``ckbx``."""
    return [line for block in BLOCKS for line in block.splitlines() if line.startswith("ckbx ")]


def test_the_first_tour_runs_and_finds_the_suspected_child(tmp_path: Path) -> None:
    write_files(tmp_path)
    environ = {k: v for k, v in os.environ.items() if not k.startswith("CKBX_")}
    output = ""
    for line in commands():
        done = subprocess.run(
            [sys.executable, "-m", "ckbx.main", *shlex.split(line)[1:]],
            cwd=tmp_path,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
        output = done.stdout
    assert "学生1" in output
    assert "学生2" not in output


@pytest.mark.parametrize("name", KEYS)
def test_every_setting_is_documented(name: str) -> None:
    assert f"`{name}`" in README


def test_every_link_of_the_readme_leads_somewhere() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def test_make_targets_named_in_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for target in re.findall(r"^make (\S+)", "\n".join(BLOCKS), flags=re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
