"""Every decision on one child that has a page."""

from __future__ import annotations

from typing import Final

from ckbx.web.pages.acts.leaves import LEAVES
from ckbx.web.pages.acts.moves import MOVES

ACTS: Final = (*LEAVES, *MOVES)
