"""Where an account is reached: stored in the vault under its person, read with a record."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import pytest

from ckbx.store import Store
from ckbx.vault import Access
from ckbx.vault.people import Contact, Identity
from notifications.addresses import (
    AccountUnknown,
    Addresses,
    EmailRefused,
    PhoneRefused,
    is_email,
    set_contact,
)
from notifications.channels.file import parse_channels
from notifications.sending import Reach
from tests.support.county import opened
from tests.support.messages import message

ACCESS = Access(actor="cli:test", view="test", purpose="test")
PHONE, EMAIL = "13900000001", "head1@school.example"


def person(store: Store, account: str, phone: str = PHONE) -> UUID:
    """Somebody of the chain, as its import writes them."""
    subject = uuid4()

    def decide(unit: object) -> bytes:
        unit.writes.extend(  # type: ignore[attr-defined]
            store.vault.prepare(
                subject,
                "staff",
                identity=Identity(name="校长乙"),
                contact=Contact(phone=phone) if phone else None,
                lookups={"account": account},
            )
        )
        return b"person"

    store.office.run(store.office.context("test"), decide)
    return subject


def put(store: Store, account: str, **what: str) -> Contact:
    return set_contact(
        store.office, store.vault, store.office.context("test"), account, ACCESS, **what
    )


def test_an_address_is_kept_beside_the_phone_and_found_by_its_account(
    store_url: str, tmp_path: Path
) -> None:
    with opened(store_url, tmp_path / "secrets") as store:
        person(store, "head1")
        person(store, "head2", phone="")
        put(store, "head1", email=EMAIL)
        addresses = Addresses(store.vault)
        asked = ["head1", "head2", "nobody"]
        assert addresses.of(asked, "email") == {"head1": EMAIL}
        assert addresses.of(asked, "phone") == {"head1": PHONE}
        assert put(store, "head1", email="") == Contact(phone=PHONE)
        assert addresses.of(asked, "email") == {}
        assert addresses.of([], "email") == addresses.of(["nobody"], "email") == {}
        stored = b"".join(row.state for row in store.log.read_rows(0, 10**6))
        assert EMAIL.encode() not in stored


def test_one_look_up_is_one_access_record_of_the_sending_system(
    sqlite_url: str, tmp_path: Path
) -> None:
    with opened(sqlite_url, tmp_path / "secrets") as store:
        subjects = {person(store, "head1"), person(store, "head2")}
        before = len(store.vault.access_records())
        Addresses(store.vault).of(["head1", "head2"], "phone")
        (record,) = store.vault.access_records()[before:]
        assert record.actor == "system:notify"
        assert set(record.subjects) == subjects


def test_an_unknown_account_and_a_wrong_address_are_refused(
    sqlite_url: str, tmp_path: Path
) -> None:
    with opened(sqlite_url, tmp_path / "secrets") as store:
        person(store, "head1")
        for account in ("nobody", "", " "):
            with pytest.raises(AccountUnknown):
                put(store, account, email=EMAIL)
        for wrong in ("head1", "a@b", "a b@c.example", "a@c.example\nb", "张@c.example", "<a@c.d>"):
            with pytest.raises(EmailRefused):
                put(store, "head1", email=wrong)
        for wrong in ("1", "call me", "1390000\n0001", "138 0013 8000"):
            with pytest.raises(PhoneRefused):
                put(store, "head1", phone=wrong)


def test_a_message_is_sent_to_the_address_its_channel_needs(
    sqlite_url: str, tmp_path: Path
) -> None:
    text = """
[[channel]]
name = "mail"
kind = "email"
host = "s.example"
sender = "a@b.example"
[[channel]]
name = "sms"
kind = "sms"
url = "https://s.example/"
[[channel]]
name = "group"
kind = "wecom"
url = "https://qyapi.weixin.qq.com/?key=1"
"""
    with opened(sqlite_url, tmp_path / "secrets") as store:
        person(store, "head1")
        person(store, "head2", phone="")
        put(store, "head1", email=EMAIL)
        reach = Reach(parse_channels(text.encode(), tmp_path), Addresses(store.vault))
        before = len(store.vault.access_records())
        asked = [
            message(channel="mail"),
            message(channel="sms"),
            message(channel="group", recipient="group:group"),
            message(channel="mail", recipient="head2"),
            message(channel="sms", recipient="nobody"),
        ]
        assert reach(asked) == [EMAIL, PHONE, "", None, None]
        assert len(store.vault.access_records()) == before + 2


def test_addresses_that_mail_servers_take_everywhere() -> None:
    good = ("a@b.cn", "a.b+c@d-e.edu.cn", "ckbx_1@163.com")
    bad = (
        "",
        "@b.cn",
        "a@",
        "a@b",
        ".a@b.cn",
        "a..b@c.cn",
        "a@-b.cn",
        "a@b.cn ",
        "a" * 250 + "@b.cn",
    )
    assert all(map(is_email, good))
    assert not any(map(is_email, bad))
    assert not is_email("a" * 100_000 + "!")
