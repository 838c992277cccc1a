"""Whose posts may a scope see?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from uuid import UUID

from ckbx.domain.responsibility.post import Post, ScopeKind
from ckbx.domain.responsibility.post import Scope as Covers
from projections import roster
from projections.kit.reading import Reading
from projections.roster import Place
from projections.scope import Scope


def sight(
    reading: Reading, scope: Scope, posts: Iterable[Post], *, as_of: date, position: int
) -> Callable[[Covers], bool]:
    """What of these posts the scope sees; a child's own post goes by the child's place."""
    own = [UUID(p.scope.code) for p in posts if p.scope.kind is ScopeKind.STUDENT]
    children: Mapping[UUID, Place] = {}
    if own and not scope.everything:
        children = roster.place_of(reading, scope, own, as_of=as_of, position=position)

    def sees(covers: Covers) -> bool:
        match covers.kind:
            case _ if scope.everything:
                return True
            case ScopeKind.SCHOOL | ScopeKind.GRADE | ScopeKind.CLASS:
                key = covers.code if covers.kind is ScopeKind.CLASS else None
                return scope.sees(school=covers.code.split("/")[0], class_key=key)
            case ScopeKind.VILLAGE | ScopeKind.TOWNSHIP:
                return scope.sees(villages=(covers.code,))
            case ScopeKind.STUDENT:
                return UUID(covers.code) in children
            case _:
                return False

    return sees
