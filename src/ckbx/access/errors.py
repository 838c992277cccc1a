"""Why does somebody not get in, and what should they do?"""

from __future__ import annotations

from ckbx.domain.shared.errors import InputRefused, RuleRefusal


class SignInRefused(RuleRefusal):
    """One sentence for every cause: nobody learns which accounts there are."""

    code = "sign_in_refused"
    message = (
        "没有登录成功：账号、密码或一次性口令不对，或账号不能使用。"
        "请核对后重试；仍不行请找本县系统管理员重新发一次性口令"
    )


class TooManyTries(RuleRefusal):
    """ids: seconds (whole, at least 1)."""

    code = "too_many_tries"
    message = "试的次数太多，请过 {seconds} 秒再试。已经登录的不受影响；不是您本人在试的，请告诉系统管理员"


class PasswordRefused(InputRefused):
    """ids: why (Chinese)."""

    code = "password_refused"
    message = "这个密码不能用：{why}。请换一个，例如几个不相干的词连在一起"


class NoAccountHere(RuleRefusal):
    """The unified sign-in knows the person. One sentence whether there is no account of
    theirs or it was disabled.
    """

    code = "no_account_here"
    message = (
        "统一身份认证已经通过，但在本系统没有给您关联可以使用的账号，没有登录。"
        "请找本县系统管理员关联；有密码的可以先用账号和密码登录"
    )


class IdentityTaken(RuleRefusal):
    """ids: account."""

    code = "identity_taken"
    message = "这个统一身份已经关联账号 {account}，没有改。请核对；要换账号，请先解除原来的关联"


class IdentityRefused(InputRefused):
    code = "identity_refused"
    message = (
        "统一身份编号不能用：应是统一身份认证给本人的编号（sub），1 到 255 个字母、数字或符号，"
        "中间没有空格。本人用统一身份认证登录一次，页面上会显示"
    )


class IdentityMissing(RuleRefusal):
    """ids: account."""

    code = "identity_missing"
    message = "账号 {account} 没有关联统一身份，不用解除"


class OldPasswordWrong(RuleRefusal):
    code = "old_password_wrong"
    message = "原密码不对，密码没有改。请重试；忘记了请找系统管理员重新发一次性口令"


class FactorCodeWrong(RuleRefusal):
    code = "factor_code_wrong"
    message = "动态口令不对，没有登记。请核对手机时间是否准确，再输入新的一组 6 位数字"


class FactorEnrolledAlready(RuleRefusal):
    code = "factor_enrolled_already"
    message = "这个账号已经登记了动态口令。要换手机，请系统管理员先解除（ckbx user reset --factor）"


class TooManyUploads(RuleRefusal):
    """ids: files, megabytes (of one day)."""

    code = "too_many_uploads"
    message = (
        "这个账号今天上传的文件已到限额（一天 {files} 个、共 {megabytes} MB），这一个没有保存。"
        "请明天再传；确有需要的请联系系统管理员"
    )


class StillRunning(RuleRefusal):
    code = "still_running"
    message = "您上一次提交的还没有办完。请等它办完再试"


class TooMuchHandedIn(RuleRefusal):
    """ids: megabytes (of everybody)."""

    code = "too_much_handed_in"
    message = (
        "大家交来还没有写入的文件已满 {megabytes} MB，这一次没有收下。"
        "请过一会儿再试；急用的请联系系统管理员"
    )


class HandedInLost(RuleRefusal):
    code = "handed_in_lost"
    message = "交来的文件已经不在（没有收完、已放弃，或超过 24 小时）。请重新选文件核对"


class TurnTaken(RuleRefusal):
    code = "turn_taken"
    message = "这件事已由另一个进程接着办，或已放弃；这一处停下，没有再写"


class TokenRefused(InputRefused):
    """ids: why (Chinese)."""

    code = "token_refused"
    message = "令牌没有发出：{why}"


class TokenUnknown(InputRefused):
    """ids: key."""

    code = "token_unknown"
    message = "没有编号为 {key} 的令牌（或不止一个）：请用 ckbx token list 核对编号"
