"""What can be wrong with the value of a setting, beyond its type, and how is it mended?"""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable
from typing import Final

from ckbx.domain.alert.kinds import BLUE, KINDS, ORANGE, RED, YELLOW
from notifications.addresses import is_email
from notifications.channels.guard import BadHost, plain_host
from notifications.channels.settings import MOST_SECONDS, EmailSetting, OverHttps, Setting
from notifications.channels.wire import trust

LEAST_SECONDS: Final = 0.1
_SCOPE: Final = re.compile(r"county|township:\d{9}|school:\d{10}")
_LEVELS: Final = (BLUE, YELLOW, ORANGE, RED)

Wrong = tuple[str, str] | None
"""What is wrong and how to mend it."""


def _scope(setting: Setting) -> Wrong:
    if setting.scope is None:
        return None
    if setting.GROUP is False:
        return "这种通道发给个人，没有范围", "请删去 scope"
    if _SCOPE.fullmatch(setting.scope):
        return None
    mend = '请写 "county"、"township:9 位代码" 或 "school:10 位学校标识码"'
    return "范围写法不对", mend


def _levels(setting: Setting) -> Wrong:
    if set(setting.levels or ()) <= set(_LEVELS):
        return None
    return "没有这个级别", f"可用：{'、'.join(_LEVELS)}"


def _kinds(setting: Setting) -> Wrong:
    unknown = [kind for kind in setting.kinds or () if kind not in KINDS]
    return ("没有这种预警", f"可用：{'、'.join(KINDS)}") if unknown else None


def _timeout(setting: Setting) -> Wrong:
    if LEAST_SECONDS <= setting.timeout <= MOST_SECONDS:
        return None
    return "秒数不能用", f"请写 {LEAST_SECONDS:g} 到 {MOST_SECONDS:g} 的秒数"


def _url(setting: Setting) -> Wrong:
    if isinstance(setting, OverHttps):
        try:
            at, allowed = setting.endpoint, setting.allowed
        except BadHost as error:
            return f"地址不能用（{error}）", "请写完整的 https:// 地址"
        if at.host not in allowed:
            mend = "请核对地址；确是自建的服务时把主机写进本通道的 hosts"
            return "主机不在本通道允许的主机之列", mend
    return None


def _host(setting: Setting) -> Wrong:
    if not isinstance(setting, EmailSetting):
        return None
    try:
        plain_host(setting.host)
    except BadHost as error:
        return str(error), '请写邮件服务器的域名，如 "smtp.example.cn"'
    return None


def _sender(setting: Setting) -> Wrong:
    if isinstance(setting, EmailSetting):
        if not is_email(setting.sender):
            return "不是邮箱地址", '请写发件邮箱，如 "ckbx@example.cn"'
        if not setting.sender_name.isprintable():
            return "发件人名称含有换行等不可见字符", "请改正 sender_name"
    return None


def _password(setting: Setting) -> Wrong:
    if not isinstance(setting, EmailSetting):
        return None
    if bool(setting.username) != bool(setting.password):
        return "用户名和密码只写了一个", "请写齐 username 和 password，或都不写"
    if setting.password and setting.tls == "none":
        return "不加密时不能发送密码", '请把 tls 改为 "starttls" 或 "tls"'
    return None


def _ca_file(setting: Setting) -> Wrong:
    path = getattr(setting, "ca_file", None)
    if path is not None:
        try:
            trust(path)
        except (OSError, ssl.SSLError):
            return "不能读取证书文件", "请放一个 PEM 格式的证书，相对路径从密钥目录算起"
    return None


CHECKS: Final[dict[str, Callable[[Setting], Wrong]]] = {
    "scope": _scope,
    "levels": _levels,
    "kinds": _kinds,
    "timeout": _timeout,
    "url": _url,
    "host": _host,
    "sender": _sender,
    "password": _password,
    "ca_file": _ca_file,
}
"""By the field that is named when it fails."""
