"""One guarded way to talk to an HTTPS receiver: no redirects, no proxies, bounded answers."""

from __future__ import annotations

import http.client
import io
import ssl
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import msgspec

from notifications.channels.endpoint import Endpoint
from notifications.channels.guard import Deadline, Guard
from notifications.channels.kept import Kept, Line
from notifications.channels.wire import reader, send_all

MOST_BYTES: Final = 64 * 1024
"""Of an answer's body; longer ones are not read to their end."""


class Reply(msgspec.Struct, frozen=True):
    """What was answered; the body whole."""

    status: int
    body: bytes


class _Wire:
    """As much of a socket as ``http.client`` uses."""

    def __init__(self, sock: ssl.SSLSocket, deadline: Deadline) -> None:
        self._sock, self._deadline = sock, deadline

    def sendall(self, data: bytes) -> None:
        send_all(self._sock, data, self._deadline)

    def makefile(self, _mode: str) -> io.BufferedReader:
        return reader(self._sock, self._deadline)

    def close(self) -> None:
        """The one who opened closes."""


class Client:
    """Posts for one channel, from any thread. Raises ChannelDown where no whole answer came
    in time.

    A status that is not 2xx is an answer, a redirect too: the caller judges it. A connection
    is used again for as long as :class:`Kept` allows; where the receiver closed it meanwhile,
    the post is made once more on a new one, under the same key; what may reach the receiver
    only once goes by :meth:`post_once`.
    """

    def __init__(self, guard: Guard, context: ssl.SSLContext) -> None:
        self._guard, self._context = guard, context
        self._kept = Kept()

    def post(
        self, to: Endpoint, body: bytes, headers: Mapping[str, str], *, seconds: float
    ) -> Reply:
        """Post a body and read the answer, in ``seconds`` altogether."""
        return self._ask("POST", to, body, headers, seconds)

    def post_once(
        self, to: Endpoint, body: bytes, headers: Mapping[str, str], *, seconds: float
    ) -> Reply:
        """As :meth:`post`, on a new connection: what becomes of it, it is not made again."""
        return self._ask("POST", to, body, headers, seconds, once=True)

    def get(self, to: Endpoint, headers: Mapping[str, str], *, seconds: float) -> Reply:
        """Read what stands there, in ``seconds`` altogether."""
        return self._ask("GET", to, None, headers, seconds)

    def _ask(
        self,
        method: str,
        to: Endpoint,
        body: bytes | None,
        headers: Mapping[str, str],
        seconds: float,
        *,
        once: bool = False,
    ) -> Reply:
        asked = (method, to, body, headers)
        deadline = Deadline(seconds)
        try:
            kept = None if once else self._kept.take((to.host, to.port))
            if kept is not None:
                with suppress(ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
                    return self._exchange(kept, *asked, deadline)
            return self._exchange(self._connected(to, deadline), *asked, deadline)
        except TimeoutError as error:
            raise self._guard.down(why=f"{to.host} 没有在 {seconds:g} 秒内答复完") from error
        except ssl.SSLCertVerificationError as error:
            why = f"{to.host} 的证书不可信（{error.verify_message}）"
            raise self._guard.down(why=why) from error
        except (http.client.HTTPException, ValueError) as error:
            raise self._guard.down(why=f"{to.host} 的答复不是 HTTP") from error
        except OSError as error:
            raise self._guard.down(why=f"与 {to.host} 的连接中断") from error

    def _connected(self, to: Endpoint, deadline: Deadline) -> Line:
        plain = self._guard.connect(to.host, to.port, deadline)
        try:
            plain.settimeout(deadline.left())
            return Line(self._context.wrap_socket(plain, server_hostname=to.host))
        except BaseException:
            plain.close()
            raise

    def _exchange(
        self,
        line: Line,
        method: str,
        to: Endpoint,
        body: bytes | None,
        headers: Mapping[str, str],
        deadline: Deadline,
    ) -> Reply:
        keep = False
        try:
            connection = http.client.HTTPConnection(to.host, to.port)
            wire: Any = _Wire(line.sock, deadline)
            connection.sock = wire
            name = f"[{to.host}]" if ":" in to.host else to.host
            host = name if to.port == 443 else f"{name}:{to.port}"
            sent = {"Host": host, "User-Agent": "ckbx", **headers}
            connection.request(method, to.target, body=body, headers=sent)
            with connection.getresponse() as response:
                found = response.read(MOST_BYTES + 1)
                if len(found) > MOST_BYTES:
                    why = f"{to.host} 的答复超过 {MOST_BYTES // 1024} KB"
                    raise self._guard.down(why=why)
                if response.length:
                    raise self._guard.down(why=f"{to.host} 的答复不完整")
                keep = not response.will_close
                return Reply(response.status, found)
        finally:
            if keep:
                self._kept.give((to.host, to.port), line)
            else:
                line.sock.close()
