"""What do channels share that post JSON to an https address: headers, and what a status means?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from notifications.channels.endpoint import Endpoint
from notifications.channels.guard import Guard, Resolve
from notifications.channels.http_client import Client, Reply
from notifications.channels.problems import ChannelDown, told
from notifications.channels.settings import OverHttps
from notifications.channels.wire import trust
from notifications.message import Message, NotSent

REFUSED: Final = frozenset({400, 413, 415, 422})
"""Statuses by which a receiver refuses this very message: again would be of no use."""

Private = frozenset[tuple[str, int | None]]


def packed(body: object) -> bytes:
    """JSON as it goes over the wire."""
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


class JsonPost:
    """Posts for one channel, and turns every answer but 2xx into its failure."""

    def __init__(
        self, setting: OverHttps, private: Private = frozenset(), resolve: Resolve | None = None
    ) -> None:
        self.setting = setting
        guard = Guard(channel=setting.name, hosts=setting.allowed, private=private, resolve=resolve)
        self._client = Client(guard, trust(setting.ca_file))

    def send(
        self,
        message: Message,
        body: bytes,
        headers: Mapping[str, str],
        *,
        to: Endpoint | None = None,
        hide: tuple[str, ...] = (),
    ) -> Reply:
        """The 2xx answer. ``hide``: what may not come back in a failure's words.

        Raises NotSent, final where the receiver refuses the message; ChannelDown.
        """
        sent = {
            "Content-Type": "application/json; charset=utf-8",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Idempotency-Key": str(message.id),
            **headers,
        }
        at = to or self.setting.endpoint
        reply = self._client.post(at, body, sent, seconds=self.setting.timeout)
        if 200 <= reply.status < 300:
            return reply
        if 300 <= reply.status < 400:
            raise self.down(why=f"答复 {reply.status}，要转到别的地址；不跟随，请核对 url")
        why = f"答复 {reply.status} {self.told(reply.body, hide)}".rstrip()
        if reply.status in REFUSED:
            raise self.not_sent(why=why, final=True)
        raise self.down(why=why)

    def told(self, words: str | bytes, hide: tuple[str, ...] = ()) -> str:
        """A receiver's words without secrets."""
        return told(words, (*self.setting.secrets(), *hide))

    def not_sent(self, why: str, *, final: bool = False) -> NotSent:
        """This message was not taken."""
        return NotSent(channel=self.setting.name, why=why, final=final)

    def down(self, why: str) -> ChannelDown:
        """None would be taken now."""
        return ChannelDown(channel=self.setting.name, why=why)

    def answer(self, reply: Reply) -> dict[str, Any]:
        """The JSON object of an answer. Raises NotSent."""
        try:
            found = json.loads(reply.body)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise self.down(why="答复不是 JSON，不能确认已收到")
        return found
