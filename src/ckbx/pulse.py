"""What does the process that leads let others see? When it ticked last, and how that went.

The pulse stands beside the lead itself (in the lock file of SQLite, in the name of the session
that holds PostgreSQL's lock), so it costs no write to the store and ends with its session.
"""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

WIDTH = 63
"""Longest text of a pulse: PostgreSQL cuts the name of a session there."""
_NAME = "ckbx-worker"


class Pulse(msgspec.Struct, frozen=True):
    """When the leader ticked last, when it looked at the facts last (UTC, whole seconds; None:
    not yet), and the code of what its last tick failed with (empty: it did not).
    """

    ticked: datetime | None = None
    looked: datetime | None = None
    code: str = ""

    def text(self) -> str:
        """The pulse in one line of at most :data:`WIDTH` ASCII characters."""
        words = [_NAME, _number(self.ticked), _number(self.looked), self.code or "-"]
        return " ".join(words)[:WIDTH]


def read_pulse(text: str) -> Pulse:
    """:meth:`Pulse.text` undone; an empty pulse for anything else."""
    words = text.split()
    if len(words) != 4 or words[0] != _NAME or not all(w.isdigit() for w in words[1:3]):
        return Pulse()
    code = "" if words[3] == "-" else words[3]
    return Pulse(_instant(words[1]), _instant(words[2]), code)


class Leading(msgspec.Struct, frozen=True):
    """How the lead of a store looks from outside: held or not, and the leader's last pulse."""

    held: bool
    pulse: Pulse


def _number(at: datetime | None) -> str:
    return "0" if at is None else str(int(at.timestamp()))


def _instant(word: str) -> datetime | None:
    return datetime.fromtimestamp(int(word), UTC) if int(word) else None
