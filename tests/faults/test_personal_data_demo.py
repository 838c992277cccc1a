"""The demo county, with cases at every stage: does a word about anybody stand outside the vault?"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from ckbx.clock import SystemClock
from ckbx.demo.store import demo_settings
from ckbx.settings import read_settings
from ckbx.store import open_store
from tests.faults.personal import cells, everything_about, search, words_about
from tests.support.terminal import Terminal


@pytest.mark.parametrize("students", [150, pytest.param(600, marks=pytest.mark.long)])
def test_no_name_number_or_phone_of_the_demo_county_stands_outside_the_vault(
    students: int, tmp_path: Path
) -> None:
    terminal = Terminal(f"sqlite:///{tmp_path / 'unused.db'}", tmp_path / "unused")
    said = terminal.process("demo", "--students", students, "--no-serve", cwd=tmp_path).ok()
    settings = demo_settings(tmp_path, read_settings({}))
    with closing(open_store(settings, SystemClock(settings.timezone))) as store:
        store.catch_up()
        people = everything_about(store).values()
        children = [p for p in people if p.identity and p.identity.student_no]
        assert len(children) >= students * 0.9
        words = set().union(*(words_about(person) for person in people))
        numbers = {word for word in words if word[-4:-1].isdecimal()}
        assert len(numbers) >= 3 * len(children)  # 身份证号, 学籍号 and a phone each
        assert search(cells(store), words) == []
        heard = [("out", said.raw), ("err", said.err.encode())]
        assert search(heard, words) == []
