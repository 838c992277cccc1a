"""Settings: read once from the environment into one frozen value; an unknown key is an error."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from ckbx.domain.shared.errors import CkbxError


class UnknownSetting(CkbxError):
    code = "unknown_setting"
    message = "不认识的设置项 {name}；可用的设置项：{known}"
    exit_code = 2


class BadSetting(CkbxError):
    code = "bad_setting"
    message = "设置项 {name} 的值不能用：{why}"
    exit_code = 2


BUTTON = "用统一身份认证登录"


class UnifiedSignIn(msgspec.Struct, frozen=True, kw_only=True):
    """The county's unified sign-in (统一身份认证): a provider of OpenID Connect.

    ``account_claim``: the claim whose value is the name of the account; empty: accounts are
    linked one by one. ``strong``: a claim (``acr`` or ``amr``) and its value by which the
    provider says that it asked for a second factor. ``private_hosts``: hosts of the intranet it
    may be asked at. Prints without its content: it may hold a secret.
    """

    issuer: str
    client_id: str
    secret: str = ""
    secret_file: Path | None = None
    account_claim: str = ""
    button: str = BUTTON
    scopes: str = "openid"
    strong: tuple[str, str] | None = None
    private_hosts: tuple[str, ...] = ()
    ca_file: Path | None = None

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.issuer})"

    __str__ = __repr__


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings of one store. Paths are resolved against the working directory."""

    database_url: str = "sqlite:///ckbx.db"
    owner_url: str = ""
    secret_dir: Path = Path("ckbx-secrets")
    timezone: ZoneInfo = ZoneInfo("Asia/Shanghai")
    font_dir: Path | None = None
    paper_dir: Path | None = None
    public_url: str = ""
    unified: UnifiedSignIn | None = None

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite:")

    @property
    def public_host(self) -> str:
        """The name people open the pages by; empty where none is set."""
        return urlsplit(self.public_url).hostname or ""

    @property
    def is_https(self) -> bool:
        """Whether people open the pages over https (behind a proxy that holds the certificate)."""
        return self.public_url.startswith("https://")

    @property
    def sqlite_path(self) -> Path:
        """The database file of an SQLite store."""
        return Path(self.database_url.removeprefix("sqlite:///")).absolute()


KEYS = {
    "CKBX_DATABASE_URL": "database_url",
    "CKBX_OWNER_URL": "owner_url",
    "CKBX_SECRET_DIR": "secret_dir",
    "CKBX_TIMEZONE": "timezone",
    "CKBX_FONT_DIR": "font_dir",
    "CKBX_PAPER_DIR": "paper_dir",
    "CKBX_PUBLIC_URL": "public_url",
}
UNIFIED_KEYS = (
    "CKBX_OIDC_ISSUER",
    "CKBX_OIDC_CLIENT_ID",
    "CKBX_OIDC_CLIENT_SECRET",
    "CKBX_OIDC_CLIENT_SECRET_FILE",
    "CKBX_OIDC_ACCOUNT_CLAIM",
    "CKBX_OIDC_BUTTON",
    "CKBX_OIDC_SCOPES",
    "CKBX_OIDC_STRONG",
    "CKBX_OIDC_PRIVATE_HOSTS",
    "CKBX_OIDC_CA_FILE",
)
LONGEST_BUTTON = 20


