"""Accounts: opening, disabling, granting and withdrawing roles, one-time codes.

The fact is recorded first, the credentials follow: were the program stopped between the two,
nobody could do more than the facts say. Every decision reads the account from the log anew,
since the command line and the web app change accounts from different processes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from uuid import uuid4

from ckbx.access import Gate
from ckbx.application.office import Office
from ckbx.application.standing import another
from ckbx.application.unit import Unit
from ckbx.clock import local_day
from ckbx.domain.account.account import Account, Grant, check_account_name, refused_scope
from ckbx.domain.account.codes import DisableReason, GrantedRole
from ckbx.domain.account.errors import ApproverUnknown, HolderInChain, LastAdministrator
from ckbx.domain.responsibility.post import Scope, ScopeKind
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.personal import check_name
from ckbx.domain.shared.system_actors import is_account
from ckbx.eventlog.ports import Appended
from ckbx.vault import Identity, NewPerson, Vault

AT_ONCE = 200
"""How many accounts are opened in one append."""
_FILED = "account"
"""Under what the vault files staff; the chain import files them so too."""


class AccountFacts:
    """What signing in asks the log, and tells it."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def is_active(self, account: str) -> bool:
        """Whether an account was opened and is not disabled, as of now."""
        return load_account(self._office, account).is_active

    def password_changed(self, account: str, *, by_code: bool) -> None:
        """The person set a password."""
        ctx = self._office.context(account)
        _decide(
            self._office, ctx, account, lambda a: a.password_changed(ctx, account, by_code=by_code)
        )

    def factor_enrolled(self, account: str) -> None:
        """The person set up a second factor."""
        ctx = self._office.context(account)
        _decide(self._office, ctx, account, lambda a: a.factor_enrolled(ctx, account))


# ------------------------------------------------------------------------ read


def load_account(office: Office, account: str) -> Account:
    """An account as the log has it now; one that was never opened has no name."""
    return load_accounts(office, [account])[account]


def load_accounts(office: Office, accounts: Iterable[str]) -> dict[str, Account]:
    """Many accounts in one select, by name."""
    streams = {name: Account.stream(office.county, name) for name in accounts}
    events = office.log.load(list(streams.values())) if streams else {}
    return {name: Account(of).replay(events.get(of, [])) for name, of in streams.items()}


def grants_on(account: Account, day: date) -> tuple[Grant, ...]:
    """The granted roles that hold on a local day; posts are asked of the chain.

    None while the account is disabled or was never opened.
    """
    return account.grants_on(day)


# ---------------------------------------------------------------------- decide


