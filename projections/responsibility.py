"""Who is responsible (双线四包): which posts there are, who holds them on a day, which are vacant?

Every question is answered by the domain's ``Directory`` built from the facts recorded by a
position, so that a ledger, a chain and an alert never disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import select

from ckbx.domain.responsibility.answer import Chains, Holder, State
from ckbx.domain.responsibility.chain import ChildPlace
from ckbx.domain.responsibility.directory import Directory
from ckbx.domain.responsibility.post import Line, Post, Role, ScopeKind, Tenure
from ckbx.domain.responsibility.post import Scope as Covers
from ckbx.eventlog.codec import decode_event
from projections.kit.projection import Projection
from projections.kit.reading import Reading
from projections.responsibility_fold import EVENTS, HANDLERS, NAME, TABLES, school
from projections.responsibility_sight import sight
from projections.roster import Place
from projections.scope import Scope

VERSION = 1
PROJECTION = Projection(NAME, VERSION, TABLES, HANDLERS, school=school)
_KEPT_DAYS: Final = 8


class PostRow(msgspec.Struct, frozen=True):
    """One line of the ledger of responsibility (责任台账).

    ``holder`` is the vault subject of the person; days are local, the last one included.
    A vacant post (空岗) has no account, and ``first_day`` is its first day without a holder.
    """

    line: Line
    level: int
    title: str
    covers: Covers
    role: Role
    state: State
    account: str
    holder: UUID | None
    first_day: date
    last_day: date | None
    post: UUID


def directory(reading: Reading, position: int) -> Directory:
    """The posts as recorded by a position; kept for the next question about the same facts.

    Not filtered: for use cases that filter what they show by a :class:`Scope`.
    """
    last = reading.last(NAME, EVENTS.c.position, position)

    def build() -> Directory:
        of = EVENTS.c.position <= last.position
        query = select(EVENTS.c.topic, EVENTS.c.state).where(of).order_by(EVENTS.c.position)
        rows = reading.rows(query)
        return Directory.of(reading.county, (decode_event(t, bytes(state)) for t, state in rows))

    return reading.keep((NAME, reading.county, last), build)


def child_place(reading: Reading, place: Place) -> ChildPlace:
    """A child's place in the roster as chains ask for it: 现居住地 first, else 户籍 (§2)."""
    return ChildPlace(
        child=str(place.child),
        county=reading.county,
        school=place.school or "",
        class_key=place.class_key or "",
        grade=place.grade,
        village_code=place.residence or place.village or "",
        registered_code=place.village or "",
    )


def chains(
    reading: Reading,
    scope: Scope,
    places: Iterable[ChildPlace],
    *,
    as_of: date,
    position: int,
) -> dict[str, Chains]:
    """Both chains of the children (by ``place.child``) that the scope sees, on a day."""
    known = directory(reading, position)
    return {p.child: known.chain_for(p, as_of) for p in places if _sees_child(scope, p)}


def case_teachers(
    reading: Reading,
    scope: Scope,
    places: Iterable[ChildPlace],
    *,
    as_of: date,
    position: int,
) -> dict[str, Holder]:
    """Who works one-to-one with each child: its 帮扶教师, until one is named its 班主任 (§7)."""
    known = _teachers(reading, as_of, position)
    seen = (place for place in places if _sees_child(scope, place))
    found = ((place.child, known.of(UUID(place.child), place.class_key)) for place in seen)
    return {child: holder for child, holder in found if holder is not None}


def teachers_of(
    reading: Reading, scope: Scope, places: Iterable[Place], *, as_of: date, position: int
) -> dict[UUID, Holder]:
    """As :func:`case_teachers`, of children as the roster has them."""
    known = _teachers(reading, as_of, position)
    found = (
        (place.child, known.of(place.child, place.class_key or ""))
        for place in places
        if scope.everything or _sees_child(scope, child_place(reading, place))
    )
    return {child: holder for child, holder in found if holder is not None}


