"""Why is something about an account refused?"""

from __future__ import annotations

from ckbx.domain.shared.errors import InputRefused, RuleRefusal


class AccountNameRefused(InputRefused):
    code = "account_name_refused"
    message = (
        "账号名不能用：只能用字母、数字和 . _ @ -（最长 64 位），不能是姓名、手机号或证件号。"
        "请换一个；在责任链里的人用责任链里的账号"
    )


class AccountUnknown(RuleRefusal):
    """ids: account."""

    code = "account_unknown"
    message = "账号 {account} 还没有开通。请核对账号名，或先运行 ckbx user add 开通"


class AccountExists(RuleRefusal):
    """ids: account."""

    code = "account_exists"
    message = "账号 {account} 已经开通。忘记密码的请运行 ckbx user reset 重新发一次性口令"


class HolderInChain(RuleRefusal):
    """ids: account."""

    code = "holder_in_chain"
    message = "账号 {account} 的姓名来自责任链，不能在这里改。请用责任链文件导入更新"


class AccountDisabledAlready(RuleRefusal):
    """ids: account."""

    code = "account_disabled_already"
    message = "账号 {account} 已经停用，不用再停。要恢复使用请运行 ckbx user enable"


class AccountActiveAlready(RuleRefusal):
    """ids: account."""

    code = "account_active_already"
    message = "账号 {account} 正在使用，没有停用。忘记密码的请运行 ckbx user reset"


class AccountIsDisabled(RuleRefusal):
    """ids: account."""

    code = "account_is_disabled"
    message = (
        "账号 {account} 已停用，不能发口令或授予角色。请先由系统管理员恢复（ckbx user enable）"
    )


class GrantNeedsEnd(InputRefused):
    """ids: role (Chinese)."""

    code = "grant_needs_end"
    message = "授予“{role}”必须写明到哪一天为止：能看到未成年人信息的授权都有期限。请补上截止日期"


class GrantTooLong(InputRefused):
    """ids: role (Chinese), days."""

    code = "grant_too_long"
    message = "“{role}”一次最多授予 {days} 天。请把截止日期改早，到期后由负责人重新批准"


class GrantDaysRefused(InputRefused):
    """ids: first_day, last_day, today."""

    code = "grant_days_refused"
    message = (
        "授权日期不能用（{first_day} 至 {last_day}，今天是 {today}）："
        "开始不能早于今天，截止不能早于开始。请改正日期"
    )


class GrantScopeRefused(InputRefused):
    """ids: role, kinds (Chinese)."""

    code = "grant_scope_refused"
    message = "“{role}”只能授予到{kinds}，且须是本县的。请改正范围"


class RoleAlreadyGranted(RuleRefusal):
    """ids: account, role (Chinese), until."""

    code = "role_already_granted"
    message = (
        "账号 {account} 在这段时间里已有同一范围的“{role}”（至 {until}）。要改期限请先收回再授予"
    )


class RoleNotGranted(RuleRefusal):
    """ids: account, grant."""

    code = "role_not_granted"
    message = "账号 {account} 没有编号 {grant} 的有效授权，不能收回。请用 ckbx user list 核对"


class SelfApproval(RuleRefusal):
    """ids: account."""

    code = "self_approval"
    message = "账号 {account} 不能给自己授予或批准角色。请由另一位负责人批准"


class ApproverUnknown(RuleRefusal):
    """ids: approver."""

    code = "approver_unknown"
    message = "批准人 {approver} 不是正在使用的账号。请写负责人的账号；还没有开通的先开通"


class SecondFactorMissing(RuleRefusal):
    """ids: account."""

    code = "second_factor_missing"
    message = "账号 {account} 没有登记动态口令，不用解除。请核对账号名"


class OwnAccount(RuleRefusal):
    code = "own_account"
    message = "不能停用自己的账号，也不能收回自己的角色。请由另一位系统管理员办理"


class LastAdministrator(RuleRefusal):
    """ids: account."""

    code = "last_administrator"
    message = (
        "账号 {account} 是今天唯一的系统管理员，停用、收回以后没有人能管账号。请先用 ckbx user grant "
        "授予另一位；疑似被盗用的，先用 ckbx user reset 重新发一次性口令，原密码立刻失效"
    )
