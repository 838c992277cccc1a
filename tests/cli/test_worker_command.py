"""``ckbx worker``: any number may be started, one leads, a second takes over, all end cleanly."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ckbx.clock import SystemClock
from ckbx.settings import read_settings
from ckbx.store import new_leadership, open_store
from tests.support.county import opened

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60.0


@contextmanager
def working(url: str, secrets: Path) -> Iterator[subprocess.Popen[str]]:
    """A worker in a process of its own, up to its first sentence."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("CKBX_")}
    env |= {
        "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),
        "CKBX_DATABASE_URL": url,
        "CKBX_SECRET_DIR": str(secrets),
    }
    command = [sys.executable, "-m", "ckbx.main", "worker"]
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            for line in process.stderr:
                if "日常工作已开始" in line:
                    break
            yield process
        finally:
            process.kill()


def until(holds: Callable[[], bool]) -> None:
    """Look again and again until something holds, or time is up."""
    pause, waited = threading.Event(), 0.0
    while not holds():
        assert waited < SECONDS, "it never came to hold"
        pause.wait(0.1)
        waited += 0.1


def test_a_worker_takes_over_within_fifteen_seconds_of_a_kill(
    store_url: str, tmp_path: Path
) -> None:
    secrets = tmp_path / "secrets"
    with opened(store_url, secrets):
        pass
    settings = read_settings({"CKBX_DATABASE_URL": store_url, "CKBX_SECRET_DIR": str(secrets)})
    lead = new_leadership(settings)
    with working(store_url, secrets) as first:
        until(lambda: lead.seen().pulse.ticked is not None)
        with working(store_url, secrets):
            first.kill()
            first.wait(SECONDS)
            killed = time.monotonic()
            until(lambda: lead.seen().held)
            assert time.monotonic() - killed <= 15
    until(lambda: not lead.seen().held)


def test_a_worker_leads_another_waits_and_takes_over(store_url: str, tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    with opened(store_url, secrets):
        pass
    environ = {"CKBX_DATABASE_URL": store_url, "CKBX_SECRET_DIR": str(secrets)}
    settings = read_settings(environ)
    store = open_store(settings, SystemClock(settings.timezone), ())
    leadership = store.leadership

    def led_by_another() -> bool:
        if leadership.try_lead():
            leadership.give_up()
            return False
        return True

    try:
        with working(store_url, secrets) as first:
            until(led_by_another)
            with working(store_url, secrets) as second:
                first.send_signal(signal.SIGTERM)
                said = first.communicate(timeout=SECONDS)[1]
                assert first.returncode == 0, said
                assert "日常工作已停止" in said
                assert "leading" in said, "its own log tells who leads"
                until(led_by_another)
                second.send_signal(signal.SIGINT)
                said = second.communicate(timeout=SECONDS)[1]
                assert second.returncode == 0, said
        assert not led_by_another()
    finally:
        store.close()
