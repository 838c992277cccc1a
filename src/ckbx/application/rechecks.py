"""县季度复核: the sample is drawn, and what the county found is recorded."""

from __future__ import annotations

from datetime import date

import msgspec

from ckbx.application.case_papers import Papers
from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.recheck.recheck import Population, Recheck
from ckbx.domain.recheck.sampling import Quarter
from ckbx.domain.shared.event import CommandContext
from ckbx.eventlog.ports import Appended

DRAWN, RECORDED = b"drawn", b"rechecked"


def draw_sample(
    office: Office,
    ctx: CommandContext,
    quarter: Quarter,
    of: Population,
    *,
    seed: str,
    role: str,
) -> Appended:
    """Draw the sample of a quarter; nothing is stored when the seed has been drawn with.

    Raises what :meth:`Recheck.draw` refuses.
    """

    def decide(unit: Unit) -> bytes | None:
        recheck = unit.get(Recheck.stream(office.county, quarter), Recheck)
        percent = office.rules(unit, ctx.today).pack.recheck_percent
        recheck.draw(ctx, quarter, of, seed=seed, percent=percent, role=role)
        return DRAWN if recheck.has_pending else None

    return office.run(ctx, decide)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What a re-check found; ``evidence`` refers to words or a file among the papers."""

    agrees: bool
    on: date
    evidence: str
    note: str | None = None


def record_result(
    office: Office,
    ctx: CommandContext,
    quarter: Quarter,
    item: str,
    found: Found,
    *,
    role: str,
    papers: Papers,
) -> Appended:
    """Record the re-check of one drawn item, its evidence under the key of the child.

    Raises what :meth:`Recheck.record` refuses, NotDrawn, SubjectErased.
    """
    note = papers.note(found.note)

    def decide(unit: Unit) -> bytes:
        recheck = unit.get(Recheck.stream(office.county, quarter), Recheck)
        pick = recheck.find(quarter, item)
        recheck.record(
            ctx,
            quarter,
            pick,
            agrees=found.agrees,
            on=found.on,
            evidence_ref=found.evidence,
            note_ref=note,
            role=role,
        )
        papers.write(unit, pick.child)
        return RECORDED

    return office.run(ctx, decide)
