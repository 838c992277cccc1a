"""What a provider may answer, and what of it is believed: over a real connection, without pages."""

from __future__ import annotations

import hashlib
import threading
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc.jwk import RSAKey

from ckbx.clock import FixedClock
from ckbx.settings import BadSetting
from ckbx.web.unified import kept
from ckbx.web.unified.asking import AT_ONCE, Asking
from ckbx.web.unified.errors import AnswerRefused, ProviderDown, ProviderRefused
from ckbx.web.unified.handshake import Handshake, new_secret
from ckbx.web.unified.id_token import LEEWAY, Named
from ckbx.web.unified.provider import BACK, MOST_KEYS, Provider
from tests.support.oidc import (
    CLIENT,
    HOME,
    RSA,
    FakeProvider,
    b64,
    by_public_key,
    ec_key,
    providing,
    said,
    signed,
    unsigned,
)
from tests.support.receivers import Certificate, drip, drop, flood, slow
from tests.support.receivers import answer as plain

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
SECOND = int(NOW.timestamp())
KNOWN = "/realm/.well-known/openid-configuration"
HASTY = 0.3


@pytest.fixture
def fake(made: Certificate) -> Iterator[FakeProvider]:
    with providing(FixedClock(NOW), made) as provider:
        yield provider


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


def test_a_new_key_is_fetched_when_it_is_met_and_not_more_often_than_once_a_minute(
    fake: FakeProvider,
) -> None:
    at = [1000.0]
    setting = fake.setting()
    provider = Provider(setting, HOME, Asking(setting), ticks=lambda: at[0])
    assert found(fake, provider).subject == "sub-1"
    fake.keys = [ec_key("ec-2")]
    fake.sign = lambda claims: signed(claims, fake.keys[0], "ES256")
    with refused("密钥"):
        found(fake, provider)
    assert fake.asked("/keys") == 1
    at[0] += kept.ANEW
    assert found(fake, provider).subject == "sub-1"
    assert fake.asked("/keys") == 2
    fake.sign = lambda claims: signed(claims, ec_key("ec-3"), "ES256")
    for _ in range(5):
        with refused("密钥"):
            found(fake, provider)
    assert fake.asked("/keys") == 2, "a stranger's tokens do not make us ask"
    assert fake.asked(KNOWN) == 1


def test_documents_are_kept_for_an_hour(fake: FakeProvider) -> None:
    at = [1000.0]
    setting = fake.setting()
    provider = Provider(setting, HOME, Asking(setting), ticks=lambda: at[0])
    for _ in range(3):
        found(fake, provider)
    assert (fake.asked(KNOWN), fake.asked("/keys")) == (1, 1)
    at[0] += kept.FRESH
    found(fake, provider)
    assert (fake.asked(KNOWN), fake.asked("/keys")) == (2, 2)


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"issuer": "https://evil.example"}, "issuer"),
        ({"issuer": None}, "不全"),
        ({"token_endpoint": None}, "不全"),
        ({"token_endpoint": 5}, "不全"),
        ({"token_endpoint": "http://127.0.0.1/token"}, "https"),
        ({"jwks_uri": "file:///etc/passwd"}, "https"),
        ({"authorization_endpoint": "javascript:alert(1)"}, "https"),
        ({"authorization_endpoint": "https://idp.example/a#b"}, "写法不对"),
        ({"code_challenge_methods_supported": ["plain"]}, "code_challenge"),
        ({"response_types_supported": ["token"]}, "response_types"),
        ({"id_token_signing_alg_values_supported": ["HS256", "none"]}, "signing_alg"),
        ({"token_endpoint_auth_methods_supported": ["private_key_jwt"]}, "auth_methods"),
    ],
)
def test_a_provider_that_describes_itself_wrongly_is_not_gone_to(
    fake: FakeProvider, document: dict[str, Any], why: str
) -> None:
    fake.document = document
    with down(why):
        asker(fake).way(Handshake("x"))


@pytest.mark.parametrize("path", [KNOWN, "/keys", "/token"])
@pytest.mark.parametrize(
    "wrong",
    [
        slow,
        drop,
        drip,
        flood,
        plain(500),
        plain(302, b"", Location="https://127.0.0.1/elsewhere"),
        plain(200, b"<html>"),
        plain(200, b"[1]"),
        plain(200, b"\xff"),
    ],
    ids=["silent", "hangs up", "drips", "floods", "500", "elsewhere", "html", "list", "bytes"],
)
def test_a_provider_in_trouble_is_given_up_in_time(
    fake: FakeProvider, path: str, wrong: Any
) -> None:
    fake.answers[path] = wrong
    with pytest.raises(ProviderDown):
        found(fake, asker(fake, seconds=HASTY))
    assert fake.asked("/elsewhere") == 0