def is_linked_by_hand(settings: Settings) -> bool:
    """Whether accounts are linked to people of the unified sign-in one by one."""
    return settings.unified is not None and not settings.unified.account_claim


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from environment variables.

    Raises UnknownSetting for a ``CKBX_`` key nobody knows, BadSetting for a bad value.
    """
    for name in environ:
        if name.startswith("CKBX_") and name not in KEYS and name not in UNIFIED_KEYS:
            raise UnknownSetting(name=name, known="、".join((*KEYS, *UNIFIED_KEYS)))
    url = environ.get("CKBX_DATABASE_URL") or "sqlite:///ckbx.db"
    scheme = urlsplit(url).scheme
    if scheme not in ("sqlite", "postgresql+psycopg", "postgresql"):
        why = "只支持 sqlite:///… 或 postgresql+psycopg://…"
        raise BadSetting(name="CKBX_DATABASE_URL", why=why)
    try:
        zone = ZoneInfo(environ.get("CKBX_TIMEZONE") or "Asia/Shanghai")
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise BadSetting(name="CKBX_TIMEZONE", why="没有这个时区") from error
    secret = environ.get("CKBX_SECRET_DIR")
    if not secret:
        secret = "ckbx-secrets"
        if scheme == "sqlite":
            secret = str(Path(url.removeprefix("sqlite:///")).absolute().parent / secret)
    return Settings(
        database_url=url,
        owner_url=environ.get("CKBX_OWNER_URL") or url,
        secret_dir=Path(secret).absolute(),
        timezone=zone,
        font_dir=_folder(environ, "CKBX_FONT_DIR"),
        paper_dir=_folder(environ, "CKBX_PAPER_DIR"),
        public_url=_address(environ.get("CKBX_PUBLIC_URL", "")),
        unified=_unified(environ),
    )


def _unified(environ: Mapping[str, str]) -> UnifiedSignIn | None:
    """The unified sign-in; None where nothing of it is set. Whether the provider is there and
    the files can be read is found out where the pages are served.
    """
    given = {name: environ.get(name, "").strip() for name in UNIFIED_KEYS}
    if not any(given.values()):
        return None
    issuer = given["CKBX_OIDC_ISSUER"]
    parts = urlsplit(issuer)
    if parts.scheme != "https" or not parts.hostname or parts.query or parts.fragment:
        why = "请写身份认证服务的 issuer，以 https:// 开头，与它发布的一字不差"
        raise BadSetting(name="CKBX_OIDC_ISSUER", why=why)
    if not environ.get("CKBX_PUBLIC_URL"):
        why = "设置了统一身份认证，就要写本系统的网址：登录后按它回来"
        raise BadSetting(name="CKBX_PUBLIC_URL", why=why)
    if not given["CKBX_OIDC_CLIENT_ID"]:
        raise BadSetting(name="CKBX_OIDC_CLIENT_ID", why="没有写身份认证服务给本系统的客户端编号")
    secret, file = given["CKBX_OIDC_CLIENT_SECRET"], given["CKBX_OIDC_CLIENT_SECRET_FILE"]
    if bool(secret) == bool(file):
        why = "客户端密钥写在这里，或写在 CKBX_OIDC_CLIENT_SECRET_FILE 指的文件里，二者选一"
        raise BadSetting(name="CKBX_OIDC_CLIENT_SECRET", why=why)
    if "openid" not in (scopes := given["CKBX_OIDC_SCOPES"] or "openid").split():
        raise BadSetting(name="CKBX_OIDC_SCOPES", why="要含 openid，用空格隔开")
    button = given["CKBX_OIDC_BUTTON"] or BUTTON
    if len(button) > LONGEST_BUTTON or not button.isprintable():
        raise BadSetting(name="CKBX_OIDC_BUTTON", why=f"按钮上的字最多 {LONGEST_BUTTON} 个")
    return UnifiedSignIn(
        issuer=issuer,
        client_id=given["CKBX_OIDC_CLIENT_ID"],
        secret=secret,
        secret_file=Path(file).absolute() if file else None,
        account_claim=given["CKBX_OIDC_ACCOUNT_CLAIM"],
        button=button,
        scopes=scopes,
        strong=_strong(given["CKBX_OIDC_STRONG"]),
        private_hosts=tuple(given["CKBX_OIDC_PRIVATE_HOSTS"].replace(",", " ").split()),
        ca_file=Path(ca).absolute() if (ca := given["CKBX_OIDC_CA_FILE"]) else None,
    )


def _strong(given: str) -> tuple[str, str] | None:
    claim, _, value = given.partition("=")
    if not given:
        return None
    if claim not in ("acr", "amr") or not value:
        why = "请写成 acr=… 或 amr=…，右边是身份认证服务在核过第二种凭据时给出的值"
        raise BadSetting(name="CKBX_OIDC_STRONG", why=why)
    return claim, value


def _address(given: str) -> str:
    """The address people type, without a path."""
    url = given.rstrip("/")
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path):
        why = "请写成 https://kcbx.example.cn 这样，只有网址，没有路径"
        raise BadSetting(name="CKBX_PUBLIC_URL", why=why)
    return url


def _folder(environ: Mapping[str, str], name: str) -> Path | None:
    given = environ.get(name)
    if not given:
        return None
    if not Path(given).is_dir():
        raise BadSetting(name=name, why="没有这个文件夹")
    return Path(given).absolute()
