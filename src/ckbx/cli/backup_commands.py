"""``backup``: a copy of the store, and the record that one was made."""

from __future__ import annotations

import shlex
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import parse_qs, unquote, urlsplit

import typer

from ckbx.cli.chinese import Command
from ckbx.cli.context import UsageRefused, Wiring, say, wiring
from ckbx.cli.options import day
from ckbx.domain.shared.errors import CkbxError

if TYPE_CHECKING:
    from ckbx.settings import Settings
    from ckbx.store import Store


class BackupElsewhere(CkbxError):
    """A PostgreSQL store is backed up by PostgreSQL's own tools."""

    code = "backup_elsewhere"
    message = (
        "PostgreSQL 的库用它自己的工具备份，没有备份；请数据库管理员运行："
        "{command}（口令由 pg_dump 另问，或写在 ~/.pgpass）；"
        "做好以后运行 ckbx backup --made-outside 登记"
    )
    exit_code = 5


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("backup", cls=Command)(backup)


def backup(
    ctx: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(metavar="[文件]", help="写到哪个新文件；不覆盖已有的文件"),
    ] = None,
    outside: Annotated[
        bool,
        typer.Option("--made-outside", help="不备份，只登记已经用别的工具（如 pg_dump）备份过"),
    ] = False,
    on: Annotated[
        str | None,
        typer.Option(
            "--on", metavar="日期", help="与 --made-outside 一起用：备份是哪天做的，默认今天"
        ),
    ] = None,
) -> None:
    """备份 SQLite 数据库，并登记做过备份；正在使用时也可以做。

    备份文件里有全部记录、台账、消息和加密的个人信息，没有密钥：密钥目录要另外备份，放在别处。
    """
    if (file is None) != outside or (on is not None and not outside):
        raise UsageRefused(
            what="请写 ckbx backup 文件，或 ckbx backup --made-outside [--on 日期]，不能混用"
        )
    wired = wiring(ctx)
    with wired.store() as store:
        if file is None:
            _record_outside(store, wired, day(on, "--on") or wired.today)
        else:
            _copy(store, wired, file.absolute())
        keys = store.settings.secret_dir
    say(
        f"密钥目录 {keys} 不在备份里，请另外复制一份，和数据库备份分开放："
        "没有密钥，备份里的姓名、证件号就读不出来；两样放在一起，谁拿到都能读"
    )


def _copy(store: Store, wired: Wiring, file: Path) -> None:
    if not store.settings.is_sqlite:
        raise BackupElsewhere(command=pg_dump(store.settings, file))
    from ckbx.application.backups import record_backup

    position = store.log.backup_to(file)
    say(f"已备份到 {file}（到位置 {position}，已检查完整）")
    record_backup(store.office, store.office.context(wired.actor), position)


def _record_outside(store: Store, wired: Wiring, on: date) -> None:
    from ckbx.application.backups import record_outside

    if record_outside(store.office, store.office.context(wired.actor), on):
        say(f"已登记：{on} 用别的工具备份过（登记人 {wired.actor}；本系统没有检查那份备份）")
    else:
        say(f"{on} 用别的工具做的备份以前登记过，没有再记")


def pg_dump(settings: Settings, file: Path) -> str:
    """The command that copies a PostgreSQL store, without the password."""
    parts = urlsplit(settings.owner_url)
    asked = parse_qs(parts.query)
    wanted = {
        "-h": parts.hostname or (asked.get("host") or [""])[0],
        "-p": str(parts.port or (asked.get("port") or [""])[0]),
        "-U": unquote(parts.username or "") or (asked.get("user") or [""])[0],
        "-d": unquote(parts.path.strip("/")) or (asked.get("dbname") or [""])[0],
    }
    words = [word for option, value in wanted.items() if value for word in (option, value)]
    return shlex.join(["pg_dump", "-Fc", *words, "-f", str(file)])
