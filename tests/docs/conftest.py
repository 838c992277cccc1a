"""What the tests of the documents rest on."""

from __future__ import annotations

from pathlib import Path

import pytest

from hatch_build import make_bill


@pytest.fixture(autouse=True, scope="session")
def _bill_of_materials() -> None:
    """What an installed program brings along, for the command that shows it."""
    make_bill(Path(__file__).resolve().parents[2])
