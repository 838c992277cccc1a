"""Accounts and granted roles: what is recorded, what is refused, and who may approve."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from ckbx.application import accounts
from ckbx.domain.account import errors
from ckbx.domain.account import events as ev
from ckbx.domain.account.account import Account, Grant
from ckbx.domain.account.codes import GRANTED_OVER, DisableReason, GrantedRole
from ckbx.domain.responsibility.post import Scope, ScopeKind
from ckbx.domain.shared.errors import CkbxError
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.personal import NameRefused
from ckbx.vault import Access
from tests.access.conftest import PASSWORD, Door
from tests.support.county import COUNTY, SCHOOL, SmallCounty

WHOLE = Scope(ScopeKind.COUNTY, COUNTY)
DAY = timedelta(days=1)


def grant(
    door: Door,
    name: str = "inspector1",
    role: GrantedRole = GrantedRole.INSPECTOR,
    scope: Scope = WHOLE,
    *,
    days: int | None = 10,
    begins: int = 0,
    by: str = "leader1",
    ctx: CommandContext | None = None,
) -> int:
    first = door.ctx.today + begins * DAY
    return accounts.grant_role(
        door.office,
        door.gate,
        ctx or door.ctx,
        name,
        role,
        scope,
        first_day=first,
        last_day=None if days is None else first + (days - 1) * DAY,
        approved_by=by,
    )


def held(door: Door, name: str, day: date) -> list[str]:
    account = accounts.load_account(door.office, name)
    return [each.role.value for each in accounts.grants_on(account, day)]


@pytest.fixture
def people(door: Door) -> Door:
    """An inspector and a leader in charge, both open."""
    for name in ("inspector1", "leader1"):
        door.open(name)
    return door


def test_whoever_grants_what_opens_childrens_data_does_not_approve_it(people: Door) -> None:
    people.open("admin1")
    own = people.office.context("admin1")
    with pytest.raises(errors.SelfApproval):
        grant(people, by="admin1", ctx=own)
    assert grant(people, by="leader1", ctx=own)
    assert grant(people, role=GrantedRole.ADMINISTRATOR, days=None, by="admin1", ctx=own)


def test_what_is_recorded_of_an_account_names_no_code_and_no_password(door: Door) -> None:
    code = door.open("teacher1")
    door.gate.use_code("teacher1", code, PASSWORD)
    stream = Account.stream(COUNTY, "teacher1")
    events = door.store.log.load([stream])[stream]
    assert [type(each) for each in events] == [
        ev.AccountOpened, ev.SignInCodeIssued, ev.PasswordChanged,
    ]  # fmt: skip
    assert events[1].expires_on == door.ctx.today + 3 * DAY
    assert (events[2].by_code, events[2].actor) == (True, "teacher1")
    rows = b"".join(row.state for row in door.store.log.read_rows(0, 100))
    assert code.encode() not in rows
    assert PASSWORD.encode() not in rows


def test_a_role_is_held_from_its_first_to_its_last_day(people: Door) -> None:
    today = people.ctx.today
    grant(people, begins=1, days=3)
    days = [held(people, "inspector1", today + n * DAY) for n in range(5)]
    assert days == [[], ["inspector"], ["inspector"], ["inspector"], []]
    account = accounts.load_account(people.office, "inspector1")
    role = Grant(1, GrantedRole.INSPECTOR, WHOLE, today + DAY, today + 3 * DAY, "leader1")
    assert accounts.grants_on(account, today + DAY) == (role,)


def test_a_withdrawn_role_is_gone_at_once_and_may_be_granted_anew(people: Door) -> None:
    number = grant(people)
    accounts.withdraw_role(people.office, people.gate, people.ctx, "inspector1", number)
    assert held(people, "inspector1", people.ctx.today) == []
    assert grant(people, days=3) == number + 1


def test_grants_rest_while_the_account_is_disabled(people: Door) -> None:
    grant(people)
    accounts.disable(people.office, people.gate, people.ctx, "inspector1", DisableReason.MOVED)
    assert held(people, "inspector1", people.ctx.today) == []
    accounts.enable(people.office, people.ctx, "inspector1")
    assert held(people, "inspector1", people.ctx.today) == ["inspector"]


def test_a_disabled_account_signs_in_again_with_its_password_once_enabled(door: Door) -> None:
    door.person("teacher1")
    accounts.disable(door.office, door.gate, door.ctx, "teacher1", DisableReason.AT_RISK)
    assert not door.gate.is_active("teacher1")
    accounts.enable(door.office, door.ctx, "teacher1")
    assert door.gate.sign_in("teacher1", PASSWORD).account


@pytest.mark.parametrize(
    ("role", "kind"),
    [(role, kind) for role in GrantedRole for kind in ScopeKind if kind not in GRANTED_OVER[role]],
)
def test_a_role_is_granted_over_what_it_covers_only(role: GrantedRole, kind: ScopeKind) -> None:
    account, ctx = _account()
    with pytest.raises(errors.GrantScopeRefused):
        account.grant(
            ctx,
            "inspector1",
            role,
            Scope(kind, "522699"),
            first_day=ctx.today,
            last_day=ctx.today,
            approved_by="leader1",
        )


@pytest.mark.parametrize("role", list(GrantedRole))
def test_what_opens_childrens_data_ends_on_a_day(role: GrantedRole) -> None:
    account, ctx = _account()
    scope = Scope(min(GRANTED_OVER[role]), "522699")

    def give(last_day: date | None) -> int:
        return account.grant(
            ctx, "inspector1", role, scope,
            first_day=ctx.today, last_day=last_day, approved_by="leader1",
        )  # fmt: skip

    if role is GrantedRole.ADMINISTRATOR:
        assert give(None) == 1
        return
    with pytest.raises(errors.GrantNeedsEnd):
        give(None)
    with pytest.raises(errors.GrantTooLong):
        give(ctx.today + 366 * DAY)
    assert give(ctx.today + 365 * DAY) == 1


def _account() -> tuple[Account, CommandContext]:
    ctx = CommandContext(
        actor="cli:root", command_id=Account.stream(COUNTY, "x"), today=date(2026, 11, 20)
    )
    account = Account(Account.stream(COUNTY, "inspector1"))
    account.open(ctx, "inspector1")
    return account, ctx


def test_a_registrar_is_one_of_a_school_that_is_there(people: Door) -> None:
    registrar = GrantedRole.REGISTRAR
    with pytest.raises(errors.GrantScopeRefused):
        grant(people, role=registrar, scope=Scope(ScopeKind.SCHOOL, SCHOOL))
    SmallCounty(people.office)
    grant(people, role=registrar, scope=Scope(ScopeKind.SCHOOL, SCHOOL))
    with pytest.raises(errors.GrantScopeRefused):
        grant(people, scope=Scope(ScopeKind.COUNTY, "522601"))


def disable(door: Door, name: str = "inspector1", ctx: CommandContext | None = None) -> None:
    accounts.disable(door.office, door.gate, ctx or door.ctx, name, DisableReason.ASKED)


def withdraw(door: Door, name: str, number: int = 1, ctx: CommandContext | None = None) -> None:
    accounts.withdraw_role(door.office, door.gate, ctx or door.ctx, name, number)


def by(door: Door, actor: str) -> CommandContext:
    return door.office.context(actor)


def call(door: Door, name: str, person: str) -> object:
    return accounts.name_holder(door.office, door.store.vault, door.ctx, name, person)


def called(door: Door, name: str) -> str:
    """What the vault calls the person of an account."""
    (subject,) = door.store.vault.find_many("account", [name])[name]
    access = Access(actor="test", view="test", purpose="核对姓名")
    return door.store.vault.read([subject], ["identity"], access)[subject].name


REFUSED: list[tuple[type[CkbxError], Callable[[Door], object]]] = [
    (errors.AccountExists, lambda d: d.open("leader1")),
    (errors.AccountNameRefused, lambda d: d.open("王小明")),
    (errors.AccountNameRefused, lambda d: d.open("13885501234")),
    (errors.AccountUnknown, lambda d: disable(d, "nobody")),
    (errors.AccountUnknown, lambda d: grant(d, "nobody")),
    (errors.AccountUnknown, lambda d: accounts.issue_code(d.office, d.gate, d.ctx, "nobody")),
    (errors.AccountActiveAlready, lambda d: accounts.enable(d.office, d.ctx, "leader1")),
    (errors.GrantDaysRefused, lambda d: grant(d, begins=-1)),
    (errors.GrantDaysRefused, lambda d: grant(d, days=0)),
    (errors.SelfApproval, lambda d: grant(d, by="inspector1")),
    (errors.SelfApproval, lambda d: grant(d, ctx=by(d, "inspector1"))),
    (errors.ApproverUnknown, lambda d: grant(d, by="nobody")),
    (errors.ApproverUnknown, lambda d: grant(d, by="cli:root")),
    (errors.RoleNotGranted, lambda d: accounts.withdraw_role(d.office, d.gate, d.ctx, "leader1", 1)),
    (errors.AccountUnknown, lambda d: call(d, "nobody", "韦小兰")),
    (NameRefused, lambda d: call(d, "leader1", "13885501234")),
    (errors.OwnAccount, lambda d: disable(d, "leader1", by(d, "leader1"))),
    (errors.OwnAccount, lambda d: withdraw(d, "leader1", 1, by(d, "leader1"))),
]  # fmt: skip


@pytest.mark.parametrize(("refusal", "act"), REFUSED)
def test_a_refusal_has_its_name_and_leaves_nothing(
    people: Door, refusal: type[CkbxError], act: Callable[[Door], object]
) -> None:
    head = people.store.log.head()
    with pytest.raises(refusal) as caught:
        act(people)
    assert type(caught.value) is refusal
    assert people.store.log.head() == head


def test_an_account_without_a_post_has_a_name_in_the_vault_and_nowhere_else(door: Door) -> None:
    gate, office, vault = door.gate, door.office, door.store.vault
    accounts.open_accounts(
        office, gate, door.ctx, ["reg1", "reg2"], vault=vault, called={"reg1": "韦小兰"}
    )
    assert called(door, "reg1") == "韦小兰"
    assert vault.find_many("account", ["reg2"])["reg2"] == ()
    call(door, "reg1", "韦兰")
    call(door, "reg2", "潘老师")
    assert (called(door, "reg1"), called(door, "reg2")) == ("韦兰", "潘老师")
    stored = repr([fact.event for fact in door.store.log.read(0, 100)])
    assert "HolderNamed" in stored
    for name in ("韦小兰", "韦兰", "潘老师"):
        assert name not in stored


def test_nothing_is_done_twice_or_for_a_disabled_account(people: Door) -> None:
    grant(people)
    with pytest.raises(errors.RoleAlreadyGranted):
        grant(people, begins=9, days=20)
    grant(people, begins=10, days=20)
    disable(people)
    with pytest.raises(errors.AccountDisabledAlready):
        disable(people)
    with pytest.raises(errors.AccountIsDisabled):
        accounts.issue_code(people.office, people.gate, people.ctx, "inspector1")
    with pytest.raises(errors.AccountIsDisabled):
        grant(people, begins=40)
    disable(people, "leader1")
    people.open("inspector2")
    with pytest.raises(errors.ApproverUnknown):
        grant(people, "inspector2")


def test_the_console_names_the_first_administrator_and_nobody_else(door: Door) -> None:
    code = accounts.open_first_administrator(door.office, door.gate, door.ctx, "admin")
    assert door.gate.use_code("admin", code, PASSWORD).account
    account = accounts.load_account(door.office, "admin")
    (role,) = accounts.grants_on(account, door.ctx.today)
    assert (role.role, role.last_day, role.approved_by) == (
        GrantedRole.ADMINISTRATOR, None, "cli:root",
    )  # fmt: skip


ENDS: dict[str, Callable[[Door, str], None]] = {"disabled": disable, "withdrawn": withdraw}


@pytest.mark.parametrize("how", ENDS)
def test_the_last_administrator_stays(door: Door, how: str) -> None:
    end = ENDS[how]
    for name in ("admin1", "admin2"):
        accounts.open_first_administrator(door.office, door.gate, door.ctx, name)
    end(door, "admin1")
    with pytest.raises(errors.LastAdministrator, match="ckbx user grant"):
        end(door, "admin2")
    assert held(door, "admin2", door.ctx.today) == ["administrator"]


def test_an_administrator_to_come_or_disabled_is_none_to_rely_on(people: Door) -> None:
    accounts.open_first_administrator(people.office, people.gate, people.ctx, "admin1")
    accounts.open_first_administrator(people.office, people.gate, people.ctx, "admin2")
    disable(people, "admin2")
    grant(people, role=GrantedRole.ADMINISTRATOR, begins=1, days=None)
    with pytest.raises(errors.LastAdministrator):
        disable(people, "admin1")
    withdraw(people, "inspector1")  # to come: nobody loses an administrator by it
    people.later(days=1)
    grant(people, role=GrantedRole.ADMINISTRATOR, days=None)
    disable(people, "admin1")
    assert held(people, "inspector1", people.ctx.today) == ["administrator"]


def test_of_two_administrators_who_disable_each_other_at_once_one_stays(door: Door) -> None:
    """Each process remembers the other's account as it was."""
    from ckbx.application.office import Office

    for name in ("admin1", "admin2"):
        accounts.open_first_administrator(door.office, door.gate, door.ctx, name)
    offices = {name: Office(door.store.log, door.store.clock) for name in ("admin1", "admin2")}
    for name, office in offices.items():
        accounts.load_accounts(office, offices)
        assert accounts.load_account(office, name).is_active
    why = DisableReason.ASKED
    accounts.disable(offices["admin1"], door.gate, by(door, "admin1"), "admin2", why)
    with pytest.raises(errors.LastAdministrator):
        accounts.disable(offices["admin2"], door.gate, by(door, "admin2"), "admin1", why)


def test_many_are_opened_in_one_append_and_all_or_none(door: Door) -> None:
    head = door.store.log.head()
    codes = accounts.open_accounts(door.office, door.gate, door.ctx, ["a1", "a2", "a1"])
    assert sorted(codes) == ["a1", "a2"]
    assert door.store.log.head() == head + 4
    with pytest.raises(errors.AccountExists):
        accounts.open_accounts(door.office, door.gate, door.ctx, ["a3", "a2"])
    assert not door.gate.is_active("a3")
    assert {state.account for state in door.gate.states()} == {"a1", "a2"}


def test_what_another_process_recorded_counts_at_once(people: Door) -> None:
    """The office of one process keeps accounts in memory; another writes past it."""
    from ckbx.application.office import Office

    other = Office(people.store.log, people.store.clock)
    accounts.disable(other, people.gate, people.ctx, "inspector1", DisableReason.LEFT)
    with pytest.raises(errors.AccountDisabledAlready):
        disable(people)
