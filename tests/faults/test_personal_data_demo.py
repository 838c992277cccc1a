"""The demo county, with cases at every stage: does a word about anybody stand outside the vault?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from ckbx.clock import SystemClock
from ckbx.demo.store import demo_settings
from ckbx.settings import read_settings
from ckbx.store import Store, open_store
from notifications.message import Message
from notifications.outbox_queue import message_of
from notifications.persons import VaultFiller
from notifications.queue import Way
from tests.faults.personal import cells, everything_about, search, words_about
from tests.support.terminal import Terminal

Place = tuple[str, bytes]
RISEN = "报上一级".encode()


@pytest.mark.parametrize("students", [150, pytest.param(600, marks=pytest.mark.long)])
def test_no_name_number_or_phone_of_the_demo_county_stands_outside_the_vault(
    students: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = Terminal(f"sqlite:///{tmp_path / 'unused.db'}", tmp_path / "unused")
    said = terminal.process("demo", "--students", students, "--no-serve", cwd=tmp_path).ok()
    settings = demo_settings(tmp_path, read_settings({}))
    clock = SystemClock(settings.timezone)
    ways = (Way(name="mail", kind="email"), Way(name="group", kind="wecom", scope="county"))
    with closing(open_store(settings, clock, ways=ways)) as store:
        store.catch_up()
        sent = everything_told(store, monkeypatch)
        people = everything_about(store).values()
        children = [p for p in people if p.identity and p.identity.student_no]
        assert len(children) >= students * 0.9
        words = set().union(*(words_about(person) for person in people))
        numbers = {word for word in words if word[-4:-1].isdecimal()}
        assert len(numbers) >= 3 * len(children)  # 身份证号, 学籍号 and a phone each
        assert search(without_own_words(cells(store)), words) == []
        heard = [("out", said.raw), ("err", said.err.encode())]
        heard += [("sent", f"{each.subject}\n{each.body}".encode()) for each in sent]
        assert any("**" in each.body for each in sent)
        assert search(without_own_words(heard), words) == []


def without_own_words(places: Iterable[Place]) -> Iterator[Place]:
    """What the program adds to the title of an alert that rose holds the words of a degree of
    disability: 报上一级.
    """
    for where, content in places:
        yield where, content.replace(RISEN, b"")


def everything_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[Message]:
    """A message of every alert there ever was, none too old to be told, as it is sent."""
    monkeypatch.setattr("notifications.rules.is_stale", lambda *_: False)
    with store.rows.transaction() as tx:
        tx.execute("DELETE FROM outbox_notices")
        tx.execute("UPDATE answers_positions SET position = 0 WHERE subscriber = 'outbox'")
    assert store.postroom.tick(store.clock.now() + timedelta(days=1)) > 10
    filler = VaultFiller(store.vault)
    return [filler.fill(message_of(row)) for row in store.postroom.queue.messages()]
