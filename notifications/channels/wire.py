"""Reading and writing a socket within one deadline, however slowly the other side drips."""

from __future__ import annotations

import io
import socket
import ssl
from pathlib import Path
from typing import Any, Final

from notifications.channels.guard import Deadline

MOST_BYTES: Final = 1 << 20
"""That are ever read of one connection's answers while one message is handed over."""


class TooMuch(OSError):
    """The other side sends without end."""


class DeadlineReader(io.RawIOBase):
    """A socket's bytes. Raises TimeoutError once the deadline has passed, TooMuch."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self._sock = sock
        self._deadline = deadline
        self._left = MOST_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._sock.settimeout(self._deadline.left())
        count = self._sock.recv_into(buffer)
        self._left -= count
        if self._left < 0:
            raise TooMuch
        return count


def reader(sock: socket.socket, deadline: Deadline) -> io.BufferedReader:
    """What ``makefile`` would give, within the deadline."""
    return io.BufferedReader(DeadlineReader(sock, deadline))


def send_all(sock: socket.socket, data: bytes, deadline: Deadline) -> None:
    """Write everything. Raises TimeoutError, OSError."""
    left = memoryview(data)
    while left:
        sock.settimeout(deadline.left())
        left = left[sock.send(left) :]


def trust(ca_file: Path | None = None) -> ssl.SSLContext:
    """TLS 1.2 or later, certificate and name checked. ``ca_file``: whom alone to trust, for a
    receiver whose certificate the county made itself; else whom the machine trusts.
    Raises OSError, ssl.SSLError.
    """
    context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
