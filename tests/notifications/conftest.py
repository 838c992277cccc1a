"""What the tests of messages share."""

from __future__ import annotations

from tests.support.paper_county import paper_county, run

__all__ = ["paper_county", "run"]
