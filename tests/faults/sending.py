"""The dispatcher that sends until it is killed, and the process that starts it again at once.

``python -m tests.faults.sending STORE SECRETS RECEIVER PORT CERTIFICATE MODE`` forks for every line it
reads, and says ``pid N`` and ``ended STATUS``. ``go`` sends until it is killed, ``end`` until
nothing waits. The process that forks opens nothing. Mode ``early`` is a control: it marks a
message as sent before it sends it.
"""

from __future__ import annotations

import os
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from ckbx.clock import SystemClock
from ckbx.settings import read_settings
from ckbx.store import open_store
from notifications.channels.gateway import Webhook
from notifications.channels.settings import WebhookSetting
from notifications.dispatch import Dispatcher
from notifications.message import Message
from notifications.outbox_queue import OutboxQueue
from notifications.persons import VaultFiller

LEASE: Final = timedelta(milliseconds=400)


class Early(OutboxQueue):
    """Marks what is claimed as sent, as who fears doubles would."""

    def claim(self, now: datetime, *, limit: int, lease: timedelta) -> list[Message]:
        found = super().claim(now, limit=limit, lease=lease)
        for each in found:
            super().sent(each.id, digest="", at=now)
        return found

    def sent(self, message: UUID, *, digest: str, at: datetime) -> None:
        """It was, long before."""


def work(
    store_url: str, secrets: str, url: str, port: str, certificate: str, mode: str, word: str
) -> None:
    """Send, as a worker would."""
    settings = read_settings({"CKBX_DATABASE_URL": store_url, "CKBX_SECRET_DIR": secrets})
    store = open_store(settings, SystemClock(settings.timezone))
    queue = (Early if mode == "early" else OutboxQueue)(store.rows)
    setting = WebhookSetting(name="hook", url=url, ca_file=Path(certificate))
    channel = Webhook(setting, frozenset({("127.0.0.1", int(port))}))
    dispatcher = Dispatcher(
        queue,
        {"hook": channel},
        store.clock,
        VaultFiller(store.vault),
        lambda messages: [""] * len(messages),
        lease=LEASE,
        idle_seconds=0.01,
    )
    stop = threading.Event()
    if word == "end":
        threading.Thread(target=_stop_when_done, args=(queue, stop), daemon=True).start()
    dispatcher.run(stop)


def _stop_when_done(queue: OutboxQueue, stop: threading.Event) -> None:
    while queue.next_at() is not None:
        stop.wait(0.02)
    stop.set()


def main(store_url: str, secrets: str, url: str, port: str, certificate: str, mode: str) -> None:
    """Serve one child after the other until the input ends."""
    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            try:
                work(store_url, secrets, url, port, certificate, mode, line.strip())
            except BaseException:  # noqa: BLE001 - the status tells
                os._exit(3)
            os._exit(0)
        os.write(1, f"pid {pid}\n".encode())
        os.write(1, f"ended {os.waitpid(pid, 0)[1]}\n".encode())


if __name__ == "__main__":
    main(*sys.argv[1:])
