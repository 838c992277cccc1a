"""``legal``: the papers of the four legal steps on a case, how they were served, what is next."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ckbx.cli import legal_basis
from ckbx.cli.case_desk import CaseDesk, acting
from ckbx.cli.case_options import (
    BUREAU,
    AsOption,
    CaseArgument,
    EvidenceOption,
    OnOption,
    SeenOption,
)
from ckbx.cli.child_options import on_day
from ckbx.cli.chinese import Command, Group
from ckbx.cli.codes import offered, pick, title
from ckbx.cli.context import UsageRefused, Wiring, say, screen, wiring
from ckbx.cli.options import Plain, PlainFormatOption, day
from ckbx.domain.legal.codes import PaperKind, Recipient, ServiceMode
from ckbx.domain.shared.personal import holds_number

if TYPE_CHECKING:
    from ckbx.application.legal import Decide
    from ckbx.application.unit import Unit
    from ckbx.domain.case.case import Case
    from ckbx.domain.responsibility.post import Role


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    group = typer.Typer(
        cls=Group, help="依法控辍四步：出具文书、登记送达、看下一步。", no_args_is_help=True
    )
    group.command("issue", cls=Command)(issue)
    group.command("serve", cls=Command)(serve)
    group.command("next", cls=Command)(next_)
    legal_basis.register(group)
    app.add_typer(group, name="legal")


def issue(
    ctx: typer.Context,
    key: CaseArgument,
    kind: Annotated[
        str, typer.Option("--paper", metavar="文书", help=f"哪种文书：{offered(PaperKind)}")
    ],
    document: Annotated[str, typer.Option("--document", metavar="文号", help="文书的编号")],
    issuer: Annotated[
        str | None,
        typer.Option(
            "--issuer",
            metavar="代码",
            help="出具机关：学校标识码或区划代码；县教育局、学校出具的可省略",
        ),
    ] = None,
    due: Annotated[
        str | None,
        typer.Option("--due", metavar="日期或天数", help="期限：最后一天，或送达后几天如 10"),
    ] = None,
    fine: Annotated[
        str | None,
        typer.Option("--fine", metavar="元[/日期]", help="罚款数；决定书再写缴款的最后一天"),
    ] = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """登记出具一份文书。前一步没做完、期限不合的拒绝，并说缺什么。"""
    wired, role = wiring(ctx), acting(as_)
    paper, when = pick(PaperKind, kind, "--paper"), on_day(wired, on)
    if holds_number(document):
        raise UsageRefused(what="--document 只写文号，不能含证件号或电话号")
    amount, _, pay_by = (fine or "").partition("/")
    terms = {
        "due_days": int(due) if due and due.isdigit() and len(due) < 4 else None,
        "due_on": None if due and due.isdigit() and len(due) < 4 else day(due, "--due"),
        "amount": _whole(amount),
        "pay_by": day(pay_by or None, "--fine"),
    }

    def make(desk: CaseDesk, case: Case) -> Decide:
        from ckbx.domain.legal import papers
        from ckbx.domain.legal.opening import Subject
        from ckbx.domain.legal.terms import Draft

        own = issuer or _issuer(desk, case, role)
        values: dict[str, Any] = {"kind": paper, "on": when, "document": document, **terms}
        draft = Draft(issuer=own, **values)
        of = Subject(case.id, case.child)
        return lambda steps, x, law: papers.issue(steps, x, draft, role=role, law=law, of=of)

    _carry(wired, key, make, seen, role)


def _whole(text: str) -> int | None:
    if not text:
        return None
    if not (text.isascii() and text.isdigit()):
        raise UsageRefused(what="--fine 写成整数元，如 200，决定书写 200/2026-12-05")
    return int(text)


def _issuer(desk: CaseDesk, case: Case, role: Role) -> str:
    """The code of who issues, where the role alone says it. Raises UsageRefused."""
    from ckbx.domain.legal.codes import BODY_OF_ROLE, Body

    match BODY_OF_ROLE.get(role):
        case Body.SCHOOL if case.school:
            return case.school
        case Body.VILLAGE | Body.TOWNSHIP:
            raise UsageRefused(what=f"{title(role)}出具的文书，请用 --issuer 写明区划代码")
    return desk.store.office.county


def serve(  # noqa: PLR0913, PLR0917 - the options of a command
    ctx: typer.Context,
    key: CaseArgument,
    paper: Annotated[int, typer.Option("--paper", metavar="份", help="第几份文书")],
    evidence: EvidenceOption = None,
    mode: Annotated[
        str, typer.Option("--mode", metavar="方式", help=f"送达方式：{offered(ServiceMode)}")
    ] = ServiceMode.DIRECT.value,
    place: Annotated[
        str | None,
        typer.Option("--place", metavar="代码", help="地点的区划代码；默认本县"),
    ] = None,
    recipient: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="收件人=姓名",
            help=f"谁收下：{offered(Recipient)}；姓名只存入个人信息库，如 父亲=王大山",
        ),
    ] = None,
    servers: Annotated[
        list[str] | None,
        typer.Option("--by", metavar="账号或姓名", help="送达人，每人写一次；姓名只存入个人信息库"),
    ] = None,
    on: OnOption = None,
    as_: AsOption = BUREAU,
    seen: SeenOption = None,
) -> None:
    """登记送达一份文书（送达回证）。拒收的用留置送达，送达人至少两人。"""
    wired, role = wiring(ctx), acting(as_)
    how, when = pick(ServiceMode, mode, "--mode"), on_day(wired, on)
    who, _, name = (recipient or "").partition("=")
    taker = pick(Recipient, who, "--to") if who else None

    def make(desk: CaseDesk, _case: Case) -> Decide:
        from ckbx.domain.legal import service

        ref, _files = desk.evidence(evidence)
        taken = desk.papers.note(name)
        delivery = service.Delivery(
            mode=how,
            on=when,
            place=place or desk.store.office.county,
            evidence_ref=f"note:{ref}" if ref else "",
            received_on=when if how is ServiceMode.POSTED else None,
            recipient=taker,
            recipient_ref=f"note:{taken}" if taken else None,
            servers=tuple(_server(desk, each) for each in servers or []),
            refused=how is ServiceMode.LEFT,
        )
        return lambda steps, x, law: service.serve(steps, x, paper, delivery, role=role, law=law)

    _carry(wired, key, make, seen, role)


def _server(desk: CaseDesk, text: str) -> str:
    if text.isascii() and not holds_number(text):
        return text
    return f"note:{desk.papers.note(text)}"


def next_(ctx: typer.Context, key: CaseArgument, form: PlainFormatOption = Plain.TABLE) -> None:
    """已出的文书和下一步：办什么、谁办、最早最晚哪天、还缺什么。"""
    from ckbx.cli.case_screen import print_steps
    from ckbx.ledgers.case_find import find_case
    from ckbx.ledgers.case_legal import steps_json
    from ckbx.ledgers.output import json_bytes

    wired = wiring(ctx)
    with wired.store() as store:
        found = steps_json(store.office, find_case(store, key), wired.today)
    if form is Plain.JSON:
        typer.echo(json_bytes(found), nl=False)
    else:
        print_steps(found, screen())


def _carry(
    wired: Wiring,
    key: str,
    make: Callable[[CaseDesk, Case], Decide],
    seen: int | None,
    role: Role,
) -> None:
    """One legal act, with the case marked as acted on and the texts in the same append."""
    from ckbx.application.legal import At, act, look_at_steps
    from ckbx.domain.child.child import Child
    from ckbx.domain.child.returns import act_on
    from ckbx.domain.legal.opening import Subject
    from ckbx.ledgers.case_find import find_case
    from ckbx.ledgers.columns import SHORT

    with wired.store() as store:
        desk = CaseDesk(store, find_case(store, key), wired.actor, wired.role)
        case = desk.case()
        decide = make(desk, case)

        def also(unit: Unit) -> None:
            act_on(unit.get(case.child, Child), desk.ctx, case.episode)
            desk.papers.write(unit, case.child)

        at = At(Subject(case.id, case.child), seen)
        act(store.office, desk.ctx, at, decide, role=role, also=also)
        view = look_at_steps(store.office, case.id, wired.today)
        then = next((s.title for s in view.steps if s.is_open(wired.today)), "等待期满或条件具备")
        say(f"已登记。个案 {case.id.hex[:SHORT]} 的依法控辍步骤版本 {view.version}，下一步：{then}")
