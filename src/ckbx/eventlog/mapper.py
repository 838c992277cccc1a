"""How does the library turn our events into stored events? By our codec and nothing else."""

from __future__ import annotations

from uuid import UUID

from eventsourcing.domain import DomainEventProtocol
from eventsourcing.persistence import Mapper, StoredEvent

from ckbx.domain.shared.event import DomainEvent
from ckbx.eventlog.codec import decode_event, encode_event


class CkbxMapper(Mapper[UUID]):
    """The library's mapper seam, without its transcoder, compressor and cipher.

    Personal data never stands in an event, so nothing here is encrypted.
    """

    def __init__(self) -> None:
        """Takes nothing: the stored form is fixed by the codec."""

    def to_stored_event(self, domain_event: DomainEventProtocol[UUID]) -> StoredEvent:
        """Encode an event. Raises TypeError for one that is not a :class:`DomainEvent`."""
        if not isinstance(domain_event, DomainEvent):
            msg = f"{type(domain_event).__name__} is no DomainEvent"
            raise TypeError(msg)
        return StoredEvent(
            originator_id=domain_event.originator_id,
            originator_version=domain_event.originator_version,
            topic=domain_event.TOPIC,
            state=encode_event(domain_event),
        )

    def to_domain_event(self, stored_event: StoredEvent) -> DomainEvent:
        """Decode an event. Raises :class:`ckbx.eventlog.codec.EventUnreadable`."""
        return decode_event(stored_event.topic, stored_event.state)
