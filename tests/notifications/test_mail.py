"""E-mail to a real server on this machine: what it does, and how each sending ends."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from notifications.channels.mail import Mail
from notifications.channels.problems import ChannelDown
from notifications.channels.settings import EmailSetting
from notifications.message import NotSent
from tests.support.mail_server import DRIP, DROP, FLOOD, LOGIN, SLOW, MailServer, mail_server
from tests.support.messages import message, private
from tests.support.receivers import HOST, Certificate

NOW = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
TO = "head1@school.example"


def channel(server: MailServer, made: Certificate, **changed: Any) -> Mail:
    """E-mail over this server."""
    given: dict[str, Any] = {
        "name": "mail",
        "host": HOST,
        "port": server.port,
        "tls": server.tls,
        "sender": "ckbx@county.example",
        "ca_file": made.certificate,
        "timeout": 5.0,
        "username": LOGIN[0] if server.tls != "none" else "",
        "password": LOGIN[1] if server.tls != "none" else "",
        **changed,
    }
    return Mail(EmailSetting(**given), lambda: NOW, private(server))


@pytest.fixture
def server(made: Certificate) -> Iterator[MailServer]:
    """A server that secures by STARTTLS."""
    with mail_server(made) as found:
        yield found


def refused(mail: Mail, to: str = TO, **changed: Any) -> NotSent:
    with pytest.raises(NotSent) as found:
        mail.send(message(channel="mail", **changed), to)
    return found.value


@pytest.mark.parametrize("tls", ["starttls", "tls", "none"])
def test_a_mail_arrives_in_each_way_of_securing(made: Certificate, tls: str) -> None:
    with mail_server(made, tls) as server:
        channel(server, made).send(message(channel="mail"), TO)
        (mail,) = server.mails()
        assert server.secured == [tls != "none"]
        assert server.logins == ([LOGIN] if tls != "none" else [])
    assert str(mail["Message-ID"]) == f"<{message().id}@county.example>"
    assert str(mail["Subject"]) == "列入疑似辍学"
    assert str(mail["To"]) == TO
    assert str(mail["From"]) == "控辍保学 <ckbx@county.example>"
    assert str(mail["Auto-Submitted"]) == "auto-generated"
    assert mail.get_content() == f"{message().body}\n\n{message().link}\n"


def test_a_mail_sent_again_has_the_same_id(server: MailServer, made: Certificate) -> None:
    server.said["TAKEN"] = DROP  # taken, but the answer is lost
    assert not refused(channel(server, made)).final
    del server.said["TAKEN"]
    channel(server, made).send(message(channel="mail"), TO)
    assert list(server.ids().values()) == [2]


@pytest.mark.parametrize("stage", ["GREETING", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "TAKEN"])
@pytest.mark.parametrize("how", [SLOW, DRIP, DROP, "421 4.3.2 closing", "450 4.2.1 later"])
def test_a_server_that_fails_anywhere_is_told_in_time_and_tried_again_later(
    server: MailServer, made: Certificate, stage: str, how: str
) -> None:
    server.said[stage] = how
    begun = time.monotonic()
    error = refused(channel(server, made, timeout=0.3 if how in (SLOW, DRIP) else 5.0))
    wanted = {SLOW: "没有在 0.3 秒内答复完", DRIP: "没有在 0.3 秒内答复完", DROP: "中断"}
    assert wanted.get(how, f"答复 {how}") in error.why
    assert (error.final, time.monotonic() - begun < 3) == (False, True)


@pytest.mark.parametrize(
    ("stage", "final", "down"),
    [("GREETING", False, True), ("AUTH", False, True), ("MAIL", False, True),
     ("RCPT", True, False), ("TAKEN", True, False)],
)  # fmt: skip
def test_a_refusal_for_good_is_final_where_it_is_about_this_mail(
    server: MailServer, made: Certificate, stage: str, final: bool, down: bool
) -> None:
    server.said[stage] = f"550 5.1.1 <{TO}> no such user, password {LOGIN[1]}"
    error = refused(channel(server, made))
    assert (error.final, isinstance(error, ChannelDown)) == (final, down)
    assert TO not in error.why or stage not in ("RCPT", "TAKEN")
    assert LOGIN[1] not in error.why
    assert server.taken == []


@pytest.mark.parametrize("stage", ["GREETING", "EHLO", "TAKEN"])
def test_an_answer_without_end_is_not_read_to_its_end(
    server: MailServer, made: Certificate, stage: str
) -> None:
    server.said[stage] = FLOOD
    assert "没完没了" in refused(channel(server, made, timeout=10.0)).why
    assert server.flooded < 2_000  # times 15 kB: what was read and what fits into the buffers


def test_a_lost_goodbye_does_not_unsend_a_mail(server: MailServer, made: Certificate) -> None:
    server.said["QUIT"] = DROP
    channel(server, made).send(message(channel="mail"), TO)
    assert len(server.taken) == 1


@pytest.mark.parametrize(
    "to",
    ["", "nobody", "a@b@c.example", "a b@c.example", "a@c.example\r\nBcc: x@y.example",
     "a@c.example,b@c.example", "张@c.example", "<a@c.example>", "a@c", '"a b"@c.example'],
)  # fmt: skip
def test_an_address_that_is_none_is_refused_before_anything_is_sent(
    server: MailServer, made: Certificate, to: str
) -> None:
    assert refused(channel(server, made), to).final
    assert server.taken == []


def test_a_line_feed_in_the_subject_adds_no_heading(server: MailServer, made: Certificate) -> None:
    for subject in ("a\r\nBcc: x@y.example", "a\nb", "a\rb", "a\x00b", "a\u2028b"):
        assert refused(channel(server, made), subject=subject).final
    assert server.taken == []


def test_a_dot_alone_on_a_line_does_not_end_the_mail(server: MailServer, made: Certificate) -> None:
    channel(server, made).send(message(channel="mail", body="一\n.\n二\n.三"), TO)
    assert "一\n.\n二\n.三" in server.mails()[0].get_content()


def test_a_password_is_not_sent_to_a_server_that_does_not_secure(made: Certificate) -> None:
    with mail_server(made, "none") as server:
        mail = channel(server, made, tls="starttls", username=LOGIN[0], password=LOGIN[1])
        assert "加密" in refused(mail).why
        assert (server.logins, server.taken) == ([], [])


def test_a_certificate_of_nobody_known_is_refused(server: MailServer, made: Certificate) -> None:
    assert "证书不可信" in refused(channel(server, made, ca_file=None)).why
    assert (server.logins, server.taken) == ([], [])


def test_a_mail_server_of_the_intranet_must_be_listed(
    server: MailServer, made: Certificate
) -> None:
    setting = EmailSetting(
        name="mail", host=HOST, port=587, sender="a@b.example", ca_file=made.certificate
    )
    assert "private_hosts" in refused(Mail(setting, lambda: NOW)).why
