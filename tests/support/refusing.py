"""How is a refusal checked? By its own sentence and exit code, and by a log that did not grow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ckbx.domain.shared.errors import CkbxError
from ckbx.store import open_store
from tests.support.terminal import Terminal


def head(run: Terminal) -> int:
    """How far the log goes."""
    wired = run.wiring()
    store = open_store(wired.settings, wired.clock)
    try:
        found: int = store.log.head()
        return found
    finally:
        store.close()


def refused(run: Terminal, error: CkbxError, step: Callable[..., Any], *words: object) -> None:
    """A command is refused with exactly this sentence, and nothing is stored."""
    before = head(run)
    done = step(*words)
    assert (done.code, str(error) in done.err) == (error.exit_code, True), done.err
    assert head(run) == before
