"""A provider of OpenID Connect on this machine, as a county's unified sign-in is; and one that
answers wrongly in every way a test asks for.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from html import escape
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

import msgspec
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from ckbx.clock import Clock
from ckbx.settings import UnifiedSignIn
from tests.support.receivers import Answer, Certificate, Receiver, answer, receiving

CLIENT, SECRET = "ckbx-county", "s+e cret/of the:county"
HOME = "http://127.0.0.1"
Claims = dict[str, Any]
ALL = ["HS256", "RS256", "RS384", "PS256", "ES256", "ES384"]
RSA = RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig"})
"""Made once: a key of this kind takes a while."""


class Asked(msgspec.Struct, frozen=True):
    """What a browser asked for with a code."""

    query: dict[str, str]
    subject: str


class FakeProvider:
    """``who``: who sits at the browser. What a test changes: ``document`` and ``claims`` add to
    what is said (None takes away), ``sign`` makes the token, ``answers`` replaces whole answers
    by path, ``refuses``: with which error,
    ``shows_page``: asks the person before it sends the browser back.
    """

    def __init__(self, clock: Clock, made: Certificate) -> None:
        self.clock = clock
        self.made = made
        self.receiver: Receiver
        self.who = "sub-1"
        self.keys: list[Any] = [RSA]
        self.sign: Callable[[Claims], str] = lambda claims: signed(claims, self.keys[0])
        self.document: Claims = {}
        self.claims: Claims = {}
        self.token_reply: Claims = {}
        self.answers: dict[str, Answer] = {}
        self.refuses = ""
        self.sends_iss = True
        self.shows_page = False
        self.path = ""
        self.codes: dict[str, Asked] = {}

    @property
    def issuer(self) -> str:
        return self.receiver.url("/realm" + self.path)

    def setting(self, **changed: Any) -> UnifiedSignIn:
        """How a county would set it up."""
        given = {
            "issuer": self.issuer,
            "client_id": CLIENT,
            "secret": SECRET,
            "private_hosts": (f"127.0.0.1:{self.receiver.port}",),
            "ca_file": self.made.certificate,
        }
        return UnifiedSignIn(**{**given, **changed})

    def asked(self, path: str) -> int:
        """How often an address was asked for."""
        return sum(urlsplit(each.path).path == path for each in list(self.receiver.got))

    def act(self, handler: Any) -> None:
        """Answer one request."""
        parts = urlsplit(handler.path)
        if parts.path in self.answers:
            self.answers[parts.path](handler)
            return
        if parts.path.endswith("/.well-known/openid-configuration"):
            said(200, self.described())(handler)
        elif parts.path == "/keys":
            public = [each.as_dict(private=False) for each in self.keys]
            said(200, {"keys": public})(handler)
        elif parts.path == "/authorize" and self.shows_page:
            where = escape(self.authorize(handler.path))
            page = f'<!doctype html><title>统一身份认证</title><a href="{where}">登录</a>'
            answer(200, page.encode(), **{"Content-Type": "text/html; charset=utf-8"})(handler)
        elif parts.path == "/authorize":
            answer(302, b"", Location=self.authorize(handler.path))(handler)
        elif parts.path == "/token":
            got = self.receiver.got[-1]
            said(*self.token(dict(parse_qsl(got.raw.decode())), got.headers))(handler)
        else:
            said(404, {})(handler)

    def described(self) -> Claims:
        """The discovery document."""
        url = self.receiver.url
        whole = {
            "issuer": self.issuer,
            "authorization_endpoint": url("/authorize"),
            "token_endpoint": url("/token"),
            "jwks_uri": url("/keys"),
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "authorization_response_iss_parameter_supported": self.sends_iss,
            "userinfo_endpoint": url("/me"),
            **self.document,
        }
        return {name: value for name, value in whole.items() if value is not None}

    def authorize(self, way: str) -> str:
        """The browser is there, and ``who`` signs in: where it is sent."""
        query = dict(parse_qsl(urlsplit(way).query))
        more = {"iss": self.issuer} if self.sends_iss else {}
        if self.refuses:
            more |= {"error": self.refuses, "error_description": "<b>no</b>"}
        else:
            more["code"] = secrets.token_urlsafe(16)
            self.codes[more["code"]] = Asked(query, self.who)
        return f"{query['redirect_uri']}?{urlencode({'state': query['state'], **more})}"

    def token(self, form: dict[str, str], headers: Mapping[str, str]) -> tuple[int, Claims]:
        """Status and answer for a code; a code is good once."""
        if not self._knows(form, headers.get("Authorization", "")):
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form.get("code", ""), None)
        verifier = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = urlsafe_b64encode(verifier).rstrip(b"=").decode()
        if (
            asked is None
            or form.get("grant_type") != "authorization_code"
            or form.get("redirect_uri") != asked.query["redirect_uri"]
            or (asked.query["code_challenge"], asked.query["code_challenge_method"])
            != (challenge, "S256")
        ):
            return 400, {"error": "invalid_grant"}
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": self.issuer,
            "sub": asked.subject,
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "nonce": asked.query["nonce"],
            **self.claims,
        }
        token = self.sign({name: value for name, value in claims.items() if value is not None})
        whole = {"access_token": "opaque", "token_type": "Bearer", "id_token": token}
        return 200, {**whole, **self.token_reply}

    def _knows(self, form: dict[str, str], basic: str) -> bool:
        if basic:
            pair = b64decode(basic.removeprefix("Basic ")).decode().split(":")
            return [unquote_plus(each) for each in pair] == [CLIENT, SECRET]
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT, SECRET)


def said(status: int, body: object) -> Answer:
    """An answer in JSON."""
    more = {"Content-Type": "application/json"}
    return answer(status, json.dumps(body).encode(), **more)


def signed(claims: Claims, key: Any, algorithm: str = "RS256", **header: Any) -> str:
    """A token as the provider makes it."""
    head = {"alg": algorithm, "kid": key.kid, **header}
    head = {name: value for name, value in head.items() if value is not None}
    return jws.serialize_compact(head, json.dumps(claims), key, algorithms=ALL)


def unsigned(claims: Claims) -> str:
    """A token that nobody signed."""
    head = b64({"alg": "none", "typ": "JWT", "kid": RSA.kid})
    return f"{head}.{b64(claims)}."


def by_public_key(claims: Claims) -> str:
    """Signed with the provider's public key as if it were a shared secret: everybody can."""
    body = f"{b64({'alg': 'HS256', 'kid': RSA.kid})}.{b64(claims)}"
    made = hmac.digest(RSA.as_pem(private=False), body.encode(), "sha256")
    return f"{body}.{urlsafe_b64encode(made).rstrip(b'=').decode()}"


def b64(value: object) -> str:
    """A part of a token."""
    return urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def ec_key(kid: str) -> ECKey:
    """Another key."""
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})


@contextmanager
def providing(clock: Clock, made: Certificate) -> Iterator[FakeProvider]:
    """A provider for the block."""
    provider = FakeProvider(clock, made)
    with receiving(made, provider.act) as receiver:
        provider.receiver = receiver
        yield provider
