"""Which statements does the append send?

Binary parameters (``%b``) and fixed texts, so that each is planned once a session. Table
names carry no schema: the session's search path decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

NO_ID: Final = UUID(int=0)

STATE: Final = """
SELECT s.id, (SELECT e.version FROM events e WHERE e.stream = s.id
              ORDER BY e.version DESC LIMIT 1), NULL::bigint, NULL::bytea
FROM unnest(%b::uuid[]) s(id)
UNION ALL
SELECT command_id, position, recorded_at, reply FROM commands WHERE command_id = ANY(%b::uuid[])
UNION ALL
SELECT NULL, l.position, l.recorded_at, NULL
FROM (SELECT position, recorded_at FROM events ORDER BY position DESC LIMIT 1) l
"""
"""(id, head or position, recorded_at, reply); the row without id is about the last event."""

INSERT_EVENTS: Final = """
INSERT INTO events (stream, version, topic, recorded_at, state)
SELECT stream, version, topic, %b::bigint, state
FROM unnest(%b::uuid[], %b::bigint[], %b::text[], %b::bytea[])
     WITH ORDINALITY u(stream, version, topic, state, n)
ORDER BY n
RETURNING position"""

_COMMANDS: Final = """
INSERT INTO commands (command_id, position, recorded_at, reply)
SELECT c.id, coalesce(e.position, 0), %b::bigint, c.reply
FROM unnest(%b::uuid[], %b::uuid[], %b::bigint[], %b::bytea[]) c(id, stream, version, reply)
LEFT JOIN e ON e.stream = c.stream AND e.version = c.version
RETURNING command_id, position
"""
INSERT_BOTH: Final = f"WITH e AS ({INSERT_EVENTS}, stream, version){_COMMANDS}"
"""Commands name the (stream, version) of their last event, whose position they get."""

INSERT_COMMANDS: Final = """
INSERT INTO commands (command_id, position, recorded_at, reply)
SELECT id, 0, %b::bigint, reply FROM unnest(%b::uuid[], %b::bytea[]) c(id, reply)
RETURNING command_id, position
"""

COPY_EVENTS: Final = (
    "COPY events (stream, version, topic, recorded_at, state) FROM STDIN (FORMAT BINARY)"
)
COPY_EVENTS_TYPES: Final = ("uuid", "int8", "text", "int8", "bytea")
COPY_COMMANDS: Final = (
    "COPY commands (command_id, position, recorded_at, reply) FROM STDIN (FORMAT BINARY)"
)
COPY_COMMANDS_TYPES: Final = ("uuid", "int8", "int8", "bytea")

POSITIONS: Final = """
SELECT e.position
FROM unnest(%b::uuid[], %b::bigint[]) WITH ORDINALITY u(stream, version, n)
JOIN events e ON e.stream = u.stream AND e.version = u.version
ORDER BY u.n
"""

POSITION_AT: Final = """
WITH RECURSIVE search(low, high) AS (
    SELECT 0::bigint, coalesce(max(position), 0) FROM events
    UNION ALL
    SELECT CASE WHEN coalesce(e.recorded_at <= %b::bigint, true) THEN m.half ELSE s.low END,
           CASE WHEN coalesce(e.recorded_at <= %b::bigint, true) THEN s.high
                ELSE e.position - 1 END
    FROM search s
    CROSS JOIN LATERAL (SELECT (s.low + s.high + 1) / 2 AS half) m
    LEFT JOIN LATERAL (SELECT position, recorded_at FROM events WHERE position <= m.half
                       ORDER BY position DESC LIMIT 1) e ON true
    WHERE s.low < s.high
)
SELECT position FROM events WHERE position <= (SELECT low FROM search WHERE low >= high)
ORDER BY position DESC LIMIT 1
"""

_AT: Final = """
now_ AS (
    SELECT greatest($1::bigint, (SELECT recorded_at FROM events ORDER BY position DESC LIMIT 1)) AS at
)"""
_EVENTS: Final = """
e AS (
    INSERT INTO events (stream, version, topic, recorded_at, state)
    SELECT u.stream, u.version, u.topic, (SELECT at FROM now_), u.state
    FROM unnest($2::uuid[], $3::bigint[], $4::text[], $5::bytea[])
         WITH ORDINALITY u(stream, version, topic, state, n)
    WHERE NOT EXISTS (SELECT FROM commands WHERE command_id = ANY($7::uuid[]))
      AND {found}
    ORDER BY u.n
    RETURNING position, stream, version
)"""
_COMMANDS_OF: Final = """
INSERT INTO commands (command_id, position, recorded_at, reply)
SELECT c.id, e.position, (SELECT at FROM now_), c.reply
FROM unnest($9::uuid[], $10::uuid[], $11::bigint[], $12::bytea[]) c(id, stream, version, reply)
JOIN e ON e.stream = c.stream AND e.version = c.version
RETURNING command_id, position, recorded_at
"""
IF_LAST: Final = """
coalesce((SELECT position FROM events ORDER BY position DESC LIMIT 1), 0) = $6::bigint
      AND NOT EXISTS (SELECT FROM events WHERE stream = ANY($8::uuid[]))"""
"""Nobody has written since a position; the streams of $8 are new."""
IF_HEADS: Final = """
NOT EXISTS (SELECT FROM unnest($8::uuid[], $6::bigint[]) b(stream, head)
                  WHERE b.head <> coalesce((SELECT version FROM events h WHERE h.stream = b.stream
                                            ORDER BY h.version DESC LIMIT 1), 0))"""
"""The streams of $8 have the heads of $6, whoever has written since."""
ONE_PARAMETERS: Final = 12


def stored_if(found: str, parts: Sequence[str] = ()) -> str:
    """Inserts all or nothing: the conditions ($6 to $8) do not depend on the row. ``parts``:
    more common table expressions, which may ask whether there is a row of ``e``, and for the
    instant in ``now_``.
    """
    return f"WITH {', '.join([_AT, _EVENTS.format(found=found), *parts])}{_COMMANDS_OF}"
