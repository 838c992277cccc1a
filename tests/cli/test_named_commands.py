"""What a message tells people to run is there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import typer

from ckbx.bench.command import benching
from ckbx.bench.web.program import Program
from ckbx.cli import demo_commands, serve_commands
from ckbx.cli.app import build
from ckbx.cli.context import Wiring

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"ckbx ([a-z][a-z-]+)(?: ([a-z][a-z-]+))?")


def commands() -> dict[str, set[str]]:
    """Every command, with the members of groups."""
    pages = (
        demo_commands.demo(lambda *_: None),
        serve_commands.serving(lambda *_: None, lambda *_: lambda _: None),
        benching(Program(lambda *_: None, lambda *_: lambda _: None)),
    )
    root = typer.main.get_command(build(Wiring(environ={}), extra=pages))
    return {
        name: set(getattr(command, "commands", {}))
        for name, command in root.commands.items()  # type: ignore[attr-defined]
    }


def named(text: str) -> Iterator[tuple[str, str]]:
    """The commands that the strings of a module name."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            for found in NAMED.finditer(node.value):
                yield found[1], found[2] or ""


def test_every_command_a_message_names_exists() -> None:
    known, unknown = commands(), []
    for folder in ("src", "projections", "notifications"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            for name, member in named(file.read_text(encoding="utf-8")):
                group = known.get(name)
                if group is None or (group and member and member not in group):
                    unknown.append(f"{file.name}: ckbx {name} {member}")
    assert unknown == []


def test_control_a_command_that_is_not_there_is_found() -> None:
    assert list(named('say("请运行 ckbx mend now")')) == [("mend", "now")]
    assert "mend" not in commands()
