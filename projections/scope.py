"""Whose rows may this question see? Every query function takes a scope; one helper adds it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, and_, false, or_, true

if TYPE_CHECKING:
    from collections.abc import Iterable


class Scope(msgspec.Struct, frozen=True):
    """A set of rows: the whole county, or those of some schools, villages, classes, children.

    Several sets are joined by "or". Villages are region codes of 12 digits, or prefixes of
    them (9: a township, 6: a county). An empty scope sees nothing.
    """

    everything: bool = False
    school_codes: frozenset[str] = frozenset()
    village_codes: frozenset[str] = frozenset()
    class_keys: frozenset[str] = frozenset()
    children: frozenset[UUID] = frozenset()
    only: frozenset[str] = frozenset()
    """Of villages and children: only what is in these schools; empty: wherever they learn."""

    @staticmethod
    def county() -> Scope:
        """Every row."""
        return Scope(everything=True)

    @staticmethod
    def nothing() -> Scope:
        """No row."""
        return Scope()

    @staticmethod
    def schools(codes: Iterable[str]) -> Scope:
        """The rows of these schools (10-digit 学校标识码)."""
        return Scope(school_codes=frozenset(codes))

    @staticmethod
    def villages(codes: Iterable[str]) -> Scope:
        """Children living or registered in these villages or townships."""
        return Scope(village_codes=frozenset(codes))

    @staticmethod
    def classes(keys: Iterable[str]) -> Scope:
        """The rows of these classes."""
        return Scope(class_keys=frozenset(keys))

    @staticmethod
    def of_children(ids: Iterable[UUID]) -> Scope:
        """The rows of these children, wherever they are (帮扶教师)."""
        return Scope(children=frozenset(ids))

    def narrowed(self, schools: Iterable[str]) -> Scope:
        """What of these schools (codes) it sees: never more than before."""
        wanted = frozenset(schools)
        if self.everything:
            return Scope(school_codes=wanted)
        only = self.only & wanted if self.only else wanted
        if not only:
            return Scope.nothing()
        return Scope(
            school_codes=self.school_codes & wanted,
            class_keys=frozenset(k for k in self.class_keys if k.split("/")[0] in wanted),
            village_codes=self.village_codes,
            children=self.children,
            only=only,
        )

    def __or__(self, other: Scope) -> Scope:
        """What either of the two sees. Raises ValueError where one is narrowed otherwise."""
        if self.only != other.only and not (self.empty or other.empty):
            msg = "scopes are joined before they are narrowed"
            raise ValueError(msg)
        return Scope(
            self.everything or other.everything,
            self.school_codes | other.school_codes,
            self.village_codes | other.village_codes,
            self.class_keys | other.class_keys,
            self.children | other.children,
            self.only | other.only,
        )

    def of_schools(self) -> Scope:
        """The schools that it names, those of its classes among them, whole."""
        return Scope.schools({*self.school_codes, *(k.split("/")[0] for k in self.class_keys)})

    @property
    def empty(self) -> bool:
        """Whether nothing can be seen."""
        codes = (self.school_codes, self.village_codes, self.class_keys, self.children)
        return not self.everything and not any(codes)

    def sees(
        self,
        *,
        school: str | None = None,
        villages: Collection[str | None] = (),
        class_key: str | None = None,
        child: UUID | None = None,
    ) -> bool:
        """The same decision for a row in hand."""
        if self.everything or school in self.school_codes or class_key in self.class_keys:
            return True
        if self.only and school not in self.only:
            return False
        if child in self.children:
            return True
        prefixes = tuple(self.village_codes)
        return any(village and village.startswith(prefixes) for village in villages)


_VILLAGE_DIGITS: Final = 12


def within(
    query: Select[Any],
    scope: Scope,
    *,
    school: ColumnElement[Any] | None = None,
    villages: Collection[ColumnElement[Any]] = (),
    class_key: ColumnElement[Any] | None = None,
    child: ColumnElement[Any] | None = None,
    repeat: ColumnElement[bool] | None = None,
) -> Select[Any]:
    """The query, restricted to the scope; name the columns that the table has.

    A scope of villages finds nothing in a table without village columns: whoever may not
    be recognised in a table sees none of its rows.
    """
    return query.where(
        visible(
            scope,
            school=school,
            villages=villages,
            class_key=class_key,
            child=child,
            repeat=repeat,
        )
    )


def visible(
    scope: Scope,
    *,
    school: ColumnElement[Any] | None = None,
    villages: Collection[ColumnElement[Any]] = (),
    class_key: ColumnElement[Any] | None = None,
    child: ColumnElement[Any] | None = None,
    repeat: ColumnElement[bool] | None = None,
) -> ColumnElement[bool]:
    """The predicate that :func:`within` adds. ``repeat``: what the query asks anyway and the
    index on villages is limited to; SQLite wants it said in every branch of an "or".
    """
    if scope.everything:
        return true()
    terms: list[ColumnElement[bool]] = []
    if scope.school_codes and school is not None:
        terms.append(school.in_(sorted(scope.school_codes)))
    if scope.class_keys and class_key is not None:
        listed: ColumnElement[bool] = class_key.in_(sorted(scope.class_keys))
        if school is not None:  # found by the index on schools
            codes = sorted({key.split("/")[0] for key in scope.class_keys})
            listed = and_(school.in_(codes), listed)
        terms.append(listed)
    own: list[ColumnElement[bool]] = []
    if scope.children and child is not None:
        own.append(child.in_(sorted(scope.children)))
    exact = sorted(code for code in scope.village_codes if len(code) == _VILLAGE_DIGITS)
    prefixes = sorted(scope.village_codes.difference(exact))
    for column in villages:
        named: list[ColumnElement[bool]] = [column.in_(exact)] if exact else []
        named += [and_(column >= code, column < code + ":") for code in prefixes]
        limited = and_(true() if repeat is None else repeat, column.is_not(None))
        own += [and_(limited, term) for term in named]
    if scope.only:
        here = false() if school is None else school.in_(sorted(scope.only))
        own = [and_(here, term) for term in own]
    return or_(false(), *terms, *own)
