"""Options that commands on one child share, and the desk at which such a command is made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import TYPE_CHECKING, Annotated, Final
from uuid import UUID

import typer

from ckbx.cli.context import Wiring

if TYPE_CHECKING:
    from ckbx.application.case_papers import Papers
    from ckbx.domain.child.child import Child
    from ckbx.domain.responsibility.post import Role
    from ckbx.domain.shared.event import CommandContext
    from ckbx.store import Store

ChildArgument = Annotated[str, typer.Argument(metavar="儿童", help="学籍号、身份证号或内部编号")]
AsOption = Annotated[
    str,
    typer.Option(
        "--as", metavar="角色", help="以什么身份办理，如 校长、帮扶教师；默认县教育局控辍保学专干"
    ),
]
OnOption = Annotated[str | None, typer.Option("--on", metavar="日期", help="哪一天的事；默认今天")]
EvidenceOption = Annotated[
    str | None,
    typer.Option(
        "--evidence", metavar="文件或文字", help="佐证：JPG、PNG、PDF、DOCX 文件，或写明材料的文字"
    ),
]
DocumentOption = Annotated[
    str | None, typer.Option("--document", metavar="文号", help="证明或决定的文号")
]
ReviewOption = Annotated[
    str | None,
    typer.Option("--review-on", metavar="日期", help="下次复核日期；默认下学期；每学期一次"),
]
BUREAU: Final = "bureau_officer"


class ChildDesk:
    """One command on one child: the store, who acts, and what was typed until the append."""

    def __init__(self, store: Store, child: UUID, actor: str, role: Role) -> None:
        from ckbx.application.case_papers import Papers

        self.store = store
        self.child = child
        self.role = role
        self.ctx: CommandContext = store.office.context(actor)
        self.papers: Papers = Papers(store.vault)

    def evidence(self, given: str | None) -> str:
        """The reference of what was handed in as evidence; empty where nothing was."""
        from ckbx.cli.papers_given import evidence

        return evidence(self.papers, given)[0]

    def state(self) -> Child:
        """The child as the log has it."""
        from ckbx.domain.child.child import Child

        events = self.store.log.load([self.child]).get(self.child, [])
        return Child(self.child).replay(events)

    def told(self, what: str) -> str:
        """What was done, and what the child is now."""
        status = self.state().status_on(self.store.office.today())
        return f"{what}。该生现为“{status.label}”"


@contextmanager
def child_desk(wired: Wiring, key: str, as_: str) -> Iterator[ChildDesk]:
    """The desk for a child named by a number or its id. Raises UsageRefused, ChildUnknown."""
    from ckbx.cli.codes import role_of
    from ckbx.ledgers.child import find_child

    role = role_of(as_)
    with wired.store() as store:
        yield ChildDesk(store, find_child(store.vault, key), wired.actor, role)


def on_day(wired: Wiring, text: str | None, option: str = "--on") -> date:
    """The day typed, else today. Raises UsageRefused."""
    from ckbx.cli.options import day

    return day(text, option) or wired.today
