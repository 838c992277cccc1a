"""``init``, ``rebuild``, ``lag``: the store itself and the answers computed from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ckbx.cli.chinese import Command
from ckbx.cli.context import UsageRefused, Wiring, say, screen, wiring
from ckbx.cli.options import Plain, PlainFormatOption
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.personal import check_name, mask_numbers

if TYPE_CHECKING:
    from ckbx.store import Store

ADMINISTRATOR = "admin"
_COUNTY_DIGITS = 6


class AnswersDiffer(CkbxError):
    """Live rows are not those that the log comes to (exit code 4)."""

    code = "answers_differ"
    message = "有 {count} 个台账与从事件重算的结果不一致：{names}；请运行 ckbx rebuild {names}"
    exit_code = 4


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("init", cls=Command)(init)
    app.command("rebuild", cls=Command)(rebuild)
    app.command("lag", cls=Command)(lag)


def init(
    ctx: typer.Context,
    county: Annotated[
        str | None, typer.Option("--county", metavar="代码", help="县（区）的 6 位行政区划代码")
    ] = None,
    name: Annotated[
        str | None,
        typer.Option("--name", metavar="名称", help="县（区）的名称，与 --county 同时给出"),
    ] = None,
) -> None:
    """建立或升级数据库和密钥，可以重复运行。

    不给 --county 时，第一次导入校历会确定属于哪个县。知道是哪个县、又还没有账号时，开通第一个
    系统管理员，显示一次性口令。
    """
    _check_county(county, name)
    wired = wiring(ctx)
    from ckbx.store import init_store

    init_store(wired.settings, wired.clock, county)
    with wired.store(named=False) as store:
        if county and name:
            _call(store, wired, county, name)
        known = store.log.county
        code = _first_administrator(store, wired) if known else None
    where = wired.settings.sqlite_path if wired.settings.is_sqlite else "PostgreSQL"
    say(f"数据库已就绪：{where}；密钥目录：{wired.settings.secret_dir}（请另行备份）")
    if known:
        say(f"县（区）：{known}")
        if code:
            say(
                f"第一个系统管理员账号：{ADMINISTRATOR}，一次性口令：{code}（72 小时内有效，只显示这一次）；"
                "请在登录页用它设置密码"
            )
    else:
        say(
            "还没有指定县（区）：请运行 ckbx import calendar 校历文件，或带 --county、--name 再运行 init"
        )


def _first_administrator(store: Store, wired: Wiring) -> str | None:
    """The one-time code of the first administrator; None where there are accounts."""
    if store.gate.states():
        return None
    from ckbx.application.accounts import issue_code, load_account, open_first_administrator

    context = store.office.context(wired.actor)
    if load_account(store.office, ADMINISTRATOR).name:  # a run was broken off before its code
        return issue_code(store.office, store.gate, context, ADMINISTRATOR)
    return open_first_administrator(store.office, store.gate, context, ADMINISTRATOR)


def _check_county(county: str | None, name: str | None) -> None:
    if (county is None) != (name is None):
        raise UsageRefused(what="--county 和 --name 要同时给出")
    if county is not None and not (
        county.isascii() and county.isdigit() and len(county) == _COUNTY_DIGITS
    ):
        raise UsageRefused(what=f"县（区）代码“{mask_numbers(county)}”不能用：应为 6 位数字")
    if name is not None:
        check_name(name, "--name")


def _call(store: Store, wired: Wiring, county: str, name: str) -> None:
    office = store.office

    def decide(unit: Any) -> bytes | None:
        of = office.county_of(unit)
        of.call(unit.ctx, code=county, name=name.strip())
        return b"named" if of.has_pending else None

    office.run(office.context(wired.actor), decide)


def rebuild(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[名称]…", help="要重算的台账；不写为全部")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="只与从事件重算的结果比对，不改动；不一致时退出码为 4")
    ] = False,
) -> None:
    """从事件重新计算台账；计算期间原来的台账照常可用。"""
    with wiring(ctx).store() as store:
        chosen = _chosen(store, names or [])
        store.catch_up()
        if check:
            _check(store, chosen)
            return
        with screen(err=True).status(f"正在重算 {'、'.join(chosen)} …"):
            store.projector.rebuild(chosen)
        for each in store.projector.lag():
            if each.name in chosen:
                say(f"{each.name}：已重算到位置 {each.position}")


def _chosen(store: Store, names: list[str]) -> list[str]:
    known = [each.name for each in store.projector.projections]
    for name in names:
        if name not in known:
            raise UsageRefused(what=f"没有台账计算 {name}；可用：{'、'.join(known)}")
    return [name for name in known if not names or name in names]


def _check(store: Store, names: list[str]) -> None:
    wrong = []
    for name in names:
        with screen(err=True).status(f"正在比对 {name} …"):
            report = store.projector.check(name)
        say(str(report))
        if not report.equal:
            wrong.append(name)
    if wrong:
        raise AnswersDiffer(count=len(wrong), names=" ".join(wrong))


_STATES = {"live": "正常", "stale": "待重算"}


def lag(ctx: typer.Context, form: PlainFormatOption = Plain.TABLE) -> None:
    """台账、到期事项的记忆和发件箱各算到了哪个位置、落后多少。"""
    from rich.table import Table

    from ckbx.health.measures import subscribers
    from ckbx.health.posted import SUBSCRIBER
    from ckbx.ledgers.output import json_bytes

    with wiring(ctx).store(named=False) as store:
        store.projector.start()
        found = subscribers(store)
        head = store.log.head()
    off = [name for name in (SUBSCRIBER,) if name not in {each.name for each in found}]
    if form is Plain.JSON:
        rows = [
            {
                "name": each.name,
                "position": each.position,
                "head": head,
                "behind": each.behind,
                "state": each.state,
                "parked": each.parked,
            }
            for each in found
        ]
        typer.echo(json_bytes({"head": head, "rows": rows, "off": off}), nl=False)
        return
    table = Table(title="进度", caption=f"事件记录到位置 {head}")
    for heading in ("名称", "位置", "落后", "情况", "搁置对象"):
        table.add_column(heading)
    for each in found:
        shown = (each.name, each.position, each.behind, _STATES[each.state], each.parked)
        table.add_row(*map(str, shown))
    for name in off:
        table.add_row(name, "", "", "未启用", "")
    screen().print(table)
