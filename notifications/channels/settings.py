"""What is set up for a channel in ``channels.toml``: one struct a kind.

The structs print without their content: it holds passwords.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Final, Literal

import msgspec

from notifications.channels.endpoint import Endpoint, endpoint
from notifications.channels.guard import BadHost, plain_host
from notifications.queue import Way

EMAIL, PHONE = "email", "phone"
MOST_SECONDS: Final = 10.0
Tls = Literal["starttls", "tls", "none"]


class Setting(msgspec.Struct, frozen=True, kw_only=True):
    """What every channel has. ``scope`` makes it a group (see :class:`Way`); ``timeout`` is
    of a whole sending, in seconds.
    """

    KIND: ClassVar[str] = ""
    GROUP: ClassVar[bool | None] = None
    """Whether the channel leads to a group; None: as ``scope`` says."""
    ADDRESS: ClassVar[str] = ""
    """Which address of a person it needs: ``email``, ``phone`` or none."""

    name: str
    scope: str | None = None
    levels: tuple[str, ...] | None = None
    kinds: tuple[str, ...] | None = None
    timeout: float = MOST_SECONDS

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name})"

    __str__ = __repr__

    @property
    def way(self) -> Way:
        """The channel as the outbox must know it."""
        scope = self.scope or ("county" if self.GROUP else None)
        return Way(
            name=self.name, kind=self.KIND, scope=scope, levels=self.levels, kinds=self.kinds
        )

    @property
    def receiver(self) -> str:
        """Which host receives, for the list; empty: none."""
        return ""

    def secrets(self) -> tuple[str, ...]:
        """What may stand in no output."""
        return ()


class OverHttps(Setting, frozen=True, kw_only=True):
    """A channel that posts to an https address."""

    HOSTS: ClassVar[tuple[str, ...]] = ()
    """The provider's; empty: the host of the address."""

    url: str
    hosts: tuple[str, ...] | None = None
    ca_file: Path | None = None

    @property
    def endpoint(self) -> Endpoint:
        """Where to post to. Raises BadHost."""
        return endpoint(self.url)

    @property
    def allowed(self) -> frozenset[str]:
        """The hosts it may post to. Raises BadHost."""
        if self.hosts is not None:
            return frozenset(map(plain_host, self.hosts))
        return frozenset(self.HOSTS) or frozenset({self.endpoint.host})

    @property
    def receiver(self) -> str:
        at = self.endpoint
        return at.host if at.port == 443 else f"{at.host}:{at.port}"

    def secrets(self) -> tuple[str, ...]:
        path, _, query = self.endpoint.target.partition("?")
        values = (part.partition("=")[2] for part in query.split("&"))
        return (self.url, self.endpoint.target, query, *values, path if len(path) > 1 else "")


class EmailSetting(Setting, frozen=True, kw_only=True):
    """E-mail over a server of the county's."""

    KIND: ClassVar[str] = "email"
    GROUP: ClassVar[bool | None] = False
    ADDRESS: ClassVar[str] = EMAIL
    PORTS: ClassVar[dict[str, int]] = {"starttls": 587, "tls": 465, "none": 25}

    host: str
    sender: str
    port: int | None = None
    tls: Tls = "starttls"
    sender_name: str = "控辍保学"
    username: str = ""
    password: str = ""
    ca_file: Path | None = None

    @property
    def at_port(self) -> int:
        """The port given, else that of the way of securing."""
        return self.PORTS[self.tls] if self.port is None else self.port

    @property
    def at_host(self) -> str:
        """The host in the form used for comparing. Raises BadHost."""
        return plain_host(self.host)

    @property
    def receiver(self) -> str:
        return f"{self.at_host}:{self.at_port}"

    def secrets(self) -> tuple[str, ...]:
        return (self.password,)


class WecomSetting(OverHttps, frozen=True, kw_only=True):
    """A group bot of 企业微信; its key is in the address."""

    KIND: ClassVar[str] = "wecom"
    GROUP: ClassVar[bool | None] = True
    HOSTS: ClassVar[tuple[str, ...]] = ("qyapi.weixin.qq.com",)


class DingtalkSetting(OverHttps, frozen=True, kw_only=True):
    """A group bot of 钉钉. ``secret``: that of 加签 (begins with SEC)."""

    KIND: ClassVar[str] = "dingtalk"
    GROUP: ClassVar[bool | None] = True
    HOSTS: ClassVar[tuple[str, ...]] = ("oapi.dingtalk.com", "api.dingtalk.com")

    secret: str = ""

    def secrets(self) -> tuple[str, ...]:
        return (*super().secrets(), self.secret)


class JsonSetting(OverHttps, frozen=True, kw_only=True):
    """A receiver of JSON. ``success_field``, where given, must be ``success_value`` in a 2xx
    answer; ``token`` is sent as ``Authorization: Bearer``.
    """

    token: str = ""
    success_field: str = ""
    success_value: str | int | bool = 0

    def secrets(self) -> tuple[str, ...]:
        return (*super().secrets(), self.token)


class WebhookSetting(JsonSetting, frozen=True, kw_only=True):
    """A program of the county's. ``secret`` signs the body (``X-Ckbx-Signature``)."""

    KIND: ClassVar[str] = "webhook"

    secret: str = ""

    def secrets(self) -> tuple[str, ...]:
        return (*super().secrets(), self.secret)


class SmsSetting(JsonSetting, frozen=True, kw_only=True):
    """An SMS gateway that takes JSON; the names of its fields, and others it always wants."""

    KIND: ClassVar[str] = "sms"
    GROUP: ClassVar[bool | None] = False
    ADDRESS: ClassVar[str] = PHONE

    phone_field: str = "phone"
    text_field: str = "text"
    key_field: str = "key"
    fields: dict[str, str] = {}

    def secrets(self) -> tuple[str, ...]:
        return (*super().secrets(), *self.fields.values())


class RecordSetting(Setting, frozen=True, kw_only=True):
    """A file instead of a receiver, for trying out."""

    KIND: ClassVar[str] = "record"

    file: Path


SETTINGS: Final[dict[str, type[Setting]]] = {
    kind.KIND: kind
    for kind in (
        EmailSetting,
        WecomSetting,
        DingtalkSetting,
        WebhookSetting,
        SmsSetting,
        RecordSetting,
    )
}


class Channels(msgspec.Struct, frozen=True, kw_only=True):
    """All of ``channels.toml``. ``base_url``: what the pages' addresses begin with."""

    base_url: str = ""
    private: frozenset[tuple[str, int | None]] = frozenset()
    settings: tuple[Setting, ...] = ()

    @property
    def ways(self) -> tuple[Way, ...]:
        """The channels as the outbox must know them."""
        return tuple(each.way for each in self.settings)


def private_host(written: str) -> tuple[str, int | None]:
    """``host``, ``host:port`` or ``[v6]:port`` of ``private_hosts``. Raises BadHost."""
    bare, colon, port = written.rpartition(":")
    if colon and port.isdigit() and (":" not in bare or bare.endswith("]")):
        if not 0 < int(port) < 65536:
            raise BadHost(why="端口应为 1 到 65535")
        return plain_host(bare), int(port)
    return plain_host(written), None
