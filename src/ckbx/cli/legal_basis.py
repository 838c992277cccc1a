"""``legal basis``: on which document the county fines guardians, or exempts children (免学)."""

from __future__ import annotations

from typing import Annotated

import typer

from ckbx.cli.case_desk import acting
from ckbx.cli.case_options import BUREAU, AsOption, OnOption
from ckbx.cli.child_options import on_day
from ckbx.cli.chinese import Command
from ckbx.cli.context import UsageRefused, say, wiring
from ckbx.domain.shared.personal import holds_number

_MATTERS = {"免学": "exemption", "行政处罚": "fine"}


def register(group: typer.Typer) -> None:
    """Add the commands of this module."""
    group.command("basis", cls=Command)(basis)
    group.command("withdraw-basis", cls=Command)(withdraw_basis)


MatterOption = Annotated[str, typer.Option("--matter", metavar="事项", help="免学，或行政处罚")]


def basis(
    ctx: typer.Context,
    matter: MatterOption,
    document: Annotated[str, typer.Option("--document", metavar="文号", help="依据的文号")],
    on: OnOption = None,
    as_: AsOption = BUREAU,
) -> None:
    """登记本县免学、行政处罚的法律依据（县教育局）。没有登记的不能批准免学、不能处罚。"""
    from ckbx.application.legal import record_basis

    wired, role, when = wiring(ctx), acting(as_), on_day(wiring(ctx), on)
    if holds_number(document):
        raise UsageRefused(what="--document 只写文号，不能含证件号或电话号")
    with wired.store() as store:
        acts, code = store.office.context(wired.actor), _MATTERS.get(matter, matter)
        record_basis(store.office, acts, matter=code, document=document, on=when, role=role)
    say(f"已登记{matter}的法律依据：{document}")


def withdraw_basis(
    ctx: typer.Context,
    matter: MatterOption,
    note: Annotated[str, typer.Option("--note", metavar="文字", help="为什么撤销；存入个人信息库")],
    on: OnOption = None,
    as_: AsOption = BUREAU,
) -> None:
    """撤销已登记的法律依据（废止了，或登记错了）。已办的文书照旧，以后的不能再依据它办。"""
    from ckbx.application.legal import withdraw_basis as withdraw

    wired, role, when = wiring(ctx), acting(as_), on_day(wiring(ctx), on)
    with wired.store() as store:
        acts, code = store.office.context(wired.actor), _MATTERS.get(matter, matter)
        withdraw(store.office, acts, store.vault, matter=code, on=when, why=note.strip(), role=role)
    say(f"已撤销{matter}的法律依据；再要办的，先登记新的依据")
