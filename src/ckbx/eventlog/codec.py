"""Events to bytes and back: the only place that knows the stored form.

Stored bytes are one byte of version followed by a msgpack map. Bytes of an older version
are decoded to a dict, led through ``upcast_v1_v2`` … of the event type, then built.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import msgspec

from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.event import DomainEvent, event_type

_encode = msgspec.msgpack.Encoder(uuid_format="bytes").encode
_decode_dict = msgspec.msgpack.Decoder(dict[str, Any]).decode


class EventUnreadable(CkbxError):
    """A stored event is of an unknown type, of a future version, or damaged."""

    code = "event_unreadable"
    message = "事件无法解读（{topic}）：{why}"


def encode_event(event: DomainEvent) -> bytes:
    """The stored bytes of an event."""
    return bytes((event.VERSION,)) + _encode(event)


@cache
def _decoder(topic: str) -> tuple[type[DomainEvent], msgspec.msgpack.Decoder[DomainEvent]]:
    cls = event_type(topic)
    if cls is None:
        raise EventUnreadable(topic=topic, why="不认识的事件名")
    return cls, msgspec.msgpack.Decoder(cls)


def decode_event(topic: str, state: bytes) -> DomainEvent:
    """The event that stored bytes hold. Raises :class:`EventUnreadable`."""
    cls, decoder = _decoder(topic)
    try:
        if state[0] == cls.VERSION:
            return decoder.decode(state[1:])
        return _upcast(cls, state)
    except (msgspec.DecodeError, IndexError) as error:
        raise EventUnreadable(topic=topic, why=str(error)) from error


def _upcast(cls: type[DomainEvent], state: bytes) -> DomainEvent:
    version = state[0]
    if version > cls.VERSION:
        raise EventUnreadable(topic=cls.TOPIC, why=f"版本 {version} 比本程序新")
    data = _decode_dict(memoryview(state)[1:])
    for step in range(version, cls.VERSION):
        data = getattr(cls, f"upcast_v{step}_v{step + 1}")(data)
    return msgspec.convert(data, cls)
