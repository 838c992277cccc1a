"""``ckbx inbox``, ``ckbx messages``, ``ckbx wording``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest

from ckbx.store import Store, open_store
from tests.support.alerts import MAIL
from tests.support.terminal import Terminal


@contextmanager
def opened(run: Terminal) -> Iterator[Store]:
    wired = run.wiring()
    store = open_store(wired.settings, wired.clock, wired.followers(), (MAIL,))
    try:
        yield store
    finally:
        store.close()


def inbox(run: Terminal, *more: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = (
        run("inbox", "--to", "ct2", "--format", "json", *more).ok().json["rows"]
    )
    return found


def test_what_is_due_stands_in_the_inbox_of_whoever_is_to_act(run: Terminal) -> None:
    """Saturday: the silent days of the last three school days are fresh, the rest is counted."""
    run("run-due").ok()
    rows = inbox(run)
    silent = [row["on"] for row in rows if row["kind"] == "roll_call_silent"]
    assert silent == ["2026-11-20", "2026-11-19", "2026-11-18"]
    assert "未报点名" in run("inbox", "--to", "ct2").ok().out
    assert "ckbx alerts --to ct2" in run("inbox", "--to", "ct2").ok().err


def test_what_was_marked_as_read_is_unread_no_more(run: Terminal) -> None:
    run("run-due").ok()
    unread = inbox(run, "--unread")
    assert unread
    run("inbox", "--to", "ct2", "--unread", "--mark-read").ok()
    assert inbox(run, "--unread") == []
    assert len(inbox(run)) == len(unread)
    assert all(row["read_at"] for row in inbox(run))


def test_a_run_repeated_adds_nothing_to_the_inbox(run: Terminal) -> None:
    run("run-due").ok()
    before = inbox(run)
    run("rebuild").ok()
    run("run-due").ok()
    assert inbox(run) == before


def dead_letter(run: Terminal) -> str:
    """One message that nobody took; its number."""
    with opened(run) as store:
        evening = store.clock.now() + timedelta(hours=9)
        store.postroom.tick(evening)
        queue = store.postroom.queue
        (message,) = queue.claim(evening, limit=1, lease=timedelta(minutes=2))
        queue.failed(message.id, why="550 no such user", at=evening, next_at=None)
    return str(message.id)


def test_a_dead_letter_is_listed_and_sent_again_by_its_number(run: Terminal) -> None:
    number = dead_letter(run)
    (row,) = run("messages", "--dead", "--format", "json").ok().json["rows"]
    assert (row["message_id"], row["why"], row["attempts"]) == (number, "550 no such user", 1)
    assert "550 no such user" in run("messages", "--dead").ok().out
    run("messages", "resend", number).ok()
    assert run("messages", "--dead", "--format", "json").ok().json == {"rows": []}
    waiting = run("messages", "--state", "waiting", "--format", "json").ok().json["rows"]
    (again,) = [row for row in waiting if row["message_id"] == number]
    assert again["resent_by"].startswith("cli:")
    assert run("messages", "resend", number).code == 5


def test_a_message_that_does_not_exist_is_refused(run: Terminal) -> None:
    assert run("messages", "resend", str(UUID(int=1))).code == 3
    assert run("messages", "resend", "x").code == 2
    assert run("messages", "--state", "nothing").code == 2


def test_why_nothing_was_sent_is_counted(run: Terminal) -> None:
    run("run-due").ok()
    rows = run("messages", "--skipped", "--format", "json").ok().json["rows"]
    assert {row["reason"] for row in rows} >= {"stale"}
    assert all(row["title"] and row["count"] for row in rows)
    assert "逾期较久" in run("messages", "--skipped").ok().out


def test_a_countys_words_are_previewed_set_listed_and_reset(run: Terminal) -> None:
    words = "{{县名}}：{{数量}}{{单位}}没来，{{名单}}"
    seen = run("wording", "preview", "absence_warning", words).ok()
    assert "云溪县：3人没来，王**" in seen.err
    assert "字" in seen.err
    run("wording", "set", "absence_warning", words, "--channel", "email").ok()
    (row,) = [
        each for each in run("wording", "list", "--format", "json").ok().json["rows"] if each["own"]
    ]
    assert (row["kind"], row["channel"], row["text"]) == ("absence_warning", "email", words)
    assert row["set_by"].startswith("cli:")
    shown = run("wording", "show", "absence_warning", "--channel", "email").ok()
    assert shown.out.strip() == words
    run("wording", "reset", "absence_warning", "--channel", "email").ok()
    assert "王**" in run("wording", "show", "absence_warning", "--channel", "email").ok().out


@pytest.mark.parametrize("words", ["{{学生姓名}}", "{% if x %}", "打 13800138000"])
def test_words_that_could_do_harm_are_refused_and_nothing_is_kept(
    run: Terminal, words: str
) -> None:
    assert run("wording", "set", "relapse", words).code == 3
    rows = run("wording", "list", "--format", "json").ok().json["rows"]
    assert not any(row["own"] for row in rows)
