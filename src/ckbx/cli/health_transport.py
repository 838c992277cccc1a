"""What ``doctor`` says of the ways data takes: to the database, and to people's browsers."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Final
from urllib.parse import parse_qs, urlsplit

from ckbx.cli.health_line import FAIL, OK, WARN, Check
from ckbx.settings import Settings
from ckbx.vault.errors import SecretExposed, SecretMissing
from ckbx.vault.key_files import read_private

_CHECKED: Final = "verify-full"


def ways(settings: Settings) -> Iterator[Check]:
    """Whether what leaves this machine is encrypted, and the other end is who it says."""
    if not settings.is_sqlite:
        urls = {"CKBX_DATABASE_URL": settings.database_url, "CKBX_OWNER_URL": settings.owner_url}
        open_ = [name for name, url in urls.items() if is_open(url)]
        if open_:
            yield Check(
                "数据库连接",
                WARN,
                f"{'、'.join(open_)} 连到别的机器，没有核对对方的证书，传输可能被偷看或冒充",
                f"在地址后面加 ?sslmode={_CHECKED}&sslrootcert=证书文件，见管理员手册",
            )
        else:
            yield Check("数据库连接", OK, "在本机，或已加密并核对证书")
    if not settings.public_url:
        return
    if settings.is_https:
        yield Check("网页网址", OK, f"{settings.public_url} 以 https 提供")
    else:
        yield Check(
            "网页网址",
            WARN,
            f"{settings.public_url} 是 http，密码和学生信息在网络上可以被看到",
            "在前面放一个带证书的代理，把 CKBX_PUBLIC_URL 改成 https://…，见管理员手册",
        )


def unified(settings: Settings) -> Iterator[Check]:
    """Whether the county's unified sign-in is set up so that it can be used; asks nobody."""
    setting = settings.unified
    if setting is None:
        return
    name = "统一身份认证"
    if setting.secret_file is not None:
        try:
            read_private(setting.secret_file, 1)
        except (SecretMissing, SecretExposed) as error:
            why = error.ids.get("why", "没有这个文件")
            mend = "放好 CKBX_OIDC_CLIENT_SECRET_FILE 指的文件，属主是运行程序的账户，权限 0600"
            yield Check(name, FAIL, f"读不到客户端密钥：{why}", mend)
            return
    if not settings.is_https:
        mend = "以 https 提供网页，再用统一身份认证；见管理员手册"
        yield Check(name, WARN, "登录后回到的网址是 http，登录码在网络上可以被看到", mend)
        return
    by = f"按 {setting.account_claim} 找账号" if setting.account_claim else "逐个关联账号"
    yield Check(name, OK, f"{setting.issuer}，{by}")


def is_open(url: str) -> bool:
    """Whether a PostgreSQL address leads to another machine whose certificate is not checked."""
    parts = urlsplit(url)
    asked = parse_qs(parts.query)
    hosts = [*asked.get("host", []), *asked.get("hostaddr", [])]
    hosts = hosts or [parts.netloc.rpartition("@")[2]]
    outside = any(not _is_here(each) for host in hosts for each in host.split(","))
    return outside and asked.get("sslmode", [""])[-1] != _CHECKED


def _is_here(host: str) -> bool:
    """A socket or an address of this machine."""
    name = host[1:].partition("]")[0] if host.startswith("[") else host
    if host.count(":") == 1:
        name = host.partition(":")[0]
    if not name or name.startswith(("/", "%2F", "%2f", "@")) or name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
