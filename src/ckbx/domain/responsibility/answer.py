"""What does a chain show, and how is it said who answers and why?"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from ckbx.domain.responsibility.post import Line, Post, Role, Scope


class State(StrEnum):
    """How a node of a chain is filled on a day."""

    HELD = "held"
    VACANT = "vacant"
    UNSET = "unset"
    NO_ACCOUNT = "no_account"  # only as a gap: somebody holds it and cannot be told

    @property
    def zh(self) -> str:
        """The Chinese word shown to people."""
        return _STATE_ZH[self]


_STATE_ZH = {
    State.HELD: "在任",
    State.VACANT: "空岗",
    State.UNSET: "未设",
    State.NO_ACCOUNT: "无账号",
}


class Holder(NamedTuple):
    """Who holds a post: account, vault subject of the person, and the days (local, included)."""

    account: str
    subject: UUID | None
    first_day: date | None = None
    last_day: date | None = None


class Node(NamedTuple):
    """One post of a chain on a day, or a scope that was never set (title empty, level 0)."""

    state: State
    level: int
    title: str
    scope: Scope
    role: Role | None
    holders: tuple[Holder, ...]
    post: UUID | None = None


class Chains(NamedTuple):
    """A child's two chains, the county first, the child last."""

    government: tuple[Node, ...]
    education: tuple[Node, ...]


class Answerer(NamedTuple):
    """A person who must answer, and by which post (``scope`` None: by account role only)."""

    account: str
    subject: UUID | None
    title: str
    role: Role
    scope: Scope | None


class Gap(NamedTuple):
    """A nearer post or scope that was passed over, and why."""

    state: State
    title: str
    scope: Scope

    def __str__(self) -> str:
        return f"{self.title or self.scope.kind.zh}（{self.scope.code}）{self.state.zh}"


class Answer(NamedTuple):
    """Who answers on a line on a day.

    ``at_top``: the line is used up and the county's officers answer. ``to`` is empty only
    where the county has no officer at all, which ``via`` then says.
    """

    line: Line
    day: date
    to: tuple[Answerer, ...]
    gaps: tuple[Gap, ...]
    at_top: bool

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts to be told, each once, in order."""
        return tuple(dict.fromkeys(a.account for a in self.to if a.account))

    @property
    def vacant(self) -> tuple[Gap, ...]:
        """The vacant posts passed over: each is worth a ``post_vacant`` alert."""
        return tuple(g for g in self.gaps if g.state is State.VACANT)

    @property
    def via(self) -> str | None:
        """Why it is not the nearest post that answers, in Chinese; None if it is."""
        reason = "、".join(map(str, self.gaps))
        if not self.to:
            return f"{reason or self.line.zh + '无人在任'}，且县教育局无控辍保学专干，请立即设岗"
        if not reason:
            used_up = self.at_top and self.line is Line.GOVERNMENT
            return "本线已无上级岗位，由县教育局负责" if used_up else None
        first = self.to[0]
        kind = first.scope.kind.zh if first.scope else "县"
        return f"{reason}，由{kind}级“{first.title}”负责"


class Vacancy(NamedTuple):
    """A post that had a holder and has none; ``since`` is its first day without one."""

    post: Post
    since: date
