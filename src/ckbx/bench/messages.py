"""Messages: out of the outbox to a receiver on this machine, with the four senders of a worker."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid5

from ckbx.application.unit import Unit
from ckbx.bench.measure import Figure, seconds
from ckbx.bench.message_receiver import HOST, Receiving, receiver
from ckbx.clock import micros
from ckbx.store import Store
from ckbx.vault.people import Identity, NewPerson
from notifications.channels.gateway import Webhook
from notifications.channels.settings import WebhookSetting
from notifications.compose import TO_SEND
from notifications.dispatch import SENDERS, Dispatcher
from notifications.outbox_queue import message_of
from notifications.outbox_tables import MESSAGES, MessageRow
from notifications.persons import VaultFiller, mark

AIM = 200
_SPACE = UUID(int=0x3E55)
_CHILDREN = 200


def sending(store: Store, count: int, folder: Path, name: str) -> Iterator[Figure]:
    """So many messages, half of them naming a child, against the same posts without an outbox."""
    children = _children(store)
    rows = [_row(store, n, children[n % len(children)] if n % 2 else None) for n in range(count)]
    store.postroom.prepare()
    with store.rows.transaction() as tx:
        tx.insert(MESSAGES, rows)
    with receiver(folder) as at:
        bare = count / seconds(lambda: _post_all(at, rows))
    with receiver(folder) as at:
        dispatcher = Dispatcher(
            store.postroom.queue,
            {"hook": _channel(at)},
            store.clock,
            VaultFiller(store.vault, "https://ckbx.example"),
            lambda messages: [""] * len(messages),
        )
        ours = count / seconds(dispatcher.drain)
        taken, sent = at.taken(), dispatcher.outcome.sent
    if (taken, sent) != (count, count):
        raise RuntimeError(f"{taken} arrived, {sent} marked as sent, of {count}")  # noqa: EM102
    note = f"{count:,} 条，{SENDERS} 个发送线程，每条一次 HTTPS 提交，半数填短姓名并记查阅"
    yield Figure(name="消息从发件箱发出", store=name, ours=ours, unit="条/秒", aim=AIM, note=note)
    yield Figure(
        name="同上，与不经发件箱的同样提交相比", store=name, ours=ours, limit=bare, unit="条/秒"
    )


def _channel(at: Receiving) -> Webhook:
    setting = WebhookSetting(
        name="hook",
        url=f"https://{HOST}:{at.port}/in",
        ca_file=at.certificate,
        success_field="code",
    )
    return Webhook(setting, frozenset({(HOST, at.port)}))


def _post_all(at: Receiving, rows: Sequence[MessageRow]) -> None:
    channel = _channel(at)
    with ThreadPoolExecutor(SENDERS) as pool:
        for _ in pool.map(lambda row: channel.send(message_of(row), ""), rows):
            pass


def _children(store: Store) -> list[UUID]:
    ids = [uuid5(_SPACE, f"child/{n}") for n in range(_CHILDREN)]
    people = [NewPerson(subject=id_, kind="child", identity=Identity(name="王小明")) for id_ in ids]

    def decide(unit: Unit) -> bytes:
        unit.writes.extend(store.vault.prepare_many(people))
        return b"children"

    store.office.run(store.office.context("bench"), decide)
    return ids


def _row(store: Store, n: int, child: UUID | None) -> MessageRow:
    due = micros(store.clock.now() - timedelta(hours=1))
    who = mark(child) if child else "3 名学生"
    return MessageRow(
        id=uuid5(_SPACE, f"message/{n}").bytes,
        recipient=f"account{n}",
        channel="hook",
        kind="dropout_suspected",
        slot=due,
        part=0,
        level="红",
        subject="列入疑似辍学",
        body=f"{who} 连续无故缺勤，请今天核实。",
        link="/inbox",
        state=TO_SEND,
        attempts=0,
        next_at=due,
        composed_at=due,
    )
