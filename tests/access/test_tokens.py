"""Tokens of programs: kept as a hash, with an end, over at once when revoked or closed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from ckbx.access import Outcome, TokenRow
from ckbx.access.errors import TokenRefused, TokenUnknown
from ckbx.access.tokens import LONGEST_DAYS, PREFIX
from ckbx.application import accounts
from ckbx.domain.account.codes import DisableReason
from tests.access.conftest import Door


def made(door: Door, account: str = "teacher1", days: float = 30, **more: object) -> str:
    given = {"name": "校园平台", "permissions": ["see_todo", "see_cases"], "by": "cli:root", **more}
    expires = door.store.clock.now() + timedelta(days=days)
    return door.gate.tokens.create(account, expires=expires, **given)  # type: ignore[arg-type]


def found(door: Door, token: str) -> TokenRow:
    row = door.gate.tokens.find(token)
    assert row is not None
    return row


def test_a_token_is_found_and_kept_as_a_hash(door: Door) -> None:
    door.person("teacher1")
    token = made(door)
    assert token.startswith(PREFIX)
    assert len(token) >= 48, "256 bits"
    row = found(door, token)
    assert (row.account, row.name, row.permissions) == (
        "teacher1", "校园平台", ("see_cases", "see_todo"),
    )  # fmt: skip
    with door.store.engine.connect() as connection:
        stored = repr(connection.execute(text("SELECT * FROM access_api_tokens")).fetchall())
    assert token not in stored
    assert token.removeprefix(PREFIX) not in stored
    for other in ("", "unknown", token[:-1], token + "x", "\udcff漢"):
        assert door.gate.tokens.find(other) is None


def test_it_is_over_at_its_end(door: Door) -> None:
    door.person("teacher1")
    token = made(door, days=2)
    door.later(days=1, hours=23, minutes=59)
    assert found(door, token).account == "teacher1"
    door.later(minutes=1)
    assert door.gate.tokens.find(token) is None


def test_it_is_over_at_once_when_revoked_and_who_did_it_is_kept(door: Door) -> None:
    door.person("teacher1")
    token, other = made(door), made(door, name="备用")
    door.gate.tokens.revoke(found(door, token).key[:8], by="cli:root")
    assert door.gate.tokens.find(token) is None
    assert found(door, other).name == "备用"
    log = door.gate.sign_ins("teacher1")
    assert [line.outcome for line in log[:3]] == [
        Outcome.TOKEN_REVOKED, Outcome.TOKEN_MADE, Outcome.TOKEN_MADE,
    ]  # fmt: skip
    assert log[0].device == "校园平台（cli:root）"


def test_a_key_that_names_none_or_too_little_revokes_nothing(door: Door) -> None:
    door.person("teacher1")
    key = found(door, made(door)).key
    for wrong in ("", key[:7], "0" * 8, "%"):
        with pytest.raises(TokenUnknown):
            door.gate.tokens.revoke(wrong, by="cli:root")
    assert len(door.gate.tokens.all_("teacher1")) == 1


def test_a_disabled_account_loses_its_tokens_for_good(door: Door) -> None:
    door.person("teacher1")
    token = made(door)
    accounts.disable(door.office, door.gate, door.ctx, "teacher1", DisableReason.LEFT)
    assert door.gate.tokens.find(token) is None
    accounts.enable(door.office, door.ctx, "teacher1")
    assert door.gate.tokens.find(token) is None
    assert door.gate.tokens.all_("teacher1") == []


@pytest.mark.parametrize(
    "more",
    [
        {"days": LONGEST_DAYS + 2},
        {"days": 0},
        {"days": -1},
        {"name": " "},
        {"name": "名" * 61},
        {"name": "张老师 13800138000"},
        {"name": "平台\u202eevil"},
        {"permissions": []},
        {"account": "nobody"},
    ],
)
def test_a_token_without_end_name_permission_or_account_is_refused(
    door: Door, more: dict[str, object]
) -> None:
    door.person("teacher1")
    with pytest.raises(TokenRefused):
        made(door, **more)  # type: ignore[arg-type]
    assert door.gate.tokens.all_() == []


def test_when_it_was_used_last_is_kept_to_the_minute(door: Door) -> None:
    door.person("teacher1")
    token = made(door)
    assert found(door, token).seen is None
    first = door.store.clock.now()
    door.later(seconds=59)
    assert found(door, token).seen == first
    door.later(seconds=2)
    found(door, token)
    assert found(door, token).seen == door.store.clock.now()
