"""Who gets in, who does not, and what is said to whom?"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Lock
from typing import Any

import pytest

from ckbx.access import Factor, Outcome
from ckbx.access.errors import OldPasswordWrong, PasswordRefused, SignInRefused, TooManyTries
from ckbx.access.passwords import AT_A_TIME, Hasher, check_password
from ckbx.application import accounts
from ckbx.domain.account.codes import DisableReason
from tests.access.conftest import PASSWORD, Door


def outcomes(door: Door) -> list[Outcome]:
    return [line.outcome for line in reversed(door.gate.sign_ins(limit=2000))]


def test_the_right_password_lets_in_and_is_written_down(door: Door) -> None:
    door.person("teacher1")
    entry = door.gate.sign_in("teacher1", PASSWORD, address="10.0.0.7", device="手机")
    assert (entry.account, entry.must_change, entry.factor) == ("teacher1", False, Factor.NONE)
    line = door.gate.sign_ins("teacher1")[0]
    assert (line.address, line.device, line.outcome) == ("10.0.0.7", "手机", Outcome.OK)


def test_whatever_the_cause_the_refusal_is_the_same_sentence(door: Door) -> None:
    door.person("teacher1")
    door.person("teacher2")
    accounts.disable(door.office, door.gate, door.ctx, "teacher2", DisableReason.LEFT)
    said = set()
    for account, password in (("teacher1", "wrong one"), ("teacher2", PASSWORD), ("no", PASSWORD)):
        with pytest.raises(SignInRefused) as caught:
            door.gate.sign_in(account, password)
        said.add((str(caught.value), caught.value.code, str(caught.value.as_dict())))
    assert len(said) == 1
    assert outcomes(door)[-3:] == [Outcome.WRONG, Outcome.DISABLED, Outcome.UNKNOWN]
    assert door.gate.sign_ins()[0].account == "", "a name typed wrong may be a password"


def test_every_refusal_costs_exactly_one_hash(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    door.person("teacher1")
    door.open("teacher2")
    door.person("teacher3")
    accounts.disable(door.office, door.gate, door.ctx, "teacher3", DisableReason.LEFT)
    hasher = door.gate._hasher._hash
    compared: list[int] = []
    real: Any = hasher.verify_and_update

    def counted(*given: Any) -> Any:
        compared.append(1)
        return real(*given)

    monkeypatch.setattr(hasher, "verify_and_update", counted)
    for account in ("teacher1", "teacher2", "teacher3", "nobody", "", "x" * 300):
        compared.clear()
        with pytest.raises(SignInRefused):
            door.gate.sign_in(account, "some wrong words")
        assert compared == [1], account


def test_a_code_sets_the_first_password_once(door: Door) -> None:
    code = door.open("teacher1")
    entry = door.gate.use_code("teacher1", code.lower().replace("-", " "), PASSWORD)
    assert not entry.must_change
    assert door.gate.sign_in("teacher1", PASSWORD).account == "teacher1"
    with pytest.raises(SignInRefused):
        door.gate.use_code("teacher1", code, "an other password 7")
    assert outcomes(door) == [Outcome.CODE_OK, Outcome.OK, Outcome.CODE_WRONG]


def test_of_two_that_use_a_code_at_once_one_gets_in(door: Door) -> None:
    code = door.open("teacher1")

    def use(password: str) -> bool:
        try:
            door.gate.use_code("teacher1", code, password)
        except SignInRefused:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(use, ["first long words", "second long words"])) == [False, True]


def test_a_code_lapses_after_72_hours(door: Door) -> None:
    code = door.open("teacher1")
    door.later(hours=72)
    with pytest.raises(SignInRefused):
        door.gate.use_code("teacher1", code, PASSWORD)


def test_a_code_in_place_of_the_password_asks_for_a_new_one_and_is_not_used_up(door: Door) -> None:
    code = door.open("teacher1")
    assert door.gate.sign_in("teacher1", code).must_change
    door.gate.use_code("teacher1", code, PASSWORD)


def test_a_new_code_ends_password_and_sessions_at_once(door: Door) -> None:
    door.person("teacher1")
    token = door.session("teacher1")
    code = accounts.issue_code(door.office, door.gate, door.ctx, "teacher1")
    assert door.gate.sessions.find(token) is None
    with pytest.raises(SignInRefused):
        door.gate.sign_in("teacher1", PASSWORD)
    door.gate.use_code("teacher1", code, PASSWORD)


@pytest.mark.usefixtures("real_hashes")
def test_neither_code_nor_password_stands_in_the_database(door: Door) -> None:
    code = door.open("teacher1")
    door.gate.use_code("teacher1", code, PASSWORD)
    door.open("teacher2")
    with door.store.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM access_credentials").fetchall()
    stored = repr(rows)
    assert "argon2id" in stored
    assert "m=19456,t=2,p=1" in stored
    assert PASSWORD not in stored
    assert code not in stored
    assert code.replace("-", "") not in stored


def test_an_account_of_the_chain_that_was_never_opened_cannot_sign_in(door: Door) -> None:
    with pytest.raises(SignInRefused):
        door.gate.use_code("ct0", "AAAA-AAAA-AAAA-AAAA", PASSWORD)
    assert not door.gate.is_active("ct0")


def test_changing_the_password_needs_the_old_one_and_ends_every_session(door: Door) -> None:
    door.person("teacher1")
    token = door.session("teacher1")
    with pytest.raises(OldPasswordWrong):
        door.gate.change_password("teacher1", "not it at all", "quite another 9")
    assert door.gate.sessions.find(token) is not None
    door.gate.change_password("teacher1", PASSWORD, "quite another 9")
    assert door.gate.sessions.find(token) is None
    assert door.gate.sign_in("teacher1", "quite another 9").account
    with pytest.raises(SignInRefused):
        door.gate.sign_in("teacher1", PASSWORD)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short7!", "至少"),
        ("x1!" * 100, "最多"),
        ("password123", "常见"),
        ("P@ssw0rd2026", "常见"),
        ("qwertyuiop", "常见"),
        ("1qaz2wsx3edc", "常见"),
        ("Admin@123", "常见"),
        ("20140512", "常见"),
        ("aa123456", "常见"),
        ("5201314520", "常见"),
        ("abababababa", "重复"),
        ("xyz1xyz1xyz1", "常见"),
        ("my-teacher1-word", "名称"),
        ("云溪风景这边独好", "名称"),
        ("在第一小学 is it", "名称"),
    ],
)
def test_passwords_that_are_guessed_first_are_refused(password: str, why: str) -> None:
    with pytest.raises(PasswordRefused, match=why):
        check_password(password, "teacher1", ["云溪县", "第一小学"])


def test_a_refused_password_does_not_use_the_code_up(door: Door) -> None:
    code = door.open("teacher1")
    with pytest.raises(PasswordRefused):
        door.gate.use_code("teacher1", code, "云溪风景这边独好", words=["云溪县"])
    door.gate.use_code("teacher1", code, PASSWORD, words=["云溪县"])


@pytest.mark.parametrize(
    "password",
    ["correct horse battery staple", "山那边下了一夜的雪", "x" * 200 + "yz ab", "🐼🌲🚲🧵🪁🍵🥁🎏"],
)
def test_any_characters_and_long_ones_are_taken(password: str) -> None:
    check_password(password, "teacher1", ["云溪县", "第一小学"])


def test_the_same_characters_composed_otherwise_are_the_same_password(door: Door) -> None:
    door.person("teacher1", "caf\u00e9 ａｂｃ 四个字")
    assert door.gate.sign_in("teacher1", "cafe\u0301 abc 四个字").account


def test_two_hashes_at_a_time_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    hasher, lock = Hasher(), Lock()
    running = [0, 0]
    real: Any = hasher._hash.verify_and_update

    def counted(*given: Any) -> Any:
        with lock:
            running[0] += 1
            running[1] = max(running)
        try:
            return real(*given)
        finally:
            with lock:
                running[0] -= 1

    monkeypatch.setattr(hasher._hash, "verify_and_update", counted)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: hasher.verify("some words", None), range(16)))
    assert running == [0, AT_A_TIME]


def guess(door: Door, times: int, seconds: float, account: str = "", address: str = "") -> int:
    """How many of the guesses are tested; accounts and addresses change where none is given."""
    tested = 0
    for number in range(times):
        try:
            door.gate.sign_in(
                account or f"teacher{number}",
                f"guess {number}",
                address=address or f"10.1.0.{number}",
            )
        except SignInRefused:
            tested += 1
        except TooManyTries:
            pass
        door.later(seconds=seconds)
    return tested


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is counted is how many guesses are compared, not how long that takes."""

    def wrong(_hasher: Hasher, _word: str, _kept: str | None, before: Any, after: Any) -> Any:
        before()
        after(False)
        return False, None

    monkeypatch.setattr(Hasher, "verify", wrong)


