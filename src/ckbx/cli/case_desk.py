"""What does every command on a case share: which case, on whose behalf, and what was typed?

The actor is the OS user (``cli:<name>``). ``--as`` says in which role the command is carried
out; it decides what may be done, and comes from the command line, never from a file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING
from uuid import UUID

from ckbx.cli.context import Wiring, say
from ckbx.cli.papers_given import evidence

if TYPE_CHECKING:
    from ckbx.application.case_papers import Papers
    from ckbx.application.cases import Act
    from ckbx.domain.case.case import Case
    from ckbx.domain.case.people import Attached, Participant
    from ckbx.domain.responsibility.directory import Directory
    from ckbx.domain.responsibility.post import Role
    from ckbx.domain.shared.event import CommandContext
    from ckbx.store import Store


class CaseDesk:
    """One command's work on one case: what was typed is kept until the append."""

    def __init__(self, store: Store, case_id: UUID, actor: str, role: str | None = None) -> None:
        from ckbx.application.case_papers import Papers

        self.store = store
        self.case_id = case_id
        self.ctx: CommandContext = store.office.context(actor, role=role)
        self.papers: Papers = Papers(store.vault)

    def case(self) -> Case:
        """The case as the log has it."""
        from ckbx.domain.case.case import Case

        return Case(self.case_id).replay(self.store.log.load([self.case_id])[self.case_id])

    def evidence(self, given: str | None) -> tuple[str, list[Attached]]:
        """A file or words as evidence: the reference, and the file where it is one."""
        return evidence(self.papers, given)

    @cached_property
    def chain(self) -> Directory:
        """The posts that have to do with the child of the case."""
        from ckbx.application.case_people import chain_of

        return chain_of(self.store.office, self.ctx, self.case())

    def participants(self, given: Sequence[str], on: date) -> list[Participant]:
        """Who took part: accounts of the chain, or ``name=role`` for people without one.

        Raises AccountUnknown, UsageRefused.
        """
        from ckbx.application.case_people import by_account, line_of
        from ckbx.cli.codes import role_of

        found = []
        for text in given:
            name, _, typed = text.partition("=")
            role = role_of(typed, "--with") if typed else None
            if role is not None and not name.isascii():
                found.append(self.papers.person(name, line_of(role), role))
            else:
                found.append(by_account(self.chain, name, on, role))
        return found

    def holder(self, account: str, on: date) -> UUID:
        """The person an account stands for. Raises AccountUnknown."""
        from ckbx.application.case_people import holder_of

        return holder_of(self.chain, account, on)


def carry_out(
    wired: Wiring,
    key: str,
    make: Callable[[CaseDesk], Act],
    *,
    seen: int | None,
) -> None:
    """Carry out one step on a case and say where it stands then."""
    from ckbx.application.cases import work_on
    from ckbx.ledgers.case_find import find_case
    from ckbx.ledgers.columns import SHORT

    with wired.store() as store:
        desk = CaseDesk(store, find_case(store, key), wired.actor, wired.role)
        before = desk.case().version
        act = make(desk)
        work_on(store.office, desk.ctx, desk.case_id, act, seen=seen, papers=desk.papers)
        case = desk.case()
        done = store.log.load([case.id])[case.id][before:]
        what = "、".join(dict.fromkeys(event.TITLE for event in done))
        say(
            f"已登记：{what}。个案 {case.id.hex[:SHORT]} 现为“{case.stage.label}”，版本 {case.version}"
        )


def acting(text: str) -> Role:
    """The role of ``--as``. Raises UsageRefused."""
    from ckbx.cli.codes import role_of

    return role_of(text)
