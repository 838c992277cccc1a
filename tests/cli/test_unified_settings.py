"""Setting up the unified sign-in: what is wrong with a setting is said with its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from ckbx.cli.health_line import FAIL, OK, WARN, Check
from ckbx.cli.health_transport import unified
from ckbx.settings import KEYS, UNIFIED_KEYS, BadSetting, UnknownSetting, read_settings
from tests.support.terminal import Terminal

SET = {
    "CKBX_PUBLIC_URL": "https://kcbx.example.cn",
    "CKBX_OIDC_ISSUER": "https://id.example.cn/realms/county",
    "CKBX_OIDC_CLIENT_ID": "ckbx",
    "CKBX_OIDC_CLIENT_SECRET": "a secret",
}
README = Path(__file__).resolve().parents[2] / "README.md"
GUIDE = README.parent / "docs/guide/administrator.md"


def checks(**changed: str) -> list[Check]:
    return list(unified(read_settings({**SET, **changed})))


def test_nothing_set_is_nothing() -> None:
    assert read_settings({}).unified is None
    assert read_settings({"CKBX_OIDC_ISSUER": ""}).unified is None


def test_what_is_set_is_read_and_the_secret_not_printed() -> None:
    more = {
        "CKBX_OIDC_ACCOUNT_CLAIM": "preferred_username",
        "CKBX_OIDC_SCOPES": "openid profile",
        "CKBX_OIDC_STRONG": "amr=otp",
        "CKBX_OIDC_PRIVATE_HOSTS": "id.example.cn, 10.1.2.3:8443",
    }
    settings = read_settings({**SET, **more})
    found = settings.unified
    assert found is not None
    assert (found.secret, found.scopes, found.strong) == (
        "a secret",
        "openid profile",
        ("amr", "otp"),
    )
    assert found.private_hosts == ("id.example.cn", "10.1.2.3:8443")
    assert found.button == "用统一身份认证登录"
    assert "a secret" not in repr(settings) + str(settings)


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"CKBX_OIDC_ISSUER": "http://id.example.cn"}, "CKBX_OIDC_ISSUER"),
        ({"CKBX_OIDC_ISSUER": ""}, "CKBX_OIDC_ISSUER"),
        ({"CKBX_OIDC_ISSUER": "https://id.example.cn/?a=b"}, "CKBX_OIDC_ISSUER"),
        ({"CKBX_PUBLIC_URL": ""}, "CKBX_PUBLIC_URL"),
        ({"CKBX_OIDC_CLIENT_ID": ""}, "CKBX_OIDC_CLIENT_ID"),
        ({"CKBX_OIDC_CLIENT_SECRET": ""}, "CKBX_OIDC_CLIENT_SECRET"),
        ({"CKBX_OIDC_CLIENT_SECRET_FILE": "file"}, "CKBX_OIDC_CLIENT_SECRET"),
        ({"CKBX_OIDC_SCOPES": "profile"}, "CKBX_OIDC_SCOPES"),
        ({"CKBX_OIDC_STRONG": "otp"}, "CKBX_OIDC_STRONG"),
        ({"CKBX_OIDC_STRONG": "sub=1"}, "CKBX_OIDC_STRONG"),
        ({"CKBX_OIDC_BUTTON": "字" * 21}, "CKBX_OIDC_BUTTON"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(changed: dict[str, str], name: str) -> None:
    with pytest.raises(BadSetting) as refused:
        read_settings({**SET, **changed})
    assert refused.value.ids["name"] == name


def test_a_setting_nobody_knows_is_refused_and_the_known_ones_told() -> None:
    with pytest.raises(UnknownSetting, match="CKBX_OIDC_ISSUER"):
        read_settings({**SET, "CKBX_OIDC_SECRET": "x"})


@pytest.mark.parametrize("name", [*KEYS, *UNIFIED_KEYS])
def test_every_setting_stands_in_a_table_of_the_documents(name: str) -> None:
    text = README.read_text("utf-8") + GUIDE.read_text("utf-8")
    assert f"| `{name}` |" in text


def test_doctor_says_how_it_is_set_up(tmp_path: Path) -> None:
    (line,) = checks()
    assert (line.state, line.detail) == (OK, "https://id.example.cn/realms/county，逐个关联账号")
    (line,) = checks(CKBX_OIDC_ACCOUNT_CLAIM="email")
    assert "按 email 找账号" in line.detail
    (line,) = checks(CKBX_PUBLIC_URL="http://kcbx.example.cn")
    assert line.state == WARN
    file = tmp_path / "secret"
    given = {"CKBX_OIDC_CLIENT_SECRET": "", "CKBX_OIDC_CLIENT_SECRET_FILE": str(file)}
    (line,) = checks(**given)
    assert (line.state, "没有这个文件" in line.detail) == (FAIL, True)
    file.write_text("a secret")
    file.chmod(0o644)
    (line,) = checks(**given)
    assert line.state == FAIL
    file.chmod(0o600)
    (line,) = checks(**given)
    assert line.state == OK
    assert list(unified(read_settings({}))) == []


def test_an_account_is_linked_listed_and_unlinked(run: Terminal) -> None:
    run("user", "add", "reg1").ok()
    assert "CKBX_OIDC_ISSUER" in run("user", "link", "reg1", "sub-1").err
    run.environ |= SET
    assert "reg1" in run("user", "link", "reg1", "sub-1").ok().err
    rows = {r["account"]: r for r in run("user", "list", "--format", "json").ok().json["rows"]}
    assert rows["reg1"]["linked"] is True
    assert "已关联统一身份" in run("user", "list").ok().out
    run("user", "add", "reg2").ok()
    taken = run("user", "link", "reg2", "sub-1")
    assert (taken.code, "reg1" in taken.err) == (5, True)
    run("user", "unlink", "reg1").ok()
    assert run("user", "unlink", "reg1").code == 5
    run("user", "link", "reg2", "sub-1").ok()


def test_a_subject_may_be_read_from_where_no_history_keeps_it(run: Terminal) -> None:
    run("user", "add", "reg1").ok()
    run.environ |= SET
    refused = run("user", "link", "reg1", "-")
    assert refused.code == 3, "nothing was typed"
    assert "统一身份编号" in refused.err


def test_where_a_claim_names_the_accounts_the_command_says_so(run: Terminal) -> None:
    run("user", "add", "reg1").ok()
    run.environ |= {**SET, "CKBX_OIDC_ACCOUNT_CLAIM": "email"}
    refused = run("user", "link", "reg1", "sub-1")
    assert (refused.code, "email" in refused.err) == (2, True)
