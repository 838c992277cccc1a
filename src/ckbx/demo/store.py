"""Where does the demo county live, and is the one that lies there the one that is asked for?

Its own file in the working directory and its own keys beside it, so that a real store is
never touched. A note beside the keys says what was made; another size or version, or a
making that was broken off, is made anew.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from ckbx.access.demo_logins import FILE, demo_logins_bytes
from ckbx.clock import Clock, FixedClock
from ckbx.demo.logins import open_logins
from ckbx.demo.make import Made, Tell, make_demo
from ckbx.demo.names import REGION
from ckbx.demo.walk import Walk
from ckbx.domain.shared.errors import RuleRefusal
from ckbx.leadership import FileLeadership
from ckbx.settings import Settings
from ckbx.store import Store, init_store

VERSION: Final = 8
DATABASE: Final = "ckbx-demo.db"
SECRETS: Final = "ckbx-demo-secrets"
NOTE: Final = "made.json"
LEAST, MOST = 150, 20_000

Open = Callable[[Settings, Clock], Store]
Due = Callable[[Store, datetime], object]


class DemoSize(RuleRefusal):
    code = "demo_size"
    message = "示例县的学生数应在 {least} 到 {most} 之间，不能是 {students}"
    exit_code = 2


class DemoInUse(RuleRefusal):
    code = "demo_in_use"
    message = "示例县正在运行（{file} 被另一个进程使用），不能重新生成。请先停掉它（Ctrl+C）再试"


class DemoInTheWay(RuleRefusal):
    code = "demo_in_the_way"
    message = "{file} 不是 ckbx demo 生成的，没有动它。请换一个空目录再运行 ckbx demo"


def demo_settings(folder: Path, base: Settings) -> Settings:
    """The settings of the demo store in a folder; the time zone is that of ``base``."""
    url = f"sqlite:///{folder / DATABASE}"
    return msgspec.structs.replace(
        base, database_url=url, owner_url=url, secret_dir=folder / SECRETS
    )


def made_before(settings: Settings, students: int) -> Made | None:
    """What lies there, when it is of this size and version and whole; else None."""
    note = settings.secret_dir / NOTE
    if not (note.is_file() and settings.sqlite_path.is_file()):
        return None
    try:
        found: dict[str, Any] = json.loads(note.read_bytes())
    except ValueError:
        return None
    if (found.get("version"), found.get("students")) != (VERSION, students):
        return None
    return msgspec.convert(found["made"], Made)


def make_store(
    settings: Settings,
    students: int,
    now: datetime,
    open_: Open,
    due: Due,
    tell: Tell,
    *,
    lessons_today: bool = False,
) -> Made:
    """Make the demo store anew; ``lessons_today`` as for make_demo. Raises DemoSize, DemoInUse,
    DemoInTheWay, DemoFailed.
    """
    if not LEAST <= students <= MOST:
        raise DemoSize(least=LEAST, most=MOST, students=students)
    _clear(settings)
    settings.secret_dir.mkdir(parents=True, mode=0o700)  # the sign that the database is ours
    clock = FixedClock(datetime(2000, 1, 1, tzinfo=now.tzinfo), settings.timezone)
    init_store(settings, clock, REGION)
    store = open_(settings, clock)
    try:
        made = make_demo(
            Walk(store, clock),
            students,
            now,
            lambda at: due(store, at),
            tell,
            lessons_today=lessons_today,
        )
        logins = demo_logins_bytes(open_logins(store, made))
    finally:
        store.close()
    note = {"version": VERSION, "students": students, "made": msgspec.to_builtins(made)}
    _write_private(settings.secret_dir / FILE, logins)
    text = json.dumps(note, ensure_ascii=False, indent=1)
    (settings.secret_dir / NOTE).write_text(text, encoding="utf-8")
    return made


def _write_private(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)


def _clear(settings: Settings) -> None:
    """Remove an earlier demo, and only that: a file that stands without its keys is not ours."""
    path, secrets = settings.sqlite_path, settings.secret_dir
    if path.exists() and not secrets.is_dir():
        raise DemoInTheWay(file=path.name)
    if path.exists():
        leadership = FileLeadership(path)
        if not leadership.try_lead():
            raise DemoInUse(file=path.name)
        leadership.give_up()
    (secrets / NOTE).unlink(missing_ok=True)
    for each in path.parent.glob(f"{path.name}*"):
        each.unlink()
    shutil.rmtree(secrets, ignore_errors=True)
