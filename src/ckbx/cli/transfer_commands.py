"""``transfer``: 转学 in two steps, 转入 from outside the county, and how a transfer stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ckbx.cli import papers_given
from ckbx.cli.child_options import (
    BUREAU,
    AsOption,
    ChildArgument,
    EvidenceOption,
    OnOption,
    child_desk,
    on_day,
)
from ckbx.cli.chinese import Command, Group
from ckbx.cli.context import UsageRefused, say, screen, wiring
from ckbx.cli.options import Plain, PlainFormatOption

if TYPE_CHECKING:
    from ckbx.application.transfers import Moved, Who
    from ckbx.store import Store

WhoArgument = Annotated[
    str | None,
    typer.Argument(metavar="儿童", help="学籍号、身份证号或内部编号；全班一起办的用 --class"),
]
WholeClassOption = Annotated[
    str | None,
    typer.Option("--class", metavar="班级", help="全班一起办（如小升初）：学校标识码/入学年/班号"),
]
ReceiverOption = Annotated[
    str, typer.Option("--to", metavar="学校标识码", help="转入学校（10 位学校标识码）")
]
ReceiverNameOption = Annotated[
    str, typer.Option("--to-name", metavar="学校名称", help="县外转入学校的名称；本县的不用写")
]
IntoOption = Annotated[
    str | None,
    typer.Option("--into", metavar="班级", help="同时编入本县的这个班：学校标识码/入学年/班号"),
]
PaperOption = Annotated[str, typer.Option("--document", metavar="文号", help="转学手续的文号")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(
        cls=Group, help="转学：转出校办理、转入校确认；县外转入登记。", no_args_is_help=True
    )
    group.command("start", cls=Command)(start)
    group.command("confirm", cls=Command)(confirm)
    group.command("cancel", cls=Command)(cancel)
    group.command("arrive", cls=Command)(arrive)
    group.command("show", cls=Command)(show)
    app.add_typer(group, name="transfer")


def start(
    ctx: typer.Context,
    key: WhoArgument = None,
    to: ReceiverOption = "",
    to_name: ReceiverNameOption = "",
    document: PaperOption = "",
    class_key: WholeClassOption = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
) -> None:
    """办理转出（转出学校）。转入校确认以前不算转出；逾期无人确认的转为疑似辍学。"""
    from ckbx.application import transfers
    from ckbx.cli.codes import role_of

    wired, role = wiring(ctx), role_of(as_)
    number, when = papers_given.document(document), on_day(wired, on)
    with wired.store() as store:
        made = transfers.start(
            store.office,
            store.office.context(wired.actor),
            _who(store, key, class_key),
            role=role,
            on=when,
            receiving_school=to,
            document=number,
            receiving_name=to_name,
        )
    until = f"，请转入校在 {made.confirm_by} 以前确认" if made.confirm_by else ""
    say(f"已办理转出 {len(made.children)} 人{until}")
    _left(made)


def confirm(
    ctx: typer.Context,
    key: WhoArgument = None,
    to: ReceiverOption = "",
    evidence: EvidenceOption = None,
    into: IntoOption = None,
    class_key: WholeClassOption = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
) -> None:
    """确认转入（转入学校，附接收证明）；此后该生才算转出。"""
    from ckbx.application import transfers
    from ckbx.application.case_papers import Papers
    from ckbx.cli.codes import role_of

    wired, role = wiring(ctx), role_of(as_)
    when = on_day(wired, on)
    with wired.store() as store:
        papers = Papers(store.vault)
        ref, files = papers_given.evidence(papers, evidence)
        if class_key and any(each.size > transfers.CLASS_BYTES for each in files):
            raise UsageRefused(
                what="全班一起办的佐证每人存一份，文件不超过 1 MB；请压缩，或写明材料的文字"
            )
        made = transfers.confirm(
            store.office,
            store.office.context(wired.actor),
            _who(store, key, class_key),
            role=role,
            on=when,
            receiving_school=to,
            evidence_ref=ref,
            class_key=into,
            papers=papers,
        )
    entered = f"，已编入 {into}" if into and made.children else ""
    say(f"已确认转入 {len(made.children)} 人{entered}")
    if made.children and not into:
        say("转入校在本县的，请导入花名册或用 --into 编班；没有入学的会列入待办")
    _left(made)


def cancel(
    ctx: typer.Context, key: ChildArgument, on: OnOption = None, as_: AsOption = BUREAU
) -> None:
    """取消转出：该生仍在原校；转出前是疑似辍学或辍学的照旧。"""
    from ckbx.application import transfers

    wired = wiring(ctx)
    when = on_day(wired, on)
    with child_desk(wired, key, as_) as desk:
        transfers.cancel(desk.store.office, desk.ctx, desk.child, role=desk.role, on=when)
        say(desk.told("已取消转出"))


def arrive(
    ctx: typer.Context,
    key: ChildArgument,
    region: Annotated[
        str, typer.Option("--from-region", metavar="代码", help="原籍区划；6、9 或 12 位")
    ],
    document: PaperOption,
    school: Annotated[
        str | None,
        typer.Option("--from-school", metavar="学校标识码", help="原学校；知道的写"),
    ] = None,
    school_name: Annotated[
        str, typer.Option("--from-name", metavar="学校名称", help="原学校的名称；知道的写")
    ] = "",
    evidence: EvidenceOption = None,
    into: IntoOption = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
) -> None:
    """登记县外转入（转入学校）。第一次来本县的先导入花名册，再用本命令写明从哪里来。"""
    from ckbx.application import transfers
    from ckbx.domain.child.movements import Arrival

    wired = wiring(ctx)
    number, when = papers_given.document(document), on_day(wired, on)
    with child_desk(wired, key, as_) as desk:
        transfers.arrive(
            desk.store.office,
            desk.ctx,
            desk.child,
            Arrival(
                from_region=region,
                from_school=school,
                from_name=school_name,
                document=number,
                evidence_ref=desk.evidence(evidence),
            ),
            role=desk.role,
            on=when,
            class_key=into,
            papers=desk.papers,
        )
        say(desk.told("已登记县外转入"))


def show(ctx: typer.Context, key: ChildArgument, form: PlainFormatOption = Plain.TABLE) -> None:
    """一个儿童的转学经过：办理、确认、取消、逾期，现在到哪一步。"""
    from ckbx.ledgers.output import json_bytes

    with child_desk(wiring(ctx), key, BUREAU) as desk:
        found = _course(desk.store, desk)
    if form is Plain.JSON:
        typer.echo(json_bytes(found), nl=False)
        return
    from rich.table import Table

    until = f"，应在 {found['confirm_by']} 以前确认" if found["confirm_by"] else ""
    console = screen()
    console.print(f"{found['child_id']}　{found['status_title']}{until}", markup=False)
    table = Table("日期", "事项", "学校或区划", "文号", "经办")
    for fact in found["facts"]:
        table.add_row(*(str(fact[name] or "") for name in _SHOWN))
    console.print(table)


_SHOWN = ("occurred_on", "title", "place", "document", "actor")


def _course(store: Store, desk: Any) -> dict[str, Any]:
    from ckbx.domain.child import leave_events as lv
    from ckbx.domain.child import movement_events as mv
    from ckbx.domain.child.status import TrackingStatus

    child = desk.state()
    status = child.status_on(store.office.today())
    kinds = (
        lv.TransferStarted,
        lv.TransferConfirmed,
        lv.TransferCancelled,
        lv.TransferLapsed,
        mv.TransferredIn,
    )
    facts = [e for e in store.log.load([desk.child]).get(desk.child, []) if isinstance(e, kinds)]
    under_way = status is TrackingStatus.TRANSFERRING
    return {
        "child_id": str(desk.child),
        "status": status.value,
        "status_title": status.label,
        "receiving_school": child.transfer_to if under_way else None,
        "confirm_by": child.transfer_confirm_by if under_way else None,
        "facts": [
            {
                "event": event.TOPIC,
                "title": event.TITLE,
                "occurred_on": event.occurred_on,
                "place": _place(event),
                "document": getattr(event, "document", None),
                "actor": event.actor,
            }
            for event in facts
        ],
    }


def _place(event: Any) -> str | None:
    for name in ("receiving_name", "receiving_school", "from_name", "from_school", "from_region"):
        found: str | None = getattr(event, name, None)
        if found:
            return found
    return None


def _who(store: Store, key: str | None, class_key: str | None) -> Who:
    from ckbx.application.transfers import Who
    from ckbx.ledgers.child import find_child

    if (key is None) == (class_key is None):
        raise UsageRefused(what="请写明一名儿童，或用 --class 写一个班级（二者选一）")
    return Who(child=find_child(store.vault, key) if key else None, class_key=class_key)


def _left(made: Moved) -> None:
    from rich.table import Table

    if not made.left:
        return
    say(f"另有 {len(made.left)} 人没有办理，原因见下，请逐一处理")
    table = Table("内部编号", "就学状态", "为什么没有办理")
    for each in made.left:
        table.add_row(str(each.child), each.status.label, each.why)
    screen().print(table)
