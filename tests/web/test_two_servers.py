"""Two ``ckbx serve`` and a ``ckbx worker`` on one PostgreSQL: what one was told the other knows."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import UUID

import pytest
from httpx2 import Client

from ckbx.clock import FixedClock
from ckbx.domain.attendance.marks import Reason
from ckbx.main import followers
from ckbx.settings import read_settings
from ckbx.store import init_store, open_store
from tests.support.county import COUNTY
from tests.web.roll_call.conftest import MORNING, OWN, PATH, Morning
from tests.web.roll_call.filling import hidden_of, marked, standing
from tests.web.signing import COOKIE, token_for

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60.0


@contextmanager
def ckbx(environ: Mapping[str, str], said: str, *command: str) -> Iterator[str]:
    """A command in a process of its own, on the morning; the line in which it said ``said``.

    It is told to stop, and ends without a complaint.
    """
    env = {k: v for k, v in os.environ.items() if not k.startswith("CKBX_")}
    env |= {"PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))), **environ}
    started = [sys.executable, "-m", "tests.web.on_a_day", MORNING.isoformat(), *command]
    with subprocess.Popen(started, env=env, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            heard = []
            for line in process.stderr:
                heard.append(line)
                if said in line:
                    break
            else:
                pytest.fail("".join(heard))
            yield heard[-1]
            process.send_signal(signal.SIGTERM)
            rest = process.communicate(timeout=SECONDS)[1]
        finally:
            process.kill()
    assert process.returncode == 0, rest


class Server:
    """The class teacher's and the principal's browsers at one of the servers."""

    def __init__(self, line: str, tokens: Mapping[str, str]) -> None:
        address = line.split("打开 ")[1].split(maxsplit=1)[0].rstrip("/")
        headers = {"Sec-Fetch-Site": "same-origin"}
        self._clients = {
            account: Client(base_url=address, headers=headers, cookies={COOKIE: token}, timeout=30)
            for account, token in tokens.items()
        }

    def page(self, account: str) -> str:
        answer = self._clients[account].get(PATH)
        assert answer.status_code == 200
        return answer.text

    def hand_in(self, account: str, absent: Mapping[UUID, str], why: str = "") -> None:
        """Open the page and send it."""
        marks = {f"r-{child}": reason for child, reason in absent.items()}
        data = {**hidden_of(self.page(account)), **marks, "why": why}
        fields = {**data, "absent": [str(child) for child in absent]}
        answer = self._clients[account].post(PATH, data=fields)
        assert answer.status_code == 303, answer.text[-2000:]

    def close(self) -> None:
        for client in self._clients.values():
            client.close()


@pytest.fixture
def environ(pg_store_url: str, tmp_path: Path) -> dict[str, str]:
    return {"CKBX_DATABASE_URL": pg_store_url, "CKBX_SECRET_DIR": str(tmp_path / "secrets")}


@pytest.fixture
def morning(environ: dict[str, str]) -> Iterator[Morning]:
    settings = read_settings(environ)
    clock = FixedClock(MORNING, settings.timezone)
    init_store(settings, clock, COUNTY)
    store = open_store(settings, clock, followers())
    try:
        made = Morning(store)
        store.catch_up()
        yield made
    finally:
        store.close()


def test_a_roll_call_handed_in_at_one_is_seen_and_amended_at_the_other(
    morning: Morning, environ: dict[str, str]
) -> None:
    tokens = {account: token_for(morning.store, account) for account in ("ct1", "head")}
    one, two, three = morning.children[:3]
    with ExitStack() as running:
        running.enter_context(ckbx(environ, "日常工作已开始", "worker"))
        lines = [
            running.enter_context(ckbx(environ, "打开 http://", "serve", "--port", "0"))
            for _ in range(2)
        ]
        first, second = (Server(line, tokens) for line in lines)
        running.callback(first.close)
        running.callback(second.close)
        first.hand_in("ct1", {one: "sick"})
        seen = second.page("head")
        assert "已报" in seen
        assert marked(seen) == {str(one): "sick"}
        second.hand_in("head", {two: "sick"}, why="看错了人")
        assert marked(first.page("ct1")) == {str(two): "sick"}
        first.hand_in("ct1", {three: "sick"}, why="还是看错了人")
        assert marked(second.page("head")) == {str(three): "sick"}
    sheet = standing(morning, OWN)
    assert sheet is not None
    assert dict(sheet.absent) == {three: Reason.SICK}
