"""E-mail over SMTP: one mail a message, its Message-ID made from the message's key."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as CRLF
from email.utils import format_datetime
from typing import Final

from notifications.addresses import is_email
from notifications.channels.guard import MAIL_PORTS, Deadline, Guard, Resolve
from notifications.channels.json_post import Private
from notifications.channels.problems import told
from notifications.channels.settings import EmailSetting
from notifications.channels.wire import TooMuch, reader, send_all, trust
from notifications.message import Message, NotSent

_OK: Final = range(200, 400)
_FOR_GOOD: Final = range(500, 600)
_ONE_MAIL: Final = frozenset({421, 450, 451, 452})


class Mail:
    """Sends for one channel. Safe to use from any thread: a connection a mail."""

    def __init__(
        self,
        setting: EmailSetting,
        now: Callable[[], datetime],
        private: Private = frozenset(),
        resolve: Resolve | None = None,
    ) -> None:
        self._setting, self._now = setting, now
        self._host = setting.at_host
        self._guard = Guard(
            channel=setting.name,
            hosts=frozenset({self._host}),
            ports=MAIL_PORTS,
            private=private,
            resolve=resolve,
        )
        self._context = trust(setting.ca_file)

    @property
    def name(self) -> str:
        return self._setting.name

    def send(self, message: Message, address: str) -> None:
        mail = self._written(message, address)
        deadline = Deadline(self._setting.timeout)
        try:
            self._hand_over(mail, address, deadline)
        except TimeoutError as error:
            raise self._guard.down(why=self._gone(error)) from error
        except smtplib.SMTPServerDisconnected as error:  # the library's word for any of them
            raise self._guard.down(why=self._gone(error.__context__)) from error
        except ssl.SSLCertVerificationError as error:
            why = f"{self._host} 的证书不可信（{error.verify_message}）"
            raise self._guard.down(why=why) from error
        except smtplib.SMTPResponseException as error:
            raise self._guard.down(why=self._words(error.smtp_code, error.smtp_error)) from error
        except (smtplib.SMTPException, ValueError) as error:
            raise self._guard.down(
                why=f"{self._host} 的答复不合邮件协议，或不支持要求的加密"
            ) from error
        except OSError as error:
            raise self._guard.down(why=self._gone(error)) from error

    def _gone(self, cause: BaseException | None) -> str:
        if isinstance(cause, TimeoutError):
            return f"{self._host} 没有在 {self._setting.timeout:g} 秒内答复完"
        if isinstance(cause, TooMuch):
            return f"{self._host} 的答复没完没了"
        return f"与 {self._host} 的连接中断"

    def _written(self, message: Message, address: str) -> bytes:
        """The mail. Raises NotSent for an address or a subject that cannot be one."""
        if not is_email(address):
            raise self._refused(why="收件人没有能用的邮箱地址")
        if not message.subject.isprintable():
            raise self._refused(why="标题含有换行等不可见字符")
        setting, mail = self._setting, EmailMessage()
        user, _, domain = setting.sender.rpartition("@")
        mail["From"] = Address(setting.sender_name, user, domain)
        mail["To"] = address
        mail["Subject"] = message.subject
        mail["Date"] = format_datetime(self._now())
        mail["Message-ID"] = f"<{message.id}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        link = message.link if message.link not in message.body else ""
        mail.set_content("\n\n".join(part for part in (message.body, link) if part), cte="base64")
        return mail.as_bytes(policy=CRLF)

    def _hand_over(self, mail: bytes, address: str, deadline: Deadline) -> None:
        setting = self._setting
        server = _Server(self._guard, self._context, setting, deadline)
        try:
            self._take(server.connect(self._host, setting.at_port), "不接受连接")
            server.ehlo_or_helo_if_needed()
            if setting.tls == "starttls":
                self._take(server.starttls(context=self._context), "不能加密")
                server.ehlo()
            if setting.username:
                server.login(setting.username, setting.password)
            self._take(server.mail(setting.sender), "发件人被拒绝")
            code, words = server.rcpt(address)
            if code not in _OK:
                raise self._not_taken(code, words, address)
            code, words = server.data(mail)
            if code not in _OK:
                raise self._not_taken(code, words, address)
            with suppress(OSError, smtplib.SMTPException):  # it was taken: the rest is manners
                server.putcmd("quit")
        finally:
            server.close()

    def _take(self, answer: tuple[int, bytes], what: str) -> None:
        code, words = answer
        if code not in _OK:
            raise self._guard.down(why=f"{what}：{self._words(code, words)}")

    def _not_taken(self, code: int, words: bytes | str, address: str) -> NotSent:
        why = self._words(code, words, address)
        if code == 421:
            return self._guard.down(why)
        return NotSent(channel=self.name, why=why, final=code in _FOR_GOOD)

    def _words(self, code: int, words: bytes | str, *hide: str) -> str:
        return f"答复 {code} {told(words, (*self._setting.secrets(), *hide))}".rstrip()

    def _refused(self, why: str) -> NotSent:
        return NotSent(channel=self.name, why=why, final=True)


class _Server(smtplib.SMTP):
    """The library's client, connecting through the guard and within one deadline."""

    def __init__(
        self, guard: Guard, context: ssl.SSLContext, setting: EmailSetting, deadline: Deadline
    ) -> None:
        self._guard, self._context, self._deadline = guard, context, deadline
        self._at_once = setting.tls == "tls"
        domain = setting.sender.rpartition("@")[2]
        super().__init__(local_hostname=domain, timeout=setting.timeout)
        self._host = setting.at_host

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = self._guard.connect(host, port, self._deadline)
        if not self._at_once:
            return plain
        plain.settimeout(self._deadline.left(timeout))
        return self._context.wrap_socket(plain, server_hostname=host)

    def starttls(self, *, context: ssl.SSLContext) -> tuple[int, bytes]:  # type: ignore[override]
        if self.sock is not None:
            self.sock.settimeout(self._deadline.left())
        return super().starttls(context=context)

    def getreply(self) -> tuple[int, bytes]:
        if self.file is None and self.sock is not None:
            self.file = reader(self.sock, self._deadline)
        return super().getreply()

    def send(self, s: bytes | str) -> None:  # type: ignore[override]
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected
        data = s.encode(self.command_encoding) if isinstance(s, str) else s
        send_all(self.sock, data, self._deadline)