class _Teachers:
    """Who works with whom on one day, by one directory; each class is looked up once."""

    def __init__(self, known: Directory, day: date) -> None:
        self.known, self.day = known, day
        self._of_class: dict[str, Holder | None] = {}
        covered = {
            post.scope.code
            for post in known.posts.values()
            if post.role is Role.CASE_TEACHER and post.scope.kind is ScopeKind.STUDENT
        }
        own = {code: self._holder(ScopeKind.STUDENT, code, Role.CASE_TEACHER) for code in covered}
        self._own = {UUID(code): holder for code, holder in own.items() if holder is not None}

    def of(self, child: UUID, class_key: str) -> Holder | None:
        """The teacher of a child in a class."""
        if self._own and (own := self._own.get(child)) is not None:
            return own
        if class_key not in self._of_class:
            found = self._holder(ScopeKind.CLASS, class_key, Role.CLASS_TEACHER)
            self._of_class[class_key] = found
        return self._of_class[class_key]

    def _holder(self, kind: ScopeKind, code: str, role: Role) -> Holder | None:
        for post in self.known.posts_at(Line.EDUCATION, Covers(kind, code)):
            if post.role is role:
                for t in post.holders(self.day):
                    return Holder(t.account, t.holder, t.first_day, t.last_day)
        return None


def _teachers(reading: Reading, day: date, position: int) -> _Teachers:
    known = directory(reading, position)
    kept: dict[date, _Teachers] = reading.keep((NAME, "teachers"), dict)
    found = kept.get(day)
    if found is None or found.known is not known:
        if len(kept) >= _KEPT_DAYS:
            kept.clear()
        found = kept[day] = _Teachers(known, day)
    return found


def holders(
    reading: Reading,
    scope: Scope,
    covers: Covers,
    *,
    as_of: date,
    position: int,
    line: Line | None = None,
) -> list[PostRow]:
    """Who holds the posts of exactly this scope on a day, the first to answer in front."""
    known = directory(reading, position)
    lines = [line] if line else list(Line)
    posts = [post for each in lines for post in known.posts_at(each, covers)]
    sees = sight(reading, scope, posts, as_of=as_of, position=position)
    return [_held(p, tenure) for p in posts if sees(p.scope) for tenure in p.holders(as_of)]


def vacant(reading: Reading, scope: Scope, *, as_of: date, position: int) -> list[PostRow]:
    """空岗: posts that had a holder and have none on a day, by line, level and scope."""
    found = directory(reading, position).vacant_posts(as_of)
    posts = [vacancy.post for vacancy in found]
    sees = sight(reading, scope, posts, as_of=as_of, position=position)
    return [_empty(v.post, v.since) for v in found if sees(v.post.scope)]


def ledger(
    reading: Reading, scope: Scope, *, as_of: date, position: int, all_: bool = False
) -> list[PostRow]:
    """The ledger on a day: who holds each post, and the vacant ones.

    ``all_`` adds every other tenure, past or to come.
    """
    posts = list(directory(reading, position).posts.values())
    sees = sight(reading, scope, posts, as_of=as_of, position=position)
    rows = vacant(reading, scope, as_of=as_of, position=position)
    for post in posts:
        if sees(post.scope):
            tenures = post.tenures if all_ else post.holders(as_of)
            rows += [_held(post, tenure) for tenure in tenures]
    return sorted(rows, key=_order)


def _sees_child(scope: Scope, place: ChildPlace) -> bool:
    homes = (place.village_code, place.registered_code)
    own = UUID(place.child) if scope.children else None
    return scope.sees(school=place.school, villages=homes, class_key=place.class_key, child=own)


def _held(post: Post, t: Tenure) -> PostRow:
    where = (post.line, post.level, post.title, post.scope, post.role)
    return PostRow(*where, State.HELD, t.account, t.holder, t.first_day, t.last_day, post.id)


def _empty(post: Post, since: date) -> PostRow:
    where = (post.line, post.level, post.title, post.scope, post.role)
    return PostRow(*where, State.VACANT, "", None, since, None, post.id)


def _order(row: PostRow) -> tuple[Line, int, Covers, str, date, str]:
    return row.line, row.level, row.covers, row.title, row.first_day, row.account
