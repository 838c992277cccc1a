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


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """All settings of one store. Paths are resolved against the working directory."""

    database_url: str = "sqlite:///ckbx.db"
    owner_url: str = ""
    secret_dir: Path = Path("ckbx-secrets")
    timezone: ZoneInfo = ZoneInfo("Asia/Shanghai")
    font_dir: Path | None = None
    paper_dir: Path | None = None
    public_url: str = ""

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


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Settings from environment variables.

    Raises UnknownSetting for a ``CKBX_`` key nobody knows, BadSetting for a bad value.
    """
    for name in environ:
        if name.startswith("CKBX_") and name not in KEYS:
            raise UnknownSetting(name=name, known="、".join(KEYS))
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
    )


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
