"""A network that loses things: a TCP proxy before the server that cuts at a chosen message."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from pathlib import Path
from typing import Any


class CuttingProxy:
    """Passes bytes both ways. ``arm`` cuts the next connections that carry ``mark``.

    ``toward`` "client": the server has done its work, the answer is lost. "server": the
    message never arrives. ``refuse``: nobody gets through any more.
    """

    def __init__(self, server: Path) -> None:
        self._server = str(server)
        self._guard = threading.Lock()
        self._mark, self._toward, self._cuts = re.compile(b""), "", 0
        self.cut = 0
        self.refuse = False
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._threads = [threading.Thread(target=self._accept)]
        self._open: list[socket.socket] = []
        self._threads[0].start()

    def arm(self, toward: str, mark: re.Pattern[bytes], cuts: int = 1) -> None:
        with self._guard:
            self._toward, self._mark, self._cuts = toward, mark, cuts

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in self._open:
            _hang_up(end)
        for thread in self._threads:
            thread.join()
        for end in self._open:
            end.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._open.append(client)
                if self.refuse:
                    _hang_up(client)
                    continue
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server)
                self._open.append(server)
                for args in ((client, server, "server"), (server, client, "client")):
                    self._threads.append(threading.Thread(target=self._pump, args=args))
                    self._threads[-1].start()

    def _pump(self, source: Any, target: Any, toward: str) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 20):
                if self._cuts_here(toward, data):
                    break
                target.sendall(data)
        for end in (source, target):
            _hang_up(end)

    def _cuts_here(self, toward: str, data: bytes) -> bool:
        with self._guard:
            if toward != self._toward or not self._cuts or not self._mark.search(data):
                return False
            self._cuts -= 1
            self.cut += 1
            return True


def _hang_up(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
