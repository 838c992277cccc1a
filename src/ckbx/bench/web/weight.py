"""How many bytes does a page take with all that it needs, the first time and the next?"""

from __future__ import annotations

import gzip
import re
import socket
from typing import Final, NamedTuple

from ckbx.bench.web.traffic import answered, request

_NEEDED: Final = re.compile(r'(?:<link rel="(?:stylesheet|icon)"[^>]* href|<script src)="([^"]+)"')
_WORKER: Final = "/sw.js"


class Weight(NamedTuple):
    """Bytes as they were transferred, heads and packed bodies. ``files``: by address."""

    first: int
    later: int
    files: dict[str, int]


def weight_of(path: str, port: int, cookie: str) -> Weight:
    """The page with its files and the service worker; later without what a browser may keep."""
    head, body = _fetch(path, port, cookie)
    page = len(head) + len(body)
    files: dict[str, int] = {}
    kept = 0
    for address in [*dict.fromkeys(_NEEDED.findall(unpacked(head, body))), _WORKER]:
        own_head, own_body = _fetch(address.replace("&amp;", "&"), port, cookie)
        files[address] = len(own_head) + len(own_body)
        if b"immutable" in own_head:
            kept += files[address]
    first = page + sum(files.values())
    return Weight(first, first - kept, {path: page, **files})


def _fetch(path: str, port: int, cookie: str) -> tuple[bytes, bytes]:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        line.sendall(request("GET", path, port, cookie=cookie))
        data = bytearray()
        while answered(data) is None:
            more = line.recv(65_536)
            if not more:
                break
            data += more
    if answered(data) != 200:
        raise RuntimeError(path, bytes(data[:200]))
    head, _, body = bytes(data).partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", body


def unpacked(head: bytes, body: bytes) -> str:
    """The text of an answer."""
    if b"transfer-encoding: chunked" in head.lower():
        body = _joined(body)
    plain = gzip.decompress(body) if b"content-encoding: gzip" in head.lower() else body
    return plain.decode()


def _joined(body: bytes) -> bytes:
    parts, rest = list[bytes](), body
    while True:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        if not length:
            return b"".join(parts)
        parts.append(rest[:length])
        rest = rest[length + 2 :]
