"""What a newer roster disagrees with stays findable until it is settled: a finding, an alert."""

from __future__ import annotations

from datetime import date

from ckbx.application.office import Office
from ckbx.application.routing import route_principal
from ckbx.application.unit import Unit
from ckbx.domain.alert.alert import Alert, Notice
from ckbx.domain.child.child import Child
from ckbx.domain.child.events import RosterFindingNoted, RosterFindingSettled

KIND = "roster_finding"
LISTED, LEFT, ENROLLED = "listed", "left", "enrolled"


def note_finding(
    office: Office, unit: Unit, child: Child, finding: str, school: str, *, batch: str | None
) -> None:
    """Note a finding that is not open yet, and tell the school of the roster and the child's
    own. ``finding`` is a code that is also the rule of the alert; ``school`` whose roster.
    """
    if (finding, school) in child.findings:
        return
    today = unit.ctx.today
    noted = child.trigger_event(
        RosterFindingNoted,
        unit.ctx,
        occurred_on=today,
        finding=finding,
        school=school,
        batch=batch,
    )
    told = [
        route_principal(office, unit, each, today)
        for each in dict.fromkeys((school, child.school or school))
    ]
    notice = Notice(
        kind=KIND,
        subject=_subject(child, school),
        rule=finding,
        rule_version=office.rules(unit, today).version,
        on=today,
        key_day=today,
        child=child.id,
        school=child.school or school,
        class_key=child.class_key,
        to=tuple(dict.fromkeys(account for each in told for account in each.to)),
        posts=tuple(dict.fromkeys(post for each in told for post in each.posts)),
        via=told[0].via,
        events=[noted.event_id],
    )
    unit.get(notice.stream(office.county), Alert).raise_(unit.ctx, notice)


def settle_finding(
    office: Office,
    unit: Unit,
    child: Child,
    finding: str,
    school: str,
    *,
    reason: str,
    batch: str | None = None,
) -> None:
    """An open finding is no more; its alert closes in the same append."""
    noted_on = child.findings.get((finding, school))
    if noted_on is None:
        return
    child.trigger_event(
        RosterFindingSettled,
        unit.ctx,
        occurred_on=unit.ctx.today,
        finding=finding,
        school=school,
        reason=reason,
        batch=batch,
    )
    stream = _key(child, finding, school, noted_on).stream(office.county)
    unit.get(stream, Alert).close(unit.ctx, on=unit.ctx.today, reason=reason)


def settle_all(office: Office, unit: Unit, child: Child, *, reason: str) -> None:
    """The child left, or is enrolled anew: what rosters said before is answered."""
    for finding, school in list(child.findings):
        settle_finding(office, unit, child, finding, school, reason=reason)


def _subject(child: Child, school: str) -> str:
    return f"{child.id}/{school}"


def _key(child: Child, finding: str, school: str, on: date) -> Notice:
    subject = _subject(child, school)
    return Notice(kind=KIND, subject=subject, rule=finding, rule_version=0, on=on, key_day=on)
