"""Nothing of this house is reached through a channel (reliability §8 rows 8 and 9)."""

from __future__ import annotations

import socket
import ssl
import urllib.request
from collections.abc import Sequence

import pytest

from notifications.channels.endpoint import endpoint
from notifications.channels.gateway import Webhook
from notifications.channels.guard import (
    BadHost,
    Deadline,
    Guard,
    look_up,
    plain_host,
)
from notifications.channels.problems import ChannelDown
from notifications.channels.settings import private_host
from tests.support.messages import hook, message, private
from tests.support.receivers import NAME, Certificate, Receiver, answer, receiving

PUBLIC = "93.184.215.14"


class Names:
    """A resolver whose answers change, one a question; the last one stays."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    def __call__(self, host: str, seconds: float) -> list[str]:
        self.asked += 1
        return list(self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])


def guard(host: str, port: int, names: Names | None = None) -> Guard:
    """A guard that allows the host and the port, but no intranet."""
    return Guard(channel="c", hosts=frozenset({host}), ports=frozenset({port}), resolve=names)


INSIDE = (
    "127.0.0.1", "127.8.8.8", "::1", "169.254.169.254", "10.1.2.3", "172.16.0.1", "192.168.1.1",
    "100.100.100.200", "0.0.0.0", "::", "fe80::1", "fe80::1%lo", "fc00::1", "fec0::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b::a00:1", "2002:7f00:1::", "2001:0:4136:e378::", "224.0.0.1",
    "ff02::1", "255.255.255.255", "240.0.0.1", "192.0.0.1", "198.18.0.1", "192.0.2.1",
)  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_an_address_that_is_not_public_is_refused_written_or_resolved(
    address: str, receiver: Receiver
) -> None:
    if "%" not in address:
        with pytest.raises(ChannelDown, match="不连接"):
            guard(str(address), receiver.port).connect(address, receiver.port, Deadline(2))
    with pytest.raises(ChannelDown, match="不连接"):
        guard(NAME, receiver.port, Names([address])).connect(NAME, receiver.port, Deadline(2))
    names = Names([PUBLIC, address])  # one bad address among good ones
    with pytest.raises(ChannelDown, match="不连接"):
        guard(NAME, receiver.port, names).connect(NAME, receiver.port, Deadline(2))
    assert receiver.connections == 0


@pytest.mark.parametrize(
    "written",
    ["2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "017700000001", "0x7f.0.0.1",
     "127.0.0.1.", "１２７.0.0.1", "１２７。０。０。１", "0", "0x"],
)  # fmt: skip
def test_an_address_in_disguise_is_no_host_or_shows_its_face(written: str) -> None:
    try:
        shown = endpoint(f"https://{written}/").host
    except BadHost:
        return
    assert shown == plain_host(written) == "127.0.0.1"
    with pytest.raises(ChannelDown, match="不连接"):
        guard(shown, 443).connect(shown, 443, Deadline(2))


def test_control_the_resolver_takes_the_disguised_for_this_machine() -> None:
    for written in ("2130706433", "0x7f.1", "0177.0.0.1", "127.1"):
        assert look_up(written, 4) == ["127.0.0.1"]
        with pytest.raises(ChannelDown, match="不连接"):  # the second net, where the first is gone
            guard(written, 443).connect(written, 443, Deadline(2))


@pytest.mark.parametrize(
    "url",
    ["http://a.example/", "ftp://a.example/", "file:///etc/passwd", "//a.example/",
     "https://user@a.example/", "https://user:pw@a.example/", "https://a.example:99999/",
     "https://a.example /", "https://a.example/\r\nX: y", "https://a.example\\@127.0.0.1/",
     "https://", "https://[::1", "https://a.example/中", ""],
)  # fmt: skip
def test_an_address_that_is_not_plainly_https_is_refused(url: str) -> None:
    with pytest.raises(BadHost):
        endpoint(url)


def test_a_name_that_turns_to_this_machine_after_it_was_looked_at_gains_nothing(
    receiver: Receiver,
) -> None:
    names = Names([PUBLIC], ["127.0.0.1"])
    rebound = guard(NAME, receiver.port, names)
    rebound.check(NAME, receiver.port)
    assert names(NAME, 1) == [PUBLIC]  # whoever looked before the connection saw a public one
    with pytest.raises(ChannelDown, match="不连接"):
        rebound.connect(NAME, receiver.port, Deadline(2))
    assert (names.asked, receiver.connections) == (2, 0)


def test_the_address_that_was_judged_is_the_one_connected_to(
    receiver: Receiver, made: Certificate
) -> None:
    names = Names(["127.0.0.1"])
    setting = hook(receiver, made, url=receiver.url("/in", NAME))
    Webhook(setting, frozenset({(NAME, receiver.port)}), names).send(message(), "")
    assert (names.asked, receiver.times()[str(message().id)]) == (1, 1)
    assert receiver.got[0].headers["Host"] == f"{NAME}:{receiver.port}"


def test_a_listed_host_may_still_not_be_link_local_or_reserved(receiver: Receiver) -> None:
    for address in ("169.254.169.254", "0.0.0.0", "224.0.0.1", "fe80::1", "::ffff:169.254.1.1"):
        listed = Guard(
            channel="c",
            hosts=frozenset({NAME}),
            private=frozenset({(NAME, None)}),
            resolve=Names([address]),
        )
        with pytest.raises(ChannelDown, match="不连接"):
            listed.connect(NAME, 443, Deadline(2))


def test_other_hosts_and_ports_than_the_channel_s_are_refused() -> None:
    only = Guard(channel="c", hosts=frozenset({"a.example"}), resolve=Names([PUBLIC]))
    with pytest.raises(ChannelDown, match="不在本通道允许的主机之列"):
        only.check("b.example", 443)
    for port in (22, 80, 3306, 5432, 6379):
        with pytest.raises(ChannelDown, match="端口"):
            only.check("a.example", port)
    only.check("a.example", 443)
    only.check("a.example", 8443)


def test_a_redirect_is_not_followed(receiver: Receiver, made: Certificate) -> None:
    with receiving(made) as inside:
        receiver.answers.append(answer(302, b"", Location=inside.url("/admin")))
        channel = Webhook(hook(receiver, made), private(receiver, inside))
        with pytest.raises(ChannelDown, match="答复 302.*不跟随") as refused:
            channel.send(message(), "")
        assert not refused.value.final
        assert inside.connections == 0


def test_proxies_of_the_environment_are_not_asked(
    receiver: Receiver, made: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    with receiving(made) as proxy:
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        Webhook(hook(receiver, made), private(receiver)).send(message(), "")
        assert (proxy.connections, len(receiver.got)) == (0, 1)


def test_a_certificate_of_nobody_known_or_of_another_name_is_refused(
    receiver: Receiver, made: Certificate
) -> None:
    unknown = hook(receiver, made, ca_file=None)
    with pytest.raises(ChannelDown, match="证书不可信"):
        Webhook(unknown, private(receiver)).send(message(), "")
    other = hook(receiver, made, url=receiver.url("/", "other.example"))
    names = Names(["127.0.0.1"])
    with pytest.raises(ChannelDown, match="证书不可信"):
        Webhook(other, frozenset({("other.example", receiver.port)}), names).send(message(), "")
    assert receiver.got == []


def test_control_an_unguarded_client_reaches_this_machine_by_every_way(
    made: Certificate,
) -> None:
    context = ssl.create_default_context(cafile=str(made.certificate))
    context.check_hostname = False
    with receiving(made) as inside, receiving(made) as outside:
        outside.otherwise = answer(302, b"", Location=inside.url("/admin"))
        for host in ("127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1"):
            urllib.request.urlopen(inside.url("/", host), context=context).read()
        assert inside.connections == 4
        urllib.request.urlopen(outside.url("/"), context=context).read()
        assert inside.got[-1].path == "/admin"


def test_a_name_that_cannot_be_looked_up_in_time_ends_in_time() -> None:
    def stuck(host: str, seconds: float) -> list[str]:
        raise TimeoutError

    with pytest.raises(ChannelDown, match="地址超时"):
        Guard(channel="c", hosts=frozenset({NAME}), resolve=stuck).connect(NAME, 443, Deadline(2))


def test_the_system_s_resolver_is_left_behind_when_it_takes_too_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import threading

    free = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_a, **_k: free.wait(60) and [])
    try:
        with pytest.raises(TimeoutError):
            look_up(NAME, 0.05)
    finally:
        free.set()


def test_private_hosts_are_read_with_and_without_a_port() -> None:
    assert private_host("10.1.2.3:8443") == ("10.1.2.3", 8443)
    assert private_host("sms.example") == ("sms.example", None)
    assert private_host("[fd00::1]:8443") == ("fd00::1", 8443)
    assert private_host("fd00::1") == ("fd00::1", None)
    with pytest.raises(BadHost):
        private_host("10.1.2.3:0")
