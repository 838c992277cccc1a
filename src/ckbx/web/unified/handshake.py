"""What ties an answer of the provider to the browser that asked: all from one secret.

The browser keeps the secret in a cookie of ten minutes; what the provider is told follows from
it and does not give it away. The store keeps its hash alone, to use it up.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from typing import Final

SECONDS: Final = 600
_BYTES: Final = 32


def new_secret() -> str:
    """256 bits."""
    return secrets.token_urlsafe(_BYTES)


class Handshake:
    """``state``: says that the answer is to this browser's question. ``nonce``: that the token
    was made for it. ``verifier``, ``challenge``: that whoever asks for the token also asked for
    the code (PKCE, RFC 7636).
    """

    def __init__(self, secret: str) -> None:
        self._key = secret.encode("utf-8", "surrogatepass")
        self.state = self._drawn(b"state")
        self.nonce = self._drawn(b"nonce")
        self.verifier = self._drawn(b"verifier")

    @property
    def challenge(self) -> str:
        """S256 of the verifier."""
        return _plain(hashlib.sha256(self.verifier.encode()).digest())

    def answers(self, state: str) -> bool:
        """Whether it is this question that was answered."""
        return hmac.compare_digest(self.state.encode(), state.encode("utf-8", "surrogatepass"))

    def _drawn(self, what: bytes) -> str:
        return _plain(hmac.digest(self._key, what, "sha256"))


def _plain(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
