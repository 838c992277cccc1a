"""``demo``: a made-up county to look at, made in a minute and served."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ckbx.cli.chinese import Command
from ckbx.cli.context import NotWiredYet, Wiring, say, screen, wiring
from ckbx.cli.serve_commands import PortOption, Serve

if TYPE_CHECKING:
    from ckbx.demo.make import Made
    from ckbx.settings import Settings

StudentsOption = Annotated[
    int, typer.Option("--students", metavar="人数", help="示例县约有多少学生（150 到 20000）")
]


def demo(serve: Serve) -> Callable[[typer.Typer], None]:
    """The group of this module, with what serves."""

    def register(app: typer.Typer) -> None:
        @app.command("demo", cls=Command)
        def demo_command(
            ctx: typer.Context,
            students: StudentsOption = 3000,
            port: PortOption = 8000,
            no_serve: Annotated[
                bool, typer.Option("--no-serve", help="只生成，不提供网页")
            ] = False,
        ) -> None:
            """生成一个虚构的示例县并打开网页：有学校、双线责任、一个半学期的点名和各种情形。

            数据在当前目录的 ckbx-demo.db，密钥在 ckbx-demo-secrets；人名、号码全部虚构。
            已经生成过且人数相同的直接使用；要重新生成请删除这两处。
            """
            wired = wiring(ctx)
            settings = _ready(wired, students)
            if no_serve:
                return
            with _demo_wiring(wired, settings).store() as store:
                serve(store, "127.0.0.1", port, say)

    return register


def _ready(wired: Wiring, students: int) -> Settings:
    """The demo store's settings, its county made where it is not there. Raises DemoSize …"""
    from ckbx.demo.store import demo_settings, made_before, make_store
    from ckbx.store import open_store

    run = wired.run_due
    if run is None:
        raise NotWiredYet(command="demo")
    settings = demo_settings(Path.cwd(), wired.settings)
    made = made_before(settings, students)
    if made is not None:
        say(f"使用已有的示例县（{settings.sqlite_path.name}）")
        _tell(made, settings)
        return settings
    say("正在生成示例县，约需一分钟 …")
    with _progress() as tell:
        made = make_store(
            settings,
            students,
            wired.clock.now(),
            lambda of, clock: open_store(of, clock, wired.followers()),
            run,
            tell,
            lessons_today=True,
        )
    _tell(made, settings)
    return settings


def _tell(made: Made, settings: Settings) -> None:
    from ckbx.access.demo_logins import read_demo_logins

    say(
        f"示例县：{made.schools} 所学校 {made.classes} 个班 {made.pupils} 名学生，"
        f"{made.first_day} 至 {made.last_day} 点名 {made.roll_calls} 班次。人名、号码全部虚构"
    )
    if made.confirmed_years:
        years = "、".join(map(str, made.confirmed_years))
        say(f"{years} 年的放假通知还没有收录，示例县按法定节日的固定日期自行核定了校历")
    logins = read_demo_logins(settings.secret_dir)
    if logins:
        say("登录用的账号：")
    for login in logins:
        say(f"  {login.role}：账号 {login.account}，密码 {login.password}；可以看{login.sees}")


def _demo_wiring(wired: Wiring, settings: Settings) -> Wiring:
    environ = {
        "CKBX_DATABASE_URL": settings.database_url,
        "CKBX_SECRET_DIR": str(settings.secret_dir),
        "CKBX_TIMEZONE": settings.timezone.key,
    }
    return Wiring(environ, wired.make_clock, wired.run_due, wired.followers)


class _progress:  # noqa: N801 - reads as what it is: with _progress() as tell
    """A bar on stderr; nothing where nobody looks."""

    def __init__(self) -> None:
        from rich.progress import Progress

        console = screen(err=True)
        self._bar = Progress(console=console, transient=True, disable=not console.is_terminal)
        self._task: Any = None

    def __enter__(self) -> Callable[[int, int, str], None]:
        self._bar.start()
        self._task = self._bar.add_task("准备", total=None)
        return self._tell

    def __exit__(self, *_error: object) -> None:
        self._bar.stop()

    def _tell(self, done: int, total: int, what: str) -> None:
        self._bar.update(self._task, completed=done, total=total, description=what)
