"""What the expert committee found, as the county records it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from ckbx.domain.case.people import Attached
from ckbx.domain.leave.steps import check_document
from ckbx.domain.placement import events as ev
from ckbx.domain.placement.codes import DISABILITIES, LEVELS, PlacementKind
from ckbx.domain.placement.errors import (
    CategoryUnknown,
    PlacementDayRefused,
    PlacementPaperMissing,
    PlacementRoleRefused,
)
from ckbx.domain.placement.placement import ChildPlacement
from ckbx.domain.responsibility.post import Role
from ckbx.domain.shared.event import CommandContext

COUNTY = (Role.BUREAU_OFFICER,)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What the committee wrote; everything but what it advises is in the vault."""

    on: date
    document: str
    advises: PlacementKind
    opinion: UUID | None
    certificate: UUID | None = None
    category: UUID | None = None
    level: UUID | None = None
    attachments: Sequence[Attached] = ()


def check_county(role: str, action: str) -> None:
    """Refuse who is not the county: PlacementRoleRefused."""
    if role not in COUNTY:
        raise PlacementRoleRefused(action=action, who="县教育局控辍保学专干")


def check_day(ctx: CommandContext, on: date) -> None:
    """Refuse a day to come: PlacementDayRefused."""
    if on > ctx.today:
        raise PlacementDayRefused(day=on, why=f"还没有到（今天是 {ctx.today}）")


def category_of(text: str) -> str:
    """类别 as written or by its code. Raises CategoryUnknown."""
    return _known("类别", text, DISABILITIES)


def level_of(text: str) -> str:
    """等级 as written or by its code. Raises CategoryUnknown."""
    return _known("等级", text, LEVELS)


def _known(what: str, text: str, known: dict[str, str]) -> str:
    plain = text.strip().removesuffix("残疾")
    if plain in known:
        return known[plain]
    if plain in known.values():
        return plain
    raise CategoryUnknown(what=what, given=text[:10], known="、".join(known.values()))


def assess(
    placement: ChildPlacement, ctx: CommandContext, child: UUID, found: Found, *, role: str
) -> None:
    """专家委员会评估, recorded by the county.

    Raises PlacementRoleRefused, PlacementDayRefused, LeaveDocumentMissing,
    PlacementPaperMissing.
    """
    check_county(role, "登记专家委员会评估")
    check_day(ctx, found.on)
    check_document(
        found.document, action="登记专家委员会评估", what="评估意见书编号", who="县教育局"
    )
    if found.opinion is None:
        what = "评估意见书或其内容"
        raise PlacementPaperMissing(action="登记专家委员会评估", what=what, who="县教育局")
    placement.trigger_event(
        ev.ChildAssessed,
        ctx,
        occurred_on=found.on,
        child=child,
        document=found.document,
        advises=found.advises,
        opinion_ref=found.opinion,
        certificate_ref=found.certificate,
        category_ref=found.category,
        level_ref=found.level,
        attachments=list(found.attachments),
    )
