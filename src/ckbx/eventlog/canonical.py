"""Which bytes stand for one event in the Merkle tree and in every proof?

The layout is described, with a worked example, in ``docs/canonical-bytes.md``; a verifier
written from that page alone must come to the same bytes. Released, never changed.
"""

from __future__ import annotations

from struct import Struct

from ckbx.eventlog.ports import StoredRow

_length = Struct(">I").pack
_number = Struct(">IQ").pack


def canonical_bytes(county: str, row: StoredRow) -> bytes:
    """County, position, stream, version, topic, recorded_at and stored bytes of one event.

    Each field stands behind its length (4 bytes, big-endian); numbers are 8 bytes,
    big-endian; ``recorded_at`` is microseconds since 1970 UTC; text is UTF-8.
    Raises ``struct.error`` for a negative number.
    """
    code = county.encode()
    topic = row.topic.encode()
    return b"".join(
        (
            _length(len(code)),
            code,
            _number(8, row.position),
            b"\x00\x00\x00\x10",
            row.stream.bytes,
            _number(8, row.version),
            _length(len(topic)),
            topic,
            _number(8, row.recorded_at),
            _length(len(row.state)),
            row.state,
        )
    )
