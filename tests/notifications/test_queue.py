"""Messages claimed, sent, failed and sent again, on both databases."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from ckbx.clock import micros
from ckbx.eventlog.row_store import RowStore
from notifications.compose import TO_SEND
from notifications.outbox_queue import (
    CLAIMED,
    DEAD,
    LEFT,
    SENT,
    NotToResend,
    OutboxQueue,
    UnknownMessage,
)
from notifications.outbox_tables import MESSAGES, MessageRow
from notifications.queue import NO_ADDRESS, Queue
from tests.support.county import opened

NOW = datetime.fromisoformat("2026-11-20T07:30:00+00:00")
LEASE = timedelta(minutes=2)
MINUTE = timedelta(minutes=1)


class Post:
    """A queue with messages put into its table."""

    def __init__(self, rows: RowStore) -> None:
        self.rows = rows
        self.queue = OutboxQueue(rows)

    def put(self, count: int = 1, slot: datetime = NOW) -> list[UUID]:
        ids = [uuid4() for _ in range(count)]
        rows = [
            MessageRow(
                id=id_.bytes,
                recipient=f"ct{number}",
                channel="mail",
                kind="digest",
                slot=micros(slot),
                part=0,
                level="黄",
                subject="汇总",
                body="内容",
                link="/inbox",
                state=TO_SEND,
                attempts=0,
                next_at=micros(slot),
                composed_at=micros(slot),
            )
            for number, id_ in enumerate(ids)
        ]
        with self.rows.transaction() as tx:
            tx.insert(MESSAGES, rows)
        return ids

    def one(self, id_: UUID) -> MessageRow:
        (row,) = [row for row in self.queue.messages() if row.id == id_.bytes]
        return row

    def claimed(self, now: datetime = NOW, limit: int = 10) -> list[UUID]:
        return [m.id for m in self.queue.claim(now, limit=limit, lease=LEASE)]


@pytest.fixture
def post(store_url: str, tmp_path: Path) -> Iterator[Post]:
    with opened(store_url, tmp_path / "keys", now=NOW) as store:
        store.postroom.prepare()
        yield Post(store.rows)


def test_the_outbox_is_a_queue(post: Post) -> None:
    queue: Queue = post.queue
    assert queue.next_at() is None


def test_only_what_is_due_is_claimed_the_oldest_slot_first(post: Post) -> None:
    (late,), (early,) = post.put(slot=NOW), post.put(slot=NOW - MINUTE)
    post.put(slot=NOW + MINUTE)
    assert post.claimed() == [early, late]


def test_a_claim_takes_no_more_than_asked_for(post: Post) -> None:
    post.put(5)
    assert len(post.claimed(limit=2)) == 2
    assert len(post.claimed(limit=9)) == 3


def test_what_is_claimed_is_not_given_out_again_until_the_lease_is_over(post: Post) -> None:
    (id_,) = post.put()
    assert post.claimed() == [id_]
    assert post.claimed(NOW + LEASE - timedelta(microseconds=1)) == []
    assert post.claimed(NOW + LEASE) == [id_]
    assert post.one(id_).attempts == 0


def test_claimers_at_the_same_time_never_hold_the_same_message(post: Post) -> None:
    ids, held = post.put(40), []
    start = threading.Barrier(4)

    def work() -> None:
        start.wait(10)
        while found := post.claimed(limit=3):
            held.extend(found)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert sorted(held) == sorted(ids)


def test_a_sent_message_keeps_what_was_sent_and_is_done(post: Post) -> None:
    (id_,) = post.put()
    post.claimed()
    post.queue.sent(id_, digest="ab", at=NOW + MINUTE)
    row = post.one(id_)
    assert (row.state, row.digest, row.done_at) == (SENT, "ab", micros(NOW + MINUTE))
    assert post.claimed(NOW + timedelta(days=1)) == []


def test_a_late_failure_never_undoes_a_message_sent(post: Post) -> None:
    (id_,) = post.put()
    post.claimed()
    post.queue.sent(id_, digest="ab", at=NOW)
    post.queue.failed(id_, why="timeout", at=NOW, next_at=NOW)
    post.queue.skip(id_, reason=NO_ADDRESS, at=NOW)
    post.queue.postpone(id_, next_at=NOW)
    post.queue.sent(id_, digest="cd", at=NOW + MINUTE)
    assert (post.one(id_).state, post.one(id_).digest) == (SENT, "ab")


def test_a_failure_is_tried_again_when_told_and_counted(post: Post) -> None:
    (id_,) = post.put()
    post.claimed()
    post.queue.failed(id_, why="500", at=NOW, next_at=NOW + MINUTE)
    assert post.claimed(NOW) == []
    assert post.queue.next_at() == NOW + MINUTE
    (again,) = post.queue.claim(NOW + MINUTE, limit=1, lease=LEASE)
    assert (again.id, again.attempts) == (id_, 1)


def test_a_number_of_a_person_in_a_receivers_words_is_masked(post: Post) -> None:
    (id_,) = post.put()
    post.claimed()
    post.queue.failed(id_, why="no such user 13800138000", at=NOW, next_at=None)
    assert "13800138000" not in (post.one(id_).why or "")


def test_a_dead_letter_is_sent_again_only_when_a_person_says_so(post: Post) -> None:
    (id_,) = post.put()
    post.claimed()
    post.queue.failed(id_, why="no", at=NOW, next_at=None)
    assert post.one(id_).state == DEAD
    assert post.claimed(NOW + timedelta(days=9)) == []
    post.queue.resend(id_, by="cli:root", at=NOW + MINUTE)
    assert (post.one(id_).resent_by, post.one(id_).attempts) == ("cli:root", 0)
    assert post.claimed(NOW + MINUTE) == [id_]


def test_what_waits_or_was_sent_is_not_resent(post: Post) -> None:
    (id_,) = post.put()
    with pytest.raises(NotToResend):
        post.queue.resend(id_, by="x", at=NOW)
    with pytest.raises(UnknownMessage):
        post.queue.resend(uuid4(), by="x", at=NOW)


def test_a_message_given_back_counts_no_attempt(post: Post) -> None:
    (id_,) = post.put()
    post.claimed()
    post.queue.postpone(id_, next_at=NOW + MINUTE)
    (again,) = post.queue.claim(NOW + MINUTE, limit=1, lease=LEASE)
    assert again.attempts == 0


def test_a_message_left_unsent_says_why(post: Post) -> None:
    (id_,) = post.put()
    post.claimed()
    assert post.one(id_).state == CLAIMED
    post.queue.skip(id_, reason=NO_ADDRESS, at=NOW)
    assert (post.one(id_).state, post.one(id_).why) == (LEFT, NO_ADDRESS)


def test_marks_that_come_together_are_told_apart(post: Post) -> None:
    before, first, second = post.put(3)
    post.claimed()
    post.queue.sent(before, digest="ab", at=NOW)
    unknown = uuid4()
    found: dict[int, Exception | None] = {}
    ids = (before, first, second, second, unknown)
    start = threading.Barrier(len(ids))

    def mark(number: int, id_: UUID) -> None:
        start.wait(10)
        try:
            post.queue.sent(id_, digest="cd", at=NOW)
            found[number] = None
        except UnknownMessage as error:
            found[number] = error

    threads = [threading.Thread(target=mark, args=pair) for pair in enumerate(ids)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert [found[n] for n in range(4)] == [None] * 4
    assert isinstance(found[4], UnknownMessage)
    assert [post.one(id_).digest for id_ in (before, first, second)] == ["ab", "cd", "cd"]
    assert {row.state for row in post.queue.messages()} == {SENT}


def test_all_that_waits_for_a_channel_that_rests_is_put_off_at_once(post: Post) -> None:
    dead, gone, held, theirs, due, soon, late, other = post.put(8)
    assert len(post.claimed()) == 8
    post.queue.failed(dead, why="no", at=NOW, next_at=None)
    post.queue.sent(gone, digest="ab", at=NOW)
    for id_, at in ((due, NOW), (soon, NOW + MINUTE), (late, NOW + 3 * MINUTE), (other, NOW)):
        post.queue.postpone(id_, next_at=at)
    with post.rows.transaction() as tx:
        tx.update(MESSAGES, ("channel",), [("sms", other.bytes)])
    rest = NOW + 2 * MINUTE
    assert post.queue.put_off("mail", [held, gone], next_at=rest) == 3
    assert {post.one(id_).next_at for id_ in (held, due, soon)} == {micros(rest)}
    assert {post.one(id_).state for id_ in (held, due, soon)} == {TO_SEND}
    assert (post.one(dead).state, post.one(gone).state) == (DEAD, SENT)
    assert (post.one(theirs).state, post.one(theirs).next_at) == (CLAIMED, micros(NOW + LEASE))
    assert post.one(late).next_at == micros(NOW + 3 * MINUTE)
    assert post.claimed(NOW + MINUTE) == [other]
    assert {row.attempts for row in post.queue.messages()} == {0, 1}
