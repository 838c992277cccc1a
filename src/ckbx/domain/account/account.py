"""One account: is it open, is it disabled, which roles were granted to it?"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from typing import Any, ClassVar, NamedTuple
from uuid import UUID

from ckbx.domain.account import errors
from ckbx.domain.account import events as ev
from ckbx.domain.account.codes import (
    GRANTED_OVER,
    LONGEST_GRANT_DAYS,
    DisableReason,
    GrantedRole,
)
from ckbx.domain.responsibility.post import Scope
from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import stream_id
from ckbx.domain.shared.personal import holds_number

_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}", re.ASCII)
_PERSONAL = re.compile(r"1\d{10}|\d{15}|\d{17}[\dXx]", re.ASCII)


class Grant(NamedTuple):
    """A granted role; local days, both included. ``last_day`` None: until withdrawn."""

    number: int
    role: GrantedRole
    scope: Scope
    first_day: date
    last_day: date | None
    approved_by: str

    def covers(self, day: date) -> bool:
        """Whether the role is held on a local day."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)

    def overlaps(self, first_day: date, last_day: date | None) -> bool:
        """Whether the two spans share a day."""
        begins_before_end = last_day is None or self.first_day <= last_day
        return begins_before_end and (self.last_day is None or first_day <= self.last_day)


def check_account_name(name: str) -> str:
    """The account name in the form that is kept, as the chain keeps it.

    Raises AccountNameRefused, which does not repeat what may be personal.
    """
    plain = unicodedata.normalize("NFKC", name).strip()
    if not _ACCOUNT.fullmatch(plain) or _PERSONAL.fullmatch(plain) or holds_number(plain):
        raise errors.AccountNameRefused
    return plain


