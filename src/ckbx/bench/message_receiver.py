"""A receiver of messages on this machine, in a process of its own, that takes everything."""

from __future__ import annotations

import ipaddress
import multiprocessing
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ckbx.clock import SystemClock

HOST = "127.0.0.1"
_ANSWER = b'{"code":0}'


class Receiving(NamedTuple):
    """Where it listens, and the certificate to trust."""

    port: int
    certificate: Path
    line: Connection

    def taken(self) -> int:
        """How many different keys have come so far."""
        self.line.send("taken")
        return int(self.line.recv())


@contextmanager
def receiver(folder: Path) -> Iterator[Receiving]:
    """A receiver for the block."""
    certificate, key = _certificate(folder)
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=_serve, args=(there, certificate, key), daemon=True)
    process.start()
    try:
        yield Receiving(int(here.recv()), certificate, here)
    finally:
        process.terminate()
        process.join()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def __init__(self, context: ssl.SSLContext) -> None:
        super().__init__((HOST, 0), _Handler)
        self.context = context
        self.keys: set[str] = set()

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Secured in the thread of the connection, not in the one that accepts."""
        secured = self.context.wrap_socket(request, server_side=True)
        super().finish_request(secured, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who hangs up is no fault here."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.keys.add(self.headers["Idempotency-Key"])
        self.send_response(200)
        self.send_header("Content-Length", str(len(_ANSWER)))
        self.end_headers()
        self.wfile.write(_ANSWER)
        self.wfile.flush()

    def log_message(self, *_args: object) -> None:
        """Quiet."""


def _serve(line: Connection, certificate: Path, key: Path) -> None:
    import threading  # noqa: PLC0415 - of this process alone

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = _Server(context)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    line.send(server.server_address[1])
    while line.recv():
        line.send(len(server.keys))


def _certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([])
    now = SystemClock(ZoneInfo("UTC")).now()
    address = x509.IPAddress(ipaddress.ip_address(HOST))
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=True)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    paths = folder / "receiver.pem", folder / "receiver.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, form, plain))
    return paths
