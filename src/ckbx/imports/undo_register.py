"""Suspicions that rested on a wrong list: they never were."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from ckbx.application.decisions import carry_out
from ckbx.application.unit import Unit
from ckbx.domain.case.case import Case, case_stream
from ckbx.domain.child.child import Child
from ckbx.domain.child.events import ChildRegistered, DropoutSuspected, SuspicionWithdrawn
from ckbx.domain.shared.event import CommandContext
from ckbx.imports.roster_compare import chunks
from ckbx.imports.undo_kit import Undone

_A_COMMAND = 20


class RegisterUndo:
    """Withdraws what a batch suspected; whoever was registered stays known."""

    def __init__(self, done: Undone) -> None:
        self.done = done
        self.own: dict[UUID, int] = {}
        self.registered = 0
        for found in done.events:
            event = found.event
            self.registered += isinstance(event, ChildRegistered)
            if isinstance(event, DropoutSuspected):
                self.own[event.originator_id] = event.episode

    def check(self) -> None:
        """Later facts of a child, and work on its case."""
        for part in chunks(sorted(self.own), 1000):
            cases = {case_stream(self.done.county, c, self.own[c]): c for c in part}
            for stream, events in self.done.later([*part, *cases]).items():
                if events:
                    titles = "、".join(dict.fromkeys(event.TITLE for event in events))
                    child = cases.get(stream, stream)
                    self.done.facts.append(f"学生 {child}：后来有“{titles}”的记录")

    def write(self) -> None:
        """The suspicions are withdrawn, their cases and alerts with them."""
        for part in chunks(sorted(self.own), _A_COMMAND):
            self.done.submit(("children", *part), self._decision(part))
        if self.registered:
            self.done.warnings.append(
                f"{self.registered} 名儿童的疑似已撤销，登记保留（仍在应入学未入学里，再次导入会接着用）；"
                "确属误录的个人信息请用 ckbx erase --ground 误录 删除（号码以后还可登记）"
            )

    def _decision(self, part: list[UUID]) -> Callable[[Unit], bytes | None]:
        def decide(unit: Unit) -> bytes:
            children = unit.get_many(dict.fromkeys(part, Child))
            unit.get_many({case_stream(self.done.county, c, self.own[c]): Case for c in part})
            for id_ in part:
                episode = children[id_].episode
                if episode is not None and episode.number == self.own[id_]:
                    carry_out(self.done.lane.office, unit, children[id_], _withdraw)
            return b"undone"

        return decide


def _withdraw(child: Child, ctx: CommandContext) -> None:
    episode = child.episode
    if episode is not None:
        child.trigger_event(
            SuspicionWithdrawn, ctx, occurred_on=episode.suspected_on, episode=episode.number
        )
