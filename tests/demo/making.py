"""How do tests get a demo county, of a size and as of a day that never change?"""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ckbx.clock import Clock, FixedClock
from ckbx.demo.make import Made
from ckbx.demo.store import demo_settings, made_before, make_store
from ckbx.main import followers, run_due
from ckbx.settings import Settings, read_settings
from ckbx.store import Store, open_store
from tests.support.once import made_once

STUDENTS = 200
SUNDAY = datetime(2026, 11, 22, 10, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


def settings_in(folder: Path) -> Settings:
    """The settings of a demo store in a folder."""
    return demo_settings(folder, read_settings({}))


def open_demo(settings: Settings, clock: Clock) -> Store:
    """The store as the program opens it."""
    return open_store(settings, clock, followers())


def make(
    folder: Path,
    now: datetime = SUNDAY,
    students: int = STUDENTS,
    *,
    lessons_today: bool = False,
) -> Made:
    """Make the demo county in a folder."""
    return make_store(
        settings_in(folder),
        students,
        now,
        open_demo,
        run_due,
        lambda *_: None,
        lessons_today=lessons_today,
    )


def made_in(folder: Path, factory: pytest.TempPathFactory) -> Made:
    """The county of the usual size on its Sunday, as this run made it, copied to a folder."""
    shutil.copytree(made_once(factory, "demo-county", make), folder, dirs_exist_ok=True)
    made = made_before(settings_in(folder), STUDENTS)
    assert made is not None
    return made


def opened(folder: Path, now: datetime = SUNDAY) -> Store:
    """The made county at an instant, its answers folded."""
    settings = settings_in(folder)
    store = open_demo(settings, FixedClock(now, settings.timezone))
    store.catch_up()
    return store
