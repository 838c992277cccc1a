"""The second factor: set up once, each code good once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyotp
import pytest
from sqlalchemy import text

from ckbx.access import Factor
from ckbx.access.errors import FactorCodeWrong, FactorEnrolledAlready, TooManyTries
from ckbx.application import accounts
from ckbx.domain.account.errors import SecondFactorMissing
from ckbx.vault.errors import SecretMismatch
from tests.access.conftest import PASSWORD, Door


def now(door: Door) -> datetime:
    return door.store.clock.now()


def enrolled(door: Door, name: str = "bureau1") -> pyotp.TOTP:
    """The device of a person who set up the second factor a minute ago."""
    door.person(name)
    uri, secret = door.gate.begin_factor(name)
    assert pyotp.parse_uri(uri).secret == secret
    device = pyotp.TOTP(secret)
    door.gate.enrol_factor(name, secret, device.at(now(door)))
    door.later(seconds=60)
    return device


def entry(door: Door, name: str = "bureau1", *, needed: bool = True) -> Factor:
    return door.gate.sign_in(name, PASSWORD, needs_factor=lambda _: needed).factor


def test_who_needs_it_sets_it_up_and_is_then_always_asked(door: Door) -> None:
    door.person("bureau2")
    assert entry(door, "bureau2") is Factor.TO_ENROL
    assert entry(door, "bureau2", needed=False) is Factor.NONE
    enrolled(door)
    assert entry(door) is Factor.NEEDED
    assert entry(door, needed=False) is Factor.NEEDED


def test_a_code_is_taken_once(door: Door) -> None:
    device = enrolled(door)
    code = device.at(now(door))
    assert door.gate.check_factor("bureau1", code)
    assert not door.gate.check_factor("bureau1", code)
    door.later(seconds=30)
    assert not door.gate.check_factor("bureau1", code), "still within the window, but used"
    assert door.gate.check_factor("bureau1", device.at(now(door)))


def test_the_code_that_set_it_up_is_used_up(door: Door) -> None:
    door.person("bureau1")
    _, secret = door.gate.begin_factor("bureau1")
    code = pyotp.TOTP(secret).at(now(door))
    door.gate.enrol_factor("bureau1", secret, code)
    assert not door.gate.check_factor("bureau1", code)


def test_an_earlier_step_is_refused_after_a_later_one(door: Door) -> None:
    device = enrolled(door)
    before = device.at(now(door))
    door.later(seconds=30)
    assert door.gate.check_factor("bureau1", device.at(now(door)))
    assert not door.gate.check_factor("bureau1", before)


@pytest.mark.parametrize(("off", "taken"), [(-61, False), (-30, True), (30, True), (61, False)])
def test_a_phone_may_be_a_step_off(door: Door, off: int, *, taken: bool) -> None:
    device = enrolled(door)
    at = int(now(door).timestamp()) // 30 * 30 + off
    assert door.gate.check_factor("bureau1", device.at(at)) is taken


@pytest.mark.parametrize("code", ["", "abcdef", "１２３４５６", "000 00", "0" * 100])
def test_what_is_no_code_is_refused(door: Door, code: str) -> None:
    enrolled(door)
    assert not door.gate.check_factor("bureau1", code)


def test_guessing_is_throttled(door: Door) -> None:
    device = enrolled(door)
    wrong = f"{(int(device.at(now(door))) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert not door.gate.check_factor("bureau1", wrong)
    with pytest.raises(TooManyTries):
        door.gate.check_factor("bureau1", device.at(now(door)))
    door.later(seconds=30)
    assert door.gate.check_factor("bureau1", device.at(now(door)))


def test_wrong_digits_set_nothing_up_and_a_second_device_is_refused(door: Door) -> None:
    door.person("bureau2")
    _, secret = door.gate.begin_factor("bureau2")
    with pytest.raises(FactorCodeWrong):
        door.gate.enrol_factor(
            "bureau2", secret, pyotp.TOTP(secret).at(now(door) + timedelta(hours=1))
        )
    assert entry(door, "bureau2") is Factor.TO_ENROL
    enrolled(door)
    with pytest.raises(FactorEnrolledAlready):
        door.gate.begin_factor("bureau1")
    with pytest.raises(FactorEnrolledAlready):
        door.gate.enrol_factor("bureau1", secret, pyotp.TOTP(secret).at(now(door)))


def test_taking_it_off_ends_the_sessions_and_asks_to_set_it_up_anew(door: Door) -> None:
    enrolled(door)
    token = door.session("bureau1")
    accounts.remove_factor(door.office, door.gate, door.ctx, "bureau1")
    assert door.gate.sessions.find(token) is None
    assert entry(door) is Factor.TO_ENROL
    with pytest.raises(SecondFactorMissing):
        accounts.remove_factor(door.office, door.gate, door.ctx, "bureau1")


def test_a_new_sign_in_code_leaves_the_second_factor(door: Door) -> None:
    enrolled(door)
    code = accounts.issue_code(door.office, door.gate, door.ctx, "bureau1")
    assert door.gate.use_code("bureau1", code, PASSWORD).factor is Factor.NEEDED


def test_the_secret_is_sealed_and_opens_in_no_other_row(door: Door) -> None:
    device, other = enrolled(door), enrolled(door, "bureau2")
    with door.store.engine.connect() as connection:
        stored = repr(connection.execute(text("SELECT * FROM access_credentials")).fetchall())
    assert device.secret not in stored
    moved = (
        "UPDATE access_credentials SET factor_sealed = (SELECT factor_sealed FROM"
        " access_credentials WHERE account = 'bureau2') WHERE account = 'bureau1'"
    )
    with door.store.engine.begin() as connection:
        connection.execute(text(moved))
    with pytest.raises(SecretMismatch):
        door.gate.check_factor("bureau1", other.at(now(door)))


def test_after_a_new_key_file_it_is_sealed_anew_and_still_opens(door: Door) -> None:
    device = enrolled(door)
    door.store.vault.rotate_kek()
    assert door.gate.reseal() == 1
    with door.store.engine.connect() as connection:
        key = connection.execute(text("SELECT factor_key FROM access_credentials")).scalar()
    assert key == "kek-2"
    assert door.gate.check_factor("bureau1", device.at(now(door)))
