"""An HTTPS receiver on this machine that answers as a test tells it, and keeps what it got."""

from __future__ import annotations

import datetime
import ipaddress
import json
import socketserver
import ssl
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
NAME = "receiver.example"
GIGABYTE = 1 << 30


class Got(NamedTuple):
    """One request that was read whole."""

    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.raw)

    @property
    def key(self) -> str:
        return self.headers.get("Idempotency-Key", "")


class Certificate(NamedTuple):
    """A self-made certificate for this machine and a made-up name."""

    certificate: Path
    key: Path


def make_certificate(folder: Path) -> Certificate:
    """A certificate that is its own authority, good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ckbx test")])
    now = datetime.datetime.now(datetime.UTC)  # noqa: TID251 - certificates know no other time
    names = x509.SubjectAlternativeName(
        [x509.DNSName(NAME), x509.IPAddress(ipaddress.ip_address(HOST))]
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    found = Certificate(folder / "receiver.pem", folder / "receiver.key")
    found.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    found.key.write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    return found


Answer = Callable[["_Handler"], None]


def answer(status: int = 200, body: bytes = b'{"errcode":0,"errmsg":"ok"}', **more: str) -> Answer:
    """A whole answer; ``more``: headers."""

    def act(handler: _Handler) -> None:
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **more}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return act


def slow(handler: _Handler) -> None:
    """Takes the request, and answers nothing for as long as the test runs."""
    handler.receiver.closing.wait(60)


def drop(handler: _Handler) -> None:
    """Takes the request, and hangs up without an answer."""
    handler.close_connection = True


def drip(handler: _Handler) -> None:
    """Says that a gigabyte comes, and sends it byte by byte."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(GIGABYTE))
    handler.end_headers()
    while not handler.receiver.closing.wait(0.01):
        handler.wfile.write(b"x")


def flood(handler: _Handler) -> None:
    """Sends a gigabyte as fast as it is taken."""
    handler.send_response(200)
    handler.send_header("Content-Length", str(GIGABYTE))
    handler.end_headers()
    for _ in range(GIGABYTE >> 20):
        handler.wfile.write(b"x" * (1 << 20))
        handler.receiver.flooded += 1


class Receiver(socketserver.ThreadingTCPServer):
    """``answers`` are used up one a request, then ``otherwise``."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, made: Certificate | None, otherwise: Answer) -> None:
        super().__init__((HOST, 0), _Handler)
        self.context: ssl.SSLContext | None = None
        if made is not None:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(made.certificate, made.key)
        self.otherwise = otherwise
        self.answers: deque[Answer] = deque()
        self.hang_up = 0
        self.got: list[Got] = []
        self.connections = 0
        self.flooded = 0
        self.closing = threading.Event()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def url(self, path: str = "/", host: str = HOST) -> str:
        """Its address."""
        return f"https://{host}:{self.port}{path}"

    def times(self) -> Counter[str]:
        """How often each key came: what a receiver that does not honour keys shows."""
        return Counter(each.key for each in list(self.got))

    def shown(self) -> list[str]:
        """The keys that a receiver shows that honours them."""
        return list(dict.fromkeys(each.key for each in list(self.got)))

    def handle_error(self, *_args: object) -> None:
        """A client that hangs up is what many tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server: Receiver
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    @property
    def receiver(self) -> Receiver:
        return self.server

    def setup(self) -> None:
        self.receiver.connections += 1
        if self.receiver.hang_up:
            self.receiver.hang_up -= 1
            raise ConnectionAbortedError
        if self.receiver.context is not None:
            self.request = self.receiver.context.wrap_socket(self.request, server_side=True)
        super().setup()

    def finish(self) -> None:
        with suppress(OSError):
            super().finish()
        self.request.close()

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.receiver.got.append(Got(self.path, dict(self.headers), raw))
        answers = self.receiver.answers
        (answers.popleft() if answers else self.receiver.otherwise)(self)

    do_GET = do_POST  # noqa: N815 - the library's name

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@contextmanager
def receiving(made: Certificate | None, otherwise: Answer | None = None) -> Iterator[Receiver]:
    """A receiver for the block; without a certificate it speaks plain HTTP."""
    receiver = Receiver(made, otherwise or answer())
    thread = threading.Thread(target=receiver.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.closing.set()
        receiver.shutdown()
        thread.join()
        receiver.server_close()
