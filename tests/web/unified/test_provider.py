"""What a provider may answer, and what of it is believed: over a real connection, without pages."""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc.jwk import RSAKey

from ckbx.web.unified.errors import AnswerRefused, ProviderRefused
from ckbx.web.unified.handshake import Handshake, new_secret
from ckbx.web.unified.id_token import LEEWAY, Named
from ckbx.web.unified.provider import BACK
from tests.support.oidc import (
    CLIENT,
    HOME,
    RSA,
    FakeProvider,
    b64,
    by_public_key,
    ec_key,
    said,
    signed,
    unsigned,
)
from tests.web.unified.asked import NOW, SECOND, asker, found, refused


def test_the_browser_is_sent_with_everything_that_ties_the_answer_to_it(
    fake: FakeProvider,
) -> None:
    fake.document = {"authorization_endpoint": fake.receiver.url("/authorize?realm=1")}
    asked = Handshake("a secret")
    way = asker(fake).way(asked)
    assert way.startswith(fake.receiver.url("/authorize?realm=1&"))
    digest = hashlib.sha256(asked.verifier.encode()).digest()
    assert dict(parse_qsl(urlsplit(way).query)) == {
        "realm": "1",
        "response_type": "code",
        "client_id": CLIENT,
        "redirect_uri": HOME + BACK,
        "scope": "openid",
        "state": asked.state,
        "nonce": asked.nonce,
        "code_challenge": urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    assert len({asked.state, asked.nonce, asked.verifier, "a secret"}) == 4
    assert len(asked.verifier) == 43, "RFC 7636 §4.1: 43 to 128"


def test_a_token_that_is_right_names_its_subject(fake: FakeProvider) -> None:
    assert found(fake) == Named(issuer=fake.issuer, subject="sub-1")
    sent = fake.receiver.got[-2]
    assert sent.path == "/token"
    assert sent.headers["Authorization"].startswith("Basic ")
    assert b"secret" not in sent.raw


def test_the_secret_goes_into_the_form_where_the_provider_takes_it_only_there(
    fake: FakeProvider,
) -> None:
    fake.document = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert found(fake).subject == "sub-1"


WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("another issuer", {"iss": "https://evil.example/realm"}, "iss"),
    ("no issuer", {"iss": None}, "iss"),
    ("issuers", {"iss": ["x"]}, "iss"),
    ("for another client", {"aud": "another"}, "aud"),
    ("for nobody", {"aud": []}, "aud"),
    ("for a number", {"aud": 1}, "aud"),
    ("for two, by nobody", {"aud": [CLIENT, "another"]}, "azp"),
    ("for two, by another", {"aud": [CLIENT, "another"], "azp": "another"}, "azp"),
    ("for us, by another", {"azp": "another"}, "azp"),
    ("another nonce", {"nonce": "another"}, "nonce"),
    ("no nonce", {"nonce": None}, "nonce"),
    ("nonces", {"nonce": ["a", "b"]}, "nonce"),
    ("half a character", {"nonce": "\ud800"}, "nonce"),
    ("over", {"exp": SECOND - LEEWAY}, "已过期"),
    ("without end", {"exp": None}, "exp"),
    ("with an odd end", {"exp": "tomorrow"}, "exp"),
    ("never over", {"exp": float("nan")}, "exp"),
    ("of tomorrow", {"iat": SECOND + LEEWAY + 1}, "iat"),
    ("of no time", {"iat": None}, "iat"),
    ("not yet", {"nbf": SECOND + LEEWAY + 1}, "nbf"),
    ("about nobody", {"sub": None}, "sub"),
    ("about nothing", {"sub": ""}, "sub"),
    ("about a number", {"sub": 5}, "sub"),
    ("about too much", {"sub": "x" * 256}, "sub"),
    ("about a line", {"sub": "a\nb"}, "sub"),
]


@pytest.mark.parametrize(("claims", "what"), [row[1:] for row in WRONG], ids=[r[0] for r in WRONG])
def test_a_token_with_a_wrong_claim_is_refused(
    fake: FakeProvider, claims: dict[str, Any], what: str
) -> None:
    fake.claims = claims
    with pytest.raises(AnswerRefused) as error:
        found(fake)
    assert error.value.ids["what"] == what


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": SECOND - LEEWAY + 1, "iat": SECOND + LEEWAY},
        {"aud": [CLIENT]},
        {"aud": [CLIENT, "another"], "azp": CLIENT},
        {"sub": "x" * 255},
    ],
    ids=["a minute off", "a list of one", "for two, by us", "as long as may be"],
)
def test_a_token_at_the_edge_is_believed(fake: FakeProvider, claims: dict[str, Any]) -> None:
    """The control."""
    fake.claims = claims
    assert found(fake).subject


def other_key(claims: dict[str, Any]) -> str:
    stranger = RSAKey.generate_key(2048, {"kid": "rsa-1"})
    return signed(claims, stranger)


def changed(claims: dict[str, Any]) -> str:
    head, body, end = signed(claims, RSA).split(".")
    _, other, _ = signed({**claims, "sub": "somebody-else"}, RSA).split(".")
    assert body != other
    return f"{head}.{other}.{end}"


def own_key_along(claims: dict[str, Any]) -> str:
    """Says itself by which key it is to be checked."""
    stranger = RSAKey.generate_key(2048, {"kid": "rsa-1"})
    return signed(claims, stranger, jwk=stranger.as_dict(private=False))


def critical(claims: dict[str, Any]) -> str:
    """Asks for something that must be understood, and is not."""
    head = {"alg": "RS256", "kid": RSA.kid, "crit": ["x-county"], "x-county": 1}
    return f"{b64(head)}.{b64(claims)}.AAAA"


