"""账号: the pages that show accounts, one account, and who signed in."""

from __future__ import annotations

from datetime import date
from typing import Any

from starlette.responses import Response

from ckbx.application.accounts import load_account
from ckbx.domain.account.codes import GRANTED_OVER, DisableReason, GrantedRole
from ckbx.domain.responsibility.post import ScopeKind
from ckbx.ledgers.actors import Actors, names_alone
from ckbx.settings import is_linked_by_hand
from ckbx.web.desk import NotThere, WebDesk
from ckbx.web.forms import Draft
from ckbx.web.pages.accounts.listing import (
    AT_ONCE,
    STATES,
    chosen,
    covers_words,
    directory_of,
    lines,
    unopened,
)
from ckbx.web.pages.frame import base

_VIEW = ("web:accounts", "查看账号")
_AUGUST = 8
_SIGN_INS = 50


def list_page(
    desk: WebDesk,
    *,
    text: str = "",
    state: str = "",
    page: int = 1,
    draft: Draft | None = None,
    status: int = 200,
) -> Response:
    """Every account, some at a time."""
    with desk.look(*_VIEW) as look:
        all_ = lines(desk, look)
        found = chosen(all_, text.strip(), state, desk.today)
        pages = max(1, -(-len(found) // AT_ONCE))
        at = min(max(page, 1), pages)
        shown = found[(at - 1) * AT_ONCE : at * AT_ONCE]
        return desk.html(
            "accounts/accounts.html",
            status,
            **base(desk, look, "账号"),
            lines=shown,
            names=names_alone(look, [line.name for line in shown]),
            found=len(found),
            total=len(all_),
            at=at,
            pages=pages,
            text=text.strip(),
            state=state,
            states=STATES,
            missing=unopened(desk, look),
            draft=draft or Draft(),
        )


def one_page(
    desk: WebDesk, name: str, *, draft: Draft | None = None, form: str = "", status: int = 200
) -> Response:
    """One account with what can be done to it. ``form``: the one that was refused."""
    if not load_account(desk.store.office, name).name:
        raise NotThere
    with desk.look(*_VIEW) as look:
        found = lines(desk, look, [name])
        if not found:
            raise NotThere
        names = look.school_names()
        who = {name, *(grant.approved_by for grant in found[0].grants)}
        actors = Actors(look, who)
        people = look.people(actors.subjects)
        return desk.html(
            "accounts/account_one.html",
            status,
            **base(desk, look, f"账号 {name}"),
            line=found[0],
            called=actors.name(name, people),
            in_chain=directory_of(look).subject_of(name) is not None,
            approvers={each: actors.said(each, people) for each in who},
            covers={
                grant.number: covers_words(look, grant.scope, names, desk.today.year)
                for grant in found[0].grants
            },
            sign_ins=desk.store.gate.sign_ins(name, limit=10),
            drafts={form: draft} if draft else {},
            blank=Draft(),
            own=name == desk.viewer.account,
            links=is_linked_by_hand(desk.store.settings),
            link=desk.store.gate.unified.links(name).get(name),
            **_choices(desk.today, names),
        )


def _choices(today: date, names: dict[str, str]) -> dict[str, Any]:
    return {
        "reasons": [(reason.value, reason.label) for reason in DisableReason],
        "roles": [(role.value, role.label) for role in GrantedRole],
        "schools": sorted(names.items()),
        "over_school": [
            role.label for role in GrantedRole if ScopeKind.SCHOOL in GRANTED_OVER[role]
        ],
        "usual_end": date(today.year + (today.month > _AUGUST), _AUGUST, 31),
    }


def sign_ins_page(desk: WebDesk, account: str, before: int | None) -> Response:
    """The log of sign-ins, the newest first."""
    found = desk.store.gate.sign_ins(account or None, before=before, limit=_SIGN_INS + 1)
    with desk.look(*_VIEW) as look:
        return desk.html(
            "accounts/sign_ins.html",
            **base(desk, look, "登录记录"),
            sign_ins=found[:_SIGN_INS],
            more=found[_SIGN_INS - 1].id if len(found) > _SIGN_INS else None,
            account=account,
            first=before is None,
        )
