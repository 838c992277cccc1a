"""What does every command share: settings, clock, the opened store, who acts, where to print?"""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import typer

from ckbx.cli.chinese import complain
from ckbx.clock import Clock, SystemClock, local_day
from ckbx.domain.shared.errors import CkbxError
from ckbx.settings import Settings, read_settings

if TYPE_CHECKING:
    from rich.console import Console

    from ckbx.ledgers.filling import Desk
    from ckbx.store import Store
    from projections.kit.projection import Projection

DEFAULT_PURPOSE = "命令行查询"


class UsageRefused(CkbxError):
    """What was typed cannot be used together, or not read."""

    code = "usage"
    message = "{what}"
    exit_code = 2


class NotWiredYet(CkbxError):
    """The part that does this is not installed."""

    code = "not_wired"
    message = "命令 {command} 需要的部分没有安装"
    exit_code = 1


DueRun = Callable[["Store", datetime], Any]
"""Does what is due by an instant; the report has counts by kind (``DueReport``)."""

Overdue = Callable[["Store", datetime], Mapping[str, int]]
"""How many alerts due by an instant have not been raised, by kind."""


Permissions = Callable[["Store", str], Mapping[str, str]]
"""What an account may do today: the words of its permissions, each with its Chinese name."""


class Wiring:
    """What the composition root hands to the commands; tests hand in their own.

    ``run_due``, ``overdue`` and ``followers`` come from the scheduler, ``permissions`` from the
    web app, which the command line may not import.
    """

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        clock: Callable[[ZoneInfo], Clock] = SystemClock,
        run_due: DueRun | None = None,
        followers: Callable[[], tuple[Projection, ...]] = tuple,
        overdue: Overdue | None = None,
        permissions: Permissions | None = None,
    ) -> None:
        self.environ = os.environ if environ is None else environ
        self.make_clock = clock
        self.run_due = run_due
        self.followers = followers
        self.overdue = overdue
        self.permissions = permissions
        self.given_role: str | None = None

    @cached_property
    def settings(self) -> Settings:
        """The settings. Raises UnknownSetting, BadSetting."""
        return read_settings(self.environ)

    @cached_property
    def clock(self) -> Clock:
        """The clock in the county's time zone."""
        return self.make_clock(self.settings.timezone)

    @property
    def today(self) -> date:
        """The local day."""
        return local_day(self.clock.now(), self.clock.zone)

    @property
    def actor(self) -> str:
        """Who acts: ``cli:<OS user>``."""
        return f"cli:{os_user()}"

    @property
    def role(self) -> str | None:
        """The role in which the running command acts (``--as``); None where it has none."""
        from ckbx.cli.codes import role_of

        return role_of(self.given_role).value if self.given_role else None

    @contextmanager
    def store(self, *, named: bool = True) -> Iterator[Store]:
        """The opened store. Raises StoreMissing, and CountyNotNamed unless ``named`` is off."""
        from ckbx.eventlog.sqlite.log import CountyNotNamed
        from ckbx.store import open_store

        store = open_store(self.settings, self.clock, self.followers())
        try:
            if named and not store.log.county:
                raise CountyNotNamed
            yield store
        finally:
            store.close()

    @contextmanager
    def desk(self) -> Iterator[tuple[Store, Desk]]:
        """The store with its answers folded up to now."""
        from ckbx.ledgers.filling import Desk

        with self.store() as store:
            store.catch_up()
            yield store, Desk(store.answers, store.log, store.vault, store.clock)


def wiring(ctx: typer.Context) -> Wiring:
    """The wiring of the running command, with the role it was given."""
    found: Wiring = ctx.find_root().obj
    found.given_role = ctx.params.get("as_")
    return found


def os_user() -> str:
    """The OS account that runs the program; the number where it has no name."""
    with suppress(KeyError, OSError, ImportError):
        return getpass.getuser()
    return str(os.getuid())


def screen(*, err: bool = False) -> Console:
    """Where tables (stdout) and progress (stderr) are drawn; wide where nobody looks."""
    from rich.console import Console

    stream = sys.stderr if err else sys.stdout
    width = None if stream.isatty() else 240
    return Console(file=stream, width=width, highlight=False, emoji=False)


def say(sentence: str) -> None:
    """A message to the person who works; never on stdout, which belongs to the answer."""
    complain(sentence)


def put(
    content: bytes, output: Path | None, *, binary: bool = False, of_children: bool = True
) -> None:
    """The answer: to a file readable by its owner alone, or to stdout.

    ``of_children``: whether children are named in it, which is said where it is a file.
    """
    if output is None:
        if binary and sys.stdout.isatty():
            raise UsageRefused(what="这种格式不能显示在屏幕上：请用 -o 文件名 指定要写的文件")
        typer.echo(content, nl=False)
        return
    write_private(output, content)
    say(f"已写入 {output}" + ("（内含未成年人信息，请妥善保管）" if of_children else ""))


def write_private(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, mode 0600. Raises UsageRefused."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise UsageRefused(what=f"不能写文件 {path}（{error.strerror}）：请换一个位置") from error
