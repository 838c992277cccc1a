"""How is one page of a ledger made without reading the names of everybody on the others?

The rows are made twice: once without names, to know which rows stand on the page and whom
they name, and once with the names of these people alone. What is not on the page is neither
decrypted nor in the access record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any, Final, NamedTuple
from uuid import UUID

from ckbx.ledgers.model import Row
from ckbx.ledgers.question import Look
from ckbx.vault import Identity, Person

_NAMED: Final = re.compile("\x00([0-9a-f]{32})\x00")
"""What stands where a name was not read."""
Rows = Callable[[Look], list[Row]]


class Part(NamedTuple):
    """Which rows: ``size`` from the one ``first`` (the first of all is 0)."""

    first: int
    size: int


class Blind(Look, frozen=True, kw_only=True):
    """A look that reads nobody: every name is a mark of whose it is."""

    def people(
        self,
        children: Iterable[UUID | None],
        fields: Collection[str] = ("identity",),  # noqa: ARG002 - reads none of them
    ) -> Mapping[UUID, Person]:
        return {each: _unread(each) for each in children if each is not None}

    def shown(self, children: Iterable[UUID]) -> list[UUID]:  # noqa: ARG002 - none of them
        return []


class Chosen(Look, frozen=True, kw_only=True):
    """A look that reads some people, and marks the others."""

    chosen: frozenset[UUID]

    def people(
        self, children: Iterable[UUID | None], fields: Collection[str] = ("identity",)
    ) -> Mapping[UUID, Person]:
        asked = [each for each in dict.fromkeys(children) if each is not None]
        read = Look.people(self, [each for each in asked if each in self.chosen], fields)
        return {each: read.get(each) or _unread(each) for each in asked}

    def shown(self, children: Iterable[UUID]) -> list[UUID]:
        return [each for each in children if each in self.chosen]


def _unread(subject: UUID) -> Person:
    return Person(subject=subject, state="known", identity=Identity(name=f"\x00{subject.hex}\x00"))


def blind(look: Look) -> Blind:
    """The same look, without the names."""
    return Blind(**_parts(look))


def part_of(look: Look, rows: Rows, part: Part) -> tuple[list[Row], int]:
    """The rows of a page, and how many there are on all pages."""
    every = rows(blind(look))
    last = part.first + part.size
    named = frozenset(people_in(every[part.first : last]))
    made = rows(Chosen(**_parts(look), chosen=named))
    return made[part.first : last], len(made)


def people_in(rows: Iterable[Row]) -> Iterator[UUID]:
    """Whom rows name that were made without names."""
    for row in rows:
        for value in row.values():
            for text in value if isinstance(value, list) else (value,):
                if isinstance(text, str):
                    yield from (UUID(hex=each) for each in _NAMED.findall(text))


def with_names(rows: Iterable[Row], people: Mapping[UUID, Person]) -> list[Row]:
    """The rows with their names, and the 学籍号 of the children they are about."""
    return [_with_names(row, people) for row in rows]


def _with_names(row: Row, people: Mapping[UUID, Person]) -> Row:
    def named(found: re.Match[str]) -> str:
        return people[UUID(hex=found[1])].name

    def said(value: Any) -> Any:
        if isinstance(value, list):
            return [said(each) for each in value]
        return _NAMED.sub(named, value) if isinstance(value, str) else value

    made = {key: said(value) for key, value in row.items()}
    child = people.get(UUID(row["child_id"])) if row.get("child_id") else None
    if child is not None and child.identity is not None and "student_no" in made:
        made["student_no"] = child.identity.student_no or None
    return made


def _parts(look: Look) -> dict[str, Any]:
    return {name: getattr(look, name) for name in Look.__struct_fields__}


def pages(total: int, size: int) -> int:
    """How many pages so many rows fill; at least one."""
    return max(-(-total // size), 1)
