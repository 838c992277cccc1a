"""Who acted? The name of the person behind an account, with the account, where the chain knows it.

The persons are read together with the children of a page, in its one look at the vault: asking
costs no further select, however many rows name somebody.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

from ckbx.domain.account.account import Account
from ckbx.domain.shared.system_actors import actor_name, is_account
from ckbx.ledgers.question import Look
from ckbx.vault import Person
from projections import responsibility


class Actors:
    """The actors of what a page shows; ``subjects`` are to be among the people it reads."""

    def __init__(self, look: Look, actors: Iterable[str]) -> None:
        known = responsibility.directory(look.reading, look.position)
        found = {actor: known.subject_of(actor) for actor in set(actors) if is_account(actor)}
        self._subjects = {actor: subject for actor, subject in found.items() if subject}
        self._roles = _granted(look, [actor for actor, subject in found.items() if not subject])

    @property
    def subjects(self) -> list[UUID]:
        """The persons behind the accounts."""
        return list(self._subjects.values())

    def said(self, actor: str, people: Mapping[UUID, Person]) -> str:
        """“张老师（ct1）”; of an account that no post names its granted role in place of the name;
        the account alone where neither is known, or the name was erased; the system by its name.
        """
        subject = self._subjects.get(actor)
        person = people.get(subject) if subject else None
        if person is not None and person.identity is not None:
            return f"{person.name}（{actor}）"
        role = self._roles.get(actor)
        return f"{role}（{actor}）" if role else actor_name(actor)


def actors_named(look: Look, actors: Collection[str]) -> dict[str, str]:
    """The actors of a page that reads nobody else, as it says them."""
    known = Actors(look, actors)
    people = look.people(known.subjects)
    return {actor: known.said(actor, people) for actor in actors}


def _granted(look: Look, accounts: Collection[str]) -> dict[str, str]:
    """The role last granted to each of these accounts, in words; without those that have none."""
    streams = [Account.stream(look.reading.county, name) for name in accounts]
    found = {stream: Account(stream) for stream in streams}
    for fact in look.log.read_streams(streams, up_to=look.position) if streams else ():
        found[fact.event.originator_id].replay([fact.event])
    grants = {of.name: of.grants[max(of.grants)] for of in found.values() if of.grants}
    return {name: grant.role.label for name, grant in grants.items()}
