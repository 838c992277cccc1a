"""The server serves this machine alone, begins and ends cleanly, and says why it does not begin."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import urllib.request
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from ckbx.clock import FixedClock
from ckbx.demo.make import Made
from ckbx.demo.store import DATABASE, SECRETS
from ckbx.leadership import FileLeadership
from ckbx.scheduling.tick import Tick
from ckbx.scheduling.worker import Worker
from ckbx.web import assets
from ckbx.web.server import SPREADS, NotLoopback, PortTaken, address_of, listen, one_of_several
from tests.demo import making

ROOT = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 20, 3, tzinfo=ZoneInfo("UTC"))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "8.8.8.8", "bureau.example"])
def test_without_a_name_for_others_only_this_machine_is_served(host: str) -> None:
    with pytest.raises(NotLoopback, match="CKBX_PUBLIC_URL"):
        listen(host, 0)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_loopback_address_is_served(host: str) -> None:
    bound = listen(host, 0)
    try:
        assert address_of(bound).startswith("http://127.0.0.1:")
    finally:
        bound.close()


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=str(port)):
            listen("127.0.0.1", port)


def test_a_port_served_by_several_processes_is_refused_to_another_program() -> None:
    with listen("127.0.0.1", 0, several=True) as first:
        port = first.getsockname()[1]
        with one_of_several(first.dup()) as second:
            assert second.getsockname()[1] == port
            for several in (False, True):
                with pytest.raises(PortTaken, match=str(port)):
                    listen("127.0.0.1", port, several=several)


@pytest.mark.skipif(not SPREADS, reason="this system does not deal connections out")
def test_connections_are_dealt_out_and_none_is_left_with_one_that_ended() -> None:
    with listen("127.0.0.1", 0, several=True) as first, ExitStack() as kept:
        port = first.getsockname()[1]
        second = one_of_several(first.dup())

        def connect(count: int) -> None:
            for _ in range(count):
                kept.enter_context(socket.create_connection(("127.0.0.1", port), timeout=10))

        connect(60)
        shares = [waiting(first), waiting(second)]
        assert sum(shares) == 60
        assert min(shares) >= 5, "of 60 dealt out by chance: once in a million million"
        second.close()
        connect(20)
        assert waiting(first) == 20


def waiting(bound: socket.socket) -> int:
    """How many connections a socket had; they are taken and closed."""
    bound.setblocking(False)
    taken = 0
    with suppress(BlockingIOError):
        while True:
            bound.accept()[0].close()
            taken += 1
    return taken


@pytest.mark.parametrize("missing", ["vendor/.stamp", "vendor/tabler.min.css"])
def test_without_the_front_end_files_nothing_is_served(tmp_path: Path, missing: str) -> None:
    folder = tmp_path / "static"
    shutil.copytree(assets.STATIC, folder)
    (folder / missing).unlink()
    with pytest.raises(assets.AssetsMissing, match="make assets"):
        assets.require_assets(folder)
    assets.require_assets()


class Folding:
    """Folds nothing; says that it runs."""

    def __init__(self) -> None:
        self.running = threading.Event()

    def run(self, stop: threading.Event) -> None:
        self.running.set()
        stop.wait()
        self.running.clear()


def worker_on(path: Path, folding: Folding) -> Worker:
    clock = FixedClock(NOW)
    return Worker(
        FileLeadership(path),
        [folding],
        Tick(lambda _at, _stop: None, clock),
        clock,
        tick_seconds=3600,
        lead_again_seconds=0.02,
    )


def test_one_process_leads_and_the_next_takes_over_when_it_stops(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    foldings = [Folding(), Folding()]
    workers = [worker_on(path, folding) for folding in foldings]
    stops = [threading.Event(), threading.Event()]
    threads = [
        threading.Thread(target=worker.run, args=(stop,))
        for worker, stop in zip(workers, stops, strict=True)
    ]
    threads[0].start()
    assert workers[0].leads.wait(10)
    threads[1].start()
    assert not workers[1].leads.wait(0.2)
    stops[0].set()
    threads[0].join(10)
    assert workers[1].leads.wait(10)
    assert foldings[1].running.wait(10)
    assert not foldings[0].running.is_set()
    stops[1].set()
    threads[1].join(10)
    assert not any(thread.is_alive() for thread in threads)


@pytest.fixture
def demo_copy(demo_folder: tuple[Path, Made], tmp_path: Path) -> Path:
    for name in (DATABASE, SECRETS):
        source = demo_folder[0] / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name)
        else:
            shutil.copy(source, tmp_path / name)
    return tmp_path


def test_the_demo_is_served_with_its_worker_and_stops_on_sigterm(demo_copy: Path) -> None:
    env = {k: v for k, v in os.environ.items() if not k.startswith("CKBX_")}
    env["PYTHONPATH"] = os.pathsep.join((str(ROOT / "src"), str(ROOT)))
    command = [sys.executable, "-m", "ckbx.main", "demo", "--students", str(making.STUDENTS)]
    with subprocess.Popen(
        [*command, "--port", "0"], cwd=demo_copy, env=env, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            said = _until_served(process)
            address = said[-1].split("打开 ")[1].split()[0]
            assert any("使用已有的示例县" in line for line in said)
            with urllib.request.urlopen(f"{address}readyz") as answer:
                assert json.load(answer)["status"] in ("ok", "behind")
            with urllib.request.urlopen(address) as answer:
                assert "示例账号" in answer.read().decode()
            process.send_signal(signal.SIGTERM)
            rest = process.communicate(timeout=60)[1]
        finally:
            process.kill()
    assert process.returncode == 0, rest
    assert "网页已停止" in rest
    leadership = FileLeadership(demo_copy / DATABASE)
    assert leadership.try_lead()
    leadership.give_up()


def _until_served(process: subprocess.Popen[str]) -> list[str]:
    """What was said up to the line with the address."""
    assert process.stderr is not None
    said = []
    for line in process.stderr:
        said.append(line)
        if "http://127.0.0.1:" in line:
            return said
    pytest.fail("".join(said))


def test_a_public_address_is_refused_by_the_command(demo_copy: Path) -> None:
    env = {k: v for k, v in os.environ.items() if not k.startswith("CKBX_")}
    env |= {
        "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),
        "CKBX_DATABASE_URL": f"sqlite:///{demo_copy / DATABASE}",
        "CKBX_SECRET_DIR": str(demo_copy / SECRETS),
    }
    command = [sys.executable, "-m", "ckbx.main", "serve", "--host", "0.0.0.0"]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "CKBX_PUBLIC_URL" in done.stderr
