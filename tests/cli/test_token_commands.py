"""Tokens from the command line: shown once, never more than the account may."""

from __future__ import annotations

import re
from typing import Any

from tests.support.terminal import Terminal

TOKEN = re.compile(r"ckbx_[\w-]{43}")


def rows(run: Terminal, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = run("token", "list", "--format", "json", *words).ok().json["rows"]
    return found


def add(run: Terminal, *words: str) -> Any:
    return run("token", "add", *words, "--name", "校园平台", "--until", "2026-12-31")


def test_a_token_is_shown_once_listed_without_itself_and_revoked(run: Terminal) -> None:
    run("user", "add", "admin2", "boss").ok()
    run("user", "grant", "admin2", "inspector", "--approver", "boss", "--until", "2026-12-20").ok()
    done = add(run, "admin2", "--may", "see_children", "--may", "查看个案").ok()
    (token,) = TOKEN.findall(done.out)
    assert done.out.strip() == token
    (row,) = rows(run)
    assert (row["account"], row["permissions"]) == ("admin2", ["see_cases", "see_children"])
    assert row["expires"] == "2026-12-31T16:00:00Z"
    assert (row["seen"], row["over"]) == (None, False)
    shown = run("token", "list").ok().out
    assert "校园平台" in shown
    assert token not in shown + str(row)
    assert rows(run, "--account", "other") == []
    assert "校园平台" in run("token", "revoke", row["token"][:8]).ok().err
    assert rows(run) == []
    assert run("token", "revoke", row["token"][:8]).code == 3


def test_an_account_gives_no_more_than_it_has(run: Terminal) -> None:
    run("user", "add", "nobody1").ok()
    done = add(run, "nobody1", "--may", "see_children")
    assert done.code == 2
    assert "nobody1" in done.err
    assert "没有权限“see_children”" in done.err
    assert add(run, "unknown", "--may", "see_todo").code == 2
    assert rows(run) == []
