"""``channels`` and ``contact set`` as an administrator uses them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.test_erase_command import opened
from tests.support.mail_server import mail_server
from tests.support.paper_county import chain
from tests.support.receivers import Certificate, Receiver, answer
from tests.support.terminal import Terminal

SECRET = "geheim-1"


def secrets(run: Terminal) -> Path:
    return Path(run.environ["CKBX_SECRET_DIR"])


def write(run: Terminal, text: str) -> None:
    path = secrets(run) / "channels.toml"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.write_text(text, "utf-8")
    path.chmod(0o600)


def hook(receiver: Receiver, made: Certificate) -> str:
    return f"""
private_hosts = ["127.0.0.1:{receiver.port}"]
[[channel]]
name = "hook"
kind = "webhook"
scope = "county"
url = "{receiver.url("/in?key=" + SECRET)}"
token = "{SECRET}"
ca_file = "{made.certificate}"
success_field = "errcode"
levels = ["红"]
"""


def test_without_a_file_there_is_the_inbox_and_a_hint(run: Terminal) -> None:
    done = run("channels", "--format", "json").ok()
    assert [row["name"] for row in done.json["rows"]] == ["inbox"]
    assert "docs/guide/channels.md" in run("channels").ok().err


def test_channels_are_listed_without_anything_secret(
    run: Terminal, receiver: Receiver, made: Certificate
) -> None:
    write(run, hook(receiver, made))
    shown = run("channels").ok()
    listed = run("channels", "--format", "json").ok()
    assert "通用接口" in shown.out
    row = listed.json["rows"][1]
    assert (row["name"], row["kind"], row["scope"]) == ("hook", "webhook", "county")
    assert row["receiver"] == f"127.0.0.1:{receiver.port}"
    assert (row["waiting"], row["dead"], row["last_failure"]) == (0, 0, None)
    for said in (shown.out, shown.err, listed.out, listed.err):
        assert SECRET not in said
    assert receiver.connections == 0


def test_a_test_message_shows_what_the_receiver_says(
    run: Terminal, receiver: Receiver, made: Certificate
) -> None:
    write(run, hook(receiver, made))
    assert "已收下" in run("channels", "test", "hook").ok().err
    assert receiver.got[0].json["kind"] == "test"
    receiver.otherwise = answer(200, f'{{"errcode":7,"errmsg":"no {SECRET}"}}'.encode())
    failed = run("channels", "test", "hook")
    assert failed.code == 1
    assert "消息没有发出（hook）" in failed.err
    assert SECRET not in failed.err
    assert run("channels", "test", "hook", "--to", "head1").code == 2
    unknown = run("channels", "test", "hok")
    assert (unknown.code, "已设置的：hook" in unknown.err) == (2, True)


def test_a_mail_goes_to_the_address_of_an_account_or_as_typed(
    run: Terminal, made: Certificate
) -> None:
    with mail_server(made, "tls") as server:
        write(
            run,
            f"""
private_hosts = ["127.0.0.1:{server.port}"]
[[channel]]
name = "mail"
kind = "email"
host = "127.0.0.1"
port = {server.port}
tls = "tls"
sender = "ckbx@county.example"
ca_file = "{made.certificate}"
""",
        )
        nobody = run("channels", "test", "mail", "--to", "head1")
        assert (nobody.code, "没有登记邮箱" in nobody.err) == (2, True)
        assert run("channels", "test", "mail").code == 2
        kept = run("contact", "set", "head1", "--email", "head1@school.example").ok()
        assert "邮箱" in kept.err
        assert "school.example" not in kept.err
        run("channels", "test", "mail", "--to", "head1").ok()
        run("channels", "test", "mail", "--to", "other@school.example").ok()
        to = [str(mail["To"]) for mail in server.mails()]
    assert to == ["head1@school.example", "other@school.example"]


def test_a_new_phone_in_the_chain_leaves_the_address_as_it_is(
    run: Terminal, tmp_path: Path
) -> None:
    run("contact", "set", "bureau", "--email", "bureau@county.example").ok()
    path = chain(tmp_path)
    text = path.read_text("utf-8").replace("13900000000", "13900000009")
    path.write_text(text, "utf-8")
    run("import", "chain", path).ok()
    from notifications.addresses import Addresses

    with opened(run) as store:
        addresses = Addresses(store.vault)
        assert addresses.of(["bureau"], "email") == {"bureau": "bureau@county.example"}
        assert addresses.of(["bureau"], "phone") == {"bureau": "13900000009"}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("bureau",), 2, "请写 --email"),
        (("nobody", "--email", "a@b.example"), 5, "没有账号“nobody”"),
        (("bureau", "--email", "bureau"), 3, "不是邮箱地址"),
        (("bureau", "--phone", "abc"), 3, "不是电话号码"),
    ],
)
def test_a_wrong_contact_is_refused(
    run: Terminal, words: tuple[str, ...], code: int, said: str
) -> None:
    done = run("contact", "set", *words)
    assert (done.code, said in done.err) == (code, True), done.err


def test_a_broken_file_is_explained_and_hinders_no_other_command(run: Terminal) -> None:
    write(run, '[[channel]]\nname = "m"\nkind = "email"\npassword = "geheim-1\n')
    broken = run("channels")
    assert (broken.code, "第 4 行" in broken.err, SECRET in broken.err) == (2, True, False)
    assert run("ledger", "suspected").code == 0
    (secrets(run) / "channels.toml").chmod(0o644)
    exposed = run("channels")
    assert (exposed.code, "0600" in exposed.err) == (6, True)
