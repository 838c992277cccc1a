"""Who acts where no person does? The system, by the policy that decided (domain §1)."""

from __future__ import annotations

from typing import Final

from ckbx.domain.shared.event import CommandContext

ATTENDANCE_RULE: Final = "system:attendance_rule"
"""The rule of the roll call: warnings, suspicions, long leave, and the alerts of them."""
CASE_POLICY: Final = "system:case_policy"
"""What moves a case along with the child it is of."""
DUE: Final = "system:due"
"""The clock's run."""
INIT: Final = "system:init"
"""The upgrade of a store; it looks into the vault to make the search keys of names."""
NOTIFY: Final = "system:notify"
"""What sends messages; it looks into the vault for short names and addresses alone."""
RULE_TRYOUT: Final = "system:rule_tryout"
"""A rule pack tried on history; nothing of it is recorded."""
_NAMES: Final = {
    ATTENDANCE_RULE: "系统：考勤规则",
    CASE_POLICY: "系统：个案随学生状态",
    DUE: "系统：到期事务",
    INIT: "系统：升级",
    NOTIFY: "系统：消息通知",
    RULE_TRYOUT: "系统：规则试算",
}


def actor_name(actor: str) -> str:
    """The Chinese name of a system actor; an account stays as it is."""
    return _NAMES.get(actor, actor)


def is_account(actor: str) -> bool:
    """Whether a person acted under an account of the chain; not the system, not a console user."""
    return ":" not in actor


def acting(ctx: CommandContext, policy: str, cause: str | None = None) -> CommandContext:
    """The context of what a policy decides inside a command.

    ``cause``: the id of the event that made it decide, where there is one.
    """
    return CommandContext(
        actor=policy,
        command_id=ctx.command_id,
        today=ctx.today,
        correlation_id=ctx.correlation_id or ctx.command_id,
        causation_id=cause or ctx.causation_id,
    )
