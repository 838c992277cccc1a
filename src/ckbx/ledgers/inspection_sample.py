"""How does an inspector draw a sample that nobody could foresee and everybody can draw again?

Algorithm ``ckbx-inspect-1``: the seed is the inspector's own number joined by ``/`` to the
position of the record at which the sample is drawn. The rank of a row is HMAC-SHA-256 with
the seed (UTF-8) as key over ``ckbx-inspect-1/<ledger>/<item>``, the item being what names the
row in its ledger. Rows are sorted by rank (hexadecimal), then item, and the first are drawn.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from typing import Final

from ckbx.domain.shared.errors import InputRefused
from ckbx.ledgers.model import Row

ALGORITHM: Final = "ckbx-inspect-1"
ITEMS: Final[Mapping[str, tuple[str, ...]]] = {
    "roster": ("child_id",),
    "suspected": ("child_id", "suspected_on"),
    "dropout": ("case_id",),
    "leave": ("child_id", "kind", "effective_from"),
    "transfers": ("child_id", "started_on"),
    "placement": ("child_id", "kind"),
    "exemptions": ("child_id", "effective_from"),
    "roll_call_completeness": ("class_key",),
}
"""The ledgers that are drawn from, and what names a row of each."""
MOST: Final = 100
_NUMBER: Final = re.compile(r"[A-Za-z0-9_-]{4,32}", re.ASCII)


class SampleNumberRefused(InputRefused):
    code = "sample_number_refused"
    message = "抽样用的数“{value}”不能用：请写 4 至 32 个字母、数字、- 或 _，不要用证件号"


def seed_of(number: str, position: int) -> str:
    """The seed of an inspector's number at a position. Raises SampleNumberRefused."""
    plain = number.strip()
    if not _NUMBER.fullmatch(plain) or re.search(r"\d{15}", plain):
        raise SampleNumberRefused(value=plain[:8])
    return f"{plain}/{position}"


def rank(seed: str, ledger: str, item: str) -> str:
    """The rank of a row under a seed, 64 hexadecimal digits."""
    return hmac.new(
        seed.encode(), f"{ALGORITHM}/{ledger}/{item}".encode(), hashlib.sha256
    ).hexdigest()


def item_of(ledger: str, row: Row) -> str:
    """What names a row of a ledger."""
    return "/".join(str(row[key]) for key in ITEMS[ledger])


def drawn(seed: str, ledger: str, rows: Sequence[Row], size: int) -> list[tuple[str, Row]]:
    """The first ``size`` rows by rank, each with its rank; the order of ``rows`` has no part
    in it.
    """
    ranked = [
        (rank(seed, ledger, item), item, row) for row in rows for item in [item_of(ledger, row)]
    ]
    ranked.sort(key=lambda each: each[:2])
    return [(mark, row) for mark, _, row in ranked[:size]]
