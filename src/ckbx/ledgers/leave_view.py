"""One child's applications and its placement with the words kept, and what may come next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final
from uuid import UUID

from ckbx.clock import from_micros
from ckbx.domain.leave.application import LeaveApplication
from ckbx.domain.leave.codes import LeaveKind, Proof
from ckbx.domain.leave.steps import COUNTY, GOVERNMENT, STEPS, titles
from ckbx.domain.placement.home_teaching import Month
from ckbx.domain.placement.placement import ChildPlacement
from ckbx.eventlog.ports import RecordedEvent
from ckbx.ledgers.child import find_child
from ckbx.ledgers.leave_words import refs_of, told
from ckbx.ledgers.model import Row, instant_text
from ckbx.ledgers.question import Look, school_of, who
from ckbx.vault import Person
from projections import applications, placements
from projections.applications import OF_APPLICATION, OF_PLACEMENT, ChildFile
from projections.scope import Scope

ANSWERS: Final = ("applications", "movements", "roster", "roll_call_completeness", "school")


def list_json(look: Look) -> dict[str, Any]:
    """The applications that await a decision, the oldest first; ``all_`` adds the others."""
    q = look.question
    found = applications.files_on(look.reading, q.scope, **look.at)
    listed = [
        (file, each)
        for file in found.values()
        for each in file.applications
        if q.all_ or each.is_open
    ]
    people = look.people([file.place.child for file, _ in listed])
    names = look.school_names()
    rows = [
        {
            **who(people, file.place.child),
            **school_of(names, file.place.school),
            **look.class_of(file.place.class_key, file.place.grade),
            **_summary(file, each),
            "child_id": str(file.place.child),
        }
        for file, each in listed
    ]
    rows.sort(key=lambda row: (row["applied_on"], row["child_id"]))
    return {"as_of": q.as_of, "position": look.position, "rows": rows}


def _summary(file: ChildFile, each: LeaveApplication) -> Row:
    granted = each.granted
    return {
        "number": each.number,
        "kind": each.kind.value,
        "kind_title": each.kind.label,
        "stage": each.stage.value,
        "stage_title": each.stage.label,
        "applied_on": each.applied_on,
        "after_suspicion": each.after_suspicion,
        "proof": each.proof.value,
        "opinion_on": each.opinion.on if each.opinion else None,
        "school_agrees": each.opinion.agrees if each.opinion else None,
        "hospital_on": each.hospital.on if each.hospital else None,
        "committee_on": each.committee.on if each.committee else None,
        "decided_on": each.decided_on,
        "document": granted.document if granted else None,
        "effective_from": granted.effective_from if granted else None,
        "until": granted.until if granted else None,
        "review_on": each.review_on,
        "missing": list(_missing(file, each)) if each.is_open else [],
        "who": titles(COUNTY if each.kind is LeaveKind.HOME_TEACHING else GOVERNMENT),
        "version": each.version,
    }


def _missing(file: ChildFile, each: LeaveApplication) -> Iterator[str]:
    """What a decision still lacks, and who supplies it."""
    if each.proof is Proof.HOSPITAL and each.hospital is None:
        yield "医院证明（监护人）"
    assessed = file.placement.assessed if file.placement else None
    if each.proof is Proof.COMMITTEE and each.committee is None and assessed is None:
        yield "专家委员会意见（县教育局）"
    in_school = file.place.class_key is not None
    if each.kind is LeaveKind.SUSPENSION and in_school and each.opinion is None:
        yield "学校意见（校长）"


def show_json(look: Look, key: str) -> dict[str, Any]:
    """Every application of a child. Raises ChildUnknown, LookupAmbiguous."""
    child = find_child(look.vault, key)
    file = _file(look, child)
    facts = [each for each in _facts(file) if type(each.event) in OF_APPLICATION]
    people = _people(look, child, facts)
    rows = (
        []
        if file is None
        else [
            {
                **_summary(file, each),
                "facts": _told(people[child], facts, each.id),
                "next": list(_next(each)),
            }
            for each in file.applications
        ]
    )
    return {**_head(look, child, people, file), "applications": rows}


def placement_json(look: Look, key: str) -> dict[str, Any]:
    """A child's placement, visit by visit and month by month. Raises ChildUnknown."""
    child = find_child(look.vault, key)
    file = _file(look, child)
    facts = [each for each in _facts(file) if type(each.event) in OF_PLACEMENT]
    people = _people(look, child, facts)
    placement = file.placement if file else None
    months = placements.months_of(look.reading, [child], **look.at).get(child, [])
    return {
        **_head(look, child, people, file),
        "version": placement.version if placement else 0,
        **_current(placement),
        "months": [_month(each) for each in months],
        "facts": _told(people[child], facts),
    }


def _current(placement: ChildPlacement | None) -> Row:
    current = placement.current if placement else None
    assessed = placement.assessed if placement else None
    return {
        "assessed_on": assessed.on if assessed else None,
        "advises": assessed.advises.value if assessed else None,
        "advises_title": assessed.advises.label if assessed else None,
        "kind": current.kind.value if current else None,
        "kind_title": current.kind.label if current else None,
        "decided_on": current.on if current else None,
        "plan_no": current.plan_no if current else None,
        "review_on": current.review_on if current else None,
        "teacher": current.teacher if current else None,
    }


def _month(each: Month) -> Row:
    return {
        "month": each.first_day.isoformat()[:7],
        "planned": each.planned,
        "done": each.done,
        "outcome": each.outcome.value,
        "outcome_title": each.outcome.label,
    }


def _file(look: Look, child: UUID) -> ChildFile | None:
    return applications.files_on(look.reading, Scope.county(), **look.at, children=[child]).get(
        child
    )


def _facts(file: ChildFile | None) -> list[RecordedEvent]:
    return file.facts if file else []


def _people(look: Look, child: UUID, facts: Iterable[RecordedEvent]) -> Any:
    refs = sorted({f"note:{ref}" for fact in facts for ref in refs_of(fact.event).values()})
    return look.people([child], ("identity", *refs))


def _head(look: Look, child: UUID, people: Any, file: ChildFile | None) -> Row:
    names = look.school_names()
    place = file.place if file else None
    return {
        "child_id": str(child),
        **who(people, child),
        **school_of(names, place.school if place else None),
        **look.class_of(place.class_key if place else None),
        "status": place.status.value if place else None,
        "status_title": place.status.label if place else None,
        "as_of": look.question.as_of,
        "position": look.position,
    }


def _told(person: Person, facts: Iterable[RecordedEvent], stream: UUID | None = None) -> list[Row]:
    rows = []
    for fact in facts:
        event = fact.event
        if stream is not None and event.originator_id != stream:
            continue
        words = [text for ref in refs_of(event).values() if (text := person.notes.get(ref))]
        rows.append(
            {
                "event": event.TOPIC,
                "title": event.TITLE,
                "occurred_on": event.occurred_on,
                "recorded_at": instant_text(from_micros(fact.recorded_at)),
                "actor": event.actor,
                "about": "；".join(filter(None, (told(event), *words))),
            }
        )
    return rows


def _next(each: LeaveApplication) -> Iterator[Row]:
    for step in STEPS.values():
        if each.stage in step.stages:
            county = each.kind is LeaveKind.HOME_TEACHING and step.roles == GOVERNMENT
            roles = COUNTY if county else step.roles
            yield {
                "step": step.name,
                "action": step.action,
                "roles": [role.value for role in roles],
                "who": titles(roles),
            }
