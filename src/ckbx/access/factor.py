"""The second factor: six digits that change every 30 seconds (RFC 6238), each used once."""

from __future__ import annotations

from typing import Final

import pyotp

ISSUER: Final = "控辍保学"
STEP_SECONDS: Final = 30
_STEPS_OFF: Final = 1
"""A phone may be a step early or late."""


def new_secret() -> str:
    """A secret of 160 bits, base 32."""
    return pyotp.random_base32()


def uri_of(secret: str, account: str) -> str:
    """What the device reads as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)


def step_of(secret: str, code: str, now_seconds: int) -> int | None:
    """The step of time that a code belongs to, or None where it fits no present one."""
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdigit()):
        return None
    totp, now = pyotp.TOTP(secret), now_seconds // STEP_SECONDS
    for step in range(now - _STEPS_OFF, now + _STEPS_OFF + 1):
        if pyotp.utils.strings_equal(digits, totp.generate_otp(step)):
            return step
    return None