@pytest.mark.usefixtures("cheap")
def test_of_a_thousand_guesses_on_an_account_twenty_at_most_are_tested(door: Door) -> None:
    door.person("teacher1")
    token = door.session("teacher1")
    assert 5 <= guess(door, 1000, 1.0, account="teacher1") <= 20
    assert door.gate.sessions.find(token) is not None, "who is signed in goes on"
    assert len(door.gate.sign_ins(limit=2000)) < 50, "refusals do not fill the log"


@pytest.mark.usefixtures("cheap")
def test_of_a_thousand_guesses_from_an_address_twenty_at_most_are_tested(door: Door) -> None:
    assert 5 <= guess(door, 1000, 0.5, address="10.0.0.66") <= 20


@pytest.mark.usefixtures("cheap")
def test_an_account_that_does_not_exist_is_throttled_alike(door: Door) -> None:
    door.person("teacher1")
    assert guess(door, 60, 7.0, account="teacher1") == guess(door, 60, 7.0, account="nobody")


def test_guesses_at_once_are_no_way_around(door: Door) -> None:
    door.person("teacher1")

    def one(number: int) -> bool:
        try:
            door.gate.sign_in("teacher1", f"guess {number}")
        except SignInRefused:
            return True
        except TooManyTries:
            return False
        return False

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(one, range(48))) == 5


