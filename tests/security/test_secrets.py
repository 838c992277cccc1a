"""No secret stands in a file of the repository: no key, no token, nothing that looks drawn."""

from __future__ import annotations

import math
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHAPES = {
    "private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "access key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "host token": re.compile(
        r"\b(?:gh[pousr]_[A-Za-z0-9]{36}|glpat-[\w-]{20}|npm_[A-Za-z0-9]{36})"
    ),
    "chat token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    "own token": re.compile(r"\bckbx_[A-Za-z0-9_-]{43}\b"),
    "signed token": re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
    "password in an address": re.compile(r"\w+://[^\s:/@{}<>'\"]+:(?!\.\.\.)[^\s/@{}<>'\"]{9,}@"),
}
DRAWN = re.compile(r"(?<![\w/+.-])[A-Za-z0-9/+_-]{32,}={0,2}(?![\w/+.-])")
MOST_BITS = 4.5
"""A letter of a secret that was drawn says more; words, paths and hex digits say less."""
LEFT_OUT = ("package-lock.json", ".lock")
"""Digests of packages, by the thousand; their shape is looked at in test_build_files."""


def secrets(text: str) -> Iterator[str]:
    """What in a text may be a secret, and why."""
    for kind, shape in SHAPES.items():
        yield from (f"{kind}: {found[0][:12]}…" for found in shape.finditer(text))
    for found in DRAWN.finditer(text):
        word = found[0]
        drawn = re.search(r"\d", word) and re.search(r"[a-z]", word) and re.search(r"[A-Z]", word)
        if drawn and bits(word) > MOST_BITS:
            yield f"drawn: {word[:12]}…"


def bits(word: str) -> float:
    """How much a letter of it says (Shannon)."""
    counts = Counter(word).values()
    return -sum(n / len(word) * math.log2(n / len(word)) for n in counts)


def files() -> list[Path]:
    """Every text file of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    paths = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [p for p in paths if p.is_file() and not p.name.endswith(LEFT_OUT)]


def test_no_file_holds_a_secret() -> None:
    found = {}
    for path in files():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        if why := list(secrets(text)):
            found[str(path.relative_to(ROOT))] = why
    assert len(files()) > 1_000
    assert found == {}


@pytest.mark.parametrize(
    "planted",
    [
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        "AKIA" + "IOSFODNN7EXAMPLE",
        "ghp_" + "a1B2c3D4e5F6g7H8i9" + "J0k1L2m3N4o5P6q7R8",
        "ckbx_" + "Zk3vQ9xT1mB7nR5sW2yU8" + "aD4fG6hJ0kL-pXcVbNeMqE",
        "postgresql://ckbx_app:" + "S3hr-g3h3im-2026" + "@db.example/ckbx",
        "KEY = '" + "q8Zr2VnX5tYb1LwKc7Jd" + "PfGm9HsTaU3e" + "B6vQ4oiR'",
    ],
)
def test_control_a_planted_secret_is_found(planted: str) -> None:
    assert list(secrets(f"# a line\n{planted}\n"))


@pytest.mark.parametrize(
    "plain",
    [
        "tests/web/test_access_matrix.py::test_a_role_opens_what_it_is_given_and_nothing_else",
        "c" * 64,
        "8c5f0d3e-3b1a-4c58-9a2f-1d2f6a7b8c9d",
        "postgresql://ckbx_app:pw@db/x",
    ],
)
def test_control_what_is_none_is_not(plain: str) -> None:
    assert not list(secrets(plain))
