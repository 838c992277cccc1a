"""Pages served by several processes: one begins the others, keeps them, and they end with it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

import psutil
import pytest

from ckbx.demo.store import DATABASE, SECRETS
from ckbx.web.processes import cores
from tests.web.test_serving import demo_copy

__all__ = ["demo_copy"]

ROOT = Path(__file__).resolve().parents[2]
SERVES = 2


class Server:
    """``ckbx serve --processes 2`` on a copy of the demo county."""

    def __init__(self, process: subprocess.Popen[str], address: str) -> None:
        self.process, self.address = process, address
        self.own = psutil.Process(process.pid)

    def others(self) -> list[psutil.Process]:
        """The processes that serve beside the first."""
        return [each for each in self.own.children() if _serves(each)]

    def everybody(self) -> list[psutil.Process]:
        """All processes of the program, also the one that looks what is due."""
        return [self.own, *self.own.children(recursive=True)]

    def page(self) -> str:
        """The sign-in page, over a connection of its own."""
        with urllib.request.urlopen(f"{self.address}signin", timeout=60) as answer:
            return str(answer.read().decode())


def _serves(process: psutil.Process) -> bool:
    """Whether it takes connections."""
    try:
        return any(each.status == psutil.CONN_LISTEN for each in process.net_connections("tcp"))
    except psutil.Error:  # it has ended
        return False


def _talks(process: psutil.Process) -> bool:
    """Whether somebody is connected to it."""
    return any(each.status == psutil.CONN_ESTABLISHED for each in process.net_connections("tcp"))


@pytest.fixture
def server(demo_copy: Path) -> Iterator[Server]:
    env = {k: v for k, v in os.environ.items() if not k.startswith("CKBX_")}
    env |= {
        "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),
        "CKBX_DATABASE_URL": f"sqlite:///{demo_copy / DATABASE}",
        "CKBX_SECRET_DIR": str(demo_copy / SECRETS),
    }
    command = [sys.executable, "-m", "ckbx.main", "serve", "--port", "0"]
    command += ["--processes", str(SERVES)]
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        found = (re.search(r"打开 (http://\S+)", line) for line in process.stderr)
        address = next(match.group(1) for match in found if match)
        made = Server(process, address)
        until(lambda: len(made.others()) == SERVES - 1)
        until(lambda: len(made.everybody()) > SERVES + 1)  # one more looks, one keeps count
        left = made.everybody()
        try:
            yield made
        finally:
            process.kill()
            psutil.wait_procs(left, timeout=60)


def until(so: Callable[[], bool]) -> None:
    """Look again until it is so."""
    own = psutil.Process()
    for _ in range(600):
        if so():
            return
        with_child = own.children()
        psutil.wait_procs(with_child, timeout=0.1)
    pytest.fail("not within a minute")


def test_each_of_them_answers(server: Server) -> None:
    (other,) = server.others()
    wanted = {server.process.pid, other.pid}
    host = server.address.removeprefix("http://").rstrip("/")
    kept: list[HTTPConnection] = []

    def answering() -> set[int]:
        kept.append(HTTPConnection(host, timeout=60))
        kept[-1].request("GET", "/signin")
        assert "登录" in kept[-1].getresponse().read().decode()
        return {pid for pid in wanted if _talks(psutil.Process(pid))}

    until(lambda: answering() == wanted)
    for each in kept:
        each.close()


def test_one_that_was_killed_is_begun_again(server: Server) -> None:
    (other,) = server.others()
    other.kill()
    until(lambda: any(each.pid != other.pid for each in server.others()))
    assert "登录" in server.page()


@pytest.mark.skipif(not cores(), reason="this system keeps no process to a core")
def test_each_keeps_to_a_core_and_what_looks_takes_any_and_stands_back(server: Server) -> None:
    (other,) = server.others()
    own = [[cores()[place % len(cores())]] for place in range(SERVES)]
    until(lambda: [each.cpu_affinity() for each in (server.own, other)] == own)

    def looking() -> list[psutil.Process]:
        return [each for each in server.everybody() if each.nice() > server.own.nice()]

    until(lambda: bool(looking()))
    assert [each.cpu_affinity() for each in looking()] == [list(cores())]


def test_they_end_together_when_asked_to(server: Server) -> None:
    others = server.everybody()[1:]
    server.process.send_signal(signal.SIGTERM)
    rest = server.process.communicate(timeout=60)[1]
    assert server.process.returncode == 0, rest
    assert "网页已停止" in rest
    _, alive = psutil.wait_procs(others, timeout=60)
    assert not alive


def test_none_is_left_behind_when_the_first_is_killed(server: Server) -> None:
    others = server.everybody()[1:]
    server.process.kill()
    _, alive = psutil.wait_procs(others, timeout=60)
    assert not alive
