"""Every refusal is named by a test, and says in Chinese what to do about it or who can."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import ckbx.application
import ckbx.domain
from ckbx.domain.calendar.errors import OutsideTerm
from ckbx.domain.leave.errors import LeaveRefusal
from ckbx.domain.shared.errors import CkbxError

RULES = ("ckbx.domain.", "ckbx.application.")
TESTS = Path(__file__).resolve().parents[1]
ROOT = TESTS.parent


def refusals() -> list[type[CkbxError]]:
    """Every error of the domain and the use cases that is raised under a code of its own.

    Not the roots of which only subclasses are raised.
    """
    for package in (ckbx.domain, ckbx.application):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            importlib.import_module(module.name)
    found = {each for each in _below(CkbxError) if each.__module__.startswith(RULES)}
    own = [e for e in found if "message" in vars(e) and not is_root_only(e)]
    return sorted(own, key=lambda e: e.__qualname__)


def is_root_only(kind: type[CkbxError]) -> bool:
    """Whether others are made of it and it is never raised itself."""
    return bool(kind.__subclasses__()) and kind.__qualname__ not in raised()


@cache
def raised() -> set[str]:
    """Every name the program raises."""
    files = (ROOT / "src").rglob("*.py")
    return {
        name
        for file in files
        for name in re.findall(r"raise (?:\w+\.)*(\w+)", file.read_text("utf-8"))
    }


def _below(kind: type[CkbxError]) -> Iterator[type[CkbxError]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


@pytest.fixture(scope="module")
def named() -> set[str]:
    """The words of all other tests and of the tables they read."""
    files = [f for kind in ("*.py", "*.txt") for f in TESTS.rglob(kind)]
    texts = (f.read_text("utf-8") for f in files if f != Path(__file__).resolve())
    return {word for text in texts for word in re.findall(r"\w+", text)}


def untested(errors: list[type[CkbxError]], named: set[str]) -> list[str]:
    return [e.__qualname__ for e in errors if not {e.__qualname__, e.code} & named]


def test_every_refusal_of_a_rule_is_named_by_a_test(named: set[str]) -> None:
    assert len(refusals()) > 100
    assert untested(refusals(), named) == []


def test_control_a_refusal_without_a_test_is_found(named: set[str]) -> None:
    unknown = type("Never" + "Raised", (CkbxError,), {"code": "never_" + "raised"})
    assert untested([unknown], named) == ["Never" + "Raised"]


def test_control_a_root_is_left_out_only_where_it_is_never_raised() -> None:
    assert is_root_only(LeaveRefusal)
    assert not is_root_only(OutsideTerm), "TermNotSet is one, and it is raised itself"


def test_no_two_refusals_share_a_code() -> None:
    codes = [e.code for e in refusals()]
    assert [code for code, times in Counter(codes).items() if times > 1] == []


def test_every_refusal_speaks_chinese() -> None:
    spoken = r"[\u4e00-\u9fff]|{what}.*{mend}"  # or what each reader of a number says
    silent = [e.__qualname__ for e in refusals() if not re.search(spoken, e.message)]
    assert silent == []
