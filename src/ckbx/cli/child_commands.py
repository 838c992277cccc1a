"""``student``, ``responsible``, ``erase``: one child, found by its number."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from ckbx.cli.chinese import Command
from ckbx.cli.context import DEFAULT_PURPOSE, Wiring, say, screen, wiring
from ckbx.cli.ledger_commands import times
from ckbx.cli.options import (
    AsOfOption,
    KnownAtOption,
    Plain,
    PlainFormatOption,
    WhyOption,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from ckbx.ledgers.question import Look

KeyArgument = Annotated[str, typer.Argument(metavar="儿童", help="学籍号、身份证号或内部编号")]
PURGE_SECONDS: Final = 10.0
_PURGE_PAUSE: Final = 0.5


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("student", cls=Command)(student)
    app.command("responsible", cls=Command)(responsible)
    app.command("erase", cls=Command)(erase)


def student(
    ctx: typer.Context,
    key: KeyArgument,
    as_of: AsOfOption = None,
    known_at: KnownAtOption = None,
    why: WhyOption = None,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """一个儿童的就学状态、两条责任链和全部经过。"""
    from ckbx.cli.child_screen import print_student
    from ckbx.ledgers.child import student_json
    from ckbx.ledgers.output import json_bytes

    found = _ask(wiring(ctx), key, as_of, known_at, why, "student", student_json)
    if form is Plain.JSON:
        typer.echo(json_bytes(found), nl=False)
    else:
        print_student(found, screen())


def responsible(
    ctx: typer.Context,
    key: KeyArgument,
    on: Annotated[
        str | None, typer.Option("--on", metavar="日期", help="哪一天的责任人；默认今天")
    ] = None,
    known_at: KnownAtOption = None,
    why: WhyOption = None,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """某一天这个儿童的政府线、教育线各级责任人。"""
    from ckbx.cli.child_screen import print_chains
    from ckbx.ledgers.child import responsible_json
    from ckbx.ledgers.output import json_bytes

    found = _ask(wiring(ctx), key, on, known_at, why, "responsible", responsible_json)
    if form is Plain.JSON:
        typer.echo(json_bytes(found), nl=False)
    else:
        print_chains(found, screen())


def _ask(
    wired: Wiring,
    key: str,
    as_of: str | None,
    known_at: str | None,
    why: str | None,
    view: str,
    answer: Callable[[Look, UUID], dict[str, Any]],
) -> dict[str, Any]:
    from ckbx.ledgers.child import ANSWERS, find_child
    from ckbx.ledgers.question import Question
    from ckbx.vault import Access
    from projections.scope import Scope

    day, known = times(wired, as_of, known_at)
    question = Question(scope=Scope.county(), as_of=day, known_at=known)
    access = Access(actor=wired.actor, view=f"ckbx {view}", purpose=why or DEFAULT_PURPOSE)
    with wired.desk() as (store, desk), desk.look(question, access, ANSWERS) as look:
        return answer(look, find_child(store.vault, key))


def erase(
    ctx: typer.Context,
    key: KeyArgument,
    ground: Annotated[
        str,
        typer.Option(
            "--ground",
            metavar="理由",
            help="删除的理由，如保存期满，监护人申请，撤回同意，目的已实现，违法处理；误录的以后还可登记",
        ),
    ],
    approver: Annotated[
        str, typer.Option("--approver", metavar="批准人", help="批准删除的负责人（账号）")
    ],
) -> None:
    """依法删除一个儿童的个人信息。不能恢复；人数和完整性证明不受影响。"""
    from ckbx.application.erasure import erase_person
    from ckbx.ledgers.child import find_child

    wired = wiring(ctx)
    with wired.store() as store:
        child = find_child(store.vault, key)
        done = erase_person(
            store.office,
            store.vault,
            store.office.context(wired.actor),
            child,
            ground=ground,
            approver=approver,
        )
        said = "已删除" if done.position else "此前已经删除"
        say(f"儿童 {child} 的个人信息{said}，密钥已销毁")
        _purge(store)


def _purge(store: Any) -> None:
    """Drive the bytes out of the files: again and again for a while, then say 待清除."""
    from ckbx.store import owner_engine

    owner = owner_engine(store.settings)
    deadline = time.monotonic() + PURGE_SECONDS
    try:
        while True:
            state = store.vault.purge(owner=owner)
            if state.done or time.monotonic() > deadline:
                break
            time.sleep(_PURGE_PAUSE)
    finally:
        if owner is not None:
            owner.dispose()
    if state.done:
        say("数据库文件中的旧数据：已清除")
    else:
        say(f"数据库文件中的旧数据：待清除（{state.why}）。请稍后再运行一次本命令")
