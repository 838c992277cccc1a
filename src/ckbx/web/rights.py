"""Who is looking? The account's posts and grants on the day of the request, and their rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from uuid import UUID

import msgspec

from ckbx.application.standing import HeldPost, Standing
from ckbx.domain.account.account import Grant
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.responsibility.post import Role, ScopeKind
from ckbx.domain.responsibility.post import Scope as Covers
from ckbx.domain.shared.ids import grade_of, split_class_key
from ckbx.web.permissions import ADMINISTRATOR, GIVES, ROLE_ZH, STRICT, Permission
from projections import responsibility, roll_call_completeness
from projections.kit.reading import Reading
from projections.scope import Scope


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """One post or grant: the role it gives, what it covers, and the rows that are seen by it.

    ``code`` as in the responsibility chain (a grade: ``school/grade``); ``until`` is the last
    day of a grant or of a tenure that ends. ``post`` or ``grant`` (its number): where it stands.
    """

    role: str
    kind: ScopeKind
    code: str
    scope: Scope
    title: str = ""
    until: date | None = None
    post: UUID | None = None
    grant: int | None = None

    @property
    def zh(self) -> str:
        """The role's Chinese name."""
        return ROLE_ZH.get(self.role, self.role)


class Viewer(msgspec.Struct, frozen=True):
    """An account that is signed in, with what it holds today. Everything asks it and only it.

    ``only``: a program of the account asks, which may do no more than these permissions.
    """

    account: str
    held: Sequence[Held] = ()
    only: frozenset[Permission] | None = None

    @property
    def actor(self) -> str:
        """As events and access records name it."""
        return self.account

    @property
    def strict(self) -> bool:
        """Whether one of the roles asks for a second factor and a short idle time."""
        return any(each.role in STRICT for each in self.held)

    def may(self, permission: Permission) -> bool:
        """Whether any role gives it."""
        return bool(self.having(permission))

    def scope(self, permission: Permission) -> Scope:
        """The rows of those roles that give it; of none: nothing."""
        return joined(each.scope for each in self.having(permission))

    def having(self, permission: Permission) -> list[Held]:
        """The posts and grants that give it."""
        if self.only is not None and permission not in self.only:
            return []
        return [each for each in self.held if permission in GIVES.get(each.role, ())]

    @property
    def permissions(self) -> list[Permission]:
        """Everything it may do today."""
        return [each for each in Permission if self.may(each)]

    def roles_over(
        self,
        permission: Permission,
        *,
        school: str | None = None,
        villages: Iterable[str | None] = (),
        class_key: str | None = None,
        child: UUID | None = None,
    ) -> list[str]:
        """The roles that give the permission over a row in hand (a child, a class, a school),
        the nearest first.
        """
        homes = tuple(villages)
        found = [
            each.role
            for each in self.having(permission)
            if each.scope.sees(school=school, villages=homes, class_key=class_key, child=child)
        ]
        return list(dict.fromkeys(found))

    def standing(self, live: Callable[[], bool]) -> Standing:
        """What its acts rest on: everything it holds, and ``live``, its session or token."""
        return Standing(
            self.account,
            tuple(HeldPost(Covers(e.kind, e.code), e.post, e.role) for e in self.held if e.post),
            tuple(each.grant for each in self.held if each.grant is not None),
            live,
        )

    @property
    def roles(self) -> list[str]:
        """Every role once, in the order of nearness to the child."""
        return list(dict.fromkeys(each.role for each in self.held))


def joined(scopes: Iterable[Scope]) -> Scope:
    """What any of them sees; a scope of no parts sees nothing."""
    found = Scope.nothing()
    for each in scopes:
        found |= each
    return found


def viewer_of(
    reading: Reading, account: str, grants: Iterable[Grant], *, today: date, position: int
) -> Viewer:
    """The viewer on a local day. ``grants``: those that hold on that day."""
    known = responsibility.directory(reading, position)
    held = [
        Held(
            role=post.role,
            kind=post.scope.kind,
            code=post.scope.code,
            scope=rows_of(reading, post.scope.kind, post.scope.code, today, position),
            title=post.title,
            post=post.id,
        )
        for post in known.posts_of(account, today)
        if post.role in GIVES
    ]
    held += [
        Held(
            role=each.role,
            kind=each.scope.kind,
            code=each.scope.code,
            scope=Scope.nothing()
            if each.role == ADMINISTRATOR
            else rows_of(reading, each.scope.kind, each.scope.code, today, position),
            until=each.last_day,
            grant=each.number,
        )
        for each in grants
        if each.role in GIVES
    ]
    return Viewer(account, sorted(held, key=_nearest_first))


def rows_of(reading: Reading, kind: ScopeKind, code: str, today: date, position: int) -> Scope:
    """The rows that a post over this is answerable for."""
    match kind:
        case ScopeKind.COUNTY:
            return Scope.county()
        case ScopeKind.TOWNSHIP | ScopeKind.VILLAGE:
            return Scope.villages([code])
        case ScopeKind.SCHOOL:
            return Scope.schools([code])
        case ScopeKind.GRADE:
            return Scope.classes(_classes_of(reading, code, today, position))
        case ScopeKind.CLASS:
            return Scope.classes([code])
        case ScopeKind.STUDENT:
            return Scope.of_children([UUID(code)])


def _classes_of(reading: Reading, code: str, today: date, position: int) -> list[str]:
    """The classes that are in this grade (``school/grade``) in the school year of the day."""
    school, grade = code.rsplit("/", 1)
    year = school_year_of(today)
    keys = roll_call_completeness.class_keys(reading, Scope.schools([school]), position=position)
    return [key for key in keys if grade_of(split_class_key(key)[1], year) == int(grade)]


_NEARNESS = {role: rank for rank, role in enumerate((*Role, *GIVES))}


def _nearest_first(held: Held) -> tuple[int, str]:
    return _NEARNESS.get(held.role, len(_NEARNESS)), held.code
