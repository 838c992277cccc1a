"""A mail server on this machine that answers as a test tells it, and keeps what it took."""

from __future__ import annotations

import base64
import socketserver
import ssl
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from tests.support.receivers import HOST, Certificate

DROP, SLOW, DRIP, FLOOD = "drop", "slow", "drip", "flood"
LOGIN = ("ckbx", "geheim-7")


class MailServer(socketserver.ThreadingTCPServer):
    """``said`` maps a stage (GREETING, EHLO, AUTH, MAIL, RCPT, DATA, TAKEN) to what is answered
    there instead: a line, or one of DROP, SLOW, DRIP, FLOOD.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, made: Certificate, tls: str) -> None:
        super().__init__((HOST, 0), _Session)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(made.certificate, made.key)
        self.tls = tls
        self.said: dict[str, str] = {}
        self.flooded = 0
        self.taken: list[bytes] = []
        self.secured: list[bool] = []
        self.logins: list[tuple[str, str]] = []
        self.closing = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def mails(self) -> list[EmailMessage]:
        """What was taken, parsed."""
        return [message_from_bytes(raw, policy=policy.default) for raw in self.taken]

    def ids(self) -> Counter[str]:
        """How often each Message-ID came."""
        return Counter(str(mail["Message-ID"]) for mail in self.mails())

    def handle_error(self, *_args: object) -> None:
        """A client that hangs up is what many tests are about."""


class _Session(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._secure = False
        if self.server.tls == "tls":
            self._secured()
        self._sender = self._recipient = ""
        if not self._say("GREETING", "220 mail.example ESMTP"):
            return
        while line := self.rfile.readline():
            verb, _, rest = line.decode("ascii", "replace").strip().partition(" ")
            if not self._one(verb.upper(), rest):
                return

    def _one(self, verb: str, rest: str) -> bool:
        """One command; False: hang up."""
        match verb:
            case "EHLO" | "HELO":
                offers = ["mail.example", "AUTH PLAIN"]
                if self.server.tls == "starttls" and not self._secure:
                    offers.append("STARTTLS")
                lines = [f"250-{each}" for each in offers[:-1]] + [f"250 {offers[-1]}"]
                return self._say("EHLO", "\r\n".join(lines))
            case "STARTTLS":
                self._say("STARTTLS", "220 go")
                self._secured()
                return True
            case "AUTH":
                _, user, password = base64.b64decode(rest.split()[1]).decode().split("\0")
                self.server.logins.append((user, password))
                return self._say("AUTH", "235 ok" if (user, password) == LOGIN else "535 no")
            case "DATA":
                return self._data()
            case "QUIT":
                self._say("QUIT", "221 bye")
                return False
            case "MAIL" | "RCPT" | "RSET":
                return self._say(verb, "250 ok")
        return self._say(verb, "500 what?")

    def _data(self) -> bool:
        if not self._say("DATA", "354 go on"):
            return False
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        told = self.server.said.get("TAKEN", "250 taken")
        if told[:1] not in "45":  # a refusal is no taking; a dropped connection may be one
            self.server.taken.append(b"".join(lines))
            self.server.secured.append(self._secure)
        return self._say("TAKEN", "250 taken")

    def _say(self, stage: str, usual: str) -> bool:
        line = self.server.said.get(stage, usual)
        if line == DROP:
            return False
        if line == SLOW:
            self.server.closing.wait(60)
            return False
        while line == FLOOD:
            self.wfile.write(b"250-and so on\r\n" * 1_000)
            self.server.flooded += 1
        if line == DRIP:
            while not self.server.closing.wait(0.01):
                self.wfile.write(b"2")
            return False
        self.wfile.write(f"{line}\r\n".encode())
        return True

    def _secured(self) -> None:
        self.request: Any = self.server.context.wrap_socket(self.request, server_side=True)
        self.connection = self.request
        self.rfile: Any = self.request.makefile("rb")
        self.wfile: Any = self.request.makefile("wb", buffering=0)
        self._secure = True

    def finish(self) -> None:
        self.request.close()


@contextmanager
def mail_server(made: Certificate, tls: str = "starttls") -> Iterator[MailServer]:
    """A mail server for the block."""
    server = MailServer(made, tls)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()
