"""To whom does an alert go? The post responsible that day, else the next one up, and why."""

from __future__ import annotations

from datetime import date
from functools import partial

import msgspec

from ckbx.application.office import Office
from ckbx.application.unit import Unit
from ckbx.domain.calendar.school_calendar import school_year_of
from ckbx.domain.child.child import Child
from ckbx.domain.responsibility.answer import Answer
from ckbx.domain.responsibility.chain import ChildPlace
from ckbx.domain.responsibility.directory import Directory
from ckbx.domain.responsibility.post import Line, Scope, ScopeKind
from ckbx.domain.responsibility.register import PostRegister, streams_above
from ckbx.domain.shared.ids import grade_of, split_class_key

KEPT = 500
"""Directories kept in memory; one a school in use."""


class Routed(msgspec.Struct, frozen=True):
    """Accounts answerable, their post titles, and why it went past a nearer post."""

    to: tuple[str, ...]
    posts: tuple[str, ...]
    via: str | None


def routed(answer: Answer) -> Routed:
    """An answer of the directory in the form an alert carries."""
    accounts = tuple(dict.fromkeys(a.account for a in answer.to if a.account))
    titles = tuple(dict.fromkeys(a.title for a in answer.to))
    return Routed(accounts, titles, answer.via)


def directory(office: Office, unit: Unit, *, school: str = "", child: str = "") -> Directory:
    """The posts that may answer about a school or a child; the decision rests on them.

    Built from their streams, and kept until one of them moves.
    """
    streams = streams_above(office.county, school=school, child=child)
    make = partial(PostRegister, county=office.county)
    registers = unit.get_many(dict.fromkeys(streams, make))
    for register in registers.values():
        unit.depend(register)
    versions = tuple((s, registers[s].version) for s in streams if registers[s].version)
    known = office.directories.get(versions)
    if known is None:
        loaded = unit.log.load(streams)
        known = Directory.of(office.county, (e for s in streams for e in loaded.get(s, [])))
        if len(office.directories) > KEPT:
            office.directories.clear()
        office.directories[versions] = known
    return known


def place_of(office: Office, child: Child, day: date) -> ChildPlace:
    """Where a child learns and lives on a day, for the chains."""
    key = child.class_key or (child.segments[-1][0] if child.segments else "")
    grade = grade_of(split_class_key(key)[1], school_year_of(day)) if key else None
    return ChildPlace(
        child=str(child.id),
        county=office.county,
        school=child.school or "",
        class_key=key,
        grade=grade if grade and 1 <= grade <= 9 else None,
        village_code=child.residence or child.village or "",
        registered_code=child.village or "",
    )


def route_child(office: Office, unit: Unit, child: Child, day: date) -> Routed:
    """Who answers on the education line about a child on a day."""
    known = directory(office, unit, school=child.school or "", child=str(child.id))
    return routed(known.answerable(Line.EDUCATION, place_of(office, child, day), day))


def route_principal(office: Office, unit: Unit, school: str, day: date) -> Routed:
    """Who answers for a school on a day."""
    known = directory(office, unit, school=school)
    return routed(known.answerable(Line.EDUCATION, Scope(ScopeKind.SCHOOL, school), day))


def route_county(office: Office, unit: Unit, day: date) -> Routed:
    """Who answers for the county on a day."""
    known = directory(office, unit)
    scope = Scope(ScopeKind.COUNTY, office.county)
    return routed(known.answerable(Line.EDUCATION, scope, day))
