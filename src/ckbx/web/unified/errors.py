"""Why does nobody come in by the unified sign-in, and what should they do?"""

from __future__ import annotations

from ckbx.domain.shared.errors import CkbxError, RuleRefusal


class ProviderDown(CkbxError):
    """ids: why (Chinese), for the log: it names hosts and settings."""

    code = "unified_provider_down"
    message = (
        "统一身份认证现在不能用，没有登录。请稍后再试，或用账号和密码登录；一直不行请告诉系统管理员"
    )
    exit_code = 6

    def __init__(self, *, why: str) -> None:
        super().__init__(why=why)


class AnswerRefused(RuleRefusal):
    """What the provider said is not to be believed. ids: what, for the log: it names claims."""

    code = "unified_answer_refused"
    message = (
        "统一身份认证的答复没有通过核对，没有登录。"
        "请再试一次，或用账号和密码登录；仍不行请告诉系统管理员"
    )

    def __init__(self, *, what: str) -> None:
        super().__init__(what=what)


class ProviderRefused(RuleRefusal):
    """The provider itself said no. ids: why (Chinese; never its own words)."""

    code = "unified_provider_refused"
    message = "统一身份认证没有放行（{why}），没有登录。请再试一次，或用账号和密码登录"


class HandshakeOver(RuleRefusal):
    code = "unified_handshake_over"
    message = (
        "这次统一身份认证已经失效：不是从本页开始的，或已超过 10 分钟、已经用过。"
        "请在本页重新开始；浏览器要允许保存 Cookie"
    )