@pytest.mark.parametrize(
    ("sign", "what"),
    [
        (unsigned, "签名的算法"),
        (by_public_key, "签名的算法"),
        (other_key, "签名"),
        (own_key_along, "签名"),
        (changed, "签名"),
        (critical, "签名"),
        (lambda _: "not.a.token", "签名"),
        (lambda _: "", "签名"),
        (lambda _: "a.b.c.d.e", "签名"),
        (lambda claims: signed(claims, RSA, kid="rsa-2"), "签名的密钥"),
        (lambda claims: signed(claims, ec_key("rsa-1"), "ES256"), "签名的密钥"),
    ],
    ids=[
        "by nobody", "by the public key", "by a stranger", "by the key it brings",
        "changed", "with a demand", "no token", "nothing", "encrypted", "by an unknown key", "of another kind",
    ],
)  # fmt: skip
def test_a_token_that_the_provider_did_not_sign_is_refused(
    fake: FakeProvider, sign: Any, what: str
) -> None:
    fake.sign = sign
    with pytest.raises(AnswerRefused) as error:
        found(fake)
    assert error.value.ids["what"] == what


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "PS256"])
def test_other_signatures_of_the_same_key_are_believed(fake: FakeProvider, algorithm: str) -> None:
    fake.sign = lambda claims: signed(claims, RSA, algorithm)
    assert found(fake).subject == "sub-1"


def test_without_the_name_of_a_key_there_must_be_only_one(fake: FakeProvider) -> None:
    fake.sign = lambda claims: signed(claims, RSA, kid=None)
    assert found(fake).subject == "sub-1"
    fake.keys.append(RSAKey.generate_key(2048, {"kid": "rsa-2"}))
    with refused("密钥"):
        found(fake)


def test_a_key_that_is_short_private_or_for_another_use_is_none(fake: FakeProvider) -> None:
    fake.answers["/keys"] = said(
        200,
        {
            "keys": [
                RSAKey.generate_key(2048, {"kid": "x"}).as_dict(private=True) | {"kid": RSA.kid},
                RSA.as_dict(private=False) | {"use": "enc"},
                RSA.as_dict(private=False) | {"alg": "RS512"},
                {"kty": "oct", "k": "c2VjcmV0", "kid": RSA.kid},
                {"kty": "RSA", "kid": RSA.kid},
                {"kty": "PQ"},
                "no key",
            ]
        },
    )
    with refused("密钥"):
        found(fake)


def test_a_code_is_good_once_and_for_its_own_question(fake: FakeProvider) -> None:
    provider, asked = asker(fake), Handshake(new_secret())
    code = dict(parse_qsl(urlsplit(fake.authorize(provider.way(asked))).query))["code"]
    with pytest.raises(ProviderRefused):
        provider.named(code, Handshake(new_secret()), NOW)
    with pytest.raises(ProviderRefused):
        provider.named(code, asked, NOW)


def test_an_answer_without_a_token_names_nobody(fake: FakeProvider) -> None:
    fake.token_reply = {"id_token": None}
    with refused("id_token"):
        found(fake)


@pytest.mark.parametrize("said_issuer", ["https://evil.example", ""])
def test_an_answer_of_another_provider_is_refused(fake: FakeProvider, said_issuer: str) -> None:
    with refused("iss"):
        asker(fake).check_issuer(said_issuer)


def test_a_provider_that_does_not_say_who_it_is_need_not(fake: FakeProvider) -> None:
    fake.sends_iss = False
    provider = asker(fake)
    provider.check_issuer("")
    with pytest.raises(AnswerRefused):
        provider.check_issuer("https://evil.example")


@pytest.mark.parametrize(
    ("claim", "claims", "account"),
    [
        ("preferred_username", {"preferred_username": "teacher1"}, "teacher1"),
        ("preferred_username", {"preferred_username": ["teacher1"]}, ""),
        ("preferred_username", {"preferred_username": "张三"}, ""),
        ("preferred_username", {}, ""),
        ("email", {"email": "a@b.cn", "email_verified": True}, "a@b.cn"),
        ("email", {"email": "a@b.cn", "email_verified": "true"}, ""),
        ("email", {"email": "a@b.cn"}, ""),
        ("", {"preferred_username": "teacher1"}, ""),
    ],
)
def test_a_claim_names_an_account_only_where_that_is_set_up_and_it_was_checked(
    fake: FakeProvider, claim: str, claims: dict[str, Any], account: str
) -> None:
    fake.claims = claims
    assert found(fake, asker(fake, account_claim=claim)).account == account


@pytest.mark.parametrize(
    ("wanted", "claims", "strong"),
    [
        (("acr", "2"), {"acr": "2"}, True),
        (("acr", "2"), {"acr": "1"}, False),
        (("acr", "2"), {"acr": ["2"]}, False),
        (("acr", "2"), {"amr": ["2"]}, False),
        (("amr", "otp"), {"amr": ["pwd", "otp"]}, True),
        (("amr", "otp"), {"amr": "otp"}, False),
        (("amr", "otp"), {}, False),
        (None, {"acr": "2", "amr": ["otp"]}, False),
    ],
)
def test_a_second_factor_counts_only_where_the_provider_says_it_as_set_up(
    fake: FakeProvider, wanted: tuple[str, str] | None, claims: dict[str, Any], strong: bool
) -> None:
    fake.claims = claims
    provider = asker(fake, strong=wanted)
    assert found(fake, provider).strong is strong
    query = dict(parse_qsl(urlsplit(provider.way(Handshake("x"))).query))
    assert query.get("acr_values") == ("2" if wanted and wanted[0] == "acr" else None)
