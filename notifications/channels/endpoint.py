"""What is an address that may be posted to? https, without a user, one host and port."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from notifications.channels.guard import BadHost, plain_host


class Endpoint(msgspec.Struct, frozen=True):
    """Where to post to. ``target``: path and query."""

    host: str
    port: int
    target: str


def endpoint(url: str) -> Endpoint:
    """The parts of an https address. Raises BadHost, whose text says why in Chinese."""
    if not url.isprintable() or " " in url or "\\" in url:
        raise BadHost(why="含有空格或不可见的字符")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadHost(why="写法不对") from None
    if parts.scheme != "https":
        raise BadHost(why="只能用 https://")
    if parts.username is not None or parts.password is not None:
        raise BadHost(why="不能带用户名和密码")
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not target.isascii():
        raise BadHost(why="路径含有非英文字符，请先转成 % 编码")
    return Endpoint(plain_host(parts.hostname or ""), 443 if port is None else port, target)
