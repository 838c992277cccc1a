"""What may stand in channels.toml, and how a mistake is answered: where, what, how to mend it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ckbx.vault.errors import SecretExposed
from notifications.channels.file import FILE, ChannelsRefused, parse_channels, read_channels
from notifications.channels.making import make_channels
from notifications.channels.settings import EmailSetting
from notifications.queue import Way
from tests.support.receivers import Certificate

WHOLE = """
base_url = "https://ckbx.example/"
private_hosts = ["10.1.2.3:8443", "smtp.county.example"]

[[channel]]
name = "mail"
kind = "email"
host = "smtp.county.example"
sender = "ckbx@county.example"
username = "ckbx"
password = "geheim-1"

[[channel]]
name = "county-group"
kind = "wecom"
url = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=geheim-2"
levels = ["红", "橙"]

[[channel]]
name = "township-group"
kind = "dingtalk"
url = "https://oapi.dingtalk.com/robot/send?access_token=geheim-3"
secret = "geheim-4"
scope = "township:522628100"
kinds = ["dropout_suspected"]

[[channel]]
name = "hook"
kind = "webhook"
url = "https://hooks.county.example/in"
token = "geheim-5"
secret = "geheim-6"
success_field = "code"
success_value = 0

[[channel]]
name = "sms"
kind = "sms"
url = "https://10.1.2.3:8443/send"
fields = { appid = "geheim-7" }
timeout = 5

