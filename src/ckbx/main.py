"""The composition root: the only module that knows every part. ``ckbx`` starts here."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from datetime import datetime
from functools import partial
from threading import Event
from typing import TYPE_CHECKING, Any

from ckbx.cli.app import build
from ckbx.cli.context import Wiring

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from socket import socket

    from ckbx.clock import Clock
    from ckbx.health.watching import Watch
    from ckbx.scheduling.look import Due
    from ckbx.scheduling.worker import Worker
    from ckbx.settings import Settings
    from ckbx.store import Store
    from notifications.dispatch import Dispatcher
    from projections.kit.projection import Projection


def run_due(store: Store, at: datetime) -> Any:
    """Everything due by an instant, on folded facts, and the messages due by then."""
    from ckbx.scheduling.run_due import run_due as run

    report = run(store, at)
    store.postroom.tick(report.at)
    return report


def overdue(store: Store, at: datetime) -> dict[str, int]:
    """How many alerts due by an instant are not raised yet, by kind."""
    from ckbx.scheduling.run_due import overdue as count

    return count(store, at)


def followers() -> tuple[Projection, ...]:
    """What the clock's run remembers, folded beside the answers."""
    from ckbx.scheduling import watch

    return (watch.WATCH,)


def permissions(store: Store, account: str) -> dict[str, str]:
    """What a program of an account may be allowed today."""
    from ckbx.web.api.bearer import grantable

    store.catch_up()
    return {each.value: each.zh for each in grantable(store, account)}


def serve(
    store: Store,
    host: str,
    port: int,
    told: Callable[[str], None],
    health_port: int | None = None,
    processes: int = 1,
) -> None:
    """The web app; on SQLite the standing work runs beside it, in the first of the processes.

    Several keep to a core each, and what is due is looked at by one more, which stands back.
    """
    from ckbx.health.measures import measure
    from ckbx.health.watching import Watch
    from ckbx.scheduling.apart import Apart
    from ckbx.web.assets import require_assets
    from ckbx.web.processes import beside, cores, keep_to, one_of
    from ckbx.web.server import listen, run_server

    require_assets()
    several = processes > 1
    bound = listen(host, port, named=bool(store.settings.public_host), several=several)
    own = (store.settings, store.clock, cores())
    with ExitStack() as until_stopped:
        looks = None
        if several:
            looks = until_stopped.enter_context(closing(Apart(look_beside, own)))
            keep_to(one_of(cores(), 0))
        made = make_worker(store, looks) if store.settings.is_sqlite else None
        watch = Watch(partial(measure, store))
        until_stopped.enter_context(_health(health_port, watch, made, told))
        until_stopped.enter_context(beside(processes - 1, serve_beside, (bound, *own)))
        run_server(store, bound, made.run if made else None, told, watch)
    watch.close()


def serve_beside(
    bound: socket, settings: Settings, clock: Clock, all_cores: tuple[int, ...], place: int
) -> None:
    """The same pages from a process of its own, which takes its share of the connections."""
    from ckbx.health.measures import measure
    from ckbx.health.watching import Watch
    from ckbx.store import open_store
    from ckbx.web.processes import end_with_parent, keep_to, one_of
    from ckbx.web.server import one_of_several, run_server

    log_to_screen()
    keep_to(one_of(all_cores, place))
    end_with_parent()
    store = open_store(settings, clock, followers())
    try:
        watch = Watch(partial(measure, store))
        run_server(store, one_of_several(bound), None, lambda _said: None, watch)
        watch.close()
    finally:
        store.close()


def look_beside(
    line: Connection, settings: Settings, clock: Clock, all_cores: tuple[int, ...]
) -> None:
    """What is due, looked at in a process of its own, on whichever core has time for it."""
    from ckbx.scheduling.apart import attend
    from ckbx.scheduling.memory import Memory
    from ckbx.scheduling.pace import BESIDE_PAGES
    from ckbx.scheduling.run_due import run_due as due
    from ckbx.store import open_store
    from ckbx.web.processes import end_with_parent, keep_to, stand_back

    log_to_screen()
    keep_to(all_cores)
    stand_back()
    end_with_parent()
    store = open_store(settings, clock, followers())
    try:
        attend(line, partial(due, store, memory=Memory(), rest=BESIDE_PAGES))
    finally:
        store.close()


def worker(
    store: Store, told: Callable[[str], None], health_port: int | None = None
) -> Callable[[Event], None]:
    """The standing work of a store, run until told to stop."""
    from ckbx.health.measures import measure
    from ckbx.health.watching import Watch

    made = make_worker(store)

    def run(stop: Event) -> None:
        watch = Watch(partial(measure, store))
        with _health(health_port, watch, made, told):
            made.run(stop)
        watch.close()

    return run


def make_worker(store: Store, looks: Due | None = None) -> Worker:
    """The worker of a store, with everything a tick does. ``looks``: who looks at what is due;
    None: this process.
    """
    from ckbx.scheduling.look import Look
    from ckbx.scheduling.memory import Memory
    from ckbx.scheduling.pace import BESIDE_PAGES
    from ckbx.scheduling.run_due import run_due as due
    from ckbx.scheduling.sender import Sender
    from ckbx.scheduling.tick import Tick
    from ckbx.scheduling.worker import Worker
    from notifications.sending import make_dispatcher

    def write_messages(now: datetime, _stop: Event) -> None:
        store.postroom.tick(now)

    def forget_files(_now: datetime, _stop: Event) -> None:
        store.gate.handed_in.forget()

    def new_dispatcher() -> Dispatcher:
        queue = store.postroom.queue
        return make_dispatcher(store.channels, queue, store.log, store.vault, store.clock)

    logging.getLogger("ckbx.scheduling").setLevel(logging.INFO)  # who leads, what failed
    here = partial(due, store, memory=Memory(), rest=BESIDE_PAGES)
    look = Look(store.log, looks or here)
    tick = Tick(look, store.clock, after_due=[write_messages], anyway=[forget_files])
    beside = (store.projector, Sender(new_dispatcher))
    return Worker(store.leadership, beside, tick, store.clock)


@contextmanager
def _health(
    port: int | None, watch: Watch, made: Worker | None, told: Callable[[str], None]
) -> Iterator[None]:
    """Answer on the port for health and metrics, where one was asked for."""
    from ckbx.health.server import health_port

    if port is None:
        yield
        return
    with health_port(port, watch, made.ticks if made else None) as bound:
        told(f"健康检查和指标：http://127.0.0.1:{bound}/readyz 、 /metrics")
        yield


def log_to_screen() -> None:
    """Warnings of the parts belong to doctor and to the worker's own log, not on every screen;
    those of the pages have no other place.
    """
    logging.getLogger("ckbx.web").setLevel(logging.WARNING)  # who opens too many children
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR, format="%(message)s")


def main() -> None:
    """The command ``ckbx``."""
    log_to_screen()
    from ckbx.bench.command import benching
    from ckbx.bench.web.program import Program
    from ckbx.cli import demo_commands, serve_commands

    pages = (demo_commands.demo(serve), serve_commands.serving(serve, worker))
    wired = Wiring(run_due=run_due, followers=followers, overdue=overdue, permissions=permissions)
    build(wired, extra=(*pages, benching(Program(serve, worker))))()


if __name__ == "__main__":
    main()
