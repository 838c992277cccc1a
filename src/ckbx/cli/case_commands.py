"""``case``: the cases there are, one of them, and the steps people take on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ckbx.cli import case_letters, case_outcomes, case_work
from ckbx.cli.case_options import CaseArgument
from ckbx.cli.chinese import Command, Group
from ckbx.cli.context import DEFAULT_PURPOSE, Wiring, screen, wiring
from ckbx.cli.options import (
    Plain,
    PlainFormatOption,
    SchoolOption,
    WhyOption,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager

    from ckbx.ledgers.question import Look
    from ckbx.store import Store


def register(app: typer.Typer) -> None:
    """Add the commands of this module and of those beside it."""
    group = typer.Typer(
        cls=Group, help="个案：一案一人，从疑似到销号的每一步。", no_args_is_help=True
    )
    group.command("list", cls=Command)(list_)
    group.command("show", cls=Command)(show)
    case_work.register(group)
    case_letters.register(group)
    case_outcomes.register(group)
    app.add_typer(group, name="case")


def list_(
    ctx: typer.Context,
    school: SchoolOption = None,
    all_: Annotated[bool, typer.Option("--all", help="也列出已销号、撤案、转新案的")] = False,
    why: WhyOption = None,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """未结的个案：谁、到哪一步、帮扶教师、最近的期限。"""
    from ckbx.cli.case_screen import print_cases
    from ckbx.ledgers.case_list import list_json
    from ckbx.ledgers.output import json_bytes
    from projections.scope import Scope

    scope = Scope.schools([school]) if school else Scope.county()
    with looking(wiring(ctx), "case list", why, scope, all_=all_) as (_store, look):
        found = list_json(look)
    if form is Plain.JSON:
        typer.echo(json_bytes(found), nl=False)
    else:
        print_cases(found, screen())


def show(
    ctx: typer.Context,
    key: CaseArgument,
    why: WhyOption = None,
    form: PlainFormatOption = Plain.TABLE,
) -> None:
    """一个个案的经过、期限，和下一步可以办什么、谁可以办。"""
    from ckbx.cli.case_screen import print_case
    from ckbx.ledgers.case_find import find_case
    from ckbx.ledgers.cases import show_json
    from ckbx.ledgers.output import json_bytes

    with looking(wiring(ctx), "case show", why) as (store, look):
        found = show_json(look, store.office, find_case(store, key))
    if form is Plain.JSON:
        typer.echo(json_bytes(found), nl=False)
    else:
        print_case(found, screen())


def looking(
    wired: Wiring, view: str, why: str | None, scope: object = None, *, all_: bool = False
) -> AbstractContextManager[tuple[Store, Look]]:
    """One look of today at the whole county or a part, under the purpose given."""
    from contextlib import contextmanager

    from ckbx.ledgers.case_find import ANSWERS
    from ckbx.ledgers.question import Question
    from ckbx.vault import Access
    from projections.scope import Scope

    seen = scope if isinstance(scope, Scope) else Scope.county()
    question = Question(scope=seen, as_of=wired.today, all_=all_)
    access = Access(actor=wired.actor, view=f"ckbx {view}", purpose=why or DEFAULT_PURPOSE)

    @contextmanager
    def opened() -> Iterator[tuple[Store, Look]]:
        with wired.desk() as (store, desk), desk.look(question, access, ANSWERS) as look:
            yield store, look

    return opened()
