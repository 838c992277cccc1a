"""When a connection is used again, and what happens when the other side has hung up."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from notifications.channels import kept
from notifications.channels.gateway import Webhook
from notifications.channels.problems import ChannelDown
from tests.support.messages import hook, message, private
from tests.support.receivers import Certificate, Receiver, answer, drop, flood


@pytest.fixture
def channel(receiver: Receiver, made: Certificate) -> Webhook:
    return Webhook(hook(receiver, made, timeout=2.0), private(receiver))


def test_posts_one_after_the_other_go_over_one_connection(
    channel: Webhook, receiver: Receiver
) -> None:
    for n in range(5):
        channel.send(message(n), "")
    assert (receiver.connections, len(receiver.got)) == (1, 5)


def close_after(handler: Any) -> None:
    """A whole answer, and then hangs up without having said so."""
    answer()(handler)
    handler.close_connection = True


def test_after_the_receiver_hung_up_a_new_connection_is_made(
    channel: Webhook, receiver: Receiver
) -> None:
    receiver.otherwise = close_after
    for n in range(5):
        channel.send(message(n), "")
    assert receiver.connections == 5
    assert sorted(receiver.times().values()) == [1] * 5


def test_hung_up_on_over_a_used_connection_it_posts_once_more_under_the_same_key(
    channel: Webhook, receiver: Receiver
) -> None:
    channel.send(message(1), "")
    receiver.answers.append(drop)
    channel.send(message(2), "")
    assert receiver.times() == {str(message(1).id): 1, str(message(2).id): 2}
    receiver.answers.extend([drop, drop])
    with pytest.raises(ChannelDown):  # once more, not for ever
        channel.send(message(3), "")
    assert receiver.times()[str(message(3).id)] == 2


@pytest.mark.parametrize("bad", [flood, answer(200, b"x", Connection="close")])
def test_a_connection_whose_answer_was_not_read_whole_or_is_to_end_is_not_used_again(
    channel: Webhook, receiver: Receiver, bad: Any
) -> None:
    receiver.answers.append(bad)
    with suppress(ChannelDown):
        channel.send(message(1), "")
    channel.send(message(2), "")
    assert receiver.connections == 2


def test_an_old_connection_is_not_used_so_that_the_address_is_judged_again(
    channel: Webhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("AGE_SECONDS", "IDLE_SECONDS"):
        before = receiver.connections
        with monkeypatch.context() as patch:
            patch.setattr(kept, limit, -1.0)
            channel.send(message(1), "")
            channel.send(message(2), "")
        assert receiver.connections - before == 2