def open_accounts(
    office: Office,
    gate: Gate,
    ctx: CommandContext,
    names: Sequence[str],
    *,
    vault: Vault | None = None,
    called: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """Open accounts; their one-time codes by account, to be handed over and kept nowhere.

    ``called``: what the persons of some of them are called, to be filed in the ``vault``. All or
    none of those opened in one append (200). Raises AccountExists, AccountNameRefused,
    NameRefused, HolderInChain.
    """
    plain = [check_account_name(name) for name in dict.fromkeys(names)]
    people = {check_account_name(name): person for name, person in (called or {}).items()}
    expires = local_day(gate.code_expires(), office.clock.zone)
    made: dict[str, str] = {}
    for start in range(0, len(plain), AT_ONCE):
        part = plain[start : start + AT_ONCE]
        own = ctx if start == 0 else another(ctx)

        def decide(unit: Unit, part: Sequence[str] = part, own: CommandContext = own) -> bytes:
            for name in part:
                account = _fresh(office, unit, name)
                account.open(own, name)
                account.code_issued(own, name, expires)
                if vault is not None and name in people:
                    _call(unit, vault, account, people[name])
            return b"opened"

        office.run(own, decide)
        made |= gate.issue_codes(part)
    return made


def open_account(office: Office, gate: Gate, ctx: CommandContext, name: str) -> str:
    """Open one account; its one-time code. Raises AccountExists, AccountNameRefused."""
    return next(iter(open_accounts(office, gate, ctx, [name]).values()))


def open_first_administrator(office: Office, gate: Gate, ctx: CommandContext, name: str) -> str:
    """Open the account of the first administrator, from the console; its one-time code.

    Raises AccountExists, AccountNameRefused.
    """
    plain = check_account_name(name)
    expires = local_day(gate.code_expires(), office.clock.zone)

    def decide(unit: Unit) -> bytes:
        account = _fresh(office, unit, plain)
        account.open(ctx, plain)
        account.code_issued(ctx, plain, expires)
        account.grant(
            ctx,
            plain,
            GrantedRole.ADMINISTRATOR,
            Scope(ScopeKind.COUNTY, office.county),
            first_day=ctx.today,
            last_day=None,
            approved_by=ctx.actor,
        )
        return b"opened"

    office.run(ctx, decide)
    return gate.issue_codes([plain])[plain]


def name_holder(
    office: Office, vault: Vault, ctx: CommandContext, name: str, person: str
) -> Appended:
    """Say what the person of an account is called that no post names; or is called from now on.

    The name stands in the vault alone. Raises AccountUnknown, NameRefused, HolderInChain.
    """

    def decide(unit: Unit) -> bytes:
        account = _fresh(office, unit, name)
        account.require(name)
        _call(unit, vault, account, person)
        return b"named"

    return office.run(ctx, decide)


def issue_code(office: Office, gate: Gate, ctx: CommandContext, name: str) -> str:
    """A new one-time code; the old password and every session end with it.

    Raises AccountUnknown, AccountIsDisabled.
    """
    expires = local_day(gate.code_expires(), office.clock.zone)
    account = _decide(office, ctx, name, lambda a: a.code_issued(ctx, name, expires))
    return gate.issue_codes([account.name])[account.name]


def remove_factor(office: Office, gate: Gate, ctx: CommandContext, name: str) -> None:
    """Take the second factor off (device lost); ends the sessions.

    Raises AccountUnknown, SecondFactorMissing.
    """
    account = _decide(office, ctx, name, lambda a: a.factor_removed(ctx, name))
    gate.remove_factor(account.name)


def disable(office: Office, gate: Gate, ctx: CommandContext, name: str, why: DisableReason) -> None:
    """Disable an account, end its sessions, revoke the tokens of its programs.

    Raises AccountUnknown, OwnAccount, AccountDisabledAlready, LastAdministrator.
    """
    account = _take_away(office, gate, ctx, name, lambda a: a.disable(ctx, name, why))
    gate.sessions.end_all(account.name)
    gate.tokens.revoke_all(account.name, by=ctx.actor)


def enable(office: Office, ctx: CommandContext, name: str) -> None:
    """Let a disabled account sign in again. Raises AccountUnknown, AccountActiveAlready."""
    _decide(office, ctx, name, lambda a: a.enable(ctx, name))


def grant_role(
    office: Office,
    gate: Gate,
    ctx: CommandContext,
    name: str,
    role: GrantedRole,
    scope: Scope,
    *,
    first_day: date,
    last_day: date | None,
    approved_by: str,
) -> int:
    """Grant a role from a local day to a local day; its number. Ends the account's sessions.

    ``approved_by``: the account in use of the person in charge. Raises ApproverUnknown,
    GrantScopeRefused and what :meth:`Account.grant` refuses.
    """

    def decide(unit: Unit) -> bytes:
        account = _fresh(office, unit, name)
        account.require_active(name)
        _check_scope(office, unit, role, scope)
        if approved_by != account.name:
            _check_approver(office, unit, ctx, role, approved_by)
        given = account.grant(
            ctx,
            name,
            role,
            scope,
            first_day=first_day,
            last_day=last_day,
            approved_by=approved_by,
        )
        return str(given).encode()

    number = int(office.run(ctx, decide).reply)
    gate.sessions.end_all(name)
    return number


def withdraw_role(office: Office, gate: Gate, ctx: CommandContext, name: str, grant: int) -> None:
    """End a grant at once, and the account's sessions. Raises AccountUnknown, OwnAccount,
    RoleNotGranted, LastAdministrator.
    """
    account = _take_away(office, gate, ctx, name, lambda a: a.withdraw(ctx, name, grant))
    gate.sessions.end_all(account.name)


# --------------------------------------------------------------------- helpers


def _call(unit: Unit, vault: Vault, account: Account, person: str) -> None:
    """File the person under the account. Whom the chain filed there, the chain names."""
    check_name(person, "姓名")
    found = vault.find_many(_FILED, [account.name])[account.name]
    if found and found[0] != account.holder:
        raise HolderInChain(account=account.name)
    holder = found[0] if found else uuid4()
    identity, lookups = Identity(name=person), {_FILED: account.name}
    new = NewPerson(subject=holder, kind="staff", identity=identity, lookups=lookups)
    unit.writes.extend(vault.prepare_many([new]))
    account.call(unit.ctx, account.name, holder)


def _take_away(
    office: Office, gate: Gate, ctx: CommandContext, name: str, step: Callable[[Account], None]
) -> Account:
    """A step after which somebody still manages accounts. Raises LastAdministrator."""

    def taken(unit: Unit, account: Account) -> None:
        was = account.is_administrator(ctx.today)
        step(account)
        if was and not account.is_administrator(ctx.today):
            _require_another(office, gate, unit, account)

    return _within(office, ctx, name, taken)


def _require_another(office: Office, gate: Gate, unit: Unit, account: Account) -> None:
    """Another account manages accounts today; the command rests on it. Raises
    LastAdministrator.
    """
    today = unit.ctx.today
    others = {state.account for state in gate.states()} - {account.name}
    for name, found in load_accounts(office, sorted(others)).items():
        if found.is_administrator(today):
            other = _fresh(office, unit, name)
            if other.is_administrator(today):
                unit.depend(other)
                return
    raise LastAdministrator(account=account.name)


def _decide(
    office: Office, ctx: CommandContext, name: str, step: Callable[[Account], None]
) -> Account:
    return _within(office, ctx, name, lambda _, account: step(account))


def _within(
    office: Office, ctx: CommandContext, name: str, step: Callable[[Unit, Account], None]
) -> Account:
    held: list[Account] = []

    def decide(unit: Unit) -> bytes:
        account = _fresh(office, unit, name)
        step(unit, account)
        held[:] = [account]
        return b"account"

    office.run(ctx, decide)
    return held[0] if held else load_account(office, name)


def _fresh(office: Office, unit: Unit, name: str) -> Account:
    stream = Account.stream(office.county, name)
    office.map.forget([stream])
    return unit.get(stream, Account)


def _check_scope(office: Office, unit: Unit, role: GrantedRole, scope: Scope) -> None:
    if scope.kind is ScopeKind.SCHOOL:
        known = scope.code in office.county_of(unit).schools
    else:
        known = scope.code == office.county
    if not known:
        raise refused_scope(role)


def _check_approver(
    office: Office, unit: Unit, ctx: CommandContext, role: GrantedRole, approver: str
) -> None:
    """An account in use; the console itself may name an administrator only."""
    console = approver == ctx.actor and not is_account(approver)
    if console and role is GrantedRole.ADMINISTRATOR:
        return
    account = _fresh(office, unit, approver)
    unit.depend(account)
    if not account.is_active:
        raise ApproverUnknown(approver=approver if is_account(approver) else "（控制台用户）")
