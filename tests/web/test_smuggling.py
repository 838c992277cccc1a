"""Bytes that two readers could take for two different requests: one answer, then silence."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ckbx.demo.make import Made
from ckbx.demo.store import DATABASE, SECRETS

ROOT = Path(__file__).resolve().parents[2]
HIDDEN = b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
"""What is hidden in the body of another; it would be answered in JSON."""
FORM = b"Host: 127.0.0.1\r\nSec-Fetch-Site: same-origin\r\n"
POST = b"POST /signin HTTP/1.1\r\n" + FORM
LENGTH = b"Content-Length: %d\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def length(body: bytes) -> bytes:
    return LENGTH % len(body)


ATTACKS = {
    "CL.TE": POST + length(b"0\r\n\r\n" + HIDDEN) + CHUNKED + b"\r\n0\r\n\r\n" + HIDDEN,
    "TE.CL": POST + CHUNKED + LENGTH % 4 + b"\r\n5c\r\n" + HIDDEN + b"0\r\n\r\n",
    "two lengths": POST + LENGTH % 0 + length(HIDDEN) + b"\r\n" + HIDDEN,
    "list of lengths": POST + b"Content-Length: 0, 41\r\n\r\n" + HIDDEN,
    "signed length": POST + b"Content-Length: +0\r\n\r\n" + HIDDEN,
    "blank before colon": POST + b"Content-Length : 0\r\n\r\n" + HIDDEN,
    "unknown coding": POST + b"Transfer-Encoding: xchunked\r\n\r\n" + HIDDEN,
    "two codings": POST + CHUNKED + b"Transfer-Encoding: identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunk size with a sign": POST + CHUNKED + b"\r\n+0\r\n\r\n" + HIDDEN,
    "chunk size too long": POST + CHUNKED + b"\r\n" + b"0" * 40 + b"\r\n\r\n" + HIDDEN,
    "endless header": POST + b"X: " + b"a" * 200_000 + b"\r\n\r\n" + HIDDEN,
    "null in a header": POST + b"X: a\x00b\r\n\r\n" + HIDDEN,
    "no host": b"GET /signin HTTP/1.1\r\n\r\n" + HIDDEN,
}
"""After each of these nobody knows where the next request begins."""
ODD = {
    "absolute form": b"GET http://evil.example/readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n",
    "folded header": b"GET /signin HTTP/1.1\r\nHost: 127.0.0.1\r\nX: a\r\n GET /readyz HTTP/1.1\r\n",
    "chunk extension": POST + CHUNKED,
    "bare line feed": b"GET /signin HTTP/1.1\nHost: 127.0.0.1\nX: a\n",
}
BODIES = {"chunk extension": b'1;a="GET /readyz HTTP/1.1"\r\nx\r\n0\r\n\r\n'}


@pytest.fixture(scope="module")
def place(
    demo_folder: tuple[Path, Made], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, int]]:
    """Where ``ckbx serve`` of a copy listens."""
    copy = tmp_path_factory.mktemp("served") / "copy"
    shutil.copytree(demo_folder[0], copy)
    env = {k: v for k, v in os.environ.items() if not k.startswith("CKBX_")}
    env |= {
        "PYTHONPATH": os.pathsep.join((str(ROOT / "src"), str(ROOT))),
        "CKBX_DATABASE_URL": f"sqlite:///{copy / DATABASE}",
        "CKBX_SECRET_DIR": str(copy / SECRETS),
    }
    command = [sys.executable, "-m", "ckbx.main", "serve", "--port", "0"]
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            line = next(each for each in process.stderr if "http://127.0.0.1:" in each)
            parts = urlsplit(line.split("打开 ")[1].split()[0])
            assert parts.hostname
            assert parts.port
            yield parts.hostname, parts.port
        finally:
            process.terminate()
            process.communicate(timeout=60)


def answers(place: tuple[str, int], sent: bytes) -> tuple[list[int], bytes]:
    """The status of each answer, and all of it; waits until the server hangs up."""
    got = b""
    with socket.create_connection(place, timeout=20) as line:
        try:
            line.sendall(sent)
            while part := line.recv(65_536):
                got += part
        except (ConnectionResetError, BrokenPipeError):
            pass
    return [int(n) for n in re.findall(rb"HTTP/1\.1 (\d{3})", got)], got


@pytest.mark.parametrize("name", ATTACKS)
def test_an_unclear_request_has_one_answer_and_ends_the_connection(
    place: tuple[str, int], name: str
) -> None:
    statuses, got = answers(place, ATTACKS[name])
    assert len(statuses) <= 1, got[:600]
    assert all(400 <= status < 500 for status in statuses), got[:300]
    assert b"application/json" not in got


@pytest.mark.parametrize("name", ODD)
def test_an_odd_request_is_one_request(place: tuple[str, int], name: str) -> None:
    end = b"\n" if name == "bare line feed" else b"\r\n"
    close = b"Connection: close" + end
    statuses, got = answers(place, ODD[name] + close + end + BODIES.get(name, b""))
    assert len(statuses) == 1, got[:600]
    assert statuses[0] < 500
    assert b"evil.example" not in got


def test_control_two_plain_requests_have_two_answers(place: tuple[str, int]) -> None:
    plain = b"GET /signin HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    statuses, got = answers(place, plain + b"\r\n" + plain + b"Connection: close\r\n\r\n")
    assert statuses == [200, 200], got[:300]
