"""How do the answers of the projections become the rows of each ledger?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

import msgspec

from ckbx.domain.alert.kinds import alert_title
from ckbx.domain.responsibility.post import ScopeKind
from ckbx.domain.shared.ids import finished_from, split_class_key
from ckbx.ledgers.case_rows import CASE_ROWS
from ckbx.ledgers.columns import SHORT
from ckbx.ledgers.indicators import indicator_rows
from ckbx.ledgers.model import Row
from ckbx.ledgers.movement_rows import MOVEMENT_ROWS
from ckbx.ledgers.paging import Part
from ckbx.ledgers.placement_rows import PLACEMENT_ROWS
from ckbx.ledgers.question import Look, by_class, class_order, school_of, who
from ckbx.ledgers.report_rows import REPORT_ROWS
from ckbx.ledgers.roster_rows import roster_part, roster_rows
from ckbx.vault import Person
from projections import alerts, responsibility, roll_call_completeness, school, suspected
from projections.roll_call_completeness import DayState
from projections.townships import place_words

_NOTHING_DUE = (DayState.UNKNOWN, DayState.NO_SCHOOL_DAY)


def suspected_rows(look: Look) -> list[Row]:
    """疑似辍学学生台账."""
    q = look.question
    found = suspected.suspected(look.reading, q.scope, all_=q.all_, **look.at)
    people = look.people([each for row in found for each in (row.child, row.case_teacher_id)])
    names = look.school_names()
    rows = []
    for row in found:
        teacher = people.get(row.case_teacher_id) if row.case_teacher_id else None
        rows.append(
            {
                **who(people, row.child),
                **school_of(names, row.school_code),
                **look.class_of(row.class_key, row.grade),
                "source": row.source.value,
                "first_absent_on": row.first_absent_on,
                "unexplained_days": row.unexplained_days,
                "suspected_on": row.suspected_on,
                "status": row.status.value,
                "attending_since": row.attending_since,
                "case_id": str(row.case_id) if row.case_id else None,
                "case_teacher": teacher.name if teacher else row.case_teacher,
                "case_teacher_account": row.case_teacher,
                "due": row.due,
                "due_on": row.due_on,
                "ground_changed": row.ground_changed,
                "closed_on": row.closed_on,
                "outcome": row.how,
                "finding": row.finding,
                "child_id": str(row.child),
            }
        )
    return by_class(rows)


def school_rows(look: Look) -> list[Row]:
    """学校汇总台账."""
    made = school.roll_up(look.reading, look.question.scope, instant=look.instant, **look.at)
    return [
        {**msgspec.structs.asdict(row), "incomplete": list(row.incomplete)} for row in made.rows
    ]


def completeness_rows(look: Look) -> list[Row]:
    """点名上报台账: one row a class that there is on the day."""
    found = roll_call_completeness.class_days(
        look.reading, look.question.scope, instant=look.instant, **look.at
    )
    last_ones = [max(day.sessions, key=lambda each: each.position, default=None) for day in found]
    people = look.people([_typed(last.submitted_by) for last in last_ones if last])
    names = look.school_names()
    rows = []
    for day, last in zip(found, last_ones, strict=True):
        rows.append(
            {
                **school_of(names, day.school),
                **look.class_of(day.class_key),
                "day": day.day,
                "state": day.state.value,
                "expected": last.expected if last else None,
                "present": last.present if last else None,
                "absent": last.absent if last else None,
                "on_leave": last.on_leave if last else None,
                "unverified": last.unverified if last else None,
                "roll": last.roll if last else None,
                "submitted_by": _submitter(people, last.submitted_by) if last else None,
                "recorded_at": last.recorded_at if last else None,
                "due_at": None if day.state in _NOTHING_DUE else day.due,
                "class_key": day.class_key,
            }
        )
    return sorted(rows, key=lambda row: (row["school_code"], *class_order(row), row["class_key"]))


def responsibility_rows(look: Look) -> list[Row]:
    """双线四包责任台账."""
    q = look.question
    found = responsibility.ledger(look.reading, q.scope, all_=q.all_, **look.at)
    people = look.people([row.holder for row in found])
    names = look.school_names()
    return [
        {
            "line": row.line.value,
            "level": row.level,
            "post": row.title,
            "scope_kind": row.covers.kind.value,
            "scope_code": row.covers.code,
            "scope_name": scope_name(look, names, row.covers.kind, row.covers.code),
            "role": row.role.value,
            "state": row.state.value,
            "name": people[row.holder].name if row.holder else None,
            "account": row.account or None,
            "first_day": row.first_day,
            "last_day": row.last_day,
            "post_id": str(row.post),
        }
        for row in found
    ]


def alert_rows(look: Look) -> list[Row]:
    """预警与待办, by due day."""
    q = look.question
    found = alerts.alerts(look.reading, q.scope, to=q.to, open_only=q.open_only, **look.at)
    people = look.people([row.child for row in found])
    names = look.school_names()
    return [
        {
            "alert_id": str(row.alert_id),
            "kind": row.kind,
            "title": alert_title(row.kind, row.rule),
            "level": row.level,
            **who(people, row.child),
            **school_of(names, row.school_code),
            **look.class_of(row.class_key),
            "raised_on": row.raised_on,
            "due_on": row.due_on,
            "to": row.to,
            "posts": row.posts,
            "via": row.via,
            "rule": row.rule,
            "rule_version": row.rule_version,
            "events": row.events,
            "state": row.state,
            "state_since": row.state_since,
            "reason": row.reason,
        }
        for row in found
    ]


ROWS: dict[str, Callable[[Look], list[Row]]] = {
    "suspected": suspected_rows,
    "school": school_rows,
    "roster": roster_rows,
    "roll_call_completeness": completeness_rows,
    "responsibility": responsibility_rows,
    "alerts": alert_rows,
    "indicators": indicator_rows,
    **CASE_ROWS,
    **MOVEMENT_ROWS,
    **PLACEMENT_ROWS,
    **REPORT_ROWS,
}
"""By the name of the ledger."""
PARTS: dict[str, Callable[[Look, Part], tuple[list[Row], int]]] = {"roster": roster_part}
"""Of those of which a page is made without making all the others."""


def scope_name(look: Look, names: dict[str, str], kind: ScopeKind, code: str) -> str:
    """What a post covers, in words; where there is no name for it, the code."""
    match kind:
        case ScopeKind.SCHOOL:
            return names.get(code) or code
        case ScopeKind.GRADE:
            of, _, number = code.partition("/")
            return f"{names.get(of) or of} {number}年级"
        case ScopeKind.CLASS:
            of = split_class_key(code)[0]
            where = look.class_of(code)
            over = finished_from(code) <= look.question.as_of
            grade = f"{where['grade']}年级" if where["grade"] else "待入学"
            placed = "已毕业" if over else grade
            return f"{names.get(of) or of} {placed}{where['class']}班"
        case ScopeKind.STUDENT:
            return f"学生 {code[:SHORT]}"
        case _:
            return place_words(look.reading, code, look.position)


def _typed(submitted_by: str) -> UUID | None:
    """The vault subject of a 提交人 that is no account (``ref:<subject>`` in events)."""
    return UUID(submitted_by[4:]) if submitted_by.startswith("ref:") else None


def _submitter(people: Mapping[UUID, Person], submitted_by: str) -> str:
    subject = _typed(submitted_by)
    return people[subject].name if subject else submitted_by
