"""What is done behind a page: what its owner sees of it does not change while it is shown."""

from __future__ import annotations

from threading import Event
from typing import Any

from ckbx.domain.shared.errors import CkbxError
from ckbx.web.runs import Progress, Run, Runs

OWNER = ("a-1", "imports")


def _held(begun: Event, go: Event) -> Any:
    def action(tell: Progress) -> str:
        tell(1, 2, "行")
        begun.set()
        assert go.wait(60)
        return "结果"

    return action


def _after(runs: Runs) -> None:
    """Until everything that was begun before is over: one after the other."""
    over = Event()
    runs.begin("a-2", "imports", None, "trial", lambda _tell: over.set())
    assert over.wait(60)


def test_what_is_shown_stays_as_it_was_seen_when_the_run_ends_meanwhile() -> None:
    runs, begun, go = Runs(), Event(), Event()
    run = runs.begin(*OWNER, "文件", "trial", _held(begun, go))
    assert begun.wait(60)
    shown = runs.seen(run.id, *OWNER)
    go.set()
    _after(runs)
    assert shown is not None
    assert (shown.is_busy, shown.told, shown.result) == (True, (1, 2, "行"), None)
    later = runs.seen(run.id, *OWNER)
    assert later is not None
    assert (later.is_busy, later.step, later.result) == (False, "trial", "结果")


def test_what_is_shown_of_an_ended_step_stays_when_the_next_begins() -> None:
    runs, begun, go = Runs(), Event(), Event()
    run = runs.begin(*OWNER, "文件", "trial", lambda _tell: "核对")
    _after(runs)
    shown = runs.seen(run.id, *OWNER)
    runs.begin(*OWNER, "文件", "apply", _held(begun, go), id_=run.id)
    assert begun.wait(60)
    go.set()
    assert shown is not None
    assert (shown.is_busy, shown.step, shown.result) == (False, "trial", "核对")


def test_a_refusal_and_a_fault_end_a_run_with_what_to_say() -> None:
    runs = Runs()

    def refused(_tell: Progress) -> None:
        raise CkbxError

    def broken(_tell: Progress) -> None:
        raise ZeroDivisionError

    for action, code in ((refused, CkbxError.code), (broken, "run_failed")):
        run = runs.begin(*OWNER, "文件", "trial", action)
        _after(runs)
        seen = runs.seen(run.id, *OWNER)
        assert seen is not None
        assert seen.error is not None
        assert (seen.is_busy, seen.error.code) == (False, code)


def test_nobody_sees_the_run_of_another() -> None:
    runs = Runs()
    run = runs.begin(*OWNER, "文件", "trial", lambda _tell: None)
    assert runs.seen(run.id, "a-2", "imports") is None
    assert runs.seen("unknown", *OWNER) is None


def test_what_is_kept_of_a_run_ends_with_its_end_whatever_is_said_late() -> None:
    runs, begun, go = Runs(), Event(), Event()
    kept: list[tuple[str, str, Any]] = []

    def keep(run: Run) -> None:
        kept.append((run.step, run.state.value, run.result))

    run = runs.begin(*OWNER, "文件", "trial", _held(begun, go), keep)
    assert begun.wait(60)
    go.set()
    _after(runs)
    run.keep()
    run.tell(2, 2, "行")
    assert kept[0] == ("trial", "waiting", None)
    assert kept[-1] == ("trial", "done", "结果")
    runs.begin(*OWNER, "文件", "apply", lambda _tell: "写入", keep, run.id)
    _after(runs)
    assert kept[-1] == ("apply", "done", "写入")


def test_a_run_goes_on_though_it_cannot_be_kept() -> None:
    runs = Runs()

    def keep(_run: Run) -> None:
        raise CkbxError

    run = runs.begin(*OWNER, "文件", "trial", lambda _tell: "核对", keep)
    _after(runs)
    seen = runs.seen(run.id, *OWNER)
    assert seen is not None
    assert seen.result == "核对"