def test_a_provider_that_was_down_is_left_alone_for_a_moment(fake: FakeProvider) -> None:
    at = [1000.0]
    setting = fake.setting()
    provider = Provider(setting, HOME, Asking(setting), ticks=lambda: at[0])
    fake.answers[KNOWN] = plain(503)
    for _ in range(5):
        with down("503"):
            provider.way(Handshake("x"))
    assert fake.asked(KNOWN) == 1
    del fake.answers[KNOWN]
    at[0] += kept.REST
    assert provider.way(Handshake("x"))


def test_a_provider_that_hangs_holds_a_few_threads_and_no_more(
    fake: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ckbx.web.unified.asking.PATIENCE", 0.01)
    provider = asker(fake)
    asked = Handshake("x")
    provider.way(asked)
    fake.answers["/token"] = slow
    failed: list[str] = []

    def ask() -> None:
        with pytest.raises(ProviderDown) as error:
            provider.named("code", asked, NOW)
        failed.append(error.value.ids["why"])

    threads = [threading.Thread(target=ask) for _ in range(AT_ONCE + 4)]
    for each in threads:
        each.start()
    while len(failed) < 4:
        threads[-1].join(0.01)
    assert all("太慢" in each for each in failed)
    assert fake.asked("/token") <= AT_ONCE
    fake.receiver.closing.set()
    for each in threads:
        each.join()


def test_a_code_is_good_once_and_for_its_own_question(fake: FakeProvider) -> None:
    provider, asked = asker(fake), Handshake(new_secret())
    code = dict(parse_qsl(urlsplit(fake.authorize(provider.way(asked))).query))["code"]
    with pytest.raises(ProviderRefused):
        provider.named(code, Handshake(new_secret()), NOW)
    with pytest.raises(ProviderRefused):
        provider.named(code, asked, NOW)


def test_a_wrong_client_secret_is_told_as_a_fault_of_the_setting(fake: FakeProvider) -> None:
    with down("密钥"):
        found(fake, asker(fake, secret="not this"))


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


def test_a_provider_of_the_intranet_is_asked_only_where_that_is_said(fake: FakeProvider) -> None:
    with down("内网"):
        asker(fake, private_hosts=()).way(Handshake("x"))


def test_a_provider_without_a_trusted_certificate_is_not_asked(fake: FakeProvider) -> None:
    with down("证书"):
        asker(fake, ca_file=None).way(Handshake("x"))
    assert fake.receiver.got == []


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


def test_a_secret_file_that_others_may_read_is_refused(fake: FakeProvider, tmp_path: Any) -> None:
    file = tmp_path / "client-secret"
    file.write_text("s+e cret/of the:county\n", "utf-8")
    file.chmod(0o600)
    assert found(fake, asker(fake, secret="", secret_file=file)).subject == "sub-1"
    file.chmod(0o644)
    with pytest.raises(BadSetting, match="CKBX_OIDC_CLIENT_SECRET_FILE"):
        asker(fake, secret="", secret_file=file)
    file.chmod(0o600)
    file.write_text("\n", "utf-8")
    with pytest.raises(BadSetting, match="空"):
        asker(fake, secret="", secret_file=file)


@pytest.mark.parametrize(
    "changed",
    [{"private_hosts": ("a b",)}, {"ca_file": "/nowhere.pem"}, {"issuer": "https://0x7f.1/"}],
)
def test_settings_that_cannot_be_used_are_named_at_the_start(
    fake: FakeProvider, changed: dict[str, Any]
) -> None:
    with pytest.raises(BadSetting, match="CKBX_OIDC_"):
        Provider(fake.setting(**changed), HOME)


def test_a_great_many_keys_are_not_all_read(fake: FakeProvider) -> None:
    strangers = [ec_key("x").as_dict(private=False)] * MOST_KEYS
    fake.answers["/keys"] = said(200, {"keys": [*strangers, RSA.as_dict(private=False)]})
    with refused("密钥"):
        found(fake)
