"""What is common to every fact in the event log, and the registry of fact types.

An event type is found by its fixed ``TOPIC`` in a registry, never by importing a name
that stands in stored text. ``VERSION`` is written in front of the stored bytes; a
released type is never edited: a new version comes with ``upcast_v1_v2`` and so on.
"""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar
from uuid import UUID

import msgspec


class CommandContext(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for something, under which command, and which local day it is.

    ``actor`` is an account name, ``cli:<OS user>`` or ``system:<policy>``; it comes from
    the session, never from a payload; so does ``role``, in which the person acts (a code of
    ``Role``, None where none was asked for). ``today`` is the local school day of the county.
    """

    actor: str
    command_id: UUID
    today: date
    role: str | None = None
    correlation_id: UUID | None = None
    causation_id: str | None = None


class DomainEvent(
    msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True
):
    """A fact about one stream.

    ``occurred_on`` is the local day decided or seen, never in the future when recorded.
    ``correlation_id``/``causation_id`` left out mean: the command itself.
    """

    originator_id: UUID = msgspec.field(name="stream")
    originator_version: int = msgspec.field(name="n")
    occurred_on: date = msgspec.field(name="on")
    actor: str = msgspec.field(name="by")
    command_id: UUID = msgspec.field(name="cmd")
    correlation_id: UUID | None = msgspec.field(name="cor", default=None)
    causation_id: str | None = msgspec.field(name="cau", default=None)

    TOPIC: ClassVar[str] = ""
    VERSION: ClassVar[int] = 1
    TITLE: ClassVar[str] = ""  # the Chinese name shown to people

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.TOPIC:
            register(cls)

    @property
    def event_id(self) -> str:
        """``<stream>:<version>``, what evidence lists name."""
        return f"{self.originator_id}:{self.originator_version}"


class ActedEvent(DomainEvent, frozen=True, kw_only=True):
    """A fact of a stream on which people act in a role (cases, legal steps).

    ``acted_as`` is that role, left out where the system acted. It is no field of every event:
    one more would change the stored form of the event types with fifteen.
    """

    acted_as: str | None = msgspec.field(name="as", default=None)


_BY_TOPIC: dict[str, type[DomainEvent]] = {}


def register(cls: type[DomainEvent]) -> None:
    """Enter an event type under its topic; two types may not share one."""
    known = _BY_TOPIC.setdefault(cls.TOPIC, cls)
    if (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
        msg = f"topic {cls.TOPIC} belongs to {known.__qualname__}"
        raise ValueError(msg)
    _BY_TOPIC[cls.TOPIC] = cls


def event_type(topic: str) -> type[DomainEvent] | None:
    """The event type registered under a topic, or None."""
    return _BY_TOPIC.get(topic)


def all_event_types() -> list[type[DomainEvent]]:
    """Every registered event type, by topic."""
    return [_BY_TOPIC[t] for t in sorted(_BY_TOPIC)]
