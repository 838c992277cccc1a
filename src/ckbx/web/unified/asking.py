"""How is the provider asked? By https, at addresses that were judged, few at a time, not long."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlencode

import msgspec

from ckbx.settings import BadSetting, UnifiedSignIn
from ckbx.web.unified.errors import ProviderDown
from notifications.channels.endpoint import Endpoint, endpoint
from notifications.channels.guard import HTTPS_PORTS, BadHost, Guard, Resolve
from notifications.channels.http_client import Client, Reply
from notifications.channels.problems import ChannelDown
from notifications.channels.settings import private_host
from notifications.channels.wire import trust

SECONDS: Final = 5.0
AT_ONCE: Final = 8
"""Of forty threads that answer requests: a provider that hangs does not keep others out."""
PATIENCE: Final = 1.0
_PLAIN: Final = {"Accept": "application/json", "Accept-Encoding": "identity"}


class Asking:
    """Talks to one provider. Raises BadSetting for settings that cannot be used."""

    def __init__(
        self, setting: UnifiedSignIn, *, seconds: float = SECONDS, resolve: Resolve | None = None
    ) -> None:
        self._seconds = seconds
        self._resolve = resolve
        self._turns = threading.BoundedSemaphore(AT_ONCE)
        self._clients: dict[tuple[str, int], Client] = {}
        try:
            self._home = endpoint(setting.issuer)
            self._private = frozenset(map(private_host, setting.private_hosts))
        except BadHost as error:
            name = "CKBX_OIDC_ISSUER、CKBX_OIDC_PRIVATE_HOSTS"
            raise BadSetting(name=name, why=str(error)) from error
        try:
            self._context = trust(setting.ca_file)
        except (OSError, ssl.SSLError) as error:
            why = "不能读取这个证书文件，应是 PEM 格式"
            raise BadSetting(name="CKBX_OIDC_CA_FILE", why=why) from error

    def document(self, url: str) -> dict[str, Any]:
        """The JSON object that stands at an address. Raises ProviderDown."""
        at = self.at(url)
        with self._turn():
            reply = self._client(at).get(at, _PLAIN, seconds=self._seconds)
        if reply.status != 200:
            raise ProviderDown(why=f"{at.host} 答复 {reply.status}")
        return _object(reply, at)

    def post(
        self, url: str, fields: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON object by which a form is answered. It is sent once, whatever becomes
        of the connection: a code is good once. Raises ProviderDown.
        """
        at = self.at(url)
        form = {"Content-Type": "application/x-www-form-urlencoded", **_PLAIN, **headers}
        with self._turn():
            reply = self._client(at).post_once(
                at, urlencode(fields).encode(), form, seconds=self._seconds
            )
        if reply.status not in (200, 400, 401):
            raise ProviderDown(why=f"{at.host} 答复 {reply.status}")
        return reply.status, _object(reply, at)

    def at(self, url: object) -> Endpoint:
        """The parts of an https address. Raises ProviderDown for any other."""
        if not isinstance(url, str) or "#" in url:
            raise ProviderDown(why="它发布的地址写法不对")
        try:
            return endpoint(url)
        except BadHost as error:
            raise ProviderDown(why=f"它发布的地址不能用（{error}）") from error

    def _client(self, at: Endpoint) -> Client:
        where = (at.host, at.port)
        if where not in self._clients:
            own = {self._home.port} if at.host == self._home.host else set()
            guard = Guard(
                channel="oidc",
                hosts=frozenset({at.host}),
                ports=HTTPS_PORTS | own,
                private=self._private,
                resolve=self._resolve,
            )
            self._clients[where] = Client(guard, self._context)
        return self._clients[where]

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._turns.acquire(timeout=PATIENCE):
            raise ProviderDown(why="它答复太慢，正在等的人太多")
        try:
            yield
        except ChannelDown as error:
            raise ProviderDown(why=error.why) from error
        finally:
            self._turns.release()


def _object(reply: Reply, at: Endpoint) -> dict[str, Any]:
    try:
        return msgspec.json.decode(reply.body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProviderDown(why=f"{at.host} 的答复不是 JSON") from error
