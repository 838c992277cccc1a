"""From an alert to what a person reads: outbox, vault, rules and real receivers together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from ckbx.application.unit import Unit
from ckbx.clock import FixedClock
from ckbx.scheduling.sending import new_dispatcher
from ckbx.store import Store
from ckbx.vault.people import Contact, Identity
from notifications.channels.file import ChannelsRefused
from notifications.outbox_queue import DEAD, LEFT, SENT
from notifications.outbox_tables import MESSAGES, MessageRow
from notifications.queue import NO_ADDRESS
from tests.support.alerts import notice, raise_alert
from tests.support.county import SCHOOL, SmallCounty, opened
from tests.support.mail_server import MailServer, mail_server
from tests.support.receivers import Certificate, Receiver, answer

TODAY = date(2026, 11, 20)
NOON = datetime.fromisoformat("2026-11-20T12:00:00+08:00")
NIGHT = datetime.fromisoformat("2026-11-20T23:00:00+08:00")
SEVEN = datetime.fromisoformat("2026-11-21T07:00:00+08:00")
CLASS = f"{SCHOOL}/2026/1"
PHONE, EMAIL, NAME, NUMBER = "13800000001", "ct1@school.example", "王小明", "522626201503040011"


class Scene:
    """A store with one child, two accounts and three channels to real receivers."""

    def __init__(
        self, store: Store, mails: MailServer, receiver: Receiver, made: Certificate
    ) -> None:
        self.store, self.mails, self.receiver = store, mails, receiver
        self.child = SmallCounty(store.office).pupils[CLASS][0]
        self._person(self.child, "child", Identity(name=NAME, id_number=NUMBER), None, "")
        contact = Contact(phone=PHONE, email=EMAIL)
        self._person(uuid4(), "staff", Identity(name="班主任丁"), contact, "ct1")
        self._person(uuid4(), "staff", Identity(name="班主任戊"), Contact(phone=PHONE), "ct2")
        text = f"""
