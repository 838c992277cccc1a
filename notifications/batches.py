"""What do messages need of the vault before they go out? Read for all that go together at once.

Messages of one channel that were claimed together are sent within seconds of each other: their
names and addresses are read under one access record each, not one a message. What was read
ahead is kept in memory, for as long as the claim lasts.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import UUID

from ckbx.domain.shared.errors import StoreUnavailable
from notifications.message import Message
from notifications.queue import Filler

Address = Callable[[Sequence[Message]], Sequence[str | None]]
"""Where the recipients are reached over their messages' channels, in order: empty where the
channel needs no address; None where it does and there is none."""


class Ready(NamedTuple):
    """A message as it goes out, and where to."""

    message: Message
    address: str


class Batch:
    """Messages of one channel, claimed together. Safe to use from any thread."""

    def __init__(self, messages: Sequence[Message], filler: Filler, address: Address) -> None:
        self._filler, self._address = filler, address
        self._waiting = {each.id: each for each in messages}
        self._found: dict[UUID, Ready | Exception | None] = {}
        self._reading = threading.Lock()

    def ready(self, message: Message, *, ahead: bool) -> Ready | None:
        """One of them, ready to go out; None: it has no address. ``ahead``: those that still
        wait are read with it.

        Raises StoreUnavailable, and what stands in the way of this message alone.
        """
        with self._reading:
            if message.id not in self._found:
                self._read(list(self._waiting.values()) if ahead else [message])
            found = self._found[message.id]
        if isinstance(found, Exception):
            raise found
        return found

    def done(self, message: Message) -> None:
        """It needs nothing any more."""
        with self._reading:
            self._waiting.pop(message.id, None)
            self._found.pop(message.id, None)

    def _read(self, messages: Sequence[Message]) -> None:
        try:
            self._found.update(self._together(messages))
        except StoreUnavailable:
            raise
        except Exception as error:  # noqa: BLE001 - raised for whom it concerns
            if len(messages) == 1:
                self._found[messages[0].id] = error
                return
            for each in messages:  # what cannot be read is the matter of its own message alone
                self._read([each])

    def _together(self, messages: Sequence[Message]) -> dict[UUID, Ready | None]:
        found = dict(zip(messages, self._address(messages), strict=True))
        reached = {each: at for each, at in found.items() if at is not None}
        filled = dict(zip(reached, self._filler.fill_many(list(reached)), strict=True))
        return {
            each.id: Ready(filled[each], reached[each]) if each in reached else None
            for each in messages
        }
