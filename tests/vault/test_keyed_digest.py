"""The keyed digest is HMAC-SHA-256: a look-up made by any other release is found again."""

from __future__ import annotations

import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ckbx.vault.key_files import KeyedDigest

_LONGER_THAN_A_BLOCK = 65


@given(st.binary(max_size=64), st.lists(st.binary(max_size=300), max_size=4))
def test_every_digest_is_that_of_hmac_sha256(key: bytes, messages: list[bytes]) -> None:
    keyed = KeyedDigest(key)

    assert [keyed.of(m) for m in messages] == [hmac.digest(key, m, "sha256") for m in messages]


def test_the_digest_of_rfc_4231_case_2() -> None:
    found = KeyedDigest(b"Jefe").of(b"what do ya want for nothing?")

    assert found.hex() == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"


def test_a_key_longer_than_a_block_is_refused() -> None:
    with pytest.raises(ValueError, match="65"):
        KeyedDigest(b"k" * _LONGER_THAN_A_BLOCK)
