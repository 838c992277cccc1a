"""Whom the unified sign-in knows is one account, said by somebody, and written down."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from ckbx.access import Factor
from ckbx.access.errors import IdentityMissing, IdentityRefused, IdentityTaken, NoAccountHere
from ckbx.application import accounts, identities
from ckbx.domain.account.codes import DisableReason
from ckbx.domain.account.errors import AccountIsDisabled, AccountUnknown
from tests.access.conftest import Door

ISSUER, NUMBER = "https://id.example.cn/realm", "522699199001011234"


def link(door: Door, account: str, subject: str = NUMBER) -> None:
    identities.link(door.office, door.gate, door.ctx, account, ISSUER, subject)


def test_a_link_says_who_made_it_and_keeps_the_subject_nowhere(door: Door) -> None:
    door.person("teacher1")
    link(door, "teacher1", f" {NUMBER} ")
    assert door.gate.unified.account_of(ISSUER, NUMBER) == "teacher1"
    found = door.gate.unified.links()["teacher1"]
    assert (found.issuer, found.made_by, found.made) == (ISSUER, "cli:root", door.store.clock.now())
    newest = door.gate.sign_ins()[0]
    assert (newest.outcome.value, newest.account) == ("linked", "teacher1")
    assert "cli:root" in newest.device
    with door.store.engine.connect() as connection:
        for table in ("access_identities", "access_sign_ins"):
            rows = connection.execute(text(f"SELECT * FROM {table}")).fetchall()
            assert NUMBER not in repr(rows)


def test_a_subject_is_one_account_and_an_account_one_subject(door: Door) -> None:
    door.person("teacher1")
    door.person("teacher2")
    link(door, "teacher1")
    with pytest.raises(IdentityTaken, match="teacher1"):
        link(door, "teacher2")
    link(door, "teacher1")
    link(door, "teacher1", "another")
    assert door.gate.unified.account_of(ISSUER, NUMBER) is None
    link(door, "teacher2")
    assert door.gate.unified.account_of(ISSUER, NUMBER) == "teacher2"
    assert door.gate.unified.account_of(ISSUER + "/", NUMBER) is None
    assert door.gate.unified.account_of(ISSUER, NUMBER.lower() + "x") is None


@pytest.mark.parametrize("subject", ["", "  ", "a b", "张三", "a\nb", "x" * 256])
def test_what_cannot_be_a_subject_is_not_linked(door: Door, subject: str) -> None:
    door.person("teacher1")
    with pytest.raises(IdentityRefused):
        link(door, "teacher1", subject)


def test_only_an_account_in_use_is_linked(door: Door) -> None:
    with pytest.raises(AccountUnknown):
        link(door, "nobody")
    door.person("teacher1")
    accounts.disable(door.office, door.gate, door.ctx, "teacher1", DisableReason.LEFT)
    with pytest.raises(AccountIsDisabled):
        link(door, "teacher1")


def test_a_link_that_is_taken_off_ends_the_sessions(door: Door) -> None:
    door.person("teacher1")
    link(door, "teacher1")
    token = door.session("teacher1")
    identities.unlink(door.office, door.gate, door.ctx, "teacher1")
    assert door.gate.sessions.find(token) is None
    assert door.gate.unified.links() == {}
    assert door.gate.sign_ins()[0].outcome.value == "unlinked"
    with pytest.raises(IdentityMissing):
        identities.unlink(door.office, door.gate, door.ctx, "teacher1")
    with pytest.raises(AccountUnknown):
        identities.unlink(door.office, door.gate, door.ctx, "nobody")


def test_a_browser_is_back_once_and_within_ten_minutes(door: Door) -> None:
    unified = door.gate.unified
    unified.begin("one", "/cases")
    unified.begin("two", "/")
    assert unified.take("three") is None
    assert unified.take("one") == "/cases"
    assert unified.take("one") is None
    door.later(minutes=10)
    assert unified.take("two") is None
    unified.begin("three", "/")
    with door.store.engine.connect() as connection:
        rows = connection.execute(text("SELECT * FROM access_handshakes")).fetchall()
    assert len(rows) == 1, "what is over is swept out"
    assert "three" not in repr(rows)


def test_of_many_that_are_back_at_once_one_is_the_first(door: Door) -> None:
    door.gate.unified.begin("one", "/cases")
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: door.gate.unified.take("one"), range(16)))
    assert sorted(filter(None, found)) == ["/cases"]


def test_an_entry_asks_for_the_factor_as_one_by_password_does(door: Door) -> None:
    door.person("teacher1")
    enter = door.gate.unified.enter
    assert enter("teacher1").factor is Factor.NONE
    assert enter("teacher1", needs_factor=lambda _: True).factor is Factor.TO_ENROL
    assert enter("teacher1", needs_factor=lambda _: True, strong=True).factor is Factor.NONE
    for account in (None, "", "nobody"):
        with pytest.raises(NoAccountHere):
            enter(account)


def test_who_came_in_by_it_is_known_there_as_by_password(door: Door) -> None:
    door.person("teacher1")
    door.gate.unified.enter("teacher1", address="10.0.0.9", device="手机")
    assert door.gate.last_sign_ins()["teacher1"] == door.store.clock.now()
    newest = door.gate.sign_ins()[0]
    assert (newest.address, newest.device, newest.outcome.label) == (
        "10.0.0.9", "手机", "用统一身份认证登录",
    )  # fmt: skip
