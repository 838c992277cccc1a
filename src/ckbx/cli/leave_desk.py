"""What do the commands on leaves and placements share: which child, on whose behalf, the words?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from ckbx.cli.case_desk import CaseDesk
from ckbx.cli.child_options import ChildArgument as KeyArgument
from ckbx.cli.codes import offered
from ckbx.cli.context import DEFAULT_PURPOSE, Wiring, say
from ckbx.domain.placement.codes import PlacementKind

if TYPE_CHECKING:
    from ckbx.application import leave_filing, placement
    from ckbx.domain.case.people import Attached
    from ckbx.domain.responsibility.directory import Directory
    from ckbx.domain.shared.event import DomainEvent
    from ckbx.ledgers.question import Look
    from ckbx.store import Store
    from projections.scope import Scope

__all__ = ["KeyArgument"]
DocumentOption = Annotated[str, typer.Option("--document", metavar="编号", help="文件上的编号")]
SeenOption = Annotated[
    int | None,
    typer.Option(
        "--seen", metavar="版本", help="办理时看到的版本；期间有新情况的拒绝，并列出是什么"
    ),
]
ReviewOption = Annotated[
    str | None, typer.Option("--review-on", metavar="日期", help="哪一天复核；到期前提醒")
]
ReasonOption = Annotated[
    str | None, typer.Option("--reason", metavar="文字", help="理由；只存入个人信息库")
]
AdvisesOption = Annotated[
    str,
    typer.Option("--advises", metavar="安置", help=f"建议怎样安置：{offered(PlacementKind)}"),
]
PlanOption = Annotated[
    str | None,
    typer.Option("--plan", metavar="文字", help="一人一案的内容；只存入个人信息库"),
]
TeacherOption = Annotated[
    str | None, typer.Option("--teacher", metavar="账号", help="责任教师的账号")
]


class LeaveDesk(CaseDesk):
    """One command's work on one child: what was typed is kept until the append."""

    def __init__(self, store: Store, child: UUID, actor: str) -> None:
        super().__init__(store, child, actor)
        self.child = child

    def paper(self, given: str | None) -> tuple[UUID | None, list[Attached]]:
        """A file or words: its reference, and the file where it is one."""
        ref, files = self.evidence(given)
        return (UUID(ref) if ref else None), files

    @cached_property
    def chain(self) -> Directory:
        """The posts that have to do with the child."""
        from ckbx.application.routing import directory
        from ckbx.application.unit import Unit
        from ckbx.domain.child.child import Child

        office = self.store.office
        child = Child(self.child).replay(self.store.log.load([self.child]).get(self.child, []))
        school = child.school or ""
        return directory(office, Unit(office.map, self.ctx), school=school, child=str(child.id))


def carry_out(
    wired: Wiring,
    key: str,
    make: Callable[[LeaveDesk], leave_filing.Act],
    *,
    seen: int | None = None,
) -> None:
    """Carry out one step on the last application of a child and say where it stands then."""
    from ckbx.application import leave_filing
    from ckbx.ledgers.child import find_child

    with wired.store() as store:
        desk = LeaveDesk(store, find_child(store.vault, key), wired.actor)
        act = make(desk)
        head = store.log.head()
        leave_filing.work_on(store.office, desk.ctx, desk.child, act, seen=seen, papers=desk.papers)
        done = _told(store, head)
        found = leave_filing.applications_of(store.office, desk.child)
        if not found:
            say(f"已登记：{done}")
            return
        last = found[-1]
        said = f"第 {last.number} 次申请（{last.kind.label}）现为“{last.stage.label}”"
        after = "，疑似后补办" if last.after_suspicion else ""
        say(f"已登记：{done}。{said}{after}，版本 {last.version}")


def carry_out_placing(
    wired: Wiring, key: str, make: Callable[[LeaveDesk], placement.Act], *, seen: int | None = None
) -> None:
    """Carry out one step on the placement of a child and say what was recorded."""
    from ckbx.application import placement
    from ckbx.domain.placement.placement import ChildPlacement
    from ckbx.ledgers.child import find_child

    with wired.store() as store:
        desk = LeaveDesk(store, find_child(store.vault, key), wired.actor)
        act = make(desk)
        head = store.log.head()
        placement.work_on(store.office, desk.ctx, desk.child, act, seen=seen, papers=desk.papers)
        stream = ChildPlacement.stream(store.office.county, desk.child)
        version = len(store.log.load([stream]).get(stream, []))
        say(f"已登记：{_told(store, head)}。安置记录版本 {version}")


@contextmanager
def looking(
    wired: Wiring,
    view: str,
    when: tuple[str | None, str | None],
    why: str | None,
    scope: Scope | None = None,
    *,
    all_: bool = False,
) -> Iterator[Look]:
    """One look as of a day and known at an instant as typed, under the purpose given."""
    from ckbx.cli.ledger_commands import times
    from ckbx.ledgers.leave_view import ANSWERS
    from ckbx.ledgers.question import Question
    from ckbx.vault import Access
    from projections.scope import Scope

    on, known = times(wired, *when)
    question = Question(scope=scope or Scope.county(), as_of=on, known_at=known, all_=all_)
    access = Access(actor=wired.actor, view=f"ckbx {view}", purpose=why or DEFAULT_PURPOSE)
    with wired.desk() as (_store, desk), desk.look(question, access, ANSWERS) as look:
        yield look


def _told(store: Store, head: int) -> str:
    """The titles of what this command recorded."""
    events: Sequence[DomainEvent] = [found.event for found in store.log.read(head, 100)]
    return "、".join(dict.fromkeys(event.TITLE for event in events))
