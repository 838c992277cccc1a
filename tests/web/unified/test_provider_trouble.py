"""A provider that is slow, down, set up or described wrongly, and how often it is asked."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ckbx.settings import BadSetting
from ckbx.web.unified import kept
from ckbx.web.unified.asking import AT_ONCE, Asking
from ckbx.web.unified.errors import ProviderDown
from ckbx.web.unified.handshake import Handshake
from ckbx.web.unified.provider import MOST_KEYS, Provider
from tests.support.oidc import (
    HOME,
    RSA,
    FakeProvider,
    ec_key,
    said,
    signed,
)
from tests.support.receivers import answer as plain
from tests.support.receivers import drip, drop, flood, slow
from tests.web.unified.asked import HASTY, KNOWN, NOW, asker, down, found, refused


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


def test_a_code_whose_answer_was_lost_is_not_handed_in_again(fake: FakeProvider) -> None:
    """Given a connection in use, when it breaks at the token, the code went there once."""
    provider = asker(fake)
    found(fake, provider)
    fake.answers["/token"] = drop
    with pytest.raises(ProviderDown):
        found(fake, provider)
    assert fake.asked("/token") == 2, "one of either sign-in"
    del fake.answers["/token"]
    assert found(fake, provider).subject == "sub-1"


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


def test_a_wrong_client_secret_is_told_as_a_fault_of_the_setting(fake: FakeProvider) -> None:
    with down("密钥"):
        found(fake, asker(fake, secret="not this"))


def test_a_provider_of_the_intranet_is_asked_only_where_that_is_said(fake: FakeProvider) -> None:
    with down("内网"):
        asker(fake, private_hosts=()).way(Handshake("x"))


def test_a_provider_without_a_trusted_certificate_is_not_asked(fake: FakeProvider) -> None:
    with down("证书"):
        asker(fake, ca_file=None).way(Handshake("x"))
    assert fake.receiver.got == []


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
    file.unlink()
    with pytest.raises(BadSetting, match="没有这个文件"):
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
