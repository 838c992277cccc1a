"""Which cases are there, and how does one stand: its facts, its deadlines, what may come next?

Read from the log; names come from the vault, with one access record a question.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from ckbx.application.case_view import look_at_cases
from ckbx.application.legal import deadlines_of_steps
from ckbx.application.office import Office
from ckbx.clock import from_micros
from ckbx.domain.case.case import Case
from ckbx.domain.case.codes import Stage
from ckbx.domain.case.steps import COUNTY, ROLE_TITLES, STEPS, titles
from ckbx.domain.child.status import CLOSED_BY, PRINCIPAL_FINDINGS, Finding
from ckbx.domain.legal.legal_steps import LegalSteps
from ckbx.domain.responsibility.post import Role
from ckbx.eventlog.ports import RecordedEvent
from ckbx.ledgers.before_case import acted_as, before_case
from ckbx.ledgers.case_due import deadline_row
from ckbx.ledgers.case_files import attached_to, file_row
from ckbx.ledgers.case_words import about, note_fields, words_of
from ckbx.ledgers.columns import SHORT
from ckbx.ledgers.model import Row, instant_text
from ckbx.ledgers.question import Look, who
from ckbx.vault import Person


def show_json(look: Look, office: Office, case_id: UUID) -> dict[str, Any]:
    """One case: facts in order with the words kept about them, deadlines, what may follow;
    ``before``: the calls and visits that went before it, which have no number in it.
    """
    (view,) = look_at_cases(office, [case_id], look.question.as_of)
    case = view.case
    streams = [case_id, LegalSteps.stream(office.county, case_id)]
    facts = look.log.read_streams(streams, up_to=look.position)
    before = before_case(look.log, case, look.position)
    teacher = case.teacher.holder if case.teacher else None
    people = look.people([case.child, teacher], ("identity", *note_fields([*before, *facts])))
    person = people[case.child]
    names = look.school_names()
    return {
        "case": case.id.hex[:SHORT],
        "case_id": str(case_id),
        "version": case.version,
        "child_id": str(case.child),
        **who(people, case.child),
        "school_code": case.school,
        "school_name": names.get(case.school or "") or None,
        **look.class_of(view.child.class_key),
        "stage": case.stage.value,
        "stage_title": case.stage.label,
        "ground_changed": case.ground_changed is not None,
        "first_absent_on": case.first_absent_on,
        "suspected_on": case.suspected_on,
        "teacher": people[teacher].name if teacher else None,
        "teacher_account": case.teacher.account if case.teacher else None,
        "as_of": look.question.as_of,
        "position": look.position,
        "before": [_before(fact, person) for fact in before],
        "facts": [_fact(fact, person) for fact in facts],
        "next": list(_next(case)),
        "deadlines": [
            deadline_row(each)
            for each in (*view.deadlines, *deadlines_of_steps(office, case, look.question.as_of))
        ],
    }


def _fact(fact: RecordedEvent, person: Person) -> Row:
    event = fact.event
    role = acted_as(event)
    return {
        "number": event.originator_version,
        "event": event.TOPIC,
        "title": event.TITLE,
        "occurred_on": event.occurred_on,
        "recorded_at": instant_text(from_micros(fact.recorded_at)),
        "actor": event.actor,
        "acted_as": role,
        "acted_as_title": ROLE_TITLES.get(Role(role)) if role else None,
        "about": about(event, words_of(event, person)),
        "files": [file_row(event, each) for each in attached_to(event)],
    }


def _before(fact: RecordedEvent, person: Person) -> Row:
    row = _fact(fact, person)
    return {**row, "number": None, "files": [{**file, "fact": None} for file in row["files"]]}


def _next(case: Case) -> Iterator[Row]:
    for step in STEPS.values():
        if case.stage in step.stages:
            roles = [role.value for role in step.roles]
            yield {
                "step": step.name,
                "action": step.action,
                "roles": roles,
                "who": titles(step.roles),
            }
    found = case.finding
    if case.stage is Stage.VERIFIED and found is not None and found is not Finding.K:
        principal = (Role.PRINCIPAL,) if found in PRINCIPAL_FINDINGS else ()
        roles_ = (*principal, *COUNTY)
        action = f"按核查结论 {found.value} {CLOSED_BY.get(found, '排除疑似')}"
        yield {"step": "clear", "action": action, "roles": [*roles_], "who": titles(roles_)}
