"""Which regular expressions stand in the program, and which texts would make each work hardest?

Found in the source by their calls; the texts are made from the expression itself: long runs of
the characters it repeats, ended by one that it does not take.
"""

from __future__ import annotations

import ast
import importlib
import re
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from re import _constants as sre
from re import _parser as parser
from typing import Any, Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parents[2]
FOLDERS: Final = (ROOT / "src", ROOT / "projections", ROOT / "notifications")
CALLS: Final = frozenset(
    {"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall", "finditer"}
)
SAMPLES: Final = {
    sre.CATEGORY_DIGIT: "7",
    sre.CATEGORY_NOT_DIGIT: "x",
    sre.CATEGORY_SPACE: " ",
    sre.CATEGORY_NOT_SPACE: "x",
    sre.CATEGORY_WORD: "w",
    sre.CATEGORY_NOT_WORD: "-",
}
ENDS: Final = ("", "\x00", "!", "王", "\n")
SHORT, LONG = 20, 4_096
SHORT_SECONDS: Final = 0.05
"""Nothing that is not exponential needs that long for twenty characters."""
LONG_SECONDS: Final = 0.015
"""… for some thousand characters, of what is linear."""
_LOOKS: Final = 3
GROWTH: Final = 3.0
"""Twice the length may cost so many times as much: linear with room, not quadratic."""


ANCHORED: Final = frozenset({"match", "fullmatch"})
BOUNDED: Final = {
    "src/ckbx/access/common_passwords.py": 256,
    "src/ckbx/access/passwords.py": 256,
    "src/ckbx/imports/date_values.py": 64,
}
"""Where no longer text comes to the expressions, and of how many characters at most."""


class Found(NamedTuple):
    """An expression and where it stands; ``anchored``: never searched for."""

    where: str
    pattern: str
    flags: int
    anchored: bool = False


def expressions() -> tuple[list[Found], list[str]]:
    """Every expression of the program; the places whose expression is not known before it runs."""
    found: list[Found] = []
    unknown: list[str] = []
    for folder in FOLDERS:
        for path in sorted(folder.rglob("*.py")):
            source = path.read_text("utf-8")
            for node, flags, how in _calls(ast.parse(source)):
                where = f"{path.relative_to(ROOT)}:{node.lineno}"
                value = _value(node, path)
                if isinstance(value, str):
                    found.append(Found(where, value, _flags(flags), _is_anchored(how, source)))
                else:
                    unknown.append(where)
    return found, unknown


def _is_anchored(how: str, source: str) -> bool:
    """``how``: a function of ``re``, or the name under which an expression is kept."""
    if how in CALLS | {""}:
        return how in ANCHORED
    used = set(re.findall(rf"\b{how}\.(\w+)", source))
    return bool(used & CALLS) and not (used & CALLS) - ANCHORED


def _calls(tree: ast.AST) -> Iterator[tuple[ast.expr, list[ast.expr], str]]:
    """What is handed to ``re`` as an expression, or to a model as ``pattern=``; its flags; the
    function, or the name it is kept under.
    """
    kept = {
        id(node.value): target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if (
            isinstance(called, ast.Attribute)
            and called.attr in CALLS
            and isinstance(called.value, ast.Name)
            and called.value.id == "re"
            and node.args
        ):
            named = [k.value for k in node.keywords if k.arg == "flags"]
            how = kept.get(id(node), "") if called.attr == "compile" else called.attr
            yield node.args[0], [*node.args[1:], *named], how
        yield from ((k.value, [], "match") for k in node.keywords if k.arg == "pattern")


def _flags(nodes: list[ast.expr]) -> int:
    names = {n.attr for node in nodes for n in ast.walk(node) if isinstance(n, ast.Attribute)}
    known = [getattr(re, name) for name in names if name in re.RegexFlag.__members__]
    return sum(map(int, known))


def _value(node: ast.expr, path: Path) -> Any:
    """A constant, or what the names of the module make of it."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        pass
    base = ROOT / "src" if path.is_relative_to(ROOT / "src") else ROOT
    name = ".".join(path.relative_to(base).with_suffix("").parts).removesuffix(".__init__")
    try:
        module = importlib.import_module(name)
        return eval(compile(ast.Expression(node), str(path), "eval"), vars(module))
    except Exception:  # noqa: BLE001 - whatever it is, it is not known here
        return None


def texts(pattern: str, flags: int, length: int) -> Iterator[str]:
    """The texts that would make it work hardest."""
    runs = list(dict.fromkeys(_runs(parser.parse(pattern, flags)))) or ["a"]
    pumps = dict.fromkeys([*runs, *("".join(pair) for pair in pairwise(runs))])
    for pump in pumps:
        run = (pump * length)[:length]
        yield from (run + end for end in ENDS)


def _runs(parsed: Any) -> Iterator[str]:
    """A character for each place of the expression, and for the body of each repetition."""
    for code, given in parsed:
        if code in (sre.MAX_REPEAT, sre.MIN_REPEAT, sre.POSSESSIVE_REPEAT):
            body = list(_runs(given[2]))
            yield from body
            yield "".join(body)
        elif code is sre.SUBPATTERN:
            yield from _runs(given[3])
        elif code is sre.ATOMIC_GROUP:
            yield from _runs(given)
        elif code is sre.BRANCH:
            for each in given[1]:
                yield from _runs(each)
        elif code in (sre.ASSERT, sre.ASSERT_NOT):
            yield from _runs(given[1])
        elif code is sre.LITERAL:
            yield chr(given)
        elif code in (sre.ANY, sre.NOT_LITERAL):
            yield "x" if given != ord("x") else "y"
        elif code is sre.IN:
            yield _one_of(given)


def _one_of(choices: Any) -> str:
    for code, given in choices:
        if code is sre.LITERAL and choices[0][0] is not sre.NEGATE:
            return chr(given)
        if code is sre.RANGE and choices[0][0] is not sre.NEGATE:
            return chr(given[0])
        if code is sre.CATEGORY and choices[0][0] is not sre.NEGATE:
            return SAMPLES[given]
    return "x"


def _seconds(found: Found, given: str) -> float:
    """The processor's time of this thread; the best of two."""
    pattern = re.compile(found.pattern, found.flags)
    look = pattern.match if found.anchored else pattern.search
    spent = []
    for _ in range(2):
        begun = time.thread_time()
        look(given)
        spent.append(time.thread_time() - begun)
    return min(spent)


def harm(found: Found) -> str:
    """Why an expression can be held up by a text; empty where it cannot."""
    for length in range(8, SHORT + 1, 4):
        for text in texts(found.pattern, found.flags, length):
            if _seconds(found, text) > SHORT_SECONDS:
                return f"{length} characters hold it up"
    if not repeats(found):
        return ""
    most = BOUNDED.get(found.where.partition(":")[0], LONG)
    lengths = [most >> step for step in range(5, -1, -1)]
    for same in zip(*(texts(found.pattern, found.flags, n) for n in lengths), strict=True):
        half = ""
        for length, text in zip(lengths, same, strict=True):
            spent = _seconds(found, text)
            if spent > LONG_SECONDS:
                spent, before = _least(found, text), _least(found, half)
                if spent > GROWTH * before:
                    return f"{spent:.3f} s for {length} characters, {before:.3f} s for half"
                break
            half = text
    return ""


def _least(found: Found, given: str) -> float:
    """As :func:`_seconds`, where the machine may have been busy."""
    return min(_seconds(found, given) for _ in range(_LOOKS))


def repeats(found: Found) -> bool:
    """Whether it takes texts of any length."""
    return any(mark in found.pattern for mark in ("*", "+", ",}"))
