"""Alerts raised and ended by hand in a real store, and a post room that tells of them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.alert.alert import Alert, Notice
from ckbx.domain.shared.system_actors import DUE
from notifications.queue import Way
from tests.support.county import SCHOOL

MAIL = Way(name="mail", kind="email")
GROUP = Way(name="bureau", kind="wecom", scope="county")


def notice(kind: str, on: date, to: list[str], **fields: object) -> Notice:
    """An alert about something of the school of the small county."""
    base = Notice(
        kind=kind,
        subject=str(fields.get("child") or fields.get("class_key") or SCHOOL),
        rule=kind,
        rule_version=0,
        on=on,
        key_day=on,
        school=SCHOOL,
        to=to,
    )
    return msgspec.structs.replace(base, **fields)


def raise_alert(office: Office, said: Notice, actor: str = DUE) -> UUID:
    """Raise (or reopen) an alert; returns its stream."""
    stream = said.stream(office.county)

    def decide(unit: Unit) -> bytes:
        unit.get(stream, Alert).raise_(unit.ctx, said)
        return b"raised"

    office.run(office.context(actor), decide)
    return stream


def end_alert(office: Office, stream: UUID, on: date, *, withdraw: bool = False) -> None:
    """Close an alert, or withdraw it."""

    def decide(unit: Unit) -> bytes:
        alert = unit.get(stream, Alert)
        if withdraw:
            alert.withdraw(unit.ctx, on=on, reason="corrected")
        else:
            alert.close(unit.ctx, on=on, reason="resolved")
        return b"ended"

    office.run(office.context(DUE), decide)
