"""Accounts from the command line: codes are shown once, files are private, refusals are named."""

from __future__ import annotations

import csv
import re
import stat
from pathlib import Path
from typing import Any

import pytest

from ckbx.access.errors import SignInRefused
from ckbx.store import Store, open_store
from tests.support.terminal import Terminal

CODE = re.compile(r"(?:[2-9A-HJKMNP-TV-Z]{4}-){3}[2-9A-HJKMNP-TV-Z]{4}")
PASSWORD = "三只蓝鸟 on a wire 42"


def opened(run: Terminal) -> Store:
    wired = run.wiring()
    return open_store(wired.settings, wired.clock)


def use(run: Terminal, account: str, code: str) -> None:
    """The person sets a password with the code."""
    store = opened(run)
    try:
        store.gate.use_code(account, code, PASSWORD)
    finally:
        store.close()


def row(run: Terminal, account: str) -> dict[str, Any]:
    rows = run("user", "list", "--format", "json").ok().json["rows"]
    found: dict[str, Any] = next(each for each in rows if each["account"] == account)
    return found


def code_of(text: str) -> str:
    found = CODE.findall(text)
    assert len(found) == 1
    return str(found[0])


def test_init_opens_the_first_administrator_once(empty: Terminal) -> None:
    first = empty("init", "--county", "522699", "--name", "云溪县").ok()
    assert "admin" in first.err
    use(empty, "admin", code_of(first.err))
    again = empty("init").ok()
    assert CODE.search(again.err) is None
    (grant,) = row(empty, "admin")["grants"]
    assert (grant["role"], grant["last_day"], grant["in_force"]) == ("administrator", None, True)


def test_without_a_county_there_is_no_account_yet(empty: Terminal) -> None:
    assert CODE.search(empty("init").ok().err) is None
    assert "--county" in empty("init").ok().err


def test_an_account_is_opened_listed_disabled_enabled_and_reset(run: Terminal) -> None:
    code = code_of(run("user", "add", "reg1").ok().out)
    assert row(run, "reg1")["password_set"] is False
    use(run, "reg1", code)
    assert row(run, "reg1")["password_set"] is True
    assert "离职" in run("user", "disable", "reg1", "--why", "离职").ok().err
    assert (row(run, "reg1")["state"], row(run, "reg1")["why"]) == ("disabled", "left")
    store = opened(run)
    with pytest.raises(SignInRefused):
        store.gate.sign_in("reg1", PASSWORD)
    store.close()
    run("user", "enable", "reg1").ok()
    again = code_of(run("user", "reset", "reg1").ok().out)
    assert again != code
    use(run, "reg1", again)
    table = run("user", "list").ok().out
    assert "reg1" in table
    assert "正常" in table


def test_an_account_is_named_when_opened_and_later(run: Terminal) -> None:
    run("user", "add", "reg1", "--name", "韦小兰").ok()
    run("user", "add", "reg2").ok()
    run("user", "name", "reg2", "潘老师").ok()
    store = opened(run)
    found = store.vault.find_many("account", ["reg1", "reg2"])
    assert all(len(subjects) == 1 for subjects in found.values())
    store.close()
    refused = run("user", "add", "a1", "a2", "--name", "韦小兰")
    assert refused.code == 2
    assert "一个账号" in refused.err


def test_codes_of_the_chain_go_to_a_private_file_and_nowhere_else(
    run: Terminal, tmp_path: Path
) -> None:
    file = tmp_path / "codes.csv"
    done = run("user", "add", "--from-chain", "-o", file).ok()
    assert CODE.search(done.out + done.err) is None
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with file.open(encoding="utf-8-sig", newline="") as rows:
        codes = {line["账号"]: line["一次性口令"] for line in csv.DictReader(rows)}
    assert "ct2" in codes
    assert "ct1" not in codes, "its post ended before today"
    use(run, "ct2", codes["ct2"])
    assert "没有新开通" in run("user", "add", "--from-chain", "-o", file).ok().err
    earlier = run("user", "add", "--from-chain", "--on", "2026-10-01", "-o", tmp_path / "b.csv")
    assert "1 个一次性口令" in earlier.ok().err


def test_a_role_is_granted_by_somebody_else_until_a_day_and_withdrawn(run: Terminal) -> None:
    for name in ("reg1", "leader1", "insp1"):
        run("user", "add", name).ok()
    school = run("ledger", "school", "--format", "json").ok().json["rows"][0]["school_code"]
    run("user", "grant", "reg1", "学籍管理员", "--school", school, "--approver", "leader1").ok()
    (grant,) = row(run, "reg1")["grants"]
    assert (grant["scope_code"], grant["last_day"]) == (school, "2027-08-31")
    endless = run("user", "grant", "insp1", "inspector", "--approver", "leader1")
    assert (endless.code, "必须写明到哪一天" in endless.err) == (3, True)
    run("user", "grant", "insp1", "督导", "--approver", "leader1", "--until", "2026-12-10").ok()
    own = run("user", "grant", "leader1", "包学校局领导", "--approver", "leader1")
    assert (own.code, "另一位负责人" in own.err) == (5, True)
    assert run("user", "grant", "insp1", "县教育局控辍保学专干").code == 2
    assert "督导" in run("user", "list").ok().out
    run("user", "withdraw", "insp1", 1).ok()
    assert row(run, "insp1")["grants"] == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("add",), 2, "不能混用"),
        (("add", "a1", "--from-chain"), 2, "不能混用"),
        (("add", "--from-chain"), 2, "-o"),
        (("add", "王小明"), 3, "账号名不能用"),
        (("disable", "nobody", "--why", "离职"), 5, "还没有开通"),
        (("disable", "nobody", "--why", "心情"), 2, "离职"),
        (("reset", "nobody"), 5, "还没有开通"),
        (("grant", "nobody", "校长", "--approver", "a"), 2, "学籍管理员"),
        (("withdraw", "nobody", 1), 5, "还没有开通"),
    ],
)
def test_what_cannot_be_done_says_why_and_what_instead(
    run: Terminal, words: tuple[object, ...], code: int, said: str
) -> None:
    done = run("user", *words)
    assert done.code == code
    assert said in done.err


def test_a_lost_device_is_taken_off(run: Terminal) -> None:
    import pyotp

    use(run, "b1", code_of(run("user", "add", "b1").ok().out))
    assert run("user", "reset", "b1", "--factor").code == 5
    store = opened(run)
    _, secret = store.gate.begin_factor("b1")
    store.gate.enrol_factor("b1", secret, pyotp.TOTP(secret).at(run.at))
    store.close()
    assert row(run, "b1")["second_factor"] is True
    run("user", "reset", "b1", "--factor").ok()
    assert row(run, "b1")["second_factor"] is False
