"""Whose is a duty? Those answerable on the day it fell due, on its line."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import msgspec

from ckbx.application.office import Office
from ckbx.application.routing import place_of, routed
from ckbx.application.unit import Unit
from ckbx.domain.alert.alert import Notice
from ckbx.domain.child.child import Child
from ckbx.domain.responsibility.chain import ChildPlace, region_scopes
from ckbx.domain.responsibility.post import Scope, ScopeKind
from ckbx.domain.school_class.register import ClassRegister
from ckbx.scheduling.duty import SILENT_RULES, Duty
from ckbx.scheduling.facts import Facts


def address(office: Office, facts: Facts, duty: Duty, children: dict[UUID, Child]) -> Notice:
    """The alert of a duty with its recipients. ``children``: those of :func:`needed`."""
    rules = facts.rules.rules_on(duty.on)
    at: ChildPlace | Scope | None = duty.at
    if at is None and duty.child is not None:
        at = _near(duty, place_of(office, children[duty.child], duty.on))
    scope = at or facts.whole_county
    ask, due_on = facts.directory.answerable, duty.asked_on or duty.due_on or duty.on
    beyond = ask(duty.line, scope, due_on).accounts if duty.up else ()
    answer = ask(duty.line, scope, duty.on, beyond=beyond)
    to = routed(answer)
    return msgspec.structs.replace(
        duty.notice(rules.version),
        to=to.to,
        posts=to.posts,
        via=to.via,
        events=_evidence(office.county, duty, children),
    )


def _evidence(county: str, duty: Duty, children: dict[UUID, Child]) -> list[str]:
    """The events an alert rests on; a silent class has said nothing since it was opened."""
    events = list(duty.events)
    if duty.days and duty.child is not None:
        events += children[duty.child].event_ids(tuple(duty.days))
    if duty.class_key is not None and duty.rule in SILENT_RULES:
        events.append(f"{ClassRegister.stream(county, duty.class_key)}:1")
    return events


def _near(duty: Duty, place: ChildPlace) -> ChildPlace | Scope:
    """The child itself, or the region of its home the duty asks for.

    A child whose home is not known so closely is told to the line above it.
    """
    if duty.region is None:
        return place
    home = region_scopes(place.county, place.home)
    wanted = [scope for scope in home if scope.kind is duty.region]
    wider = [scope for scope in home if scope.kind is ScopeKind.TOWNSHIP]
    return next(iter(wanted + wider), Scope(ScopeKind.COUNTY, place.county))


def needed(unit: Unit, duties: Iterable[Duty | None]) -> dict[UUID, Child]:
    """The children whose place or days have to be known, in one select."""
    wanted = {
        d.child: Child for d in duties if d is not None and d.child and (d.at is None or d.days)
    }
    return unit.get_many(wanted)
