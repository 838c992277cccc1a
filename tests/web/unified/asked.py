"""A provider that is asked without pages: what tests of it share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from ckbx.web.unified.asking import Asking
from ckbx.web.unified.errors import AnswerRefused, ProviderDown
from ckbx.web.unified.handshake import Handshake, new_secret
from ckbx.web.unified.id_token import Named
from ckbx.web.unified.provider import Provider
from tests.support.oidc import (
    HOME,
    FakeProvider,
)

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SECOND = int(NOW.timestamp())
KNOWN = "/realm/.well-known/openid-configuration"
HASTY = 0.3


def asker(fake: FakeProvider, *, seconds: float = 5.0, **changed: Any) -> Provider:
    """What is under test, set up for the provider."""
    setting = fake.setting(**changed)
    return Provider(setting, HOME, Asking(setting, seconds=seconds))


def found(fake: FakeProvider, provider: Provider | None = None) -> Named:
    """There and back."""
    provider, asked = provider or asker(fake), Handshake(new_secret())
    back = dict(parse_qsl(urlsplit(fake.authorize(provider.way(asked))).query))
    provider.check_issuer(back.get("iss", ""))
    return provider.named(back["code"], asked, NOW)


@contextmanager
def refused(what: str) -> Iterator[None]:
    """The answer is not believed, for that reason; the sentence for people does not say it."""
    with pytest.raises(AnswerRefused) as error:
        yield
    assert what in error.value.ids["what"]
    assert what not in str(error.value)


@contextmanager
def down(why: str) -> Iterator[None]:
    """The provider cannot be used, for that reason; an operator reads it in the log."""
    with pytest.raises(ProviderDown) as error:
        yield
    assert why in error.value.ids["why"]
    assert why not in str(error.value)
