"""Who acted? The name of the person behind an account, with the account, where the chain knows it.

The persons are read together with the children of a page, in its one look at the vault: asking
costs no further select, however many rows name somebody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

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

    @property
    def subjects(self) -> list[UUID]:
        """The persons behind the accounts."""
        return list(self._subjects.values())

    def said(self, actor: str, people: Mapping[UUID, Person]) -> str:
        """“张老师（ct1）”; the account alone where nobody is known by it, or the name was erased;
        the system by its name.
        """
        subject = self._subjects.get(actor)
        person = people.get(subject) if subject else None
        if person is None or person.identity is None:
            return actor_name(actor)
        return f"{person.name}（{actor}）"
