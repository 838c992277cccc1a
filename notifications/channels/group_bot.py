"""The group bots of 企业微信 and 钉钉: a refusal is an ``errcode`` in an answer with status 200."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

import msgspec

from ckbx.clock import micros
from notifications.channels.endpoint import Endpoint
from notifications.channels.guard import Resolve
from notifications.channels.json_post import JsonPost, Private, packed
from notifications.channels.settings import DingtalkSetting, WecomSetting
from notifications.channels.text import whole
from notifications.message import Message

WECOM_BYTES: Final = 2048
"""Of a text (open.work.weixin.qq.com, 群机器人: content 最长不超过 2048 个字节)."""
DINGTALK_BYTES: Final = 16_000
WECOM_REFUSED: Final = frozenset({40008, 40058, 44004, 45002})
"""消息类型或参数不合法、内容为空、内容过长: the message itself."""
DINGTALK_REFUSED: Final = frozenset({40035, 400101, 400102})
"""参数不合法、缺少消息类型: the message itself."""


class GroupBot:
    """What both have in common."""

    _refused: frozenset[int]

    def __init__(self, post: JsonPost) -> None:
        self._post = post

    @property
    def name(self) -> str:
        return self._post.setting.name

    def _say(self, message: Message, text: str, to: Endpoint | None = None) -> None:
        body = packed({"msgtype": "text", "text": {"content": text}})
        answer = self._post.answer(self._post.send(message, body, {}, to=to))
        code = answer.get("errcode")
        if code == 0 and not isinstance(code, bool):
            return
        told = self._post.told(str(answer.get("errmsg", "")))
        if not isinstance(code, int):
            raise self._post.down(why="答复里没有 errcode，不能确认已收到")
        raise self._post.not_sent(
            why=f"errcode {code} {told}".rstrip(), final=code in self._refused
        )


class Wecom(GroupBot):
    """企业微信群机器人."""

    _refused = WECOM_REFUSED

    def __init__(
        self,
        setting: WecomSetting,
        private: Private = frozenset(),
        resolve: Resolve | None = None,
    ) -> None:
        super().__init__(JsonPost(setting, private, resolve))

    def send(self, message: Message, address: str) -> None:  # noqa: ARG002 - a group has none
        self._say(message, whole(message, WECOM_BYTES))


class Dingtalk(GroupBot):
    """钉钉群机器人, signed (加签) where a secret is set."""

    _refused = DINGTALK_REFUSED

    def __init__(
        self,
        setting: DingtalkSetting,
        now: Callable[[], datetime],
        private: Private = frozenset(),
        resolve: Resolve | None = None,
    ) -> None:
        super().__init__(JsonPost(setting, private, resolve))
        self._at, self._secret, self._now = setting.endpoint, setting.secret, now

    def send(self, message: Message, address: str) -> None:  # noqa: ARG002 - a group has none
        to = signed(self._at, self._secret, self._now()) if self._secret else self._at
        self._say(message, whole(message, DINGTALK_BYTES), to)


def signed(at: Endpoint, secret: str, now: datetime) -> Endpoint:
    """The address with 加签: ``timestamp`` in milliseconds and ``sign``, the Base64 of
    HMAC-SHA-256(secret, timestamp + line feed + secret), percent-encoded once.
    (open.dingtalk.com, 自定义机器人安全设置.)
    """
    timestamp = str(micros(now) // 1000)
    digest = hmac.digest(secret.encode(), f"{timestamp}\n{secret}".encode(), hashlib.sha256)
    query = urlencode({"timestamp": timestamp, "sign": base64.b64encode(digest).decode()})
    return msgspec.structs.replace(
        at, target=f"{at.target}{'&' if '?' in at.target else '?'}{query}"
    )
