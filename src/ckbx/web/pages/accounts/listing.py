"""账号: who may sign in, by which posts and grants, in which state? No child is named here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final

import msgspec

from ckbx.access.credentials import CredentialState
from ckbx.application.accounts import load_accounts
from ckbx.domain.account.account import Account, Grant
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.responsibility.directory import Directory
from ckbx.domain.responsibility.post import Post, Role, Scope, ScopeKind
from ckbx.ledgers.question import Look
from ckbx.web.desk import WebDesk
from ckbx.web.words import class_name
from projections import responsibility
from projections.townships import place_words

AT_ONCE: Final = 50
STATES: Final = {
    "active": "正常",
    "waiting": "等本人设置密码",
    "disabled": "已停用",
    "granted": "有授予的角色",
    "idle": "没有岗位",
}


class AccountLine(msgspec.Struct, frozen=True, kw_only=True):
    """One account. ``posts`` in words; ``last_in``: when the person came in last, UTC."""

    name: str
    account: Account
    state: CredentialState
    posts: Sequence[str]
    grants: Sequence[Grant]
    last_in: datetime | None = None

    @property
    def why(self) -> str:
        """Why it is disabled; empty where it is not."""
        return self.account.disabled.label if self.account.disabled else ""

    @property
    def waits(self) -> bool:
        """Whether the person has yet to set a password."""
        return not self.state.has_password

    def is_(self, wanted: str, today: date) -> bool:
        """Whether it is in one of :data:`STATES`."""
        match wanted:
            case "disabled":
                return bool(self.why)
            case "waiting":
                return self.waits and not self.why
            case "active":
                return not self.waits and not self.why
            case "granted":
                return bool(self.account.grants)
            case "idle":
                return not self.posts and not self.account.grants_on(today)
        return True


def directory_of(look: Look) -> Directory:
    """All posts, whoever looks: an account's posts are what it may do, no child's data."""
    return responsibility.directory(look.reading, look.position)


def covers_words(look: Look, scope: Scope, names: Mapping[str, str], year: int) -> str:
    """What a post covers, in words; of one child nothing but that. A region of which no post
    says the name is told by its code, and that it has none.
    """
    school = scope.code.split("/", 1)[0]
    match scope.kind:
        case ScopeKind.COUNTY:
            return "全县"
        case ScopeKind.SCHOOL:
            return names.get(school) or school
        case ScopeKind.GRADE:
            return f"{names.get(school) or school} {scope.code.split('/')[1]}年级"
        case ScopeKind.CLASS:
            return f"{names.get(school) or school} {class_name(scope.code, year)}"
        case ScopeKind.STUDENT:
            return "1 名学生"
    return place_words(look.reading, scope.code, look.position)


def post_words(
    look: Look, posts: Iterable[Post], names: Mapping[str, str], today: date
) -> list[str]:
    """Posts in words; several over one child each are counted."""
    year, told = school_year_of(today), []
    children: Counter[str] = Counter()
    for post in posts:
        if post.scope.kind is ScopeKind.STUDENT:
            children[post.title] += 1
        else:
            told.append(f"{post.title}（{covers_words(look, post.scope, names, year)}）")
    return [*told, *(f"{title}（{count} 名学生）" for title, count in children.items())]


def lines(desk: WebDesk, look: Look, found: Iterable[str] | None = None) -> list[AccountLine]:
    """Accounts that were opened, by name; ``found``: only these."""
    known, names = directory_of(look), look.school_names()
    states = desk.store.gate.states(found)
    accounts = load_accounts(desk.store.office, [state.account for state in states])
    last = desk.store.gate.last_sign_ins()
    return [
        AccountLine(
            name=state.account,
            account=accounts[state.account],
            state=state,
            posts=post_words(look, known.posts_of(state.account, desk.today), names, desk.today),
            grants=sorted(accounts[state.account].grants.values()),
            last_in=last.get(state.account),
        )
        for state in sorted(states, key=lambda state: state.account)
    ]


def chosen(all_: Iterable[AccountLine], text: str, state: str, today: date) -> list[AccountLine]:
    """Those whose name, post or granted role holds the text, in a state."""
    wanted = text.casefold()
    return [
        line
        for line in all_
        if line.is_(state, today)
        and (
            wanted in line.name.casefold()
            or any(text in each for each in line.posts)
            or any(text in grant.role.label for grant in line.grants)
        )
    ]


def unopened(desk: WebDesk, look: Look) -> list[tuple[str, Sequence[str]]]:
    """(account, posts) of whoever holds a post today and was never opened; no guardians."""
    known, names = directory_of(look), look.school_names()
    held: dict[str, list[Post]] = {}
    for post in known.posts.values():
        if post.role is Role.NOTIFIED and post.scope.kind is ScopeKind.STUDENT:
            continue
        for tenure in post.holders(desk.today):
            if tenure.account:
                held.setdefault(tenure.account, []).append(post)
    accounts = load_accounts(desk.store.office, sorted(held))
    return [
        (name, post_words(look, held[name], names, desk.today))
        for name, account in accounts.items()
        if not account.name
    ]
