"""Is the token to be believed, and whom does it name? (OpenID Connect Core 1.0 §3.1.3.7)"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
from joserfc import errors, jwt
from joserfc.jwk import ECKey, GuestProtocol, Key, RSAKey
from joserfc.jws import JWSRegistry

from ckbx.access.unified import is_subject
from ckbx.settings import UnifiedSignIn
from ckbx.web.unified.errors import AnswerRefused

ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
)  # fmt: skip
"""Signatures that only the provider can make; never ``none``, never one by a shared secret."""
LEEWAY: Final = 60
"""Seconds that the provider's clock and ours may differ."""
LEAST_RSA_BITS: Final = 2048
VERIFIED: Final = {"email": "email_verified", "phone_number": "phone_number_verified"}
"""Claims that anybody may set for themselves, and the one that says the provider checked them."""


class _Registry(JWSRegistry):
    max_header_length = 8 * 1024  # some providers send a chain of certificates along


_REGISTRY: Final = _Registry(algorithms=ALGORITHMS, strict_check_header=False)


class Named(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the provider named. ``account``: the value of the claim that names accounts, where
    one is set up; ``strong``: a second factor was asked for.
    """

    issuer: str
    subject: str
    account: str = ""
    strong: bool = False


class KeyUnknown(Exception):
    """The token is signed by a key that is not among those of the provider."""


FindKey = Callable[[str | None, str], Key]
"""The key of an id, for an algorithm. Raises KeyUnknown."""


def named(token: str, find: FindKey, setting: UnifiedSignIn, *, nonce: str, now: datetime) -> Named:
    """Whom a token names that is to be believed. Raises AnswerRefused, KeyUnknown."""
    claims = _signed(token, find)
    _check(claims, setting, nonce, now)
    subject = claims["sub"]
    if not is_subject(subject):
        raise AnswerRefused(what="sub")
    return Named(
        issuer=setting.issuer,
        subject=subject,
        account=_account(claims, setting.account_claim),
        strong=_is_strong(claims, setting.strong),
    )


def key_of(keys: list[Key], kid: str | None, algorithm: str) -> Key:
    """The one key that fits; where the token names none there must be only one.

    Raises KeyUnknown.
    """
    kind = ECKey if algorithm.startswith("ES") else RSAKey
    fits = [
        key
        for key in keys
        if isinstance(key, kind)
        and key.get("use") in (None, "sig")
        and key.get("alg") in (None, algorithm)
        and (kid is None or key.get("kid") == kid)
        and not (isinstance(key, RSAKey) and key.raw_value.key_size < LEAST_RSA_BITS)
    ]
    if len(fits) != 1:
        raise KeyUnknown
    return fits[0]


def _signed(token: str, find: FindKey) -> dict[str, Any]:
    def chosen(seen: GuestProtocol) -> Key:
        header = seen.headers()
        kid, algorithm = header.get("kid"), header.get("alg")
        if algorithm not in ALGORITHMS or not (kid is None or isinstance(kid, str)):
            raise AnswerRefused(what="签名的算法")
        return find(kid, algorithm)

    try:
        return jwt.decode(token, chosen, registry=_REGISTRY).claims
    except errors.UnsupportedAlgorithmError as error:
        raise AnswerRefused(what="签名的算法") from error
    except (errors.JoseError, ValueError) as error:
        raise AnswerRefused(what="签名") from error


def _check(claims: Mapping[str, Any], setting: UnifiedSignIn, nonce: str, now: datetime) -> None:
    wanted = jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY,
        iss={"essential": True, "value": setting.issuer},
        aud={"essential": True, "value": setting.client_id},
        sub={"essential": True},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        wanted.validate(dict(claims))
    except errors.ExpiredTokenError as error:
        raise AnswerRefused(what="已过期") from error
    except errors.ClaimError as error:
        raise AnswerRefused(what=error.claim if error.claim in _SAID else "内容") from error
    audience, party = claims["aud"], claims.get("azp")
    several = isinstance(audience, list) and len(audience) > 1
    if (several or party is not None) and party != setting.client_id:
        raise AnswerRefused(what="azp")
    given = claims.get("nonce")
    if not isinstance(given, str) or not hmac.compare_digest(_bytes(given), _bytes(nonce)):
        raise AnswerRefused(what="nonce")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


_SAID: Final = ("iss", "aud", "sub", "exp", "iat", "nbf")


def _account(claims: Mapping[str, Any], claim: str) -> str:
    """Empty for a value that is none, or that the provider did not check."""
    value = claims.get(claim) if claim else None
    checked = VERIFIED.get(claim)
    if not isinstance(value, str) or (checked and claims.get(checked) is not True):
        return ""
    return value if is_subject(value) else ""


def _is_strong(claims: Mapping[str, Any], wanted: tuple[str, str] | None) -> bool:
    if wanted is None:
        return False
    claim, value = wanted
    found = claims.get(claim)
    return found == value if claim == "acr" else isinstance(found, list) and value in found
