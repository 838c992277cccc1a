"""The provider as its own documents describe it: where to send a browser, and whom a code names.

OpenID Connect Discovery 1.0, Core 1.0 (code flow), PKCE (RFC 7636), ``iss`` in the answer
(RFC 9207). What is asked for is asked again where it is older than an hour, the keys also where
a token is signed by one that is not among them.
"""

from __future__ import annotations

import logging
import time
from base64 import b64encode
from collections.abc import Collection
from datetime import datetime
from typing import Final
from urllib.parse import quote_plus, urlencode, urlsplit

import msgspec
from joserfc import errors
from joserfc.jwk import JWKRegistry, Key

from ckbx.settings import BadSetting, UnifiedSignIn
from ckbx.vault.errors import SecretExposed, SecretMissing
from ckbx.vault.key_files import read_private
from ckbx.web.unified.asking import Asking
from ckbx.web.unified.errors import AnswerRefused, ProviderDown, ProviderRefused
from ckbx.web.unified.handshake import Handshake
from ckbx.web.unified.id_token import ALGORITHMS, KeyUnknown, Named, key_of, named
from ckbx.web.unified.kept import Kept, Ticks

_log = logging.getLogger(__name__)
WELL_KNOWN: Final = "/.well-known/openid-configuration"
BACK: Final = "/signin/unified/back"
MOST_KEYS: Final = 32
MOST_SECRET: Final = 4096
_BASIC, _POSTED = "client_secret_basic", "client_secret_post"


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """The discovery document, as far as it is used."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    response_types_supported: tuple[str, ...] = ("code",)
    code_challenge_methods_supported: tuple[str, ...] = ("S256",)
    id_token_signing_alg_values_supported: tuple[str, ...] = ("RS256",)
    token_endpoint_auth_methods_supported: tuple[str, ...] = (_BASIC,)
    authorization_response_iss_parameter_supported: bool = False


class Provider:
    """One provider, asked from any thread. ``home``: the address of our pages.

    Raises BadSetting for settings that cannot be used; asks nobody before it is needed.
    """

    def __init__(
        self,
        setting: UnifiedSignIn,
        home: str,
        asking: Asking | None = None,
        ticks: Ticks = time.monotonic,
    ) -> None:
        self.setting = setting
        self._back = home + BACK
        self._secret = _secret(setting)
        self._asking = asking or Asking(setting)
        self._described = Kept(self._describe, ticks)
        self._keys = Kept(self._fetch_keys, ticks)

    def way(self, asked: Handshake) -> str:
        """Where to send the browser. Raises ProviderDown."""
        where = self._described.get().authorization_endpoint
        query = {
            "response_type": "code",
            "client_id": self.setting.client_id,
            "redirect_uri": self._back,
            "scope": self.setting.scopes,
            "state": asked.state,
            "nonce": asked.nonce,
            "code_challenge": asked.challenge,
            "code_challenge_method": "S256",
        }
        if self.setting.strong and self.setting.strong[0] == "acr":
            query["acr_values"] = self.setting.strong[1]
        return f"{where}{'&' if urlsplit(where).query else '?'}{urlencode(query)}"

    def check_issuer(self, said: str) -> None:
        """Whether it was this provider that answered the browser. Raises AnswerRefused."""
        wants = self._described.get().authorization_response_iss_parameter_supported
        if said != self.setting.issuer and (said or wants):
            raise AnswerRefused(what="iss")

    def named(self, code: str, asked: Handshake, now: datetime) -> Named:
        """Whom a code names. Raises ProviderDown, ProviderRefused, AnswerRefused."""
        token = self._token(code, asked)
        try:
            return named(token, self._find, self.setting, nonce=asked.nonce, now=now)
        except KeyUnknown:
            raise AnswerRefused(what="签名的密钥") from None

    def _token(self, code: str, asked: Handshake) -> str:
        described = self._described.get()
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._back,
            "code_verifier": asked.verifier,
        }
        headers = {}
        if _BASIC in described.token_endpoint_auth_methods_supported:
            pair = f"{quote_plus(self.setting.client_id)}:{quote_plus(self._secret)}"
            headers["Authorization"] = "Basic " + b64encode(pair.encode()).decode()
        else:
            fields |= {"client_id": self.setting.client_id, "client_secret": self._secret}
        status, reply = self._asking.post(described.token_endpoint, fields, headers)
        if status != 200:
            said = reply.get("error")
            _log.error("unified_no_token %s %s", status, said if said in _CLIENT else "other")
            if said in _CLIENT:
                raise ProviderDown(why="它不认本系统的客户端编号或密钥")
            raise ProviderRefused(why="登录码不对、已过期或已用过")
        token = reply.get("id_token")
        if not isinstance(token, str):
            raise AnswerRefused(what="没有 id_token")
        return token

    # -------------------------------------------------------------- documents

    def _describe(self) -> Described:
        url = self.setting.issuer.rstrip("/") + WELL_KNOWN
        try:
            found = msgspec.convert(self._asking.document(url), Described)
        except msgspec.ValidationError as error:
            raise ProviderDown(why="它发布的说明不全") from error
        if found.issuer != self.setting.issuer:
            raise ProviderDown(why="它发布的 issuer 与设置的不一样")
        _require("response_types_supported", found.response_types_supported, ["code"])
        _require("code_challenge_methods_supported", found.code_challenge_methods_supported, _S256)
        _require(
            "id_token_signing_alg_values_supported",
            found.id_token_signing_alg_values_supported,
            ALGORITHMS,
        )
        methods = found.token_endpoint_auth_methods_supported
        _require("token_endpoint_auth_methods_supported", methods, [_BASIC, _POSTED])
        for each in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
            self._asking.at(each)
        return found

    def _fetch_keys(self) -> list[Key]:
        found = self._asking.document(self._described.get().jwks_uri).get("keys")
        made = [_key(each) for each in found[:MOST_KEYS]] if isinstance(found, list) else []
        return [each for each in made if each is not None]

    def _find(self, kid: str | None, algorithm: str) -> Key:
        try:
            return key_of(self._keys.get(), kid, algorithm)
        except KeyUnknown:
            return key_of(self._keys.anew(), kid, algorithm)


_S256: Final = ["S256"]
_CLIENT: Final = ("invalid_client", "unauthorized_client")


def _require(name: str, said: Collection[str], wanted: Collection[str]) -> None:
    if not set(said) & set(wanted):
        raise ProviderDown(why=f"它不支持本系统需要的方式（{name}）")


def _key(given: object) -> Key | None:
    """A public key; None for what is none, or of a kind that is not used."""
    if not isinstance(given, dict) or given.get("kty") not in ("RSA", "EC"):
        return None
    try:
        key = JWKRegistry.import_key(given)
    except (errors.JoseError, ValueError, TypeError, KeyError):
        return None
    return None if key.is_private else key


def _secret(setting: UnifiedSignIn) -> str:
    if setting.secret_file is None:
        return setting.secret
    name = "CKBX_OIDC_CLIENT_SECRET_FILE"
    try:
        found = read_private(setting.secret_file, MOST_SECRET).decode().strip()
    except SecretMissing as error:
        raise BadSetting(name=name, why="没有这个文件") from error
    except SecretExposed as error:
        raise BadSetting(name=name, why=error.ids["why"] + "，权限应为 0600") from error
    except UnicodeDecodeError as error:
        raise BadSetting(name=name, why="不是 UTF-8 文本") from error
    if not found:
        raise BadSetting(name=name, why="文件是空的")
    return found