def test_nobody_is_locked_out_for_good(door: Door) -> None:
    door.person("teacher1")
    for number in range(5):
        with pytest.raises(SignInRefused):
            door.gate.sign_in("teacher1", f"guess {number}")
    with pytest.raises(TooManyTries) as caught:
        door.gate.sign_in("teacher1", PASSWORD)
    assert caught.value.ids["seconds"] == 30
    door.later(seconds=30)
    assert door.gate.sign_in("teacher1", PASSWORD).account
    with pytest.raises(SignInRefused):
        door.gate.sign_in("teacher1", "five new tries")


def test_strangers_do_not_keep_out_who_signed_in_from_there_before(door: Door) -> None:
    door.person("teacher1")
    door.gate.sign_in("teacher1", PASSWORD, address="192.168.1.20")
    for number in range(7):
        with pytest.raises((SignInRefused, TooManyTries)):
            door.gate.sign_in("teacher1", "guess", address=f"10.0.0.{number}")
    assert door.gate.sign_in("teacher1", PASSWORD, address="192.168.1.20").account
    with pytest.raises(TooManyTries):
        door.gate.sign_in("teacher1", PASSWORD, address="10.0.0.99")


def test_the_right_ones_behind_one_address_are_not_counted(door: Door) -> None:
    names = [door.person(f"teacher{number}") for number in range(25)]
    for name in names:
        assert door.gate.sign_in(name, PASSWORD, address="10.0.0.1").account


def test_sixty_people_behind_one_address_come_in_at_once(door: Door) -> None:
    names = [door.person(f"teacher{number}") for number in range(60)]

    def one(name: str) -> str:
        return door.gate.sign_in(name, PASSWORD, address="10.0.0.1").account

    with ThreadPoolExecutor(60) as pool:
        assert list(pool.map(one, names)) == names


def test_sixty_people_set_their_first_password_at_once(door: Door) -> None:
    codes = {name: door.open(name) for name in (f"teacher{number}" for number in range(60))}

    def one(name: str) -> str:
        return door.gate.use_code(name, codes[name], PASSWORD, address="10.0.0.1").account

    with ThreadPoolExecutor(60) as pool:
        assert list(pool.map(one, codes)) == list(codes)


def test_of_200_accounts_tried_at_once_from_one_address_few_are_tested(door: Door) -> None:
    names = [door.person(f"teacher{number}") for number in range(3)]
    names += [f"nobody{number}" for number in range(197)]

    def one(name: str) -> bool:
        try:
            door.gate.sign_in(name, "one of the usual words", address="10.0.0.66")
        except SignInRefused:
            return True
        except TooManyTries:
            return False
        return False

    with ThreadPoolExecutor(40) as pool:
        assert 5 <= sum(pool.map(one, names)) <= 20 + AT_A_TIME
    with pytest.raises(TooManyTries):
        door.gate.sign_in("teacher0", PASSWORD, address="10.0.0.66")
    assert door.gate.sign_in("teacher0", PASSWORD, address="10.0.0.1").account


def test_who_came_in_from_there_before_does_not_wait_for_what_others_did(door: Door) -> None:
    door.person("teacher1")
    door.person("teacher2")
    door.gate.sign_in("teacher1", PASSWORD, address="10.0.0.1")
    for number in range(20):
        with pytest.raises(SignInRefused):
            door.gate.sign_in(f"nobody{number}", "guess", address="10.0.0.1")
    assert door.gate.sign_in("teacher1", PASSWORD, address="10.0.0.1").account
    with pytest.raises(TooManyTries):
        door.gate.sign_in("teacher2", PASSWORD, address="10.0.0.1")


def test_the_person_signed_in_proves_again_who_they_are(door: Door) -> None:
    door.person("teacher1")
    assert door.gate.check_password("teacher1", PASSWORD)
    assert not door.gate.check_password("nobody", PASSWORD)
    for _ in range(5):
        assert not door.gate.check_password("teacher1", "not it at all")
    with pytest.raises(TooManyTries):
        door.gate.check_password("teacher1", PASSWORD)
    assert door.gate.sign_in("teacher1", PASSWORD).account, "signing in is counted apart"
