"""What every test of sending may use: a certificate, and a receiver that has it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.receivers import Certificate, Receiver, make_certificate, receiving


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """A self-made certificate."""
    return make_certificate(Path(tmp_path_factory.mktemp("certificate")))


@pytest.fixture
def receiver(made: Certificate) -> Iterator[Receiver]:
    """An HTTPS receiver that takes everything."""
    with receiving(made) as found:
        yield found
