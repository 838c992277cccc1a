"""How are the absentees of one class-day kept in a few bytes? 16 of the child, one of the reason."""

from __future__ import annotations

from ckbx.domain.attendance.marks import Reason

SIZE = 17
_CODES = {
    Reason.SICK: b"s",
    Reason.PERSONAL: b"p",
    Reason.UNEXPLAINED: b"u",
    Reason.UNVERIFIED: b"v",
}
_REASONS = {code[0]: reason for reason, code in _CODES.items()}


def with_mark(packed: bytes, child: bytes, reason: Reason | None) -> bytes:
    """The class-day with this child's mark put in place (None: taken out)."""
    if child not in packed:
        return packed if reason is None else packed + child + _CODES[reason]
    starts = range(0, len(packed), SIZE)
    kept = b"".join(packed[i : i + SIZE] for i in starts if packed[i : i + SIZE - 1] != child)
    return kept if reason is None else kept + child + _CODES[reason]


def unpacked(packed: bytes) -> dict[bytes, Reason]:
    """Absentees and reasons."""
    return {
        packed[i : i + SIZE - 1]: _REASONS[packed[i + SIZE - 1]]
        for i in range(0, len(packed), SIZE)
    }


def children_of(packed: bytes) -> set[bytes]:
    """The absentees."""
    return {packed[i : i + SIZE - 1] for i in range(0, len(packed), SIZE)}


def reason_of(packed: bytes, child: bytes) -> Reason | None:
    """Why a child was absent; None where it is not among the absentees."""
    at = packed.find(child)
    while at > 0 and at % SIZE:  # found across two of them
        at = packed.find(child, at + 1)
    return _REASONS[packed[at + SIZE - 1]] if at >= 0 else None
