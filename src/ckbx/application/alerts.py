"""签收、办结: somebody an alert is addressed to says that it was seen, or that it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.alert.alert import Alert
from ckbx.domain.alert.closing import ClosedBecause
from ckbx.domain.alert.errors import AlertUnknown
from ckbx.domain.shared.event import CommandContext


def acknowledge(office: Office, ctx: CommandContext, ids: Iterable[UUID], account: str) -> int:
    """All of them or none; how many had not been acknowledged before.

    Raises AlertUnknown, AlertNotYours, AlertNotOpen.
    """
    return _each(office, ctx, ids, lambda alert: alert.acknowledge(ctx, account))


def done(
    office: Office, ctx: CommandContext, ids: Iterable[UUID], account: str, why: ClosedBecause
) -> int:
    """All of them or none; how many had not been closed before.

    Raises AlertUnknown, AlertNotYours, AlertClosesItself, AlertNotOpen.
    """
    return _each(office, ctx, ids, lambda alert: alert.done(ctx, account, why))


def _each(
    office: Office, ctx: CommandContext, ids: Iterable[UUID], act: Callable[[Alert], None]
) -> int:
    changed = 0
    wanted = dict.fromkeys(ids, Alert)

    def decide(unit: Unit) -> bytes | None:
        nonlocal changed
        alerts = unit.get_many(wanted).values()
        for alert in alerts:
            if alert.KIND != Alert.KIND:  # the id of something else that is in memory
                raise AlertUnknown(alert=alert.id)
            act(alert)
        changed = sum(alert.has_pending for alert in alerts)
        return b"alerts" if changed else None

    office.run(ctx, decide)
    return changed
