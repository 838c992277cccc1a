"""Receivers of the county's own that take JSON: a webhook, and an SMS gateway.

The key of the message is the header ``Idempotency-Key`` and a field of the body; a receiver
that honours it shows a message sent again only once.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any, Final

from notifications.channels.guard import Resolve
from notifications.channels.json_post import JsonPost, Private, packed
from notifications.channels.settings import JsonSetting, SmsSetting, WebhookSetting
from notifications.channels.text import whole
from notifications.message import Message

SMS_BYTES: Final = 1_500
"""About 500 characters: what gateways split and put together again."""


class Gateway:
    """What both have in common."""

    def __init__(
        self,
        setting: JsonSetting,
        private: Private = frozenset(),
        resolve: Resolve | None = None,
    ) -> None:
        self._json = setting
        self._post = JsonPost(setting, private, resolve)

    @property
    def name(self) -> str:
        return self._json.name

    def _hand(self, message: Message, body: bytes, headers: dict[str, str], *hide: str) -> None:
        setting = self._json
        if setting.token:
            headers["Authorization"] = f"Bearer {setting.token}"
        reply = self._post.send(message, body, headers, hide=hide)
        if not setting.success_field:
            return
        found = self._post.answer(reply).get(setting.success_field)
        if found != setting.success_value or isinstance(found, bool) != isinstance(
            setting.success_value, bool
        ):
            raise self._post.not_sent(why=f"答复 {self._post.told(reply.body, hide)}")


class Webhook(Gateway):
    """A program that takes the message as it is."""

    def __init__(
        self,
        setting: WebhookSetting,
        private: Private = frozenset(),
        resolve: Resolve | None = None,
    ) -> None:
        super().__init__(setting, private, resolve)
        self._secret = setting.secret

    def send(self, message: Message, address: str) -> None:  # noqa: ARG002 - the account is in it
        body = packed(
            {
                "key": str(message.id),
                "recipient": message.recipient,
                "kind": message.kind,
                "level": message.level,
                "slot": message.slot.isoformat().replace("+00:00", "Z"),
                "subject": message.subject,
                "body": message.body,
                "link": message.link,
            }
        )
        headers = {}
        if self._secret:
            signature = hmac.digest(self._secret.encode(), body, hashlib.sha256).hex()
            headers["X-Ckbx-Signature"] = f"sha256={signature}"
        self._hand(message, body, headers)


class Sms(Gateway):
    """An SMS gateway that takes JSON."""

    def __init__(
        self,
        setting: SmsSetting,
        private: Private = frozenset(),
        resolve: Resolve | None = None,
    ) -> None:
        super().__init__(setting, private, resolve)
        self._sms = setting

    def send(self, message: Message, address: str) -> None:
        if not address:
            raise self._post.not_sent(why="没有电话号码", final=True)
        setting = self._sms
        body: dict[str, Any] = dict(setting.fields)
        body[setting.phone_field] = address
        body[setting.text_field] = whole(message, SMS_BYTES, bare=True)
        body[setting.key_field] = str(message.id)
        self._hand(message, packed(body), {}, address)
