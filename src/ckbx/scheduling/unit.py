"""A unit: duties that rest on a few facts of their own, and can be remembered as long as these
stand (:mod:`ckbx.scheduling.memory`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple

from ckbx.scheduling.duty import Duty


class Unit(NamedTuple):
    """``of``: which kind it is; ``key``: which one; ``basis``: all that ``duties`` reads of the
    facts besides the ground of a look, to be compared with that of the look before, or NOT_KEPT.
    """

    of: str
    key: Hashable
    basis: object
    duties: Callable[[], Iterable[Duty]]
