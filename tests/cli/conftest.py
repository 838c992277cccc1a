"""What the tests of commands share."""

from __future__ import annotations

from tests.support.paper_county import empty, paper_county, run

__all__ = ["empty", "paper_county", "run"]
