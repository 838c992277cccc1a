"""Who acted? The name of the person behind an account, with the account, where it is known.

The chain names who holds a post; an account without one may have been given a name of its own.
The persons are read together with the children of a page, in its one look at the vault: asking
costs no further select, however many rows name somebody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final
from uuid import UUID

from ckbx.domain.account.account import Account
from ckbx.domain.shared.system_actors import actor_name, is_account
from ckbx.ledgers.question import Look
from ckbx.vault import ABSENT_TEXT, Person
from projections import responsibility

TYPED: Final = "ref:"
"""How events name a person without an account: the vault subject follows."""


class Actors:
    """The actors of what a page shows; ``subjects`` are to be among the people it reads."""

    def __init__(self, look: Look, actors: Iterable[str]) -> None:
        actors = set(actors)
        known = responsibility.directory(look.reading, look.position)
        found = {actor: known.subject_of(actor) for actor in actors if is_account(actor)}
        beside = _accounts(look, [actor for actor, subject in found.items() if not subject])
        found |= {actor: of.holder for actor, of in beside.items()}
        found |= {actor: _typed(actor) for actor in actors if actor.startswith(TYPED)}
        self._subjects = {actor: subject for actor, subject in found.items() if subject}
        self._roles = {
            actor: of.grants[max(of.grants)].role.label for actor, of in beside.items() if of.grants
        }

    @property
    def subjects(self) -> list[UUID]:
        """The persons behind the accounts."""
        return list(self._subjects.values())

    def said(self, actor: str, people: Mapping[UUID, Person]) -> str:
        """“张老师（ct1）”; of an account without a name its granted role in place of it; the account
        alone where neither is known, or the name was erased; the system by its name. Of whom
        somebody typed the name of and no account is known: the name.
        """
        if actor.startswith(TYPED):
            person = people.get(_typed(actor))
            return person.name if person else ABSENT_TEXT
        words = self.name(actor, people) or self._roles.get(actor)
        return f"{words}（{actor}）" if words else actor_name(actor)

    def name(self, actor: str, people: Mapping[UUID, Person]) -> str:
        """The name alone; empty where none is known, or it was erased."""
        subject = self._subjects.get(actor)
        person = people.get(subject) if subject else None
        return person.name if person is not None and person.identity is not None else ""


def _typed(actor: str) -> UUID:
    """The vault subject of a person whose name was typed where an account is meant."""
    return UUID(actor.removeprefix(TYPED))


def actors_named(look: Look, actors: Collection[str]) -> dict[str, str]:
    """The actors of a page that reads nobody else, as it says them."""
    known = Actors(look, actors)
    people = look.people(known.subjects)
    return {actor: known.said(actor, people) for actor in actors}


def names_alone(look: Look, actors: Collection[str]) -> dict[str, str]:
    """The names of the persons behind accounts, of a page that reads nobody else; empty where
    none is known.
    """
    known = Actors(look, actors)
    people = look.people(known.subjects)
    return {actor: known.name(actor, people) for actor in actors}


def _accounts(look: Look, names: Collection[str]) -> dict[str, Account]:
    """These accounts as they were known then: whom they name, which roles were granted to them."""
    streams = {name: Account.stream(look.reading.county, name) for name in names}
    found = {stream: Account(stream) for stream in streams.values()}
    asked = list(found)
    for fact in look.log.read_streams(asked, up_to=look.position) if asked else ():
        found[fact.event.originator_id].replay([fact.event])
    return {name: found[stream] for name, stream in streams.items()}
