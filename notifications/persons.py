"""Where a person's name will stand in a message: a mark in what is kept, a short name when sent.

A kept message names nobody; what goes out holds at most ``王**``, never a number.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

import msgspec

from ckbx.domain.shared.system_actors import NOTIFY
from ckbx.vault import Access, Vault, short_name
from notifications.message import Message

_MARK: Final = re.compile(r"⟦([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})⟧")
PURPOSE: Final = "发送预警消息"
ERASED: Final = "（已依法删除）"
UNNAMED: Final = "（未登记姓名）"


def mark(person: UUID) -> str:
    """Stands for a person in a kept message."""
    return f"⟦{person}⟧"


def persons_in(text: str) -> list[UUID]:
    """Who is named in a kept text, each once."""
    return [UUID(found) for found in dict.fromkeys(_MARK.findall(text))]


def named(text: str, name: Callable[[UUID], str]) -> str:
    """The text with every mark replaced."""
    return _MARK.sub(lambda found: name(UUID(found[1])), text)


class VaultFiller:
    """Implements :class:`notifications.queue.Filler`. ``base_url`` comes before the path of a
    message's link; empty: messages carry no link.
    """

    def __init__(self, vault: Vault, base_url: str = "") -> None:
        self._vault = vault
        self._base = base_url.rstrip("/")

    def fill(self, message: Message) -> Message:
        """The message as it is sent; one access record where it names anybody."""
        return self.fill_many([message])[0]

    def fill_many(self, messages: Sequence[Message]) -> list[Message]:
        """:meth:`fill` for several that go out at the same time: one access record for all."""
        naming = [each for each in messages if persons_in(each.body)]
        views = "、".join(f"消息 {each.channel} {each.id}" for each in naming)
        names = self.names(views, "".join(each.body for each in naming))
        return [self._filled(each, names) for each in messages]

    def _filled(self, message: Message, names: dict[UUID, str]) -> Message:
        body = named(message.body, lambda person: names.get(person, UNNAMED))
        link = self._base + message.link if self._base and message.link else ""
        return msgspec.structs.replace(message, body=body, link=link)

    def names(
        self, view: str, text: str, actor: str = NOTIFY, why: str = PURPOSE
    ) -> dict[UUID, str]:
        """Short names of the persons marked in a text, under one access record."""
        people = persons_in(text)
        if not people:
            return {}
        access = Access(actor=actor, view=view, purpose=why)
        found = self._vault.read(people, ["identity"], access)
        return {
            id_: ERASED
            if person.erased
            else short_name(person.identity.name if person.identity else "") or UNNAMED
            for id_, person in found.items()
        }
