"""The re-check of one quarter: its draws and its results."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar, Final
from uuid import UUID

import msgspec

from ckbx.domain.recheck.errors import (
    NotDrawn,
    NothingToRecheck,
    QuarterNotBegun,
    RecheckDayRefused,
    RecheckEvidenceMissing,
    RecheckRepeated,
    RecheckRoleRefused,
    SeedRefused,
)
from ckbx.domain.recheck.events import ItemRechecked, Pick, RecheckDrawn
from ckbx.domain.recheck.sampling import ALGORITHM, Quarter, sample
from ckbx.domain.responsibility.post import Role
from ckbx.domain.shared.aggregate import Aggregate
from ckbx.domain.shared.event import CommandContext
from ckbx.domain.shared.ids import stream_id
from ckbx.domain.shared.personal import holds_number

CLOSURE: Final = "closure"
_SEED = re.compile(r"[0-9A-Za-z_-]{4,64}")


class Population(msgspec.Struct, frozen=True, kw_only=True):
    """What may be drawn, as of a day and as known at a position (``known_at``: microseconds)."""

    as_of: date
    position: int
    known_at: int
    closures: Sequence[Pick] = ()
    leaves: Sequence[Pick] = ()


class Recheck(Aggregate):
    """State of one quarter; ``results``: by item, in order of recording."""

    __slots__ = ("draws", "results")

    KIND: ClassVar[str] = "recheck"

    def __init__(self, id_: UUID) -> None:
        super().__init__(id_)
        self.draws: list[RecheckDrawn] = []
        self.results: dict[str, list[ItemRechecked]] = {}

    @staticmethod
    def stream(county: str, quarter: Quarter) -> UUID:
        """The stream of a quarter."""
        return stream_id(county, "recheck", quarter.key)

    def drawn_with(self, seed: str) -> RecheckDrawn | None:
        """The draw that was made with a seed."""
        return next((each for each in self.draws if each.seed == seed), None)

    def draw(
        self,
        ctx: CommandContext,
        quarter: Quarter,
        of: Population,
        *,
        seed: str,
        percent: int,
        role: str,
    ) -> None:
        """Draw with a seed; nothing when that seed has been drawn with: the draw stands.

        Raises RecheckRoleRefused, SeedRefused, QuarterNotBegun, NothingToRecheck.
        """
        _check_role("抽取复核样本", role)
        if not _SEED.fullmatch(seed) or holds_number(seed):
            raise SeedRefused
        if ctx.today < quarter.first_day:
            raise QuarterNotBegun(quarter=quarter.key, first=quarter.first_day)
        if self.drawn_with(seed) is not None:
            return
        if not of.closures and not of.leaves:
            raise NothingToRecheck(quarter=quarter.key)
        known = {pick.item: pick for pick in of.closures}
        leaves = sorted(of.leaves, key=lambda pick: pick.item)
        drawn = [known[item] for item in sample(seed, quarter.key, known, percent)]
        self.trigger_event(
            RecheckDrawn,
            ctx,
            occurred_on=ctx.today,
            quarter=quarter.key,
            number=len(self.draws) + 1,
            seed=seed,
            algorithm=ALGORITHM,
            percent=percent,
            as_of=of.as_of,
            position=of.position,
            known_at=of.known_at,
            closures=sorted(known),
            leaves=[pick.item for pick in leaves],
            picks=[*drawn, *leaves],
            role=role,
        )

    def find(self, quarter: Quarter, item: str) -> Pick:
        """A drawn item by its id, or by a beginning of it that names one. Raises NotDrawn."""
        text = item.strip().lower()
        picks = {pick.item: pick for drawn in self.draws for pick in drawn.picks}
        exact = picks.get(text)
        close = [p for id_, p in picks.items() if len(text) >= 8 and id_.startswith(text)]
        if exact is None and len(close) != 1:
            raise NotDrawn(item=item[:80], quarter=quarter.key)
        return exact or close[0]

    def record(
        self,
        ctx: CommandContext,
        quarter: Quarter,
        pick: Pick,
        *,
        agrees: bool,
        on: date,
        evidence_ref: str,
        role: str,
        note_ref: UUID | None = None,
    ) -> None:
        """What the re-check of a drawn item found.

        Raises RecheckRoleRefused, RecheckDayRefused, RecheckEvidenceMissing, RecheckRepeated.
        """
        _check_role("登记复核结果", role)
        drawn = next(d for d in self.draws if pick in d.picks)
        if not drawn.occurred_on <= on <= ctx.today:
            raise RecheckDayRefused(on=on, drawn=drawn.occurred_on)
        if not evidence_ref:
            raise RecheckEvidenceMissing
        before = self.results.get(pick.item, [])
        if before and (before[-1].occurred_on, before[-1].agrees) == (on, agrees):
            raise RecheckRepeated(item=pick.item, on=on)
        self.trigger_event(
            ItemRechecked,
            ctx,
            occurred_on=on,
            quarter=quarter.key,
            item=pick.item,
            kind=pick.kind,
            child=pick.child,
            agrees=agrees,
            evidence_ref=evidence_ref,
            note_ref=note_ref,
            role=role,
        )

    def apply(self, event: Any) -> None:
        match event:
            case RecheckDrawn():
                self.draws.append(event)
            case ItemRechecked():
                self.results.setdefault(event.item, []).append(event)


def _check_role(what: str, role: str) -> None:
    if role != Role.BUREAU_OFFICER.value:
        raise RecheckRoleRefused(what=what)
