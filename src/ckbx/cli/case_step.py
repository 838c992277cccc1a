"""One step on a case as a command: what all steps share is declared here, once.

A step is a function of its own options that makes an act; ``step`` adds the case, ``--on``,
``--as`` and ``--seen``, and carries the act out.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

import typer

from ckbx.cli.case_desk import CaseDesk, acting, carry_out
from ckbx.cli.case_options import BUREAU, AsOption, CaseArgument, OnOption, SeenOption
from ckbx.cli.child_options import on_day
from ckbx.cli.chinese import Command
from ckbx.cli.context import wiring

if TYPE_CHECKING:
    from ckbx.application.cases import Act
    from ckbx.domain.responsibility.post import Role

Make = Callable[[CaseDesk], "Act"]
Body = Callable[..., Make]


class Call(NamedTuple):
    """What a step is told beside its own options: in which role, on which day, and today."""

    role: Role
    when: date
    today: date


def step(body: Body, *, as_: str = BUREAU, dated: bool = True) -> Callable[..., None]:
    """The command of a step. ``as_``: the role it has unless another is typed; not ``dated``:
    it is done today.
    """

    def command(**typed: Any) -> None:
        wired, key, seen = wiring(typed.pop("ctx")), typed.pop("key"), typed.pop("seen")
        role, on = acting(typed.pop("as_")), typed.pop("on", None)
        make = body(Call(role, on_day(wired, on), wired.today), **typed)
        carry_out(wired, key, make, seen=seen)

    _, *own = inspect.signature(body, eval_str=True).parameters.values()
    shared = [_option("on", OnOption, None)] if dated else []
    parameters = [
        _option("ctx", typer.Context),
        _option("key", CaseArgument),
        *(each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in own),
        *shared,
        _option("as_", AsOption, as_),
        _option("seen", SeenOption, None),
    ]
    command.__doc__ = body.__doc__
    command.__annotations__ = {each.name: each.annotation for each in parameters}
    command.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return command


def add(group: typer.Typer, steps: dict[str, Callable[..., None]], **helps: dict[str, str]) -> None:
    """Register steps by their names; ``helps`` where the docstring is not the help."""
    for name, command in steps.items():
        group.command(name, cls=Command, **helps.get(name, {}))(command)  # type: ignore[arg-type]


def _option(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> Any:
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default
    )
