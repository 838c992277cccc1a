"""Facts about accounts. No name of a person, no password, no code, no address."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from ckbx.domain.account.codes import DisableReason, GrantedRole
from ckbx.domain.responsibility.post import ScopeKind
from ckbx.domain.shared.event import DomainEvent


class AccountOpened(DomainEvent, frozen=True, kw_only=True):
    """An account may sign in from now on, once it has set a password by its one-time code."""

    TOPIC = "ckbx.account.AccountOpened"
    TITLE = "开通账号"
    account: str


class HolderNamed(DomainEvent, frozen=True, kw_only=True):
    """Whose an account is that no post names: the name stands in the vault, under ``holder``."""

    TOPIC = "ckbx.account.HolderNamed"
    TITLE = "登记姓名"
    account: str
    holder: UUID


class AccountDisabled(DomainEvent, frozen=True, kw_only=True):
    """An account may not sign in any more; its grants rest meanwhile."""

    TOPIC = "ckbx.account.AccountDisabled"
    TITLE = "停用账号"
    account: str
    why: DisableReason


class AccountEnabled(DomainEvent, frozen=True, kw_only=True):
    """A disabled account may sign in again."""

    TOPIC = "ckbx.account.AccountEnabled"
    TITLE = "恢复账号"
    account: str


class RoleGranted(DomainEvent, frozen=True, kw_only=True):
    """A role over a scope, from a local day to a local day, both included.

    ``grant`` numbers the grants of one account from 1; ``last_day`` None: until withdrawn
    (only where the role sees no child's data). ``approved_by``: the account of the person in
    charge, or the console user who set up the store.
    """

    TOPIC = "ckbx.account.RoleGranted"
    TITLE = "授予角色"
    account: str
    grant: int
    role: GrantedRole
    scope_kind: ScopeKind
    scope_code: str
    first_day: date
    last_day: date | None = None
    approved_by: str


class RoleWithdrawn(DomainEvent, frozen=True, kw_only=True):
    """A grant ends with the day before ``occurred_on``, at once for whoever asks."""

    TOPIC = "ckbx.account.RoleWithdrawn"
    TITLE = "收回角色"
    account: str
    grant: int


class SignInCodeIssued(DomainEvent, frozen=True, kw_only=True):
    """A one-time code to set a password was made; the code itself stands nowhere.

    The old password stopped working with it. ``expires_on``: the local day on which the code
    lapses.
    """

    TOPIC = "ckbx.account.SignInCodeIssued"
    TITLE = "发一次性口令"
    account: str
    expires_on: date


class PasswordChanged(DomainEvent, frozen=True, kw_only=True):
    """The person set a new password, with a one-time code or with the old password."""

    TOPIC = "ckbx.account.PasswordChanged"
    TITLE = "设置密码"
    account: str
    by_code: bool


class SecondFactorEnrolled(DomainEvent, frozen=True, kw_only=True):
    """The person set up a device that shows the second factor."""

    TOPIC = "ckbx.account.SecondFactorEnrolled"
    TITLE = "登记动态口令"
    account: str


class SecondFactorRemoved(DomainEvent, frozen=True, kw_only=True):
    """The second factor was taken off (device lost); it is set up anew at the next sign-in."""

    TOPIC = "ckbx.account.SecondFactorRemoved"
    TITLE = "解除动态口令"
    account: str
