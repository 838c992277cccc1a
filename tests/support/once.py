"""How is what takes long to make made once, though several processes run the tests?"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder ``name`` of this run, filled by ``make`` in the process that asks first.

    The others wait for it. It belongs to all: whoever writes, or opens it as a store, takes a
    copy. Where ``make`` fails, the next one tries again in an empty folder.
    """
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    done = base / f"{name}.made"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            made = factory.mktemp(name)
            make(made)
            done.write_text(str(made), encoding="utf-8")
    return Path(done.read_text(encoding="utf-8"))
