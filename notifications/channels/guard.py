"""Where may a channel connect to? Only to an address that was looked at, and is public.

The address a name resolves to is judged at each connection and that very address is
connected to, so that a name which changes its address in between (DNS rebinding) gains
nothing. A host of the intranet is reached only where ``private_hosts`` names it, and even
then never a link-local, multicast or reserved address. (reliability §8 row 8, ASVS 1.3.6.)
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

import msgspec

from notifications.channels.problems import ChannelDown

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, float], list[str]]
"""All addresses of a name, within so many seconds. Raises OSError."""

CONNECT_SECONDS: Final = 4.0
TOTAL_SECONDS: Final = 10.0
HTTPS_PORTS: Final = frozenset({443, 8443})
MAIL_PORTS: Final = frozenset({25, 465, 587})

INTRANET: Final = tuple(
    ipaddress.ip_network(net)
    for net in (
        "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10",
        "::1/128", "fc00::/7",
    )
)  # fmt: skip
"""What ``private_hosts`` can open: RFC 1918, 6598, 4193 and this machine."""

_TRANSLATED: Final = ipaddress.ip_network("64:ff9b::/96")
_TUNNELS: Final = tuple(
    ipaddress.ip_network(net)
    for net in ("2002::/16", "2001::/32", "64:ff9b:1::/48", "fec0::/10", "::/96")
)
_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_NAME: Final = re.compile(rf"(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*")
_LOOKS_NUMERIC: Final = re.compile(r"(.*\.)?(0x[0-9a-f]*|\d+)\.?")


class Deadline:
    """The instant by which everything must be over, on the monotonic clock."""

    def __init__(self, seconds: float = TOTAL_SECONDS) -> None:
        self._at = time.monotonic() + seconds

    def left(self, most: float = TOTAL_SECONDS) -> float:
        """Seconds left, at most ``most``. Raises TimeoutError when there are none."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return min(left, most)


class BadHost(ValueError):
    """What stands for a host cannot be one; the text says why in Chinese."""

    def __init__(self, *, why: str) -> None:
        super().__init__(why)


def plain_host(written: str) -> str:
    """A host in the one form used for comparing: lower case, ASCII. Raises BadHost.

    Numbers that only an old resolver takes for an address (``2130706433``, ``0x7f.1``,
    ``0177.0.0.1``) are no host.
    """
    host = written.strip().strip("[]")
    with suppress(ValueError):
        return str(ipaddress.ip_address(host))
    try:
        host = host.lower() if host.isascii() else host.encode("idna").decode().lower()
    except UnicodeError:
        raise BadHost(why="主机名写法不对") from None
    host = host.removesuffix(".")
    with suppress(ValueError):
        return str(ipaddress.ip_address(host))
    if _LOOKS_NUMERIC.fullmatch(host):
        raise BadHost(why="主机是变形的数字地址；请写域名，或 192.0.2.1 这样的地址")
    if not _NAME.fullmatch(host):
        raise BadHost(why="主机名写法不对")
    return host


def refusal(address: Address, *, private: bool) -> str | None:
    """Why an address may not be connected to; None: it may. ``private``: as far as
    :data:`INTRANET` goes the host is expressly allowed.
    """
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            return "链路本地地址"
        if address.ipv4_mapped is not None:
            return refusal(address.ipv4_mapped, private=private)
        if address in _TRANSLATED:
            return refusal(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF), private=private)
    if any(address in net for net in INTRANET if net.version == address.version):
        return None if private else "内网或本机地址"
    if isinstance(address, ipaddress.IPv6Address) and any(address in net for net in _TUNNELS):
        return "隧道或过时的地址"
    if address.is_multicast or address.is_reserved or not address.is_global:
        return "保留地址"
    return None


class Guard(msgspec.Struct, frozen=True, kw_only=True):
    """The destinations of one channel. ``private``: hosts of ``private_hosts``, each with the
    port it was written with (None: those of ``ports``).
    """

    channel: str
    hosts: frozenset[str]
    ports: frozenset[int] = HTTPS_PORTS
    private: frozenset[tuple[str, int | None]] = frozenset()
    resolve: Resolve | None = None

    def check(self, host: str, port: int) -> None:
        """Whether host and port are on the lists. Raises ChannelDown."""
        if host not in self.hosts:
            raise self.down(why=f"主机 {host} 不在本通道允许的主机之列")
        if port not in self.ports and (host, port) not in self.private:
            raise self.down(why=f"端口 {port} 不允许；内网主机的端口请写进 private_hosts")

    def connect(self, host: str, port: int, deadline: Deadline) -> socket.socket:
        """A connection to one of the addresses that were judged. Raises ChannelDown."""
        self.check(host, port)
        addresses = self._addresses(host, port, deadline)
        last: OSError | None = None
        for address in addresses:
            try:
                made = socket.create_connection(
                    (str(address), port), timeout=deadline.left(CONNECT_SECONDS)
                )
            except OSError as error:
                last = error
            else:
                made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return made
        if isinstance(last, TimeoutError):
            raise self.down(why=f"连接 {host} 超时") from last
        raise self.down(why=f"连不上 {host}（{last.strerror if last else '没有地址'}）") from last

    def _addresses(self, host: str, port: int, deadline: Deadline) -> list[Address]:
        """Every address of the host, all of them allowed. Raises ChannelDown."""
        private = (host, None) in self.private or (host, port) in self.private
        try:
            found = [ipaddress.ip_address(host)]
        except ValueError:
            found = self._looked_up(host, deadline)
        for address in found:
            why = refusal(address, private=private)
            if why is not None:
                raise self.down(why=f"主机 {host} 指向{why}，不连接；内网主机须写进 private_hosts")
        return found

    def _looked_up(self, host: str, deadline: Deadline) -> list[Address]:
        try:
            found = (self.resolve or look_up)(host, deadline.left(CONNECT_SECONDS))
            return [ipaddress.ip_address(each) for each in found]
        except TimeoutError as error:
            raise self.down(why=f"查询主机 {host} 的地址超时") from error
        except (OSError, ValueError) as error:
            raise self.down(why=f"查不到主机 {host} 的地址") from error

    def down(self, why: str) -> ChannelDown:
        """The failure of this channel."""
        return ChannelDown(channel=self.channel, why=why)


def look_up(host: str, seconds: float) -> list[str]:
    """All addresses of a name. The system's resolver knows no time limit, so it is asked in a
    thread that is left behind when it takes too long.
    """
    found: list[str] = []
    failed: list[OSError] = []

    def ask() -> None:
        try:
            rows = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            failed.append(error if isinstance(error, OSError) else OSError(str(error)))
        else:
            found.extend(dict.fromkeys(str(row[4][0]) for row in rows))

    asking = threading.Thread(target=ask, daemon=True, name="ckbx-look-up")
    asking.start()
    asking.join(seconds)
    if asking.is_alive():
        raise TimeoutError
    if failed:
        raise failed[0]
    return found