base_url = "https://ckbx.example"
private_hosts = ["127.0.0.1:{receiver.port}", "127.0.0.1:{mails.port}"]
[[channel]]
name = "mail"
kind = "email"
host = "127.0.0.1"
port = {mails.port}
tls = "tls"
sender = "ckbx@county.example"
ca_file = "{made.certificate}"
[[channel]]
name = "sms"
kind = "sms"
url = "{receiver.url("/sms")}"
ca_file = "{made.certificate}"
success_field = "errcode"
[[channel]]
name = "group"
kind = "wecom"
url = "{receiver.url("/send?key=k")}"
hosts = ["127.0.0.1"]
ca_file = "{made.certificate}"
"""
        path = store.settings.secret_dir / "channels.toml"
        path.write_text(text, "utf-8")
        path.chmod(0o600)
        store.postroom.catch_up()

    def _person(
        self, id_: UUID, kind: str, identity: Identity, contact: Contact | None, account: str
    ) -> None:
        lookups = {"account": account} if account else None

        def decide(unit: Unit) -> bytes:
            vault = self.store.vault
            unit.writes.extend(
                vault.prepare(id_, kind, identity=identity, contact=contact, lookups=lookups)  # type: ignore[arg-type]
            )
            return b"person"

        self.store.office.run(self.store.office.context("test"), decide)

    def absent(self, *to: str) -> None:
        """The child is absent; these are to know."""
        said = notice("absence_warning", TODAY, list(to), child=self.child, class_key=CLASS)
        raise_alert(self.store.office, said)

    def at(self, now: datetime) -> None:
        """Tick and send, at an instant."""
        clock = self.store.clock
        assert isinstance(clock, FixedClock)
        clock.at = now
        self.store.postroom.tick(now)
        new_dispatcher(self.store).drain()

    def messages(self) -> dict[tuple[str, str], MessageRow]:
        """By channel and recipient."""
        with self.store.rows.snapshot() as look:
            rows = [MessageRow(*row) for row in look.scan(MESSAGES)]
        return {(row.channel, row.recipient): row for row in rows}


@pytest.fixture
def scene(store_url: str, tmp_path: Path, receiver: Receiver, made: Certificate) -> Iterator[Scene]:
    with (
        mail_server(made, "tls") as mails,
        opened(store_url, tmp_path / "keys", now=NOON) as store,
    ):
        yield Scene(store, mails, receiver, made)


def test_an_alert_reaches_a_person_by_mail_and_phone_and_a_group_in_numbers(
    scene: Scene,
) -> None:
    scene.absent("ct1")
    scene.at(NOON)
    sent = scene.messages()
    assert {row.state for row in sent.values()} == {SENT}
    (mail,) = scene.mails.mails()
    assert str(mail["To"]) == EMAIL
    assert "王**" in mail.get_content()
    texts = {got.path.split("?")[0]: got.json for got in scene.receiver.got}
    assert texts["/sms"]["phone"] == PHONE
    assert "缺勤预警 1 人" in texts["/sms"]["text"]
    group = texts["/send"]["text"]["content"]
    assert "王" not in group
    said = mail.get_content() + str(texts)
    for secret in (NAME, NUMBER, "522626"):
        assert secret not in said
    kept = "".join(row.subject + row.body for row in sent.values())
    assert "王" not in kept
    row = sent["mail", "ct1"]
    body = mail.get_content().removesuffix("\n").removesuffix(f"\n\nhttps://ckbx.example{row.link}")
    text = f"{mail['Subject']}\0{body}\0https://ckbx.example{row.link}\0"
    assert row.digest == hashlib.sha256(text.encode()).hexdigest()


def test_sending_again_sends_nothing(scene: Scene) -> None:
    scene.absent("ct1")
    scene.at(NOON)
    scene.at(NOON)
    assert (len(scene.mails.taken), len(scene.receiver.got)) == (1, 2)


def test_who_has_no_address_is_counted_and_told_by_the_other_ways(scene: Scene) -> None:
    scene.absent("ct2")
    scene.at(NOON)
    found = scene.messages()
    mail = found["mail", "ct2"]
    assert (mail.state, mail.why) == (LEFT, NO_ADDRESS)
    assert found["sms", "ct2"].state == SENT
    assert scene.store.postroom.reasons()[NO_ADDRESS] == 1


def test_in_the_night_nothing_is_sent_and_at_seven_everything(scene: Scene) -> None:
    scene.absent("ct1")
    scene.at(NIGHT)
    assert (scene.mails.taken, scene.receiver.got) == ([], [])
    scene.at(SEVEN)
    assert (len(scene.mails.taken), len(scene.receiver.got)) == (1, 2)


def test_what_a_receiver_says_of_a_dead_letter_is_kept_without_the_address(scene: Scene) -> None:
    scene.mails.said["RCPT"] = f"550 5.1.1 <{EMAIL}> no such user"
    scene.receiver.otherwise = answer(422, f"bad phone {PHONE}".encode())
    scene.absent("ct1")
    scene.at(NOON)
    found = scene.messages()
    for row in (found["mail", "ct1"], found["sms", "ct1"]):
        assert row.state == DEAD
        assert row.why
        assert EMAIL not in row.why
        assert PHONE not in row.why


def test_with_a_broken_file_notices_wait_and_are_sent_once_it_is_mended(scene: Scene) -> None:
    path = scene.store.settings.secret_dir / "channels.toml"
    good = path.read_text("utf-8")
    scene.absent("ct1")
    for cached in ("channels", "postroom"):  # as a process that starts anew
        scene.store.__dict__.pop(cached, None)
    path.write_text(good + "[", "utf-8")
    with pytest.raises(ChannelsRefused):
        scene.at(NOON)
    path.write_text(good, "utf-8")
    scene.at(NOON)
    assert {row.state for row in scene.messages().values()} == {SENT}
    assert len(scene.messages()) == 3
