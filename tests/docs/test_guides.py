"""The guides name only commands and options that exist, and their links lead somewhere."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.support.terminal import command_tree

ROOT = Path(__file__).parents[2]
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), ROOT / "CONTRIBUTING.md", ROOT / "README.md"]
LATER = {"serve", "demo", "bench", "worker"}
"""Registered by the composition root, not by the command line's own package."""


@cache
def known() -> dict[str, set[str]]:
    """Every command with the options it takes."""
    root = command_tree()
    found: dict[str, set[str]] = {}
    for name, command in root.commands.items():
        options = {o for p in command.params for o in p.opts}
        for child in getattr(command, "commands", {}).values():
            options |= {o for p in child.params for o in p.opts}
        found[name] = options
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_commands_named_in_a_page_exist_with_their_options(page: Path) -> None:
    commands = known()
    for call in re.findall(r"`ckbx ([^`]+)`", page.read_text(encoding="utf-8")):
        words = call.split()
        name = words[0]
        if name.startswith("-") or name in LATER:
            continue
        assert name in commands, f"{page.name}: ckbx {call}"
        for word in words:
            if word.startswith("--") and word not in ("--help", "--debug"):
                assert word in commands[name], f"{page.name}: ckbx {call}"


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_picture_is_shown_in_a_guide_and_small() -> None:
    guides = ROOT / "docs" / "guide"
    said = "".join(page.read_text(encoding="utf-8") for page in guides.glob("*.md"))
    for picture in (guides / "images").iterdir():
        assert f"(images/{picture.name})" in said, picture.name
        assert picture.stat().st_size <= 120_000, picture.name