class Account(Aggregate):
    """An account of one county; ``grants`` are those not withdrawn, by number. ``holder``: the
    vault subject of the person, where the name was given to the account itself.
    """

    __slots__ = ("disabled", "factor", "given", "grants", "holder", "name")

    KIND: ClassVar[str] = "account"

    def __init__(self, id_: UUID) -> None:
        super().__init__(id_)
        self.name = ""
        self.disabled: DisableReason | None = None
        self.factor = False
        self.given = 0
        self.grants: dict[int, Grant] = {}
        self.holder: UUID | None = None

    @staticmethod
    def stream(county: str, name: str) -> UUID:
        """The stream of an account."""
        return stream_id(county, Account.KIND, name)

    @property
    def is_active(self) -> bool:
        """Whether it was opened and is not disabled."""
        return bool(self.name) and self.disabled is None

    def grants_on(self, day: date) -> tuple[Grant, ...]:
        """The roles granted that hold on a local day; none while it is disabled."""
        if not self.is_active:
            return ()
        return tuple(grant for grant in self.grants.values() if grant.covers(day))

    def is_administrator(self, day: date) -> bool:
        """Whether it manages accounts on a local day."""
        return any(each.role is GrantedRole.ADMINISTRATOR for each in self.grants_on(day))

    # ------------------------------------------------------------------ decide

    def open(self, ctx: CommandContext, name: str) -> None:
        """Open it. Raises AccountExists, AccountNameRefused."""
        if self.name:
            raise errors.AccountExists(account=self.name)
        checked = check_account_name(name)
        self.trigger_event(ev.AccountOpened, ctx, occurred_on=ctx.today, account=checked)

    def call(self, ctx: CommandContext, name: str, holder: UUID) -> None:
        """Say whose it is. Raises AccountUnknown."""
        self.require(name)
        self._tell(ev.HolderNamed, ctx, holder=holder)

    def disable(self, ctx: CommandContext, name: str, why: DisableReason) -> None:
        """Disable it; nobody does so to the own account. Whether it is the last administrator's
        is for the use case to say. Raises AccountUnknown, OwnAccount, AccountDisabledAlready.
        """
        self._require_others(ctx, name)
        if self.disabled is not None:
            raise errors.AccountDisabledAlready(account=self.name)
        self._tell(ev.AccountDisabled, ctx, why=why)

    def enable(self, ctx: CommandContext, name: str) -> None:
        """Let a disabled account sign in again. Raises AccountUnknown, AccountActiveAlready."""
        self.require(name)
        if self.disabled is None:
            raise errors.AccountActiveAlready(account=self.name)
        self._tell(ev.AccountEnabled, ctx)

    def grant(
        self,
        ctx: CommandContext,
        name: str,
        role: GrantedRole,
        scope: Scope,
        *,
        first_day: date,
        last_day: date | None,
        approved_by: str,
    ) -> int:
        """Grant a role over a scope; the number of the grant.

        Whether the scope and the approver exist is for the use case to say. Raises
        AccountUnknown, AccountIsDisabled, SelfApproval, GrantScopeRefused, GrantNeedsEnd,
        GrantTooLong, GrantDaysRefused, RoleAlreadyGranted.
        """
        self.require_active(name)
        if self.name in (approved_by, ctx.actor):
            raise errors.SelfApproval(account=self.name)
        if role.sees_children and approved_by == ctx.actor:
            raise errors.SelfApproval(account=approved_by)
        if scope.kind not in GRANTED_OVER[role]:
            raise refused_scope(role)
        _check_days(role, first_day, last_day, ctx.today)
        for given in self.grants.values():
            same = (given.role, given.scope) == (role, scope)
            if same and given.overlaps(first_day, last_day):
                until = given.last_day or "收回为止"
                raise errors.RoleAlreadyGranted(account=self.name, role=role.label, until=until)
        self._tell(
            ev.RoleGranted,
            ctx,
            grant=self.given + 1,
            role=role,
            scope_kind=scope.kind,
            scope_code=scope.code,
            first_day=first_day,
            last_day=last_day,
            approved_by=approved_by,
        )
        return self.given

    def withdraw(self, ctx: CommandContext, name: str, grant: int) -> None:
        """End a grant at once; nobody does so to the own account. Raises AccountUnknown,
        OwnAccount, RoleNotGranted.
        """
        self._require_others(ctx, name)
        if grant not in self.grants:
            raise errors.RoleNotGranted(account=self.name, grant=grant)
        self._tell(ev.RoleWithdrawn, ctx, grant=grant)

    def code_issued(self, ctx: CommandContext, name: str, expires_on: date) -> None:
        """A one-time code is made. Raises AccountUnknown, AccountIsDisabled."""
        self.require_active(name)
        self._tell(ev.SignInCodeIssued, ctx, expires_on=expires_on)

    def password_changed(self, ctx: CommandContext, name: str, *, by_code: bool) -> None:
        """The person set a password. Raises AccountUnknown."""
        self.require(name)
        self._tell(ev.PasswordChanged, ctx, by_code=by_code)

    def factor_enrolled(self, ctx: CommandContext, name: str) -> None:
        """The person set up a second factor. Raises AccountUnknown."""
        self.require(name)
        self._tell(ev.SecondFactorEnrolled, ctx)

    def factor_removed(self, ctx: CommandContext, name: str) -> None:
        """The second factor is taken off. Raises AccountUnknown, SecondFactorMissing."""
        self.require(name)
        if not self.factor:
            raise errors.SecondFactorMissing(account=self.name)
        self._tell(ev.SecondFactorRemoved, ctx)

    def require(self, name: str) -> None:
        """Raises AccountUnknown unless it was opened."""
        if not self.name:
            raise errors.AccountUnknown(account=check_account_name(name))

    def _require_others(self, ctx: CommandContext, name: str) -> None:
        """Raises AccountUnknown, OwnAccount."""
        self.require(name)
        if self.name == ctx.actor:
            raise errors.OwnAccount

    def require_active(self, name: str) -> None:
        """Raises AccountUnknown, AccountIsDisabled."""
        self.require(name)
        if self.disabled is not None:
            raise errors.AccountIsDisabled(account=self.name)

    def _tell(self, event: type[Any], ctx: CommandContext, **fields: Any) -> None:
        self.trigger_event(event, ctx, occurred_on=ctx.today, account=self.name, **fields)

    # -------------------------------------------------------------------- fold

    def apply(self, event: Any) -> None:
        match event:
            case ev.AccountOpened():
                self.name = event.account
            case ev.HolderNamed():
                self.holder = event.holder
            case ev.AccountDisabled():
                self.disabled = event.why
            case ev.AccountEnabled():
                self.disabled = None
            case ev.RoleGranted():
                self.given = event.grant
                self.grants[event.grant] = Grant(
                    event.grant,
                    event.role,
                    Scope(event.scope_kind, event.scope_code),
                    event.first_day,
                    event.last_day,
                    event.approved_by,
                )
            case ev.RoleWithdrawn():
                self.grants.pop(event.grant, None)
            case ev.SecondFactorEnrolled():
                self.factor = True
            case ev.SecondFactorRemoved():
                self.factor = False


def refused_scope(role: GrantedRole) -> errors.GrantScopeRefused:
    """The refusal of a scope that the role is not granted over."""
    kinds = "、".join(sorted(kind.zh for kind in GRANTED_OVER[role]))
    return errors.GrantScopeRefused(role=role.label, kinds=kinds)


def _check_days(role: GrantedRole, first_day: date, last_day: date | None, today: date) -> None:
    if last_day is None:
        if role.sees_children:
            raise errors.GrantNeedsEnd(role=role.label)
        last_day = first_day
    if first_day < today or last_day < first_day:
        raise errors.GrantDaysRefused(first_day=first_day, last_day=last_day, today=today)
    if role.sees_children and last_day - first_day >= timedelta(days=LONGEST_GRANT_DAYS):
        raise errors.GrantTooLong(role=role.label, days=LONGEST_GRANT_DAYS)
