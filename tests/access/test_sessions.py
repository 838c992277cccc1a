"""How long is somebody signed in, and what ends it?"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import text

from ckbx.application import accounts
from ckbx.domain.account.codes import DisableReason, GrantedRole
from ckbx.domain.responsibility.post import Scope, ScopeKind
from tests.access.conftest import PASSWORD, Door
from tests.support.county import COUNTY


def test_a_session_is_found_by_its_token_and_kept_as_a_hash(door: Door) -> None:
    door.person("teacher1")
    token = door.gate.sessions.create("teacher1", address="10.0.0.1", device="手机", data=b"\x00x")
    found = door.gate.sessions.find(token)
    assert found is not None
    assert (found.account, found.data, found.address, found.device, found.strict) == (
        "teacher1", b"\x00x", "10.0.0.1", "手机", False,
    )  # fmt: skip
    assert len(token) >= 43, "256 bits"
    with door.store.engine.connect() as connection:
        stored = repr(connection.execute(text("SELECT * FROM access_sessions")).fetchall())
    assert token not in stored
    assert door.gate.sessions.find("unknown") is None
    assert door.gate.sessions.find("") is None
    assert door.gate.sessions.find("\udcff漢") is None


def test_a_confirmation_is_kept(door: Door) -> None:
    door.person("teacher1")
    token = door.session("teacher1")
    began = door.store.clock.now()
    door.later(minutes=9)
    door.gate.sessions.confirm(token)
    found = door.gate.sessions.find(token)
    assert found is not None
    assert (found.began, found.confirmed) == (began, door.store.clock.now())


def test_after_twelve_hours_it_is_over_however_busy(door: Door) -> None:
    door.person("teacher1")
    token = door.session("teacher1")
    for _ in range(11):
        door.later(hours=1)
        assert door.gate.sessions.find(token) is not None
    door.later(minutes=59)
    assert door.gate.sessions.find(token) is not None
    door.later(minutes=1)
    assert door.gate.sessions.find(token) is None


def test_a_strict_one_is_over_after_half_an_hour_without_a_request(door: Door) -> None:
    door.person("bureau1")
    strict, plain = door.session("bureau1", strict=True), door.session("bureau1")
    for _ in range(3):
        door.later(minutes=29)
        assert door.gate.sessions.find(strict) is not None
    door.later(minutes=30)
    assert door.gate.sessions.find(strict) is None
    assert door.gate.sessions.find(plain) is not None


@pytest.mark.parametrize(("strict", "minutes"), [(True, 1), (False, 12)])
def test_seen_is_written_once_in_a_small_part_of_the_idle_time(
    door: Door, strict: bool, minutes: int
) -> None:
    door.person("teacher1")
    token = door.session("teacher1", strict=strict)

    def seen() -> object:
        with door.store.engine.connect() as connection:
            return connection.execute(text("SELECT seen FROM access_sessions")).scalar()

    first = seen()
    door.later(seconds=60 * minutes - 1)
    door.gate.sessions.find(token)
    assert seen() == first
    door.later(seconds=1)
    door.gate.sessions.find(token)
    assert seen() != first


def test_signing_out_ends_one_and_ending_all_ends_the_rest(door: Door) -> None:
    door.person("teacher1")
    door.person("teacher2")
    first, second, other = (door.session(name) for name in ("teacher1", "teacher1", "teacher2"))
    assert len(door.gate.sessions.of_account("teacher1")) == 2
    door.gate.sessions.end(first)
    assert door.gate.sessions.find(first) is None
    assert door.gate.sessions.find(second) is not None
    assert door.gate.sessions.end_all("teacher1") == 1
    assert door.gate.sessions.find(second) is None
    assert door.gate.sessions.find(other) is not None


def test_one_of_the_own_sessions_is_ended_by_its_key_and_nobody_elses(door: Door) -> None:
    door.person("teacher1")
    token = door.session("teacher1")
    key = door.gate.sessions.of_account("teacher1")[0].key
    door.gate.sessions.end_key("teacher2", key)
    assert door.gate.sessions.find(token) is not None
    door.gate.sessions.end_key("teacher1", key)
    assert door.gate.sessions.find(token) is None


def _disable(door: Door) -> None:
    accounts.disable(door.office, door.gate, door.ctx, "teacher1", DisableReason.LEFT)


def _grant(door: Door) -> None:
    accounts.grant_role(
        door.office,
        door.gate,
        door.ctx,
        "teacher1",
        GrantedRole.BUREAU_OFFICER,
        Scope(ScopeKind.COUNTY, COUNTY),
        first_day=door.ctx.today,
        last_day=door.ctx.today,
        approved_by="leader1",
    )


def _change(door: Door) -> None:
    door.gate.change_password("teacher1", PASSWORD, "quite another 9")


def _reset(door: Door) -> None:
    accounts.issue_code(door.office, door.gate, door.ctx, "teacher1")


@pytest.mark.parametrize("act", [_disable, _grant, _change, _reset])
def test_what_changes_an_account_ends_its_sessions_at_once(
    door: Door, act: Callable[[Door], None]
) -> None:
    door.person("leader1")
    door.person("teacher1")
    token, other = door.session("teacher1"), door.session("leader1")
    act(door)
    assert door.gate.sessions.find(token) is None
    assert door.gate.sessions.find(other) is not None
    with door.store.engine.connect() as connection:
        left = connection.execute(text("SELECT account FROM access_sessions")).scalars().all()
    assert left == ["leader1"]


def test_a_disabled_accounts_session_is_not_found_although_its_row_stands(door: Door) -> None:
    door.person("teacher1")
    token = door.session("teacher1")

    def only_the_fact(unit: object) -> bytes:
        account = accounts._fresh(door.office, unit, "teacher1")  # type: ignore[arg-type]
        account.disable(door.ctx, "teacher1", DisableReason.MISUSED)
        return b"disabled"

    door.office.run(door.ctx, only_the_fact)
    assert door.gate.sessions.find(token) is None


def test_sessions_that_are_over_are_swept_out(door: Door) -> None:
    door.person("teacher1")
    door.session("teacher1")
    door.later(hours=13)
    door.session("teacher1")
    with door.store.engine.connect() as connection:
        count = connection.execute(text("SELECT count(*) FROM access_sessions")).scalar()
    assert count == 1
