"""What does ``channels.toml`` in the secret folder say, and what is wrong with it?"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit

import msgspec

from ckbx.domain.shared.errors import CkbxError
from ckbx.vault.key_files import read_private
from notifications.channels.checks import CHECKS
from notifications.channels.guard import HTTPS_PORTS, MAIL_PORTS, BadHost
from notifications.channels.settings import (
    SETTINGS,
    Channels,
    EmailSetting,
    OverHttps,
    Setting,
    private_host,
)
from notifications.queue import INBOX

FILE: Final = "channels.toml"
MOST_BYTES: Final = 256 * 1024
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
_PLACE: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_KINDS: Final = {"str": "文字", "int": "整数", "float": "数", "object": "一组“名 = 值”"}
_EXPECTED: Final = re.compile(r"Expected `([a-z]+)")


class ChannelsRefused(CkbxError):
    """``channels.toml`` cannot be used as it stands. Values are never repeated: some are secret."""

    code = "channels_refused"
    message = "通道设置 {file}，{where}：{what}。{mend}"
    exit_code = 2


def _refuse(where: str, what: str, mend: str) -> NoReturn:
    raise ChannelsRefused(file=FILE, where=where, what=what, mend=mend) from None


def read_channels(folder: Path) -> Channels:
    """The channels of a store; without the file there are none but 站内信.

    Raises ChannelsRefused for the first thing wrong, SecretExposed where others may read it.
    """
    path = folder / FILE
    if not path.exists() and not path.is_symlink():
        return Channels()
    content = read_private(path, MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        _refuse("整个文件", "太大", f"最多 {MOST_BYTES // 1024} KB")
    return parse_channels(content, folder)


def parse_channels(content: bytes, folder: Path) -> Channels:
    """:func:`read_channels` of a content; ``folder``: what relative paths start at."""
    try:
        document = tomllib.loads(content.decode())
    except UnicodeDecodeError:
        _refuse("整个文件", "不是 UTF-8 文本", "请另存为 UTF-8")
    except tomllib.TOMLDecodeError as error:
        found = _PLACE.search(str(error))
        at = f"第 {found[1]} 行第 {found[2]} 列" if found and found[1] else "文件末尾"
        mend = "请检查引号、等号、方括号，文字要加引号"
        _refuse(at, "不合 TOML 的写法", mend)
    _refuse_unknown(document, ("base_url", "private_hosts", "channel"), "开头部分")
    tables = document.get("channel", [])
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        _refuse("channel", "不是通道的列表", "每个通道请写成一段 [[channel]]")
    private = _private(document.get("private_hosts", []))
    settings = tuple(_setting(table, n, folder) for n, table in enumerate(tables, 1))
    for n, each in enumerate(settings, 1):
        _check_port(each, f"第 {n} 个通道（{each.name}）", private)
    names = [each.name for each in settings]
    for n, name in enumerate(names, 1):
        if name in names[: n - 1]:
            _refuse(f"第 {n} 个通道的 name", "与前面的通道重名", "请换一个名字")
    return Channels(
        base_url=_base(document.get("base_url", "")), private=private, settings=settings
    )


def _base(written: object) -> str:
    if not isinstance(written, str) or not written:
        if written == "":
            return ""
        _refuse("base_url", "应为文字", '请写成 "https://…"')
    with suppress(ValueError):
        parts = urlsplit(written)
        if parts.scheme in ("http", "https") and parts.hostname and not parts.query:
            return written.rstrip("/")
    _refuse("base_url", "不是网页地址", '请写网页的地址，如 "https://ckbx.example.cn"')


def _private(written: object) -> frozenset[tuple[str, int | None]]:
    mend = '请写成 ["10.1.2.3:8443", "sms.example.cn"] 这样'
    if not isinstance(written, list) or not all(isinstance(each, str) for each in written):
        _refuse("private_hosts", "不是主机的列表", mend)
    try:
        return frozenset(map(private_host, written))
    except BadHost as error:
        _refuse("private_hosts", str(error), mend)


def _setting(table: Mapping[str, Any], number: int, folder: Path) -> Setting:
    name = table.get("name")
    named = isinstance(name, str) and _NAME.fullmatch(name) is not None
    at = f"第 {number} 个通道" + (f"（{name}）" if named else "")
    if not named or name == INBOX:
        mend = f"请取 1 到 32 个小写字母、数字、- 或 _ 的名字，不能叫 {INBOX}"
        _refuse(f"{at}的 name", "没有名字或名字不能用", mend)
    kind = table.get("kind")
    made = SETTINGS.get(kind) if isinstance(kind, str) else None
    if made is None:
        _refuse(f"{at}的 kind", "没有这种通道", f"可用：{'、'.join(SETTINGS)}")
    fields = msgspec.structs.fields(made)
    _refuse_unknown(table, ["kind", *(field.name for field in fields)], at)
    values = {}
    for field in fields:
        where = f"{at}的 {field.name}"
        if field.name not in table:
            if field.required:
                _refuse(where, "没有写", "这一项必填")
            continue
        values[field.name] = _value(table[field.name], field.type, where, folder)
    setting = made(**values)
    for key, wrong in CHECKS.items():
        found = wrong(setting)
        if found is not None:
            _refuse(f"{at}的 {key}", *found)
    return setting


def _check_port(setting: Setting, at: str, private: frozenset[tuple[str, int | None]]) -> None:
    if isinstance(setting, EmailSetting):
        key, host, port, ports = "port", setting.at_host, setting.at_port, MAIL_PORTS
    elif isinstance(setting, OverHttps):
        to = setting.endpoint
        key, host, port, ports = "url", to.host, to.port, HTTPS_PORTS
    else:
        return
    if port not in ports and (host, port) not in private:
        usual = "、".join(map(str, sorted(ports)))
        mend = f'可用 {usual}；内网主机的其他端口请在 private_hosts 写 "主机:端口"'
        _refuse(f"{at}的 {key}", f"端口 {port} 不允许", mend)


def _value(given: object, wanted: Any, where: str, folder: Path) -> Any:
    if wanted in (Path, Path | None):
        if not isinstance(given, str) or not given:
            _refuse(where, "应为文件名", "请写路径；相对路径从密钥目录算起")
        return folder / given
    try:
        return msgspec.convert(given, wanted)
    except msgspec.ValidationError as error:
        found = _EXPECTED.search(str(error))
        if "enum" in str(error) and not found:
            _refuse(where, "没有这个选择", "请看《县管理员指南》")
        kind = _KINDS.get(found[1], "列表") if found else "可用的值"
        _refuse(where, f"应为{kind}", "文字要加引号，数字不加")


def _refuse_unknown(table: Mapping[str, object], known: Any, at: str) -> None:
    for key in table:
        if key not in known:
            shown = key if re.fullmatch(r"[A-Za-z0-9_-]{1,40}", key) else "…"
            what = f"不认识的项“{shown}”"
            _refuse(at, what, f"可用：{'、'.join(known)}")
