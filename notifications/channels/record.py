"""A channel that keeps instead of sending: in memory for tests, in a file for trying out."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

import msgspec

from notifications.message import Message, NotSent


class Record:
    """Appends one line of JSON a message to a file that only its owner reads."""

    def __init__(self, name: str, file: Path) -> None:
        self._name, self._file = name, file
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._name

    def send(self, message: Message, address: str) -> None:
        line = {**msgspec.to_builtins(message), "address": address}
        data = (json.dumps(line, ensure_ascii=False) + "\n").encode()
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        try:
            with self._lock:
                handle = os.open(self._file, flags, 0o600)
                with os.fdopen(handle, "ab", buffering=0) as file:
                    file.write(data)
        except OSError as error:
            raise NotSent(channel=self._name, why=f"不能写文件（{error.strerror}）") from error


class Recorder:
    """Keeps what it was given, in order."""

    def __init__(self, name: str = "recorder") -> None:
        self._name = name
        self.sent: list[tuple[Message, str]] = []

    @property
    def name(self) -> str:
        return self._name

    def send(self, message: Message, address: str) -> None:
        self.sent.append((message, address))
