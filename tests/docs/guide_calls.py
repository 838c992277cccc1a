"""Which commands does a guide tell people to type, and does typing them do what it says?"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.support.photos import jpeg
from tests.support.terminal import Terminal, command_tree

GUIDES = Path(__file__).parents[2] / "docs" / "guide"
LATER = {"serve", "demo", "worker"}
"""Registered by the composition root, not by the command line's own package."""
RULE = 5
"""The exit code of what a rule does not allow."""
FILES = {".pdf": b"%PDF-1.7\n%%EOF\n", ".jpg": jpeg()}
Words = list[str]
Instead = Mapping[str, str | Callable[[Terminal], str]]


def mentioned(guide: str) -> list[Words]:
    """Every command that a guide names, whole or not."""
    text = (GUIDES / guide).read_text(encoding="utf-8")
    return [shlex.split(call) for call in re.findall(r"`ckbx ([^`]+)`", text)]


def sections(guide: str) -> dict[str, list[Words]]:
    """The whole commands under each heading of a guide, in order; headings without are left out."""
    text = (GUIDES / guide).read_text(encoding="utf-8")
    root = command_tree()
    found: dict[str, list[Words]] = {}
    for part in re.split(r"^## ", text, flags=re.MULTILINE):
        calls = [shlex.split(call) for call in re.findall(r"`ckbx ([^`]+)`", part)]
        whole = [words for words in calls if _whole(root, words)]
        if whole:
            found[part.splitlines()[0]] = whole
    return found


def _whole(root: Any, words: Words) -> bool:
    """Whether it can be typed as it stands; a command's bare name is only a mention of it."""
    if words[0].startswith("-") or words[0] in LATER or "--help" in words:
        return False
    command, rest = root, words
    while rest and rest[0] in getattr(command, "commands", {}):
        command, rest = command.commands[rest[0]], rest[1:]
    wants = any(p.param_type_name == "argument" or p.required for p in command.params)
    return bool(rest) or not wants


def lay_out(folder: Path, calls: Iterable[Words]) -> None:
    """The files that the commands name as evidence."""
    for word in (word for words in calls for word in words):
        content = FILES.get(Path(word).suffix)
        if content is not None:
            (folder / word).write_bytes(content)


def follow(
    run: Terminal,
    calls: Iterable[Words],
    *,
    refused: Mapping[str, str],
    instead: Instead,
    before: Mapping[str, Callable[[Terminal], None]] | None = None,
) -> None:
    """Type the commands in order. All are carried out but those that a rule refuses.

    ``refused``: by the start of a command (``case close``), what the refusal has to say; a
    start that begins with ``again`` is meant for the second time it is typed. ``instead``:
    what stands for words that only a store knows. ``before``: what others did by then.
    """
    typed: list[str] = []
    for words in calls:
        said = " ".join(words)
        call = f"again {said}" if said in typed else said
        typed.append(said)
        for start, do in (before or {}).items():
            if call.startswith(start):
                do(run)
        because = next((why for start, why in refused.items() if call.startswith(start)), None)
        given = [instead.get(word, word) for word in words]
        done = run(*(word if isinstance(word, str) else word(run) for word in given))
        assert done.code == (0 if because is None else RULE), (call, done.code, done.err)
        assert because is None or because in done.err, (call, done.err)
