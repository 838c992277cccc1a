"""What receivers over HTTPS do, and how each sending ends."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from notifications.channels.gateway import Sms, Webhook
from notifications.channels.group_bot import Dingtalk, Wecom
from notifications.channels.problems import ChannelDown
from notifications.channels.settings import DingtalkSetting, SmsSetting, WecomSetting
from notifications.message import Channel, NotSent
from tests.support.messages import hook, message, private
from tests.support.receivers import (
    HOST,
    Answer,
    Certificate,
    Receiver,
    answer,
    drip,
    drop,
    flood,
    slow,
)

NOW = datetime(2026, 9, 1, 2, 0, 0, 123_000, tzinfo=UTC)
SECRET = "SEC+/=geheim"
PHONE = "13800138000"
PATIENT, HASTY = 5.0, 0.3


def wecom(receiver: Receiver, made: Certificate, timeout: float = PATIENT) -> Channel:
    url = receiver.url("/cgi-bin/webhook/send?key=wecom-key-1")
    setting = WecomSetting(
        name="hook", url=url, hosts=(HOST,), ca_file=made.certificate, timeout=timeout
    )
    return Wecom(setting, private(receiver))


def dingtalk(receiver: Receiver, made: Certificate, timeout: float = PATIENT) -> Channel:
    url = receiver.url("/robot/send?access_token=ding-token-1")
    setting = DingtalkSetting(
        name="hook",
        url=url,
        hosts=(HOST,),
        ca_file=made.certificate,
        secret=SECRET,
        timeout=timeout,
    )
    return Dingtalk(setting, lambda: NOW, private(receiver))


def webhook(receiver: Receiver, made: Certificate, timeout: float = PATIENT) -> Channel:
    setting = hook(
        receiver, made, timeout=timeout, secret="sign-1", token="token-1", success_field="errcode"
    )
    return Webhook(setting, private(receiver))


def sms(receiver: Receiver, made: Certificate, timeout: float = PATIENT) -> Channel:
    setting = SmsSetting(
        name="hook",
        url=receiver.url("/sms"),
        ca_file=made.certificate,
        timeout=timeout,
        fields={"appid": "app-1"},
        phone_field="mobile",
        success_field="errcode",
    )
    return Sms(setting, private(receiver))


Make = Callable[..., Channel]
EVERY: tuple[Make, ...] = (wecom, dingtalk, webhook, sms)


@pytest.fixture(params=EVERY, ids=lambda make: make.__name__)
def channel(request: pytest.FixtureRequest, receiver: Receiver, made: Certificate) -> Channel:
    """Each kind of channel, with a receiver that takes everything."""
    make: Make = request.param
    return make(receiver, made)


def refused(channel: Channel) -> NotSent:
    with pytest.raises(NotSent) as found:
        channel.send(message(), PHONE)
    return found.value


def test_what_is_taken_carries_the_key(channel: Channel, receiver: Receiver) -> None:
    channel.send(message(), PHONE)
    channel.send(message(), PHONE)
    assert receiver.times() == {str(message().id): 2}
    assert receiver.shown() == [str(message().id)]


def not_http(handler: Any) -> None:
    """Another protocol altogether."""
    handler.wfile.write(b"SSH-2.0-x\r\n\r\n")


FAILS: dict[str, tuple[Answer, str]] = {
    "500": (answer(500, b"oops"), "答复 500 oops"),
    "503": (answer(503, b""), "答复 503"),
    "429": (answer(429, b"slow down"), "答复 429"),
    "404": (answer(404, b""), "答复 404"),
    "redirect": (answer(302, b"", Location="https://127.0.0.1/"), "不跟随"),
    "slow": (slow, "没有在 0.3 秒内"),
    "drip": (drip, "没有在 0.3 秒内"),
    "flood": (flood, "超过 64 KB"),
    "dropped after": (drop, "不是 HTTP|连接中断"),
    "not HTTP": (not_http, "不是 HTTP|中断"),
    "short": (answer(200, b"{}", **{"Content-Length": "99"}), "不完整|没有在 0.3 秒内"),
    "not JSON": (answer(200, b"<html>login</html>"), "不是 JSON"),
    "deep JSON": (answer(200, b"[" * 60_000), "不是 JSON"),
}


@pytest.mark.parametrize("how", FAILS)
@pytest.mark.parametrize("make", EVERY, ids=lambda make: make.__name__)
def test_a_receiver_that_fails_is_told_and_tried_again_later(
    make: Make, receiver: Receiver, made: Certificate, how: str
) -> None:
    receiver.otherwise, words = FAILS[how]
    waits = how in ("slow", "drip", "short")
    channel = make(receiver, made, HASTY if waits else PATIENT)
    begun = time.monotonic()
    with pytest.raises(ChannelDown, match=words) as found:
        channel.send(message(), PHONE)
    assert not found.value.final
    assert time.monotonic() - begun < 3
    assert len(receiver.got) == 1


def test_a_connection_dropped_before_anything_is_read_is_tried_again_later(
    channel: Channel, receiver: Receiver
) -> None:
    receiver.hang_up = 1
    error = refused(channel)
    assert (type(error), error.final, receiver.got) == (ChannelDown, False, [])
    channel.send(message(), PHONE)
    assert len(receiver.got) == 1


def test_nobody_there_is_told(made: Certificate) -> None:
    from tests.support.receivers import receiving

    with receiving(made) as gone:
        channel = webhook(gone, made)
    assert "连不上" in refused(channel).why


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_status_about_the_message_itself_is_final(
    channel: Channel, receiver: Receiver, status: int
) -> None:
    receiver.otherwise = answer(status, "内容不合规".encode())
    error = refused(channel)
    assert (error.final, "内容不合规" in error.why) == (True, True)


def test_an_error_code_in_a_200_answer_is_a_failure(channel: Channel, receiver: Receiver) -> None:
    receiver.otherwise = answer(200, b'{"errcode":93000,"errmsg":"invalid webhook url"}')
    error = refused(channel)
    assert (error.final, "93000" in error.why) == (False, True)


@pytest.mark.parametrize("body", [b"{}", b'{"errcode":"0"}', b'{"errcode":false}', b"[0]", b"0"])
def test_an_answer_that_does_not_say_it_was_taken_is_a_failure(
    channel: Channel, receiver: Receiver, body: bytes
) -> None:
    receiver.otherwise = answer(200, body)
    assert not refused(channel).final


@pytest.mark.parametrize(("make", "code"), [(wecom, 45002), (dingtalk, 40035)])
def test_a_code_about_the_message_itself_is_final(
    make: Make, code: int, receiver: Receiver, made: Certificate
) -> None:
    receiver.otherwise = answer(200, f'{{"errcode":{code},"errmsg":"too long"}}'.encode())
    assert refused(make(receiver, made)).final


def test_what_a_receiver_says_is_kept_without_secrets_addresses_and_numbers(
    channel: Channel, receiver: Receiver
) -> None:
    def echo(handler: Any) -> None:
        got = receiver.got[-1]
        text = f"{got.path} {got.headers.get('Authorization')} {SECRET} {PHONE}\r\n\x1b[31m"
        answer(500, (text * 50).encode())(handler)

    receiver.otherwise = echo
    why = refused(channel).why
    for secret in ("wecom-key-1", "ding-token-1", "token-1", PHONE, "\x1b", "\n"):
        assert secret not in why
    assert 0 < len(why) < 250


def test_a_gigabyte_is_neither_read_nor_kept(receiver: Receiver, made: Certificate) -> None:
    receiver.otherwise = flood
    channel = webhook(receiver, made)
    tracemalloc.start()
    try:
        refused(channel)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert receiver.flooded < 32  # megabytes: what fits into the sockets' buffers
    assert peak < 64 << 20


def test_the_group_bots_say_who_what_and_where(receiver: Receiver, made: Certificate) -> None:
    for make in (wecom, dingtalk):
        make(receiver, made).send(message(), "")
        got = receiver.got[-1].json
        assert got["msgtype"] == "text"
        text = got["text"]["content"]
        assert text.startswith("列入疑似辍学\n王**")
        assert message().link in text
        assert f"编号 {str(message().id)[:8]}" in text


def test_a_long_text_is_cut_at_a_line_and_keeps_the_link(
    receiver: Receiver, made: Certificate
) -> None:
    lines = "\n".join(f"第 {n} 行：某某学校某某班，请尽快联系" for n in range(200))
    wecom(receiver, made).send(message(body=lines), "")
    text = receiver.got[0].json["text"]["content"]
    assert len(text.encode()) <= 2048
    assert "其余请看系统" in text
    assert message().link in text
    assert all(line in lines or "第" not in line for line in text.splitlines()[1:-3])


def test_dingtalk_is_signed_and_the_signature_encoded_once(
    receiver: Receiver, made: Certificate
) -> None:
    dingtalk(receiver, made).send(message(), "")
    query = urlsplit(receiver.got[0].path).query
    assert "%25" not in query  # measured fault of others: %252B on the wire
    found = {key: value for key, (value,) in parse_qs(query).items()}
    stamp = str(int(NOW.timestamp() * 1000))
    assert found["access_token"] == "ding-token-1"
    assert found["timestamp"] == stamp == "1788228000123"
    wanted = hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest()
    assert base64.b64decode(found["sign"]) == wanted


def test_a_webhook_gets_the_message_signed_with_key_and_token(
    receiver: Receiver, made: Certificate
) -> None:
    webhook(receiver, made).send(message(), "")
    got = receiver.got[0]
    assert got.json == {
        "key": str(message().id),
        "recipient": "head1",
        "kind": "dropout_suspected",
        "level": "红",
        "slot": "2026-09-01T02:00:00Z",
        "subject": "列入疑似辍学",
        "body": message().body,
        "link": message().link,
    }
    assert got.headers["Authorization"] == "Bearer token-1"
    wanted = hmac.new(b"sign-1", got.raw, hashlib.sha256).hexdigest()
    assert got.headers["X-Ckbx-Signature"] == f"sha256={wanted}"
    assert got.key == str(message().id)


def test_an_sms_gateway_gets_its_own_field_names(receiver: Receiver, made: Certificate) -> None:
    sms(receiver, made).send(message(), PHONE)
    got = receiver.got[0].json
    assert (got["appid"], got["mobile"], got["key"]) == ("app-1", PHONE, str(message().id))
    assert got["text"] == f"{message().body}\n{message().link}"
    with pytest.raises(NotSent, match="没有电话号码") as found:
        sms(receiver, made).send(message(), "")
    assert found.value.final


def test_a_webhook_without_a_success_field_takes_any_2xx(
    receiver: Receiver, made: Certificate
) -> None:
    receiver.otherwise = answer(204, b"")
    Webhook(hook(receiver, made), private(receiver)).send(message(), "")
    assert len(receiver.got) == 1