[[channel]]
name = "trial"
kind = "record"
file = "trial.jsonl"
scope = "school:2152939972"
"""


def write(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / FILE
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return folder


def wrong(text: str, folder: Path = Path("/nowhere")) -> str:
    with pytest.raises(ChannelsRefused) as found:
        parse_channels(text.encode(), folder)
    assert found.value.exit_code == 2
    return str(found.value)


def test_every_kind_of_channel_is_read(tmp_path: Path) -> None:
    found = read_channels(write(tmp_path, WHOLE))
    assert found.base_url == "https://ckbx.example"
    assert found.private == {("10.1.2.3", 8443), ("smtp.county.example", None)}
    assert found.ways == (
        Way(name="mail", kind="email"),
        Way(name="county-group", kind="wecom", scope="county", levels=("红", "橙")),
        Way(
            name="township-group",
            kind="dingtalk",
            scope="township:522628100",
            kinds=("dropout_suspected",),
        ),
        Way(name="hook", kind="webhook"),
        Way(name="sms", kind="sms"),
        Way(name="trial", kind="record", scope="school:2152939972"),
    )
    made = make_channels(found, lambda: datetime(2026, 9, 1, tzinfo=UTC))
    assert list(made) == [each.name for each in found.settings]
    mail = found.settings[0]
    assert isinstance(mail, EmailSetting)
    assert (mail.at_port, mail.timeout) == (587, 10.0)


def test_nothing_secret_is_printed(tmp_path: Path) -> None:
    found = read_channels(write(tmp_path, WHOLE))
    shown = f"{found!r} {found} {[repr(each) + str(each) for each in found.settings]}"
    shown += " ".join(each.receiver for each in found.settings)
    assert "geheim" not in shown
    hidden = " ".join(secret for each in found.settings for secret in each.secrets())
    assert all(f"geheim-{n}" in hidden for n in range(1, 8))


def test_without_the_file_there_is_no_channel(tmp_path: Path) -> None:
    assert read_channels(tmp_path).settings == ()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(SecretExposed, match=FILE):
        read_channels(write(tmp_path, WHOLE, mode))


def test_a_link_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text(WHOLE, "utf-8")
    (tmp_path / FILE).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SecretExposed):
        read_channels(tmp_path)


MAIL = '[[channel]]\nname = "m"\nkind = "email"\nhost = "s.example"\nsender = "a@b.example"\n'
HOOK = '[[channel]]\nname = "h"\nkind = "webhook"\nurl = "https://h.example/geheim-9"\n'
BOT = '[[channel]]\nname = "g"\nkind = "wecom"\nurl = "https://qyapi.weixin.qq.com/?key=geheim-9"\n'


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("base_url = \nx = 1", "第 1 行第 ", "TOML"),
        ("a = 1\nb = 'x", "文件末尾", "TOML"),
        ("chanel = []", "开头部分", "不认识的项“chanel”"),
        ("channel = 3", "channel", "不是通道的列表"),
        ("base_url = 3", "base_url", "应为文字"),
        ('base_url = "ckbx.example"', "base_url", "不是网页地址"),
        ('base_url = "https://[::1"', "base_url", "不是网页地址"),
        ('private_hosts = "a"', "private_hosts", "不是主机的列表"),
        ('private_hosts = ["a b"]', "private_hosts", "主机名写法不对"),
        ('private_hosts = ["2130706433"]', "private_hosts", "变形的数字地址"),
        ('[[channel]]\nkind = "email"', "第 1 个通道的 name", "没有名字"),
        ('[[channel]]\nname = "inbox"\nkind = "sms"', "第 1 个通道（inbox）的 name", "不能用"),
        ('[[channel]]\nname = "a/b"\nkind = "sms"', "第 1 个通道的 name", "不能用"),
        ('[[channel]]\nname = "a"', "第 1 个通道（a）的 kind", "没有这种通道"),
        ('[[channel]]\nname = "a"\nkind = "fax"', "的 kind", "没有这种通道"),
        (MAIL + MAIL, "第 2 个通道的 name", "重名"),
        (MAIL + "tsl = 'tls'", "第 1 个通道（m）", "不认识的项“tsl”"),
        (MAIL + "port = '25'", "第 1 个通道（m）的 port", "应为整数"),
        (MAIL + "port = 2525", "第 1 个通道（m）的 port", "端口 2525 不允许"),
        (HOOK.replace("h.example", "h.example:22"), "第 1 个通道（h）的 url", "端口 22 不允许"),
        (MAIL + "tls = 'ssl'", "第 1 个通道（m）的 tls", "没有这个选择"),
        (MAIL + "scope = 'county'", "的 scope", "发给个人"),
        (MAIL + "timeout = 60", "的 timeout", "秒数"),
        (MAIL + "timeout = 0", "的 timeout", "秒数"),
        (MAIL + "timeout = nan", "的 timeout", "秒数"),
        (MAIL + "username = 'u'", "的 password", "只写了一个"),
        (MAIL + "username = 'u'\npassword = 'geheim-9'\ntls = 'none'", "的 password", "不加密"),
        (MAIL + 'sender_name = "a\\nb"', "的 sender", "不可见"),
        (MAIL + "ca_file = 'none.pem'", "的 ca_file", "不能读取"),
        (MAIL.replace("a@b.example", "geheim-9"), "的 sender", "不是邮箱地址"),
        (MAIL.replace("s.example", "0x7f.1"), "的 host", "变形的数字地址"),
        (MAIL.replace('host = "s.example"\n', ""), "的 host", "没有写"),
        (HOOK.replace("https", "http"), "的 url", "只能用 https"),
        (HOOK + "hosts = ['o.example']", "的 url", "不在本通道允许的主机之列"),
        (HOOK + "hosts = 'o.example'", "的 hosts", "应为列表"),
        (HOOK + "scope = 'city'", "的 scope", "写法不对"),
        (HOOK + "levels = ['紫']", "的 levels", "没有这个级别"),
        (HOOK + "kinds = ['all']", "的 kinds", "没有这种预警"),
        (HOOK + "token = 5", "的 token", "应为文字"),
        (BOT.replace("qyapi", "evil"), "的 url", "不在本通道允许的主机之列"),
    ],
)
def test_a_mistake_is_named_with_its_place_and_no_value_is_repeated(
    text: str, where: str, what: str
) -> None:
    said = wrong(text)
    assert where in said
    assert what in said
    assert "geheim" not in said


def test_what_is_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ChannelsRefused, match="UTF-8"):
        parse_channels("名".encode("gb18030"), tmp_path)
    with pytest.raises(ChannelsRefused, match="太大"):
        read_channels(write(tmp_path, "#" * 300_000))


def test_a_certificate_is_found_beside_the_file(tmp_path: Path, made: Certificate) -> None:
    (tmp_path / "ca.pem").write_bytes(made.certificate.read_bytes())
    found = parse_channels((MAIL + "ca_file = 'ca.pem'").encode(), tmp_path)
    assert isinstance(found.settings[0], EmailSetting)
    assert found.settings[0].ca_file == tmp_path / "ca.pem"


def test_a_bot_of_the_county_s_own_is_named_in_hosts() -> None:
    text = BOT.replace("qyapi.weixin.qq.com", "wecom.county.example")
    found = parse_channels((text + "hosts = ['wecom.county.example']").encode(), Path())
    assert found.settings[0].receiver == "wecom.county.example"
