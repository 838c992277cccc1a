"""账号: opening, one-time codes, disabling, second factor, granting and withdrawing roles.

Codes are shown in the answer to the form and nowhere else. What is grave asks the person
signed in for the password again; a grant asks for the approver's, typed by the approver.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from ckbx.application import accounts
from ckbx.domain.account.account import check_account_name
from ckbx.domain.account.codes import DisableReason, GrantedRole
from ckbx.domain.responsibility.post import Role, Scope, ScopeKind
from ckbx.domain.shared.errors import CkbxError, InputRefused
from ckbx.ledgers.actors import names_alone
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Posted
from ckbx.web.pages.accounts.account_page import list_page, one_page
from ckbx.web.pages.accounts.listing import unopened
from ckbx.web.pages.frame import base
from ckbx.web.pages.signing_in.page import MOST_PASSWORD, whence
from ckbx.web.permissions import ADMINISTRATOR
from ckbx.web.rights import Held, viewer_of
from projections import responsibility

OWN, APPROVER = "password", "approval"
"""The fields of the two passwords; both are among ``forms.SECRET``."""
MOST_CODES: Final = 2_000
COUNTY_LEADS: Final = (Role.BUREAU_LEADER, Role.BUREAU_OFFICER)
"""Who approves a grant: besides these the principal for the own school, and an administrator
another administrator.
"""
_VIEW = ("web:accounts", "查看还没有开通账号的在任人员")


class PasswordWrong(InputRefused):
    code = "own_password_wrong"
    message = "您自己的密码不对，没有办。请重新输入"


class ApprovalWrong(InputRefused):
    code = "approver_password_wrong"
    message = "批准人的密码不对，没有授予。请由批准人本人输入"


class ApproverNotInCharge(InputRefused):
    code = "approver_not_in_charge"
    message = "批准人今天不是包学校局领导、县控辍保学专干或该校校长，不能批准。请换负责人批准"


class FormUsed(InputRefused):
    """The form was handed in before: its codes were shown then and are known to nobody now."""

    code = "form_used"
    message = "这张表已经提交过，口令只显示一次。没有看到的，请打开该账号再发一次口令"


def open_chain(desk: WebDesk, request: Request, form: Posted) -> Response:
    """Open the accounts of everybody in the chain who has none."""
    try:
        know_again(desk, request, form)
        with desk.look(*_VIEW) as look:
            wanted = [name for name, _ in unopened(desk, look)][:MOST_CODES]
        if not wanted:
            form.wrong("chain", "责任链里在任的人都已开通")
            return list_page(desk, draft=form.draft(), status=422)
        return _open(desk, form, wanted)
    except CkbxError as error:
        return list_page(desk, draft=form.draft(error), status=422)


def open_named(desk: WebDesk, request: Request, form: Posted) -> Response:
    """Open the accounts that were typed: inspectors, registrars."""
    try:
        wanted = [check_account_name(name) for name in form.needed("names", "账号").split()]
        person = form.text("person")
        if person and len(wanted) > 1:
            form.wrong("person", "几个账号一起开通时不能写姓名，请以后在各自的账号页写")
        if not form.fine:
            return list_page(desk, draft=form.draft(), status=422)
        know_again(desk, request, form)
        return _open(desk, form, wanted, {wanted[0]: person} if person else {})
    except CkbxError as error:
        return list_page(desk, draft=form.draft(error), status=422)


def _open(
    desk: WebDesk, form: Posted, wanted: list[str], called: Mapping[str, str] | None = None
) -> Response:
    _refuse_used(desk, form)
    store, ctx = desk.store, desk.context(form.command)
    made = accounts.open_accounts(
        store.office, store.gate, ctx, wanted, vault=store.vault, called=called
    )
    return _codes(desk, made, called)


def call(desk: WebDesk, name: str, form: Posted) -> Response:
    """Say what the person of an account is called that no post names."""
    require_account(desk, name)
    person = form.needed("person", "姓名")
    try:
        if not form.fine:
            return one_page(desk, name, draft=form.draft(), form="name", status=422)
        store, ctx = desk.store, desk.context(form.command)
        done = accounts.name_holder(store.office, store.vault, ctx, name, person)
    except CkbxError as error:
        return one_page(desk, name, draft=form.draft(error), form="name", status=422)
    return desk.done(f"/accounts/{name}", done.position)


def new_code(desk: WebDesk, request: Request, name: str, form: Posted) -> Response:
    """A new one-time code: the old password ends with it."""
    require_account(desk, name)
    try:
        know_again(desk, request, form)
        _refuse_used(desk, form)
        store, ctx = desk.store, desk.context(form.command)
        code = accounts.issue_code(store.office, store.gate, ctx, name)
    except CkbxError as error:
        return one_page(desk, name, draft=form.draft(error), form="code", status=422)
    return _codes(desk, {name: code})


def disable(desk: WebDesk, name: str, form: Posted) -> Response:
    """Disable it and end its sessions."""
    require_account(desk, name)
    why = form.needed("why", "原因")
    try:
        if why in list(DisableReason):
            ctx = desk.context(form.command)
            accounts.disable(desk.store.office, desk.store.gate, ctx, name, DisableReason(why))
            return desk.done(f"/accounts/{name}")
        form.wrong("why", "请选择停用的原因")
        return one_page(desk, name, draft=form.draft(), form="disable", status=422)
    except CkbxError as error:
        return one_page(desk, name, draft=form.draft(error), form="disable", status=422)


def enable(desk: WebDesk, name: str, form: Posted) -> Response:
    """Let it sign in again."""
    require_account(desk, name)
    try:
        accounts.enable(desk.store.office, desk.context(form.command), name)
    except CkbxError as error:
        return one_page(desk, name, draft=form.draft(error), form="enable", status=422)
    return desk.done(f"/accounts/{name}")


def remove_factor(desk: WebDesk, request: Request, name: str, form: Posted) -> Response:
    """Take the second factor off: the device is lost."""
    require_account(desk, name)
    try:
        know_again(desk, request, form)
        ctx = desk.context(form.command)
        accounts.remove_factor(desk.store.office, desk.store.gate, ctx, name)
    except CkbxError as error:
        return one_page(desk, name, draft=form.draft(error), form="factor", status=422)
    return desk.done(f"/accounts/{name}")


def withdraw(desk: WebDesk, name: str, number: int, form: Posted) -> Response:
    """End a grant at once."""
    require_account(desk, name)
    try:
        ctx = desk.context(form.command)
        accounts.withdraw_role(desk.store.office, desk.store.gate, ctx, name, number)
    except CkbxError as error:
        return one_page(desk, name, draft=form.draft(error), form="withdraw", status=422)
    return desk.done(f"/accounts/{name}")


def grant(desk: WebDesk, request: Request, name: str, form: Posted) -> Response:
    """Grant a role: the administrator's password and the approver's are both asked."""
    require_account(desk, name)
    role = form.needed("role", "角色")
    if role and role not in list(GrantedRole):
        form.wrong("role", "请选择角色")
    first = form.day("first", "从哪天起")
    last = form.day("last", "到哪天止", needed=False)
    approver = form.needed("approver", "批准人的账号")
    if not form.fine or first is None:
        return one_page(desk, name, draft=form.draft(), form="grant", status=422)
    try:
        know_again(desk, request, form)
        _let_approve(desk, request, GrantedRole(role), approver, form)
        _grant(desk, form, name, GrantedRole(role), (first, last), approver)
    except CkbxError as error:
        return one_page(desk, name, draft=form.draft(error), form="grant", status=422)
    return desk.done(f"/accounts/{name}")


def _grant(
    desk: WebDesk,
    form: Posted,
    name: str,
    role: GrantedRole,
    days: tuple[date, date | None],
    approver: str,
) -> None:
    store, school = desk.store, form.text("school")
    whole = Scope(ScopeKind.COUNTY, store.log.county)
    accounts.grant_role(
        store.office,
        store.gate,
        desk.context(form.command),
        name,
        role,
        Scope(ScopeKind.SCHOOL, school) if school else whole,
        first_day=days[0],
        last_day=days[1],
        approved_by=approver,
    )


def require_account(desk: WebDesk, name: str) -> None:
    """Raises NotThere unless it was opened."""
    if not accounts.load_account(desk.store.office, name).name:
        raise NotThere


def know_again(desk: WebDesk, request: Request, form: Posted) -> None:
    """Whoever sits there knows the password of the account. Raises PasswordWrong, TooManyTries."""
    given, own = form.raw(OWN)[:MOST_PASSWORD], desk.viewer.account
    if not desk.store.gate.check_password(own, given, **whence(request)):
        raise PasswordWrong


def _let_approve(
    desk: WebDesk, request: Request, role: GrantedRole, approver: str, form: Posted
) -> None:
    """The approver typed the password, and is in charge of what is granted. An account that is
    not in use sounds the same as a wrong password. Raises ApprovalWrong, ApproverNotInCharge,
    TooManyTries.
    """
    given = form.raw(APPROVER)[:MOST_PASSWORD]
    if not desk.store.gate.check_password(approver, given, **whence(request)):
        raise ApprovalWrong
    held = _held(desk, approver)
    in_charge = any(each.role in COUNTY_LEADS for each in held)
    if school := form.text("school"):
        leads = (each for each in held if each.role == Role.PRINCIPAL)
        in_charge = in_charge or any(each.scope.sees(school=school) for each in leads)
    if role is GrantedRole.ADMINISTRATOR:
        in_charge = in_charge or any(each.role == ADMINISTRATOR for each in held)
    if not in_charge:
        raise ApproverNotInCharge


def _held(desk: WebDesk, account: str) -> Sequence[Held]:
    grants = accounts.grants_on(accounts.load_account(desk.store.office, account), desk.today)
    with desk.store.answers.reading() as reading:
        position = reading.position(responsibility.PROJECTION.name)
        return viewer_of(reading, account, grants, today=desk.today, position=position).held


def _refuse_used(desk: WebDesk, form: Posted) -> None:
    if desk.store.log.find_command(form.command) is not None:
        raise FormUsed


def _codes(
    desk: WebDesk, made: Mapping[str, str], called: Mapping[str, str] | None = None
) -> Response:
    """The codes, this once. ``called``: names given just now, which no answer has yet."""
    with desk.look(*_VIEW) as look:
        return desk.html(
            "accounts/account_codes.html",
            **base(desk, look, "一次性口令"),
            codes=sorted(made.items()),
            names=names_alone(look, list(made)) | dict(called or {}),
            until=desk.store.gate.code_expires(),
        )
